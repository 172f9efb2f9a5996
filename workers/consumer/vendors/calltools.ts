// CallTools' REST API, as far as we use it. Facts: docs/vendors.md. Paths end in a slash. What a write did is known only from its answer.

import * as v from 'valibot';
import type { World } from '../config/env.ts';
import { NO_CALLS } from '../domain/call-word.ts';
import { fail, isOdd } from '../domain/failure.ts';
import type { AccountUser } from '../domain/fields/field-plan.ts';
import { callToolsUsers } from './account-lists.ts';
import type { Request } from './call.ts';
import { type CallRecord, callRecord } from './calls/calltools-calls.ts';
import { type CallHooks, callHooks } from './calls/calltools-hooks.ts';
import { contactOf, hintFor, meaningOf, read, refuseErrors } from './calltools-errors.ts';
import { type LabelCalls, labelCalls } from './calltools-labels.ts';
import { listOf, PAGE_SIZE, RECORDS } from './calltools-lists.ts';
import {
  Contact,
  contactRow,
  contactWithId,
  type DialerContact,
  Duplicate,
  Identified,
  Link,
  Page,
  phoneRow,
  toDialerContact,
} from './calltools-schema.ts';
import { createHttp, type Http } from './http.ts';
import type { People } from './text.ts';
import { readsAny, WITNESS_ROWS } from './witness.ts';

/** Where a phone can be looked up. */
export type PhoneResource = 'contacts' | 'phonenumbers';

/**
 * Body of a POST or PATCH; `do_not_contact` can only ever be true: false would clear a refusal (docs/vendors.md, CallTools:
 * do-not-contact).
 */
export type ContactBody = Record<string, unknown> & { do_not_contact?: true };

/** The contact that a POST made, or the ids of those that it says exist already. */
export type Created = { kind: 'created'; contact: DialerContact } | { kind: 'duplicate'; ids: number[] };

/** What a filter by phone returned. */
export interface PhoneRows {
  rows: DialerContact[];
  count: number;
}

/** CallTools’ API. Every call throws VendorError. */
export interface CallTools extends CallRecord, CallHooks, LabelCalls {
  /**
   * Rows that a filter by phone returned (at most 20) and how many it claims there are. The filter may be ignored and rows may
   * lack their phones (docs/vendors.md, CallTools: lists and filters; CallTools: phone numbers): check each. `refused`: CallTools
   * will not have this number; `denied`: the account cannot be asked that way.
   */
  findByPhone(e164: string, resource: PhoneResource): Promise<PhoneRows | 'refused' | 'denied'>;
  /** Null where CallTools does not know the id. Its word of calls is never null. */
  get(id: number): Promise<DialerContact | null>;
  /**
   * Contacts that a bucket holds, newest first where CallTools sorts as asked; null for a row that cannot be read. The filter
   * may be ignored: check each (docs/vendors.md, CallTools: lists and filters; the minus before `ordering` is an assumption).
   */
  membersOf(bucketId: number): AsyncGenerator<DialerContact | null>;
  create(body: ContactBody): Promise<Created>;
  /** The contact after the change, or null when CallTools does not know the id. */
  update(id: number, body: ContactBody, how?: Pick<Request, 'part'>): Promise<DialerContact | null>;
  /**
   * Ids of the buckets that hold this contact, from the link rows: the truth about membership (docs/vendors.md, CallTools: buckets
   * and tags). Where the role may not read those, or their filter is ignored, the contact's own list has to do.
   */
  bucketsOf(id: number): Promise<number[]>;
  /** The same from the link rows alone; empty where those say nothing reliable. */
  linksOf(id: number): Promise<number[]>;
  /** Membership from the bucket's side: the second way, where the first did not take (docs/vendors.md, CallTools: buckets and tags). */
  changeBucket(
    bucketId: number,
    change: { add_contacts: number[] } | { remove_contacts: number[] },
    how?: Pick<Request, 'part'>,
  ): Promise<void>;
  users(): Promise<AccountUser[]>;
  /** Asks for next to nothing: throws what is wrong with CallTools as a whole. */
  probe(): Promise<void>;
  /** Asks for the lists that all work needs: throws what the key's role may not read. */
  probeRights(): Promise<void>;
  /** Whether a contact can be read that is at none of these paths. A few are tried. */
  readsOthers(paths: ReadonlySet<string>): Promise<boolean>;
  /** Whether the answer about the contact at this path is odd once more. */
  isOddAgain(path: string): Promise<boolean>;
}

