// GoHighLevel's contacts API: read one contact, read a page of them. Facts: facts/gohighlevel.md section 4.

import * as v from 'valibot';
import type { World } from './env.ts';
import { fail } from './failure.ts';
import { type Answer, type Call, createHttp, type Http } from './vendor-http.ts';
import type { People } from './vendor-text.ts';

const NumberAsText = v.pipe(v.number(), v.transform(String));
const Text = v.fallback(v.nullish(v.union([v.string(), NumberAsText])), null);

/** A list, or one comma-joined text. Half a list would be a false statement: one odd entry makes it unreadable. */
const Tags = v.union([
  v.pipe(
    v.string(),
    v.transform((tags) => tags.split(',')),
  ),
  v.pipe(
    v.array(v.nullish(v.union([v.string(), NumberAsText]))),
    v.transform((tags) => tags.filter((tag) => typeof tag === 'string')),
  ),
]);

const Contact = v.object({
  id: v.string(),
  locationId: Text,
  firstName: Text,
  lastName: Text,
  email: Text,
  phone: Text,
  address1: Text,
  address: Text,
  city: Text,
  state: Text,
  postalCode: Text,
  tags: v.nullish(Tags, []),
  dnd: v.optional(v.unknown()),
  dndSettings: v.optional(v.unknown()),
});
/**
 * A contact as GoHighLevel tells it: fields of unexpected types read as null, so that one odd field never hides a contact.
 * Not so the tags, which decide: a contact whose tags cannot be read fails.
 */
export type GhlContact = v.InferOutput<typeof Contact>;

const ContactAnswer = v.object({ contact: Contact });

const Cursor = v.array(v.union([v.string(), v.number()]));
export type Cursor = v.InferOutput<typeof Cursor>;

const SearchAnswer = v.object({
  contacts: v.array(
    v.object({
      ...Contact.entries,
      tags: v.fallback(v.union([Contact.entries.tags, v.null()]), null),
      firstNameRaw: Text,
      lastNameRaw: Text,
      searchAfter: v.fallback(v.nullish(Cursor), null),
    }),
  ),
  total: v.fallback(v.nullable(v.number()), null),
});
export interface SearchPage {
  contacts: GhlContact[];
  /** Ids of those whose tags cannot be read here: only a look at each tells whom they concern. */
  oddTags: string[];
  /** How many contacts the location has, where GoHighLevel says so. */
  total: number | null;
  /** `searchAfter` for the next page; null after the last. */
  next: Cursor | null;
}

export type Read = { kind: 'found'; contact: GhlContact } | { kind: 'gone' };

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
      const { contact } = parsed.output;
      if (contact.id !== contactId) return { kind: 'gone' }; // merged into another: that one has its own events
      if (contact.locationId && contact.locationId !== locationId) {
        fail({
          kind: 'contact',
          code: 'wrong_location',
          error: 'GHL_API_KEY reads contacts of another location than GHL_LOCATION_ID',
        });
      }
      return { kind: 'found', contact };
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
      const { contacts, total } = parsed.output;
      const next = contacts.at(-1)?.searchAfter ?? null;
      return {
        contacts: contacts.map(({ searchAfter: _, firstNameRaw, lastNameRaw, tags, ...contact }) => ({
          ...contact,
          tags: tags ?? [],
          // Here the plain names are in lower case (facts 4.1 [MEASURED]).
          firstName: firstNameRaw ?? contact.firstName,
          lastName: lastNameRaw ?? contact.lastName,
        })),
        oddTags: contacts.flatMap(({ id, tags }) => (tags === null ? [id] : [])),
        total,
        // The same cursor again would bring the same page for ever.
        next: JSON.stringify(next) === JSON.stringify(cursor) ? null : next,
      };
    },
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
