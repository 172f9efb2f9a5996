// CallTools' REST API, as far as we use it. Facts: facts/calltools.md. Paths end in a slash; the echo is the truth.

import * as v from 'valibot';
import {
  contactOf,
  contactRow,
  type DialerContact,
  Duplicate,
  Identified,
  Label,
  Link,
  Page,
  phoneRow,
  read,
  refuseErrors,
} from './calltools-answer.ts';
import { rowsOf } from './calltools-list.ts';
import type { World } from './env.ts';
import { fail } from './failure.ts';
import { type Answer, type Call, createHttp, type Http } from './vendor-http.ts';
import type { People } from './vendor-text.ts';

/** Where a phone can be looked up. */
export type PhoneResource = 'contacts' | 'phonenumbers';

export type LabelKind = 'bucket' | 'tag';
const LABEL_PATH = { bucket: '/buckets/', tag: '/alltags/' } as const;

/** Body of a POST or PATCH; `do_not_contact` can only ever be true: false would clear a refusal (facts 6 [INF]). */
export type ContactBody = Record<string, unknown> & { do_not_contact?: true };

export type Created = { kind: 'created'; contact: DialerContact } | { kind: 'duplicate'; ids: number[] };

export interface PhoneRows {
  rows: DialerContact[];
  count: number;
}

export interface CallTools {
  /**
   * Rows that a filter by phone returned (at most 20) and how many it claims there are. The filter may be ignored and rows may
   * lack their phones (facts 2 and 3.3 [SEEN+]): check each. `refused`: CallTools will not have this number; `denied`: the
   * account cannot be asked that way.
   */
  findByPhone(e164: string, resource: PhoneResource): Promise<PhoneRows | 'refused' | 'denied'>;
  get(id: number): Promise<DialerContact | null>;
  /**
   * Contacts that a bucket holds, newest first where CallTools sorts as asked; null for a row that cannot be read. The filter
   * may be ignored: check each (`buckets__id`, `ordering`: facts 2 [SEEN+]; the minus is an assumption).
   */
  membersOf(bucketId: number): AsyncGenerator<DialerContact | null>;
  create(body: ContactBody): Promise<Created>;
  /** The contact after the change, or null when CallTools does not know the id. */
  update(id: number, body: ContactBody): Promise<DialerContact | null>;
  /**
   * Ids of the buckets that hold this contact, from the link rows: the truth about membership (facts 4 [SEEN+]). Where the
   * role may not read those, or their filter is ignored, the contact's own list has to do.
   */
  bucketsOf(id: number): Promise<number[]>;
  /** Membership from the bucket's side: the second way, where the first did not take (facts 4, way B [SEEN]). */
  changeBucket(bucketId: number, change: { add_contacts: number[] } | { remove_contacts: number[] }): Promise<void>;
  labels(kind: LabelKind): Promise<Label[]>;
  createLabel(kind: LabelKind, name: string): Promise<Label>;
  /** Asks for next to nothing: throws what is wrong with CallTools as a whole. */
  probe(): Promise<void>;
}

interface Options {
  baseUrl: string;
  token: string;
  timeoutMs: number;
  notAfter: number;
  world: World;
  /** Wraps the calls, to watch the vendor's health. */
  guard(http: Http): Http;
  /** Whom this batch was told of. */
  people?: People;
}

/** Wait when throttled without a Retry-After; no limit is published (facts 8 [?]). */
const THROTTLE_MS = 10_000;
/** Cap of a page is 250 (facts 2 [DOC]); `next` is followed anyway. */
const PAGE_SIZE = 100;
/** Rows looked at of those that a phone filter returns: more contacts than this do not share a number. */
const LOOKUP_ROWS = 20;