interface Options {
  baseUrl: string;
  token: string;
  timeoutMs: number;
  notAfter: number;
  world: World;
  /** Wraps the calls, to watch the vendor's health. */
  guard(http: Http): Http;
  /** The people that this batch has heard of from the vendors. */
  people?: People;
}

/** Wait when throttled without a Retry-After; no limit is published (docs/vendors.md, CallTools: speed and limits). */
const THROTTLE_MS = 10_000;
/** Rows looked at of those that a phone filter returns: more contacts than this do not share a number. */
const LOOKUP_ROWS = 20;

/** The client. `notAfter` is epoch ms: no call runs longer. */
export function createCallTools(options: Options): CallTools {
  const http = options.guard(httpOf(options));
  const contacts = contactCalls(http);
  const labels = labelCalls(http);
  return {
    ...contacts,
    ...labels,
    ...listCalls(http),
    users: () => callToolsUsers(http),
    ...callRecord(http),
    ...callHooks(http),
    ...membershipCalls(http, contacts.get, labels.labels),
    ...probes(http, contacts.get),
  };
}

function httpOf({ baseUrl, token, timeoutMs, notAfter, world, people }: Options): Http {
  return createHttp({
    vendor: 'calltools',
    baseUrl: baseUrl.endsWith('/api') ? baseUrl : `${baseUrl}/api`,
    headers: { authorization: `Token ${token}`, accept: 'application/json' },
    timeoutMs,
    notAfter,
    world,
    throttleMs: () => THROTTLE_MS,
    meaning: meaningOf,
    hint: hintFor,
    people,
  });
}

/** One contact. */
function contactCalls(http: Http): Pick<CallTools, 'get' | 'create' | 'update'> {
  return {
    async get(id) {
      const path = contactPath(id);
      const answer = await http.call({ method: 'GET', path, about: 'record', shape: contactWithId(id) });
      if (answer.status === 404) return null;
      const contact = contactOf(answer);
      return { ...contact, word: contact.word ?? NO_CALLS };
    },

    async create(body) {
      const path = '/contacts/';
      // An id of its own comes first: any other contact that is named was found alike and left alone (docs/vendors.md, CallTools: duplicates).
      const shape = v.union([Contact, Duplicate]);
      const answer = await http.call({ method: 'POST', path, about: 'record', body, personal: true, shape });
      if (answer.ok && 'id' in answer.data) return { kind: 'created', contact: toDialerContact(answer.data) };
      const duplicate = v.safeParse(Duplicate, answer.ok ? answer.data : answer.json);
      if (duplicate.success) return { kind: 'duplicate', ids: duplicate.output.duplicate_contacts };
      return refuseErrors(answer, body);
    },

    async update(id, body, how) {
      const path = contactPath(id);
      const shape = contactWithId(id);
      const answer = await http.call({ method: 'PATCH', path, about: 'record', body, personal: true, shape, ...how });
      return answer.status === 404 ? null : contactOf(answer, body);
    },
  };
}

/** Lists of contacts: by phone, and by bucket. */
function listCalls(http: Http): Pick<CallTools, 'findByPhone' | 'membersOf'> {
  return {
    async findByPhone(e164, resource) {
      const path = `/${resource}/?phone_number=${encodeURIComponent(e164)}&page_size=${LOOKUP_ROWS}`;
      // Without a right to read contacts nothing works; the phone numbers are a second choice.
      const optional = resource === 'phonenumbers' && { optional: true as const };
      const answer = await http.call({ method: 'GET', path, about: 'record', shape: Page, ...optional });
      // It validates numbers (docs/vendors.md, CallTools: phone numbers): an impossible one says nothing about the filter.
      if (answer.status === 400 || answer.status === 422) return 'refused';
      if (!answer.ok) {
        if (await lacks(http, resource)) return 'denied';
        const error = `GET /${resource}/: ${answer.status} ${answer.excerpt}`;
        return fail({ kind: 'refused', vendor: 'calltools', sign: 'record', error });
      }
      const { count, results } = answer.data;
      return {
        rows: results.slice(0, LOOKUP_ROWS).flatMap(resource === 'contacts' ? contactRow : phoneRow),
        count: count ?? results.length,
      };
    },

    async *membersOf(bucketId) {
      const query = `?buckets__id=${bucketId}&ordering=-id&page_size=${PAGE_SIZE}`;
      for await (const row of listOf(http, '/contacts/', RECORDS, query)) yield contactRow(row)[0] ?? null;
    },
  };
}

