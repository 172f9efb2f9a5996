// GoHighLevel's API: read one contact, a page of them, and what settings name. Writes are in gohighlevel-writes.ts. Facts: docs/vendors.md, GoHighLevel: contacts API.

import * as v from 'valibot';
import { fold } from '../../../shared/fold.ts';
import { Id } from '../../../shared/messages.ts';
import type { World } from '../config/env.ts';
import { isFilled, type Known, type Read, readContact, saysStop } from '../domain/contact.ts';
import { fail, isOdd } from '../domain/failure.ts';
import { type GhlLists, ghlLists } from './account-lists.ts';
import { type GhlWrites, ghlWrites } from './calls/gohighlevel-writes.ts';
import { hintFor, meaningOf, saysGone } from './gohighlevel-errors.ts';
import { type Answer, createHttp, type Http } from './http.ts';
import { type GhlOpportunities, ghlOpportunities } from './opportunities.ts';
import { readRateHeaders } from './rate-headers.ts';
import { type Cursor, pageOf, type SearchPage } from './search-page.ts';
import type { People } from './text.ts';
import { readsAny, WITNESS_ROWS } from './witness.ts';

/** An answer about one contact. Of one without an id only signs against dialing count, or its tags. */
const ContactAnswer = v.pipe(
  v.looseObject({ contact: v.looseObject({}) }),
  v.rawCheck(({ dataset, addIssue }) => {
    if (dataset.typed && saysNothing(dataset.value)) addIssue({ message: 'no contact' });
  }),
);
type ContactAnswer = v.InferOutput<typeof ContactAnswer>;
const SearchAnswer = v.looseObject({ contacts: v.array(v.unknown()) });
const Identified = v.object({ id: v.string() });
const Ids = v.object({ contacts: v.array(Identified) });

const Word = v.nullish(v.string(), '');
const Names = v.object({
  contacts: v.array(v.object({ id: Id, contactName: Word, firstName: Word, lastName: Word })),
});
const nameOf = (one: { contactName: string; firstName: string; lastName: string }) =>
  `${one.contactName} ${one.firstName} ${one.lastName}`;

/** GoHighLevel’s API. Every call throws VendorError. */
export interface GoHighLevel extends GhlLists, GhlWrites, GhlOpportunities {
  /** The contact as it is now. */
  read(contactId: string): Promise<Read>;
  /** One page of the contact list in order of creation. DND in it cannot be trusted (docs/vendors.md, GoHighLevel: search). */
  search(cursor: Cursor | null, pageSize: number): Promise<SearchPage>;
  /** Whether the search shows this contact: the second way to ask for it. Throws where that cannot be told. */
  shows(contactId: string): Promise<boolean>;
  /** Ids of at most `limit` contacts whose name has each word of `name`, in any order and case. */
  named(name: string, limit: number): Promise<string[]>;
  /** Whether a contact can be read that is at none of these paths. A few are tried. */
  readsOthers(paths: ReadonlySet<string>): Promise<boolean>;
  /** Whether the answer about the contact at this path is odd once more. */
  isOddAgain(path: string): Promise<boolean>;
}

interface Options {
  baseUrl: string;
  apiKey: string;
  version: string;
  locationId: string;
  timeoutMs: number;
  notAfter: number;
  world: World;
  /** Wraps the calls, to watch the vendor's health. */
  guard(http: Http): Http;
  /** The people that this batch has heard of from the vendors. */
  people?: People;
}

/** The burst window where the headers do not say: 100 requests in 10 s (docs/vendors.md, GoHighLevel: rate limits). */
const INTERVAL_MS = 10_000;
/** Wait when the day's 200,000 requests are used up; when exactly the day ends is not documented. */
const DAY_SPENT_MS = 15 * 60_000;

