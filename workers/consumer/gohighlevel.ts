// GoHighLevel's contacts API: read one contact, read a page of them. Facts: facts/gohighlevel.md section 4.

import * as v from 'valibot';
import type { World } from './env.ts';
import { fail } from './failure.ts';
import { type GhlContact, readContact, saysStop } from './ghl-contact.ts';
import { type Cursor, pageOf, type SearchPage } from './search-page.ts';
import { type Answer, type Call, createHttp, type Http } from './vendor-http.ts';
import type { People } from './vendor-text.ts';

const ContactAnswer = v.looseObject({ contact: v.looseObject({}) });
const SearchAnswer = v.looseObject({ contacts: v.array(v.unknown()) });

/** `unread` names the fields that cannot be read, `removed` says that the contact may be deleted: partial-read.ts. */
export type Read = { kind: 'found'; contact: GhlContact; unread?: string[]; removed?: true } | { kind: 'gone' };

export interface GoHighLevel {
  /** The contact as it is now, or `gone` when GoHighLevel says that there is no such contact. */
  read(contactId: string): Promise<Read>;
  /** One page of the contact list in order of creation. DND in it cannot be trusted (facts 4.1 [CODE]). */
  search(cursor: Cursor | null, pageSize: number): Promise<SearchPage>;
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
  /** Whom this batch was told of. */
  people?: People;
}

/** The burst window where the headers do not say: 100 requests in 10 s (facts 4.2 [DOC RATE]). */
const INTERVAL_MS = 10_000;
/** A longer window than this is not believed. */
const MAX_INTERVAL_MS = 60_000;
/** Wait when the day's 200,000 requests are used up; when exactly the day ends is not documented. */
const DAY_SPENT_MS = 15 * 60_000;
/** With fewer requests left than this in the window, calls wait: other instances share the same quota. */
const RESERVE = 8;

export function createGoHighLevel({
  baseUrl,
  apiKey,
  version,
  locationId,
  timeoutMs,
  notAfter,
  world,
  guard,
  people,
}: Options): GoHighLevel {
  const intervalOf = (headers: Headers) => {
    const ms = Number(headers.get('x-ratelimit-interval-milliseconds'));
    return ms > 0 ? Math.min(ms, MAX_INTERVAL_MS) : INTERVAL_MS;
  };
  const http = guard(
    createHttp({
      vendor: 'gohighlevel',
      baseUrl,
      headers: { authorization: `Bearer ${apiKey}`, version, accept: 'application/json' },
      timeoutMs,
      notAfter,
      world,
      throttleMs: (headers) =>
        headers.get('x-ratelimit-daily-remaining') === '0' ? DAY_SPENT_MS : intervalOf(headers),
      setupHint,
      people,
    }),
  );
  let pauseMs = 0;

  async function call(request: { method: 'GET' | 'POST'; path: string; body?: unknown }): Promise<Answer> {
    if (pauseMs > 0) await world.wait(Math.max(0, Math.min(pauseMs, notAfter - world.now())));
    const answer = await http.call(request);
    const left = answer.headers.get('x-ratelimit-remaining');
    const max = Number(answer.headers.get('x-ratelimit-max')) || 100;
    const window = intervalOf(answer.headers);
    pauseMs =
      left !== null && Number(left) < RESERVE
        ? Math.min(window, Math.ceil(window / max) * (RESERVE - Number(left)))
        : 0;
    return answer;
  }

  return {
    async read(contactId) {
      const answer = await call({ method: 'GET', path: `/contacts/${encodeURIComponent(contactId)}` });
      if (saysGone(answer)) return { kind: 'gone' };
      if (answer.status >= 300) {
        const error = `GoHighLevel answered ${answer.status} for contact ${contactId}: ${answer.excerpt}`;
        return fail({ kind: 'contact', code: 'rejected', error });
      }
      if (answer.json === undefined)
        return fail({ kind: 'transient', vendor: 'gohighlevel', error: 'GoHighLevel gave an empty answer' });
      const parsed = v.safeParse(ContactAnswer, answer.json);
      if (!parsed.success) {
        const error = `GoHighLevel's answer is of no known form (at ${v.getDotPath(parsed.issues[0]) ?? 'its start'})`;
        return fail({ kind: 'contact', code: 'unexpected_response', error });
      }
      return readOf(parsed.output, contactId, locationId);
    },

    async search(cursor, pageSize) {
      const body = {
        locationId,
        pageLimit: pageSize,
        sort: [{ field: 'dateAdded', direction: 'asc' }],
        ...(cursor && { searchAfter: cursor }),
      };
      const answer = await call({ method: 'POST', path: '/contacts/search', body });
      const parsed = v.safeParse(SearchAnswer, answer.json);
      if (answer.status >= 300 || !parsed.success) {
        // A page holds names: of one that cannot be read, say where it is odd and not what it says.
        const odd = `of no known form (at ${(parsed.issues && v.getDotPath(parsed.issues[0])) ?? 'its start'})`;
        const error = `POST /contacts/search: ${answer.status} ${answer.status >= 300 ? answer.excerpt : odd}`;
        return fail({ kind: 'transient', vendor: 'gohighlevel', error });
      }
      return pageOf(parsed.output.contacts, parsed.output.total, cursor);
    },
  };
}

