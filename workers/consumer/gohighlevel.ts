// GoHighLevel's contacts API: read one contact, read a page of them. Facts: facts/gohighlevel.md section 4.

import * as v from 'valibot';
import type { World } from './env.ts';
import { type Failure, fail, VendorError } from './failure.ts';
import { type Answer, createHttp, type Http } from './vendor-http.ts';

const Text = v.fallback(v.nullish(v.string()), null);

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
  tags: v.fallback(
    v.pipe(
      v.array(v.unknown()),
      v.transform((tags) => tags.filter((tag) => typeof tag === 'string')),
    ),
    [],
  ),
  dnd: v.optional(v.unknown()),
  dndSettings: v.optional(v.unknown()),
});
/** A contact as GoHighLevel tells it: fields of unexpected types read as null, so that one odd field never hides a contact. */
export type GhlContact = v.InferOutput<typeof Contact>;

const ContactAnswer = v.object({ contact: Contact });

const Cursor = v.array(v.union([v.string(), v.number()]));
export type Cursor = v.InferOutput<typeof Cursor>;

const SearchAnswer = v.object({
  contacts: v.array(v.object({ ...Contact.entries, searchAfter: v.fallback(v.nullish(Cursor), null) })),
  total: v.fallback(v.nullable(v.number()), null),
});
export interface SearchPage {
  contacts: GhlContact[];
  /** How many contacts the location has, where GoHighLevel says so. */
  total: number | null;
  /** `searchAfter` for the next page; null after the last. */
  next: Cursor | null;
}

export type Read = { kind: 'found'; contact: GhlContact } | { kind: 'gone' };

export interface GoHighLevel {
  /** The contact as it is now, or `gone` when GoHighLevel says that there is no such contact. */
  read(contactId: string): Promise<Read>;
  /** One page of the contact list in order of creation. DND in it cannot be trusted (facts 4.1 [MEASURED]). */
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
}

/** The burst window where the headers do not say: 100 requests in 10 s (facts 4.2 [DOC RATE]). */
const INTERVAL_MS = 10_000;
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
}: Options): GoHighLevel {
  const intervalOf = (headers: Headers) => Number(headers.get('x-ratelimit-interval-milliseconds')) || INTERVAL_MS;
  const http = guard(
    createHttp({
      vendor: 'gohighlevel',
      baseUrl,
      headers: { authorization: `Bearer ${apiKey}`, version, accept: 'application/json' },
      timeoutMs,
      notAfter,
      world,
      throttleMs: intervalOf,
    }),
  );
  let pauseMs = 0;

  async function call(request: { method: 'GET' | 'POST'; path: string; body?: unknown }): Promise<Answer> {
    if (pauseMs > 0) await world.wait(pauseMs);
    const answer = await http.call(request);
    const left = answer.headers.get('x-ratelimit-remaining');
    const max = Number(answer.headers.get('x-ratelimit-max')) || 100;
    pauseMs =
      left !== null && Number(left) < RESERVE
        ? Math.ceil(intervalOf(answer.headers) / max) * (RESERVE - Number(left))
        : 0;
    return answer;
  }

  return {
    async read(contactId) {
      const answer = await call({ method: 'GET', path: `/contacts/${encodeURIComponent(contactId)}` });
      if (answer.status !== 200) return refused(answer, `contact ${contactId}`);
      const parsed = v.safeParse(ContactAnswer, answer.json);
      if (!parsed.success)
        return fail({
          kind: 'contact',
          code: 'unexpected_response',
          error: 'GoHighLevel answered 200 without a contact',
        });
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
        const error = `POST /contacts/search: ${answer.status} ${answer.excerpt}`;
        return fail({ kind: 'transient', vendor: 'gohighlevel', error });
      }
      const { contacts, total } = parsed.output;
      return { contacts, total, next: contacts.at(-1)?.searchAfter ?? null };
    },
  };
}

/**
 * A missing contact is not documented as 404: 400 or 404 whose message says "not found" is a deleted contact (facts 4.2
 * [INFERRED]). A 404 that does not say so is a wrong address, which must not empty the dialer.
 */
function refused(answer: Answer, what: string): Read {
  const message = messageOf(answer.json);
  if (
    (answer.status === 400 || answer.status === 404) &&
    /not\s+(be\s+)?found|does\s*n[o']t\s+exist|no such contact/i.test(message)
  ) {
    return { kind: 'gone' };
  }
  const error = `GoHighLevel answered ${answer.status} for ${what}: ${answer.excerpt}`;
  const failure: Failure =
    answer.status === 404
      ? { kind: 'setup', vendor: 'gohighlevel', error }
      : { kind: 'contact', code: 'rejected', error };
  throw new VendorError(failure);
}

/** `message` is a string or an array of strings (facts 4.2 [DOC common-schemas]). */
function messageOf(json: unknown): string {
  const message = (json as { message?: unknown } | null | undefined)?.message;
  return Array.isArray(message) ? message.join(' ') : typeof message === 'string' ? message : '';
}