/** The client. `notAfter` is epoch ms: no call runs longer. */
export function createGoHighLevel(options: Options): GoHighLevel {
  const { locationId } = options;
  const http = options.guard(httpOf(options));
  const ask = (contactId: string) => askFor(contactId, http);

  async function find<T>(shape: v.GenericSchema<unknown, T>, asked: object): Promise<T> {
    const body = { locationId, sort: [{ field: 'dateAdded', direction: 'asc' }], ...asked };
    const answer = await http.call({ method: 'POST', path: '/contacts/search', body, about: 'list', shape });
    if (answer.ok) return answer.data;
    const error = `POST /contacts/search: ${answer.status} ${answer.excerpt}`;
    return fail({ kind: 'transient', vendor: 'gohighlevel', error });
  }

  async function read(contactId: string): Promise<Read> {
    let answer: Answer<ContactAnswer>;
    try {
      answer = await ask(contactId);
    } catch (thrown) {
      if (isOdd(thrown)) return { kind: 'doubtful', failure: thrown.failure };
      throw thrown;
    }
    if (!answer.ok && saysGone(answer)) return { kind: 'gone' };
    if (!answer.ok) {
      const error = `GoHighLevel answered ${answer.status} for contact ${contactId}: ${answer.excerpt}`;
      return fail({ kind: 'contact', code: 'rejected', error });
    }
    return readOf(answer.data, contactId, locationId);
  }

  return {
    ...ghlLists(http, locationId),
    ...ghlWrites(http, read),
    ...ghlOpportunities(http, locationId, options.version),
    read,

    async shows(contactId) {
      const filters = [{ field: 'id', operator: 'eq', value: contactId }];
      const { contacts } = await find(Ids, { pageLimit: 1, filters });
      if (contacts.length === 0 || contacts.some(({ id }) => id === contactId)) return contacts.length > 0;
      const error = 'POST /contacts/search: the filter by id was ignored';
      return fail({ kind: 'transient', vendor: 'gohighlevel', error });
    },

    async named(name, limit) {
      // The operator `contains` takes no special characters (docs/vendors.md, GoHighLevel: search).
      const words = fold(name).match(/[\p{L}\p{N}]+/gu) ?? [];
      if (words.length === 0) return [];
      const filters = words.map((value) => ({ field: 'contactName', operator: 'contains', value }));
      const { contacts } = await find(Names, { pageLimit: limit, filters });
      const matching = contacts.filter((one) => words.every((word) => fold(nameOf(one)).includes(word)));
      if (matching.length > 0 || contacts.length === 0) return matching.map(({ id }) => id);
      const error = 'POST /contacts/search: the filter by name was ignored';
      return fail({ kind: 'transient', vendor: 'gohighlevel', error });
    },

    async readsOthers(paths) {
      const { contacts } = await find(SearchAnswer, { pageLimit: WITNESS_ROWS });
      const ids = contacts.flatMap((row) => (v.is(Identified, row) && !paths.has(pathOf(row.id)) ? [row.id] : []));
      return readsAny(ids, async (id) => (await ask(id)).ok);
    },

    isOddAgain: (path) => ask(decodeURIComponent(path.split('/').at(-1) ?? '')).then(() => false, isOdd),

    async search(cursor, pageSize) {
      const page = await find(SearchAnswer, { pageLimit: pageSize, ...(cursor && { searchAfter: cursor }) });
      return pageOf(page.contacts, page.total, cursor);
    },
  };
}

function httpOf({ baseUrl, apiKey, version, timeoutMs, notAfter, world, people }: Options): Http {
  return createHttp({
    vendor: 'gohighlevel',
    baseUrl,
    headers: { authorization: `Bearer ${apiKey}`, version, accept: 'application/json' },
    timeoutMs,
    notAfter,
    world,
    throttleMs(headers) {
      const { dailyLeft, intervalMs } = readRateHeaders(headers);
      return dailyLeft === 0 ? DAY_SPENT_MS : (intervalMs ?? INTERVAL_MS);
    },
    meaning: ({ about }, error) => meaningOf(about, error),
    hint: (_call, error) => hintFor(error),
    people,
  });
}

/** What GoHighLevel answers for one contact. Fails as `odd` where it answers with another. */
function askFor(contactId: string, http: Http): Promise<Answer<ContactAnswer>> {
  return http.call({
    method: 'GET',
    path: pathOf(contactId),
    about: 'record',
    shape: ContactAnswer,
    amiss: ({ contact: { id } }) =>
      typeof id === 'string' && id !== '' && id !== contactId ? 'it shows another contact' : null,
  });
}

/**
 * What an answer about one contact says. Of a contact that cannot be told for ours, because its id cannot be read or it is another
 * location's, only a sign against dialing counts.
 */
function readOf({ contact: json, ...around }: ContactAnswer, contactId: string, locationId: string): Known {
  // Whether it is deleted may stand beside the contact.
  const said = readContact(json, around);
  const { contact, unread, deleted } = said;
  const elsewhere = isFilled(contact.locationId) && contact.locationId !== locationId;
  if (elsewhere) unread.push('contact.locationId');
  if (deleted === 'yes') return { kind: 'gone', flagged: true };
  return {
    kind: 'found',
    contact: { ...contact, id: contactId },
    ...(unread.length > 0 && { unread }),
    ...(deleted === 'perhaps' && { removed: true as const }),
    ...(elsewhere && { elsewhere }),
  };
}

function saysNothing({ contact: json, ...around }: { contact: Record<string, unknown> }): boolean {
  const said = readContact(json, around);
  const { id, tags, oddTags } = said.contact;
  const isBare = !ALWAYS_TOLD.some((key) => Object.hasOwn(json, key));
  return (id === '' || isBare) && !saysStop(said) && tags.length === 0 && oddTags === undefined;
}

/** Some of these come with every contact (docs/vendors.md, GoHighLevel: contacts API). */
const ALWAYS_TOLD = ['locationId', 'phone', 'tags', 'dateAdded', 'dateUpdated', 'email', 'firstName', 'lastName'];

function pathOf(contactId: string): string {
  return `/contacts/${encodeURIComponent(contactId)}`;
}