/** True where the account lacks the resource altogether. One number alone may be refused too, and says nothing of the others. */
async function lacks(http: Http, resource: PhoneResource): Promise<boolean> {
  const path = `/${resource}/?page_size=1`;
  const answer = await http.call({ method: 'GET', path, about: 'list', shape: Page, optional: true });
  if (answer.ok || [403, 404, 405].includes(answer.status)) return !answer.ok;
  return fail({ kind: 'refused', vendor: 'calltools', sign: 'list', error: `GET /${resource}/: ${answer.status}` });
}

/** Which buckets hold a contact. */
function membershipCalls(
  http: Http,
  get: CallTools['get'],
  labels: CallTools['labels'],
): Pick<CallTools, 'bucketsOf' | 'linksOf' | 'changeBucket'> {
  return {
    async bucketsOf(id) {
      const buckets = (await linkedBuckets(http, id)) ?? (await get(id))?.buckets;
      if (buckets) return buckets;
      const error = 'CallTools does not show which buckets hold the contact, and the role may not read contactbuckets';
      return fail({ kind: 'contact', code: 'membership_not_applied', error });
    },

    linksOf: async (id) => (await linkedBuckets(http, id)) ?? [],

    async changeBucket(bucketId, change, how) {
      const path = `/buckets/${bucketId}/`;
      try {
        // It answers a row or nothing (docs/vendors.md, CallTools: buckets and tags). The caller reads membership back.
        const shape = v.optional(Identified);
        const answer = await http.call({ method: 'PATCH', path, about: 'record', body: change, shape, ...how });
        if (answer.status !== 404) return void read(answer);
      } catch (thrown) {
        if (!isOdd(thrown)) throw thrown;
        const listed = (await labels('bucket')).some(({ id }) => id === bucketId);
        if (listed) fail({ kind: 'transient', vendor: 'calltools', error: thrown.failure.error });
      }
      fail({ kind: 'stale_labels', error: `CallTools has no bucket ${bucketId}` });
    },
  };
}

/** Null where the link rows say nothing reliable about this contact. */
async function linkedBuckets(http: Http, id: number): Promise<number[] | null> {
  const path = `/contactbuckets/?contact_id=${id}&page_size=${PAGE_SIZE}`;
  const answer = await http.call({ method: 'GET', path, about: 'record', shape: Page, optional: true });
  if (!answer.ok) return null;
  const { results, next } = answer.data;
  const links = results.flatMap((row) => {
    const link = v.safeParse(Link, row);
    return link.success ? [link.output] : [];
  });
  const filtered = links.length === results.length && links.every(({ contact }) => contact === id) && !next;
  return filtered ? links.map(({ bucket }) => bucket) : null;
}

function contactPath(id: number): string {
  return `/contacts/${id}/`;
}

/** Questions that show how CallTools is. */
function probes(
  http: Http,
  get: CallTools['get'],
): Pick<CallTools, 'probe' | 'probeRights' | 'readsOthers' | 'isOddAgain'> {
  async function first(resource: 'buckets' | 'contacts', count: number): Promise<unknown[]> {
    const path = `/${resource}/?page_size=${count}`;
    return read(await http.call({ method: 'GET', path, about: 'list', shape: Page })).results;
  }

  return {
    async probe() {
      await first('buckets', 1);
    },

    async probeRights() {
      await first('contacts', 1);
      await first('buckets', 1);
    },

    async readsOthers(paths) {
      const rows = await first('contacts', WITNESS_ROWS);
      const ids = rows.flatMap((row) => (v.is(Identified, row) && !paths.has(contactPath(row.id)) ? [row.id] : []));
      return readsAny(ids, async (id) => (await get(id)) !== null);
    },

    async isOddAgain(path) {
      const [, id] = /^\/contacts\/(\d+)\//.exec(path) ?? [];
      return id === undefined ? false : get(Number(id)).then(() => false, isOdd);
    },
  };
}
