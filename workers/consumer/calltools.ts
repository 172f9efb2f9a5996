// CallTools' REST API, as far as we use it. Facts: facts/calltools.md. Paths end in a slash; the echo is the truth.

import * as v from 'valibot';
import type { World } from './env.ts';
import { fail } from './failure.ts';
import { type Answer, createHttp, type Http } from './vendor-http.ts';

/** A related row: its id, or an object that has one. */
const Related = v.union([
  v.number(),
  v.pipe(
    v.object({ id: v.number() }),
    v.transform(({ id }) => id),
  ),
]);
const IdList = v.fallback(v.nullish(v.array(Related)), null);

/** `_phone_numbers` holds objects in one account, E.164 texts in another (facts 9.3 [INF]): accept both. */
const PhoneList = v.fallback(
  v.nullish(
    v.array(
      v.union([
        v.string(),
        v.pipe(
          v.object({ phone_number: v.string() }),
          v.transform((row) => row.phone_number),
        ),
      ]),
    ),
  ),
  null,
);

const Contact = v.looseObject({
  id: v.number(),
  do_not_contact: v.fallback(v.nullish(v.boolean()), null),
  buckets: IdList,
  tags: IdList,
  _phone_numbers: PhoneList,
});

/** A contact as CallTools tells it. `dialable` is null where the answer does not say which numbers it can dial. */
export interface DialerContact {
  id: number;
  doNotContact: boolean | null;
  buckets: number[] | null;
  tags: number[] | null;
  dialable: string[] | null;
  /** Every number in any phone field, as CallTools spells it. */
  phones: string[];
}

const Duplicate = v.object({ duplicate_contacts: v.pipe(v.array(v.number()), v.minLength(1)) });
const Page = v.object({
  count: v.fallback(v.nullish(v.number()), null),
  next: v.nullish(v.string()),
  results: v.array(v.unknown()),
});
const Label = v.object({ id: v.number(), name: v.string() });
export type Label = v.InferOutput<typeof Label>;
const Link = v.object({ contact: Related, bucket: Related });

/** Where a phone can be looked up. */
export type PhoneResource = 'contacts' | 'phonenumbers';

export type LabelKind = 'bucket' | 'tag';
const LABEL_PATH = { bucket: '/buckets/', tag: '/alltags/' } as const;

/** Body of a POST or PATCH; `do_not_contact` can only ever be true: false would clear a refusal (facts 6 [INF]). */
export type ContactBody = Record<string, unknown> & { do_not_contact?: true };

export type Created = { kind: 'created'; contact: DialerContact } | { kind: 'duplicate'; ids: number[] };

export interface CallTools {
  /**
   * Rows that a filter by phone returned (at most 5) and how many it claims there are; null where CallTools refuses the query.
   * The filter may be ignored and rows may lack their phones (facts 2 and 3.3 [SEEN+]): check each.
   */
  findByPhone(e164: string, resource: PhoneResource): Promise<{ rows: DialerContact[]; count: number } | null>;
  get(id: number): Promise<DialerContact | null>;
  create(body: ContactBody): Promise<Created>;
  /** The contact after the change, or null when CallTools does not know the id. */
  update(id: number, body: ContactBody): Promise<DialerContact | null>;
  /** Ids of the buckets that hold this contact, from the link rows: the truth about membership (facts 4 [SEEN+]). */
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
}

/** Wait when throttled without a Retry-After; no limit is published (facts 8 [?]). */
const THROTTLE_MS = 10_000;
/** Cap of a page is 250 (facts 2 [DOC]); `next` is followed anyway. */
const PAGE_SIZE = 100;
/** Pages followed before a list counts as endless. */
const MAX_PAGES = 100;

