// One HTTP call to a vendor: bounded in time, read as text, and every bad answer turned into a Failure.

import type { World } from './env.ts';
import { fail, type Vendor } from './failure.ts';
import { retryAfterMs } from './retry.ts';
import { createPeople, type People, quoted } from './vendor-text.ts';

export interface Call {
  method: 'GET' | 'POST' | 'PATCH';
  /** Path and query, after the base URL. */
  path: string;
  body?: unknown;
  /** The account may lack this resource, or the right to it: 403, 404 and 405 are answers like any other. */
  optional?: true;
  /** The body describes a person: nothing of it is quoted. */
  personal?: true;
}

/** An answer that the caller understands: 2xx with JSON (or nothing), 400, 404, 409, 413 or 422. */
export interface Answer {
  status: number;
  /** Parsed body; undefined where there was none or (on errors) it was not JSON. */
  json: unknown;
  /** At most 300 characters on what the body says, free of personal data: see vendor-text.ts. */
  excerpt: string;
  headers: Headers;
}

export interface Http {
  call(call: Call): Promise<Answer>;
}

interface HttpOptions {
  vendor: Vendor;
  baseUrl: string;
  headers: Record<string, string>;
  timeoutMs: number;
  /** Epoch ms after which no call may still be running: the lease would be over. */
  notAfter: number;
  world: World;
  /** Wait when throttled without a word on how long, ms. */
  throttleMs(headers: Headers): number;
  /** What is wrong with our set-up, where a 400 or 404 says so instead of speaking of the record; else null. */
  setupHint(call: Call, answer: Answer): string | null;
  /** Whom both vendors have told us of in this batch; absent = only this one. */
  people?: People | undefined;
}

/** Answers that say something about this one record, for the caller to judge. */
const ABOUT_THE_RECORD = new Set([400, 404, 409, 413, 422]);
/** Answers that mean that the account lacks a resource, or the right to it. */
const REFUSALS = new Set([403, 404, 405]);
/** Resources whose answers describe people. */
const OF_PEOPLE = /contact|phone/i;
/** Room for a page of 500 contacts of 20 KB each; an isolate has 128 MB for all that it does. */
const MAX_ANSWER_MB = 10;
/** Less time than this is not worth starting a call. */
const MIN_CALL_MS = 250;

/** An Http bound to one vendor. Its calls throw VendorError for whatever is not an Answer. */
export function createHttp({
  vendor,
  baseUrl,
  headers,
  timeoutMs,
  notAfter,
  world,
  throttleMs,
  setupHint,
  people = createPeople(),
}: HttpOptions): Http {
  people.note({ key: headers.authorization?.split(' ')[1] });
  const connect: NonNullable<World['connect']> = world.connect ?? ((call) => call());

  async function exchange({ method, path, body }: Call) {
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
    const unanswered = method === 'GET' ? {} : { unanswered: true as const };
    return fail({ kind: 'transient', vendor, error: `${method} ${shown(path)}: ${why}`, ...unanswered });
  }

  function understood(call: Call, { status, ok, headers }: Response, text: string): Answer {
    const json = parseJson(text);
    if (call.personal) people.note(call.body);
    if (ok && OF_PEOPLE.test(call.path)) people.note(json);
    return { status, json, excerpt: quoted({ status, text, json, call, people }), headers };
  }

  return {
    async call(call) {
      const { response, text } = await connect(() => exchange(call));
      const { status, headers } = response;
      const answer = understood(call, response, text);
      const error = `${call.method} ${shown(call.path)}: ${status} ${answer.excerpt}`.trim();

      if (status === 429 || isRatePage(status, text)) {
        const wait = retryAfterMs(headers.get('retry-after'), world.now(), throttleMs(headers));
        fail({ kind: 'throttled', vendor, retryAfterMs: wait, error });
      }
      if (call.optional && REFUSALS.has(status)) return answer;
      if (isSetupTrouble(status, text)) fail({ kind: 'setup', vendor, error });
      if (response.ok && text.trim() !== '' && answer.json === undefined)
        fail({ kind: 'transient', vendor, error: `${error} (not JSON)` });
      if (!response.ok && !ABOUT_THE_RECORD.has(status)) fail({ kind: 'transient', vendor, error });
      const hint = status === 400 || status === 404 ? setupHint(call, answer) : null;
      if (hint !== null) fail({ kind: 'setup', vendor, error: `${error} (${hint})` });
      return answer;
    },
  };
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

/** Wrong key, wrong role, wrong host, or sent to a login page (facts/calltools.md 9.4). */
function isSetupTrouble(status: number, text: string): boolean {
  if (status < 300) return false;
  if (status < 400 || status === 401 || status === 403 || status === 405 || status === 406) return true;
  return status === 530 || /error code: 10(0[01]|1[46]|33)\b/.test(text.slice(0, 500));
}

/** Cloudflare's own rate-limit page, error 1015 (facts/calltools.md 8 [INF]). */
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
