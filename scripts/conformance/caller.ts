// Calls of a vendor whose raw answer matters. Each is noted by its shape; a write asks the person first.

import type { World } from '../../workers/consumer/config/env.ts';
import type { Asking } from './asking.ts';
import { Interrupted, NoAnswer, NotTried } from './endings.ts';
import { createShapes, type Shape } from './shape.ts';

export type Vendor = 'gohighlevel' | 'calltools';
export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export const VENDOR_NAMES: Record<Vendor, string> = { gohighlevel: 'GoHighLevel', calltools: 'CallTools' };

/** What a vendor answered. `json` is undefined where it was no JSON. */
export interface Reply {
  status: number;
  ok: boolean;
  json: unknown;
}

/** A call as the report shows it: nothing in it belongs to a person. */
export interface Noted {
  /** `GoHighLevel: GET /contacts/{id}`. */
  call: string;
  status: number;
  shape: Shape;
}

/** Where a vendor is, and how it is spoken to. */
export interface Access {
  baseUrl: string;
  headers: Record<string, string>;
}

/** One call. */
export interface Sent {
  method: Method;
  /** After the base URL, with `{id}` in place of an id: `/contacts/{id}/`. The report shows it like that. */
  path: string;
  id?: string | number;
  /** The report shows its names only. */
  query?: Record<string, string>;
  body?: object;
  /** In place of the key and all others. */
  headers?: Record<string, string>;
  /** In place of JSON. */
  accept?: string;
  /** In place of the vendor's own address. */
  baseUrl?: string;
}

/** Calls both vendors. Each throws NotTried where there is no answer, and Interrupted once it is to end. */
export interface Caller {
  /** A call that changes nothing. */
  read(vendor: Vendor, sent: Sent): Promise<Reply>;
  /** A call that changes something, once the person has agreed to `what` ("Put the test contact into …"). */
  write(vendor: Vendor, what: string, sent: Sent): Promise<Reply>;
  /** Takes away what the conformance test itself has made: agreed to when it was made, and done even when all is to end. */
  remove(vendor: Vendor, sent: Sent): Promise<Reply>;
  /** Waits, and ends at once when it is to end. */
  wait(ms: number): Promise<void>;
  now(): number;
  /** The calls since the last time that this was asked for. */
  noted(): Noted[];
}

interface Options {
  access: Record<Vendor, Access>;
  world: World;
  asking: Asking;
  stop: AbortSignal;
  timeoutMs: number;
}

const MAX_NOTED = 12;
const MAX_THROTTLED = 3;
/** Where a throttle does not say how long: GoHighLevel's burst window (docs/vendors.md, GoHighLevel: rate limits). */
const THROTTLE_MS = 10_000;
const MAX_THROTTLE_MS = 60_000;

/** Calls with these keys. */
export function createCaller({ access, world, asking, stop, timeoutMs }: Options): Caller {
  let calls: Noted[] = [];
  const shapeOf = createShapes();
  const aborted = new Promise<void>((done) => stop.addEventListener('abort', () => done(), { once: true }));

  async function once(vendor: Vendor, { method, body, headers, accept, ...sent }: Sent): Promise<Response> {
    const { baseUrl, headers: usual } = access[vendor];
    const json = body && { body: JSON.stringify(body) };
    const type: Record<string, string> = body ? { 'content-type': 'application/json' } : {};
    const init = {
      method,
      headers: headers ?? { ...usual, ...type, ...(accept && { accept }) },
      redirect: 'manual' as const,
      ...json,
    };
    try {
      return await world.fetch(`${sent.baseUrl ?? baseUrl}${pathOf(sent)}`, {
        ...init,
        signal: world.deadline(timeoutMs),
      });
    } catch {
      throw new NoAnswer(`${VENDOR_NAMES[vendor]} gave no answer.`);
    }
  }

  async function send(vendor: Vendor, sent: Sent, pause: (ms: number) => Promise<void>): Promise<Reply> {
    for (let tries = 1; ; tries++) {
      const response = await once(vendor, sent);
      const json = jsonOf(await response.text().catch(() => ''));
      const { status } = response;
      if (status === 429 && tries < MAX_THROTTLED) {
        await pause(throttleMs(response.headers));
        continue;
      }
      note({ call: `${VENDOR_NAMES[vendor]}: ${sent.method} ${shown(sent)}`, status, shape: shapeOf(json) });
      if (status === 429 || status >= 500) throw new NoAnswer(`${VENDOR_NAMES[vendor]} answered ${status}.`);
      return { status, ok: response.ok, json };
    }
  }

  /** The same call with the same answer is shown once. */
  function note(one: Noted): void {
    const text = JSON.stringify(one);
    if (!calls.some((other) => JSON.stringify(other) === text)) calls = [...calls, one].slice(-MAX_NOTED);
  }

  function goOn(): void {
    if (stop.aborted) throw new Interrupted();
  }

  async function wait(ms: number): Promise<void> {
    goOn();
    await Promise.race([world.wait(ms), aborted]);
    goOn();
  }

  return {
    async read(vendor, sent) {
      goOn();
      return send(vendor, sent, wait);
    },

    async write(vendor, what, sent) {
      goOn();
      const refusal = await asking.mayWrite(`${VENDOR_NAMES[vendor]}: ${what}`);
      if (refusal !== null) throw new NotTried(refusal);
      goOn();
      return send(vendor, sent, wait);
    },

    remove: (vendor, sent) => send(vendor, sent, world.wait),

    wait,

    now: world.now,

    noted() {
      const noted = calls;
      calls = [];
      return noted;
    },
  };
}

function throttleMs(headers: Headers): number {
  const seconds = Number(headers.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds * 1000, MAX_THROTTLE_MS) : THROTTLE_MS;
}

function pathOf({ path, id = '', query }: Omit<Sent, 'method'>): string {
  const filled = path.replace('{id}', encodeURIComponent(id));
  return query === undefined ? filled : `${filled}?${new URLSearchParams(query)}`;
}

/** Without ids and values. */
function shown({ path, query = {} }: Sent): string {
  const names = Object.keys(query).map((name) => `${name}=…`);
  return names.length === 0 ? path : `${path}?${names.join('&')}`;
}

function jsonOf(text: string): unknown {
  try {
    return text === '' ? null : JSON.parse(text);
  } catch {
    return undefined;
  }
}