export function createCallTools({ baseUrl, token, timeoutMs, notAfter, world, guard, people }: Options): CallTools {
  const http = guard(
    createHttp({
      vendor: 'calltools',
      baseUrl: baseUrl.endsWith('/api') ? baseUrl : `${baseUrl}/api`,
      headers: { authorization: `Token ${token}`, accept: 'application/json' },
      timeoutMs,
      notAfter,
      world,
      throttleMs: () => THROTTLE_MS,
      setupHint,
      people,
    }),
  );

  const get: CallTools['get'] = async (id) => {
    const answer = await http.call({ method: 'GET', path: `/contacts/${id}/` });
    return answer.status === 404 ? null : contactOf(answer);
  };

  /** The rows of a list. Follows `next` by its query only: its host may be one that we cannot reach. */
  function listOf(path: string, first = `?page_size=${PAGE_SIZE}`): AsyncGenerator<unknown> {
    const readPage = async (query: string) => {
      const answer = await http.call({ method: 'GET', path: `${path}${query}` });
      // A later page may be gone because rows have gone.
      return answer.status === 404 && query !== first ? null : read(Page, answer);
    };
    return rowsOf(readPage, path, first);
  }

  /** Null where the link rows say nothing reliable about this contact. */
  async function linkedBuckets(id: number): Promise<number[] | null> {
    const path = `/contactbuckets/?contact_id=${id}&page_size=${PAGE_SIZE}`;
    const answer = await http.call({ method: 'GET', path, optional: true });
    if (answer.status === 403 || answer.status === 404 || answer.status === 405) return null;
    const { results, next } = read(Page, answer);
    const links = results.flatMap((row) => {
      const link = v.safeParse(Link, row);
      return link.success ? [link.output] : [];
    });
    const filtered = links.length === results.length && links.every(({ contact }) => contact === id) && !next;
    return filtered ? links.map(({ bucket }) => bucket) : null;
  }

  return {
    async findByPhone(e164, resource) {
      const path = `/${resource}/?phone_number=${encodeURIComponent(e164)}&page_size=${LOOKUP_ROWS}`;
      // Without a right to read contacts nothing works; the phone numbers are a second choice.
      const answer = await http.call({ method: 'GET', path, ...(resource === 'phonenumbers' && { optional: true }) });
      if ([403, 404, 405].includes(answer.status)) return 'denied';
      // It validates numbers on a write (facts 3.3 [SEEN+ NBA]): one that it holds for impossible says nothing about the filter.
      if (answer.status === 400) return 'refused';
      const { count, results } = read(Page, answer);
      return {
        rows: results.slice(0, LOOKUP_ROWS).flatMap(resource === 'contacts' ? contactRow : phoneRow),
        count: count ?? results.length,
      };
    },

    get,

    async *membersOf(bucketId) {
      const query = `?buckets__id=${bucketId}&ordering=-id&page_size=${PAGE_SIZE}`;
      for await (const row of listOf('/contacts/', query)) yield contactRow(row)[0] ?? null;
    },

    async create(body) {
      const answer = await http.call({ method: 'POST', path: '/contacts/', body, personal: true });
      // An id of its own comes first: whatever else is named was found alike and left alone (facts 9.3, id rule).
      const duplicate = v.safeParse(Duplicate, answer.json);
      if (duplicate.success && !v.is(Identified, answer.json))
        return { kind: 'duplicate', ids: duplicate.output.duplicate_contacts };
      return { kind: 'created', contact: contactOf(answer) };
    },

    async update(id, body) {
      const answer = await http.call({ method: 'PATCH', path: `/contacts/${id}/`, body, personal: true });
      return answer.status === 404 ? null : contactOf(answer);
    },

    async bucketsOf(id) {
      const buckets = (await linkedBuckets(id)) ?? (await get(id))?.buckets;
      if (buckets) return buckets;
      const error = 'CallTools does not show which buckets hold the contact, and the role may not read contactbuckets';
      return fail({ kind: 'contact', code: 'membership_not_applied', error });
    },

    async changeBucket(bucketId, change) {
      const answer = await http.call({ method: 'PATCH', path: `/buckets/${bucketId}/`, body: change });
      if (answer.status === 404) fail({ kind: 'stale_labels', error: `CallTools has no bucket ${bucketId}` });
      refuseErrors(answer);
    },

    async labels(kind) {
      const labels: Label[] = [];
      for await (const row of listOf(LABEL_PATH[kind])) {
        const label = v.safeParse(Label, row);
        if (label.success) labels.push(label.output);
      }
      return labels;
    },

    async createLabel(kind, name) {
      return read(Label, await http.call({ method: 'POST', path: LABEL_PATH[kind], body: { name } }));
    },

    async probe() {
      read(Page, await http.call({ method: 'GET', path: '/buckets/?page_size=1' }));
    },
  };
}

/** A collection is always there: only the address can be wrong. A later page may be gone because rows have gone. */
function setupHint({ path }: Call, { status }: Answer): string | null {
  const collection = !/^\/\w+\/\d+\//.test(path) && !/[?&]page=/.test(path);
  return status === 404 && collection ? 'is CALLTOOLS_BASE_URL right?' : null;
}