/**
 * What an answer about one contact says. Of a contact that cannot be told for ours, because its id cannot be read or it is another
 * location's, only a sign against dialing counts.
 */
function readOf(
  { contact: json, ...around }: v.InferOutput<typeof ContactAnswer>,
  contactId: string,
  locationId: string,
): Read {
  // Whether it is deleted may stand beside the contact.
  const said = readContact(json, around);
  const { contact, unread, deleted } = said;
  if (contact.id !== '' && contact.id !== contactId) return { kind: 'gone' }; // merged into another: that one has its own events
  if (contact.id === '' && !saysStop(said) && contact.tags.length === 0 && contact.oddTags === undefined) {
    const error = 'GoHighLevel’s answer is of no known form (at contact.id)';
    fail({ kind: 'contact', code: 'unexpected_response', error });
  }
  if (contact.locationId && contact.locationId !== locationId) {
    const error = 'GHL_API_KEY reads contacts of another location than GHL_LOCATION_ID';
    if (!saysStop(said)) fail({ kind: 'contact', code: 'wrong_location', error });
    unread.push('contact.locationId');
  }
  if (deleted === 'yes') return { kind: 'gone' };
  return {
    kind: 'found',
    contact: { ...contact, id: contactId },
    ...(unread.length > 0 && { unread }),
    ...(deleted === 'perhaps' && { removed: true as const }),
  };
}

/**
 * A missing contact is not documented as 404: 400 or 404 whose message says "not found" is a deleted contact (facts 4.2
 * [INFERRED]).
 */
function saysGone({ status, json }: Answer): boolean {
  const message = messageOf(json);
  const missing = /not\s+(be\s+)?found|does\s*n[o'’]t\s+exist|no such contact/i.test(message);
  return (status === 400 || status === 404) && missing && (/\bcontact\b/i.test(message) || !OF_THE_SETUP.test(message));
}

/** What else can be missing: "Route GET:/contacts/… not found" is a wrong address, which must not empty the dialer. */
const OF_THE_SETUP = /\b(route|cannot|path|url|endpoint|page|version|location|account|token)\b/i;

function setupHint(_call: Call, answer: Answer): string | null {
  if (saysGone(answer)) return null;
  if (answer.status === 404) return 'is GHL_API_BASE_URL right?';
  return /\bversion\b/i.test(messageOf(answer.json)) ? 'is GHL_API_VERSION right?' : null;
}

/** `message` is a string or an array of strings (facts 4.2 [DOC common-schemas]). */
function messageOf(json: unknown): string {
  const message = (json as { message?: unknown } | null | undefined)?.message;
  return Array.isArray(message) ? message.join(' ') : typeof message === 'string' ? message : '';
}