export function createCallTools({ baseUrl, token, timeoutMs, notAfter, world, guard }: Options): CallTools {
  const http = guard(
    createHttp({
      vendor: 'calltools',
      baseUrl: baseUrl.endsWith('/api') ? baseUrl : `${baseUrl}/api`,
      headers: { authorization: `Token ${token}`, accept: 'application/json' },
      timeoutMs,
      notAfter,
      world,
      throttleMs: () => THROTTLE_MS,
    }),
  );

  /** All rows of a list. Follows `next` by its query only: its host may be one that we cannot reach. */
  async function list(path: string, filter = ''): Promise<unknown[]> {
    const rows: unknown[] = [];
    let query: string | null = `?${filter}page_size=${PAGE_SIZE}`;
    for (let page = 0; query !== null && page < MAX_PAGES; page++) {
      const { results, next }: v.InferOutput<typeof Page> = read(
        Page,
        await http.call({ method: 'GET', path: `${path}${query}` }),
      );
      rows.push(...results);
      query = next ? new URL(next, 'http://next').search : null;
    }
    return rows;
  }

  return {
    async findByPhone(e164, resource) {
      const path = `/${resource}/?phone_number=${encodeURIComponent(e164)}&page_size=5`;
      const answer = await http.call({ method: 'GET', path });
      if (answer.status === 400 || answer.status === 404) return null;
      const { count, results } = read(Page, answer);
      return {
        rows: results.slice(0, 5).flatMap(resource === 'contacts' ? contactRow : phoneRow),
        count: count ?? results.length,
      };
    },

    async get(id) {
      const answer = await http.call({ method: 'GET', path: `/contacts/${id}/` });
      return answer.status === 404 ? null : contactOf(answer);
    },

    async create(body) {
      const answer = await http.call({ method: 'POST', path: '/contacts/', body });
      const duplicate = v.safeParse(Duplicate, answer.json);
      if (answer.status < 300 && duplicate.success)
        return { kind: 'duplicate', ids: duplicate.output.duplicate_contacts };
      return { kind: 'created', contact: contactOf(answer) };
    },

    async update(id, body) {
      const answer = await http.call({ method: 'PATCH', path: `/contacts/${id}/`, body });
      return answer.status === 404 ? null : contactOf(answer);
    },

    async bucketsOf(id) {
      return (await list('/contactbuckets/', `contact_id=${id}&`)).flatMap((row) => {
        const link = v.safeParse(Link, row);
        return link.success && link.output.contact === id ? [link.output.bucket] : [];
      });
    },

    async changeBucket(bucketId, change) {
      const answer = await http.call({ method: 'PATCH', path: `/buckets/${bucketId}/`, body: change });
      if (answer.status === 404) fail({ kind: 'stale_labels', error: `CallTools has no bucket ${bucketId}` });
      refuseErrors(answer);
    },

    async labels(kind) {
      return (await list(LABEL_PATH[kind])).flatMap((row) => {
        const label = v.safeParse(Label, row);
        return label.success ? [label.output] : [];
      });
    },

    async createLabel(kind, name) {
      return read(Label, await http.call({ method: 'POST', path: LABEL_PATH[kind], body: { name } }));
    },

    async probe() {
      await http.call({ method: 'GET', path: '/buckets/?page_size=1' });
    },
  };
}

/** The answer's JSON by schema; an error answer or another shape fails. */
function read<T extends v.GenericSchema>(schema: T, answer: Answer): v.InferOutput<T> {
  refuseErrors(answer);
  const parsed = v.safeParse(schema, answer.json);
  if (parsed.success) return parsed.output;
  return fail({
    kind: 'contact',
    code: 'unexpected_response',
    error: `CallTools answered ${answer.status}: ${answer.excerpt}`,
  });
}

/** 400 and 422 carry field errors; a complaint about bucket or tag ids means that ours are out of date. */
function refuseErrors({ status, json, excerpt }: Answer): void {
  if (status < 300) return;
  const error = `CallTools answered ${status}: ${excerpt}`;
  if (status === 404) fail({ kind: 'setup', vendor: 'calltools', error: `${error} (wrong CALLTOOLS_BASE_URL?)` });
  if (status === 409 || typeof json !== 'object' || json === null)
    fail({ kind: 'transient', vendor: 'calltools', error });
  if (Object.keys(json).some((field) => /^(add|remove)_(buckets|tags)$/.test(field)))
    fail({ kind: 'stale_labels', error });
  fail({ kind: 'contact', code: 'rejected', error });
}

function contactOf(answer: Answer): DialerContact {
  return toDialerContact(read(Contact, answer));
}

function contactRow(row: unknown): DialerContact[] {
  const parsed = v.safeParse(Contact, row);
  return parsed.success ? [toDialerContact(parsed.output)] : [];
}

/** A row of /phonenumbers/ names its contact by id (facts 3.3 [SEEN]); the rest is not known from it. */
function phoneRow(row: unknown): DialerContact[] {
  const parsed = v.safeParse(v.object({ contact: v.number(), phone_number: v.string() }), row);
  if (!parsed.success) return [];
  const { contact, phone_number } = parsed.output;
  return [
    { id: contact, doNotContact: null, buckets: null, tags: null, dialable: [phone_number], phones: [phone_number] },
  ];
}

function toDialerContact(row: v.InferOutput<typeof Contact>): DialerContact {
  const dialable = row._phone_numbers ?? null;
  const inFields = Object.entries(row).flatMap(([name, value]) =>
    /phone/.test(name) && typeof value === 'string' && value ? [value] : [],
  );
  return {
    id: row.id,
    doNotContact: row.do_not_contact ?? null,
    buckets: row.buckets ?? null,
    tags: row.tags ?? null,
    dialable,
    phones: [...(dialable ?? []), ...inFields],
  };
}
