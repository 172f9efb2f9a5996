// One HTTP call to a vendor: bounded in time, read as text, and every bad answer turned into a Failure.

import * as v from 'valibot';
import type { World } from '../config/env.ts';
import { fail, type Vendor } from '../domain/failure.ts';
import { retryAfterMs } from '../domain/retry.ts';
import type { Call, Request } from './call.ts';
import { createPeople, type People, quoted } from './text.ts';

interface Told {
  status: number;
  /** At most 300 characters on what the body says, free of personal data: see text.ts. */
  readonly excerpt: string;
  headers: Headers;
}

/** An answer that the caller understands: a 2xx of the right shape, or an error that says something about the record. */
export type Answer<T = unknown> = Told & ({ ok: true; data: T } | NotOk);
/** `json` is undefined where the body was not JSON. */
type NotOk = { ok: false; json: unknown };
/** An answer other than a 2xx. */
export type ErrorAnswer = Told & NotOk;

/** Calls one vendor. Throws VendorError where there is no answer, or none that can be used. */
export interface Http {
  call<T>(call: Call<T>): Promise<Answer<T>>;
}

/** What a 400, 404, 409, 410 or 422 means. `odd`: it says nothing certain about the record. `transient`: nothing at all. */
export type Meaning = 'answer' | 'refused' | 'odd' | 'transient';

interface HttpOptions {
  vendor: Vendor;
  baseUrl: string;
  headers: Record<string, string>;
  timeoutMs: number;
  /** Epoch ms after which no call may still be running: the lease would be over. */
  notAfter: number;
  world: World;
  /** Wait when throttled without a Retry-After, ms. */
  throttleMs(headers: Headers): number;
  /** What a 400, 404, 409, 410 or 422 of this vendor means. */
  meaning(call: Request, error: ErrorAnswer): Meaning;
  /** The setting that may be wrong where a call is refused so; else null. */
  hint(call: Request, error: ErrorAnswer): string | null;
  /** The people that both vendors have told us of in this batch; absent = only this vendor. */
  people?: People | undefined;
}

/** Statuses by which vendors speak of the record, or do not: the body tells. */
const BODY_TELLS = new Set([400, 404, 409, 410, 422]);
/** Of the 4xx these two ask for another try (docs/vendors.md, CallTools: errors). */
const PASSING = new Set([408, 425]);
/** The vendor failed, or a gateway or Cloudflare had no usable answer from it: it may have carried the call out. With a 503 it has not. */
const NO_WORD = new Set([500, 502, 504, 520, 524]);
const UNANSWERED = { unanswered: true } as const;
/** Resources whose answers describe people. */
const OF_PEOPLE = /contact|phone|user|opportunities\/search/i;
/** Room for a page of 500 contacts of 20 KB each; an isolate has 128 MB for all that it does. */
const MAX_ANSWER_MB = 10;
/** Less time than this is not worth starting a call. */
const MIN_CALL_MS = 250;

/** An Http bound to one vendor. Its calls throw VendorError for everything that is not an Answer. */
export function createHttp(options: HttpOptions): Http {
  const { vendor, headers, world, throttleMs, people = createPeople() } = options;
  // As one word: a key may hold words, such as "token", that are harmless alone.
  people.note({ key: headers.authorization?.split(' ')[1]?.replace(/[^\p{L}\p{N}]/gu, '') });
  const connect: NonNullable<World['connect']> = world.connect ?? ((call) => call());
  return {
    async call(call) {
      const { response, text } = await connect(() => exchange(call, options));
      const { status, headers } = response;
      const json = parseJson(text);
      // Whatever the fields are called: names that an account makes may look like those of ids.
      if (call.personal) people.note(Object.values(Object(call.body)));
      if (response.ok && OF_PEOPLE.test(call.path)) people.note(json, text.length);
      // Only where it is asked for: to mask a text costs more than all else that is done with an answer.
      const excerpt = () => quoted({ status, text, json, call, people });
      const error = () => `${call.method} ${shown(call.path)}: ${status} ${excerpt()}`.trim();

      if (status === 429 || isRatePage(status, text)) {
        const wait = retryAfterMs(headers.get('retry-after'), world.now(), throttleMs(headers));
        fail({ kind: 'throttled', vendor, retryAfterMs: wait, error: error() });
      }
      if (response.ok) {
        const data = dataOf(call, { vendor, text, json, error });
        return {
          status,
          headers,
          ok: true,
          data,
          get excerpt() {
            return excerpt();
          },
        };
      }
      if (isNoHost(status, text)) fail({ kind: 'setup', vendor, error: error() });
      return errorOf(call, { status, headers, ok: false, json, excerpt: excerpt() }, error(), options);
    },
  };
}

