// One location's accounts at both vendors. GoHighLevel keeps its limits and makes up its list row by row, so that none is held in memory.

import { json } from '../../../sandbox/answers.ts';
import { type CallTools, createCallTools } from '../../../sandbox/calltools.ts';
import { BLANK_CONTACT, type GhlContact } from '../../../sandbox/gohighlevel/contact.ts';
import { createQuota, type Quota } from '../../../sandbox/gohighlevel/quota.ts';
import { showDetail, showFound } from '../../../sandbox/gohighlevel/show.ts';
import { DOCUMENTED } from '../vendor-pace.ts';

/** One contact in so many is a lead. */
export const LEAD_EVERY = 100;
const FIRST_ADDED = Date.UTC(2020, 0, 1);

/** The name of a location. */
export function locationId(n: number): string {
  return `benchLocation${String(n).padStart(7, '0')}`;
}

function contactOf(location: string, n: number): GhlContact {
  return {
    ...BLANK_CONTACT,
    id: `contact${location.slice(-4)}${String(n).padStart(9, '0')}`,
    locationId: location,
    firstName: `First${n}`,
    lastName: `Last${n}`,
    email: `person${n}@example.com`,
    phone: `+1212${2_000_000 + n}`,
    tags: n % LEAD_EVERY === 0 ? ['cold lead'] : ['newsletter'],
    dateAdded: new Date(FIRST_ADDED + n * 1000).toISOString(),
    dateUpdated: new Date(FIRST_ADDED + n * 1000).toISOString(),
  };
}

/** The body of a search, as far as a run uses it. */
interface Asked {
  searchAfter?: [number];
  pageLimit: number;
  filters?: unknown;
}

/** The accounts of this location, with so many contacts. */
export function createAccount(location: string, contacts: number, now: () => number) {
  const quota: Quota = createQuota(now);
  let ghlCalls = 0;
  const world = { now, random: Math.random, wait: async () => {} };
  const callTools: CallTools = createCallTools({ ...world, token: `key-${Number(location.slice(-7))}` });

  async function ghl(request: Request): Promise<Response> {
    const { waitMs, headers } = quota.take(DOCUMENTED);
    if (waitMs > 0) return json(429, { message: 'Too many requests' }, headers);
    ghlCalls++;
    const { pathname } = new URL(request.url);
    if (pathname !== '/contacts/search') {
      const contact = contactOf(location, Number(pathname.slice(-9)));
      return json(200, { contact: showDetail(contact, request.headers.get('version') ?? '') }, headers);
    }
    return json(200, page((await request.json()) as Asked), headers);
  }

  function page({ searchAfter, pageLimit, filters }: Asked) {
    if (filters !== undefined) throw new Error('a run has asked the list for something else than a page');
    const from = searchAfter === undefined ? 0 : (searchAfter[0] - FIRST_ADDED) / 1000 + 1;
    const rows = Array.from({ length: Math.max(0, Math.min(pageLimit, contacts - from)) }, (_, n) => from + n);
    const shown = rows.map((n) => {
      const contact = contactOf(location, n);
      return { ...showFound(contact, true), searchAfter: [FIRST_ADDED + n * 1000, contact.id] };
    });
    return { contacts: shown, total: contacts };
  }

  return {
    handle: (request: Request) => (request.url.startsWith('https://ghl.') ? ghl(request) : callTools.handle(request)),
    placed: () => callTools.contacts().filter(({ buckets }) => buckets.length > 0).length,
    ghlCalls: () => ghlCalls,
    forgetCalls() {
      ghlCalls = 0;
      callTools.calls.clear();
    },
  };
}