/** Sends the call and reads the answer as text. Fails where there is none in time. */
async function exchange(
  { method, path, body }: Request,
  { vendor, baseUrl, headers, timeoutMs, notAfter, world }: HttpOptions,
): Promise<{ response: Response; text: string }> {
  const left = notAfter - world.now();
  if (left < MIN_CALL_MS) fail({ kind: 'busy', error: 'no time left under the lease' });
  const ms = Math.min(timeoutMs, left);
  let why: string;
  try {
    const response = await world.fetch(`${baseUrl}${path}`, {
      method,
      headers: body === undefined ? headers : { ...headers, 'content-type': 'application/json' },
      body: body === undefined ? null : JSON.stringify(body),
      redirect: 'manual',
      signal: world.deadline(ms),
    });
    const text = await textOf(response);
    if (text !== null) return { response, text };
    why = `the answer has more than ${MAX_ANSWER_MB} MB`;
  } catch (error) {
    const name = error instanceof Error ? error.name : '';
    why = name === 'TimeoutError' || name === 'AbortError' ? `no answer within ${ms} ms` : 'the connection failed';
  }
  const error = `${method} ${shown(path)}: ${why}`;
  return fail({ kind: 'transient', vendor, error, ...(method !== 'GET' && UNANSWERED) });
}

interface Body {
  vendor: Vendor;
  text: string;
  /** Undefined where the text is no JSON. */
  json: unknown;
  /** The call, its status and what may be quoted. */
  error(): string;
}

/** The data of a 2xx. An answer of another shape is the vendor's trouble, and no success. */
function dataOf<T>(call: Call<T>, { vendor, text, json, error }: Body): T {
  if (text.trim() !== '' && json === undefined)
    fail({ kind: 'transient', vendor, error: `${error()} (not JSON)`, ...(call.once && UNANSWERED) });
  const parsed = v.safeParse(call.shape, json);
  if (!parsed.success) {
    // Such an answer may hold a whole contact: say where it is odd, not what it says.
    const at = text.trim() === '' ? 'it is empty' : `at ${v.getDotPath(parsed.issues[0]) ?? 'its start'}`;
    const why = `${error()} is of no known form (${at})`;
    return fail({ kind: 'transient', vendor, error: why, ...(call.once && UNANSWERED) });
  }
  const amiss = call.amiss?.(parsed.output) ?? null;
  if (amiss !== null) fail({ kind: 'refused', vendor, sign: 'odd', path: call.path, error: `${error()}: ${amiss}` });
  return parsed.output;
}

/** An error answer that the caller can read. Fails with what it means where it is another one. */
function errorOf(call: Request, answer: ErrorAnswer, error: string, options: HttpOptions): ErrorAnswer {
  const { vendor, hint } = options;
  const means = meaningOf(call, answer, options);
  if (means === 'transient') {
    const isOpen = call.once && NO_WORD.has(answer.status);
    fail({ kind: 'transient', vendor, error, ...(isOpen && UNANSWERED) });
  }
  if (means === 'answer' || call.optional) return answer;
  const advice = hint(call, answer);
  const refused = { kind: 'refused', vendor, error: advice === null ? error : `${error} (${advice})` } as const;
  if (call.about === 'list') return fail({ ...refused, sign: 'list' });
  return fail(means === 'odd' ? { ...refused, sign: 'odd', path: call.path } : { ...refused, sign: 'record' });
}

function meaningOf(call: Request, answer: ErrorAnswer, { meaning }: HttpOptions): Meaning {
  const { status } = answer;
  if (status < 300 || status >= 500 || PASSING.has(status)) return 'transient';
  return BODY_TELLS.has(status) ? meaning(call, answer) : 'refused';
}

/** The whole body, or null as soon as there is more of it than we can hold: it may have no end. */
async function textOf({ body }: Response): Promise<string | null> {
  if (body === null) return '';
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    size += value.length;
    if (size > MAX_ANSWER_MB * 1_000_000) {
      reader.cancel().catch(() => {});
      return null;
    }
    text += decoder.decode(value, { stream: true });
  }
}

/** Cloudflare's word that there is no such host: the base URL is wrong (docs/vendors.md, CallTools: errors). */
function isNoHost(status: number, text: string): boolean {
  return status === 530 || /error code: 10(0[01]|1[46]|33)\b/.test(text.slice(0, 500));
}

/** Cloudflare's own rate-limit page, error 1015 (docs/vendors.md, CallTools: errors). */
function isRatePage(status: number, text: string): boolean {
  return status >= 400 && /\berror(?: code:?)? 1015\b/i.test(text.slice(0, 2000));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The path without its query: queries hold phone numbers. */
function shown(path: string): string {
  return path.replace(/\?.*/, '');
}
