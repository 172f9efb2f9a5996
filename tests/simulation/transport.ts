// The way from a worker to a vendor and back: it takes time, loses things, and the worker stops waiting at its deadline.

import { connectionBroken, html, json, retryAfter } from '../../sandbox/answers.ts';
import type { Clock } from '../../sandbox/virtual-clock.ts';
import { writesToCrm } from './crm.ts';
import type { Faults, Mode, Target } from './faults.ts';
import { ALERTS_URL } from './fields.ts';
import type { Handle } from './forms.ts';
import type { Interaction, Isolate } from './isolates.ts';
import { personalIn, personalInSent, quoting } from './quotes.ts';
import type { Rng } from './rng.ts';

/** Base URLs that the workers are given. */
export const GHL_URL = 'https://ghl.test';
export const CALLTOOLS_URL = 'https://calltools.test';

interface Options {
  clock: Clock;
  rng: Rng;
  faults: Faults;
  gohighlevel: Handle;
  calltools: Handle;
  /** Hears every alert. */
  alerted(text: string): void;
}

export interface Transport {
  /** A write that its caller has given up is taking effect. */
  readonly lately: boolean;
  /** A stand-in for AbortSignal.timeout: only `fetchFrom` hears of its end; a queue here never hangs. */
  deadline(ms: number): AbortSignal;
  fetchFrom(isolate: Isolate): (url: string, init: RequestInit) => Promise<Response>;
}

/** A vendor never hears that its caller has given up. */
const DEAF = { aborted: false, addEventListener() {} };
const SLOW_MS = 9000;
const LATE_MS = 45_000;

export function createTransport({ clock, rng, faults, gohighlevel, calltools, alerted }: Options): Transport {
  function latency(mode: Mode | null, left: number): { there: number; back: number } {
    const there = rng.int(1, 60);
    if (mode === 'late') return { there: left + rng.int(100, LATE_MS), back: 1 };
    if (mode === 'slow') return { there: Math.min(rng.int(100, SLOW_MS), left - 1), back: rng.int(1, 4000) };
    return { there: Math.min(there, left - 1), back: rng.int(1, 60) };
  }

  let lately = false;
  let quotes = 0;
  /** Marks the moment at which a late write takes effect. */
  async function marked(answer: () => Promise<Response>): Promise<Response> {
    lately = true;
    try {
      return await answer();
    } finally {
      lately = false;
    }
  }

  return {
    get lately() {
      return lately;
    },
    deadline: (ms) => ({ due: clock.now + ms, addEventListener() {} }) as unknown as AbortSignal,
    fetchFrom: (isolate) => async (url, init) => {
      if (url === ALERTS_URL) {
        alerted(String(init.body));
        return new Response('ok');
      }
      const left = (init.signal as unknown as { due: number }).due - clock.now;
      const mode = faults.meet(targetsOf(url, init));
      const handle = url.startsWith(GHL_URL) ? gohighlevel : calltools;
      const refused = faults.refusal(url, init.body);
      const answer = () =>
        refused === null
          ? exchange(mode, url, init, handle, clock.now, () => quotes++)
          : Promise.resolve(refusal(refused.status, refused.field));
      const act = mode === 'late' ? () => marked(answer) : answer;
      const work = isolate.interact(kindOf(url, init), act, latency(mode, left));
      return within(work, left, clock, isolate);
    },
  };
}

function targetsOf(url: string, { method }: RequestInit): Target[] {
  const vendor = url.startsWith(GHL_URL) ? 'gohighlevel' : 'calltools';
  if (/\/customFields\?|\/users\//.test(url)) return [vendor, 'lists'];
  if (/\/(historical)?calldispositions\//.test(url))
    return [vendor, url.includes('historical') ? 'record' : 'dispositions'];
  if (url.startsWith(GHL_URL) && writesToCrm(url, method)) return [vendor, 'ghl-write'];
  if (url.startsWith(GHL_URL)) return method === 'GET' ? ['gohighlevel', 'ghl-contact'] : ['gohighlevel'];
  const write = method !== 'GET' && /\/api\/(contacts|buckets\/\d)/.test(url);
  const targets: Target[] = write ? ['calltools', 'write'] : ['calltools'];
  return /\/contacts\/\d+\/$/.test(url) ? [...targets, 'calltools-contact'] : targets;
}

function kindOf(url: string, init: RequestInit): Interaction {
  const targets = targetsOf(url, init);
  if (targets.includes('ghl-write')) return 'ghl-write';
  return targets.includes('write') ? 'write' : 'call';
}

/** Whom the call is about: what was sent of them, or what the vendor knows. */
async function personalOf(
  url: string,
  { method, body }: RequestInit,
  pass: () => Promise<Response>,
): Promise<string[]> {
  const isRead = method === 'GET' || url.endsWith('/search');
  return isRead ? personalIn(await (await pass()).text()) : personalInSent(String(body));
}

/** What the vendor, or something on the way to it, makes of the request. */
async function exchange(
  mode: Mode | null,
  url: string,
  init: RequestInit,
  handle: Handle,
  now: number,
  nth: () => number,
): Promise<Response> {
  const pass = (body = init.body) => handle(requestOf(url, { ...init, body: body ?? null }));
  const throttled = (form: 'seconds' | 'date' | 'none') =>
    json(429, { detail: 'Request was throttled.' }, retryAfter(form, 7, now));
  switch (mode) {
    case 'hang':
      return new Promise(() => {});
    case 'silent':
      await pass();
      return new Promise(() => {});
    case 'reset':
      throw connectionBroken();
    case 'reset-after':
      await pass();
      throw connectionBroken();
    case 'html500':
      return html(500, 'Server Error (500)');
    case 'html500-after':
      await pass();
      return html(500, 'Server Error (500)');
    case 'unavailable':
      return html(503, 'Service Unavailable');
    case 'quotes':
      return json(503, quoting(await personalOf(url, init, pass), nth()));
    case 'throttle':
      return throttled('seconds');
    case 'throttle-date':
      return throttled('date');
    case 'throttle-bare':
      return throttled('none');
    case 'not-json':
      return html(200, 'Sign in');
    case 'nonsense-after':
      await pass();
      return json(200, { detail: 'Service temporarily unavailable' });
    case 'nonsense':
      return json(200, { detail: 'Service temporarily unavailable' });
    case 'empty':
      return new Response('', { status: 200 });
    case 'odd-missing':
      return refusal(4040);
    case 'other-contact':
      return json(200, { contact: { id: 'somebodyElse00000001', tags: ['cold lead'], phone: '+13055550199' } });
    case 'odd-rows': {
      const rows = [null, 'row', { id: 7, name: [] }, { id: null }];
      return json(200, { customFields: rows, users: rows, results: rows, count: rows.length, next: null });
    }
    case 'unauthorized':
      return json(401, { detail: 'Invalid token.' });
    case 'forbidden':
      return json(403, { detail: 'You do not have permission to perform this action.' });
    case 'no-scope':
      return json(401, { statusCode: 401, message: 'The token is not authorized for this scope.' });
    case 'login':
      return new Response(null, { status: 302, headers: { location: '/login/' } });
    case 'wrong-host':
      return html(530, 'error code: 1016');
    case 'drop-phone':
      return pass(without(init.body, /phone/));
    case 'drop-bucket':
      return pass(without(init.body, /_buckets$/));
    case 'drop-dnc':
      return pass(without(init.body, /^do_not_contact$/));
    default:
      return pass();
  }
}

/** 4040 stands for a 404 that does not say what is missing. `field`: the one that the answer complains about. */
function refusal(status: number, field?: string): Response {
  if (field !== undefined) return json(status, { [field]: ['This value is not accepted.'] });
  if (status === 4040) return json(404, { message: 'Resource not found. Please contact support.' });
  if (status === 302) return new Response(null, { status, headers: { location: '/login/' } });
  return json(status, { message: 'The token does not have access to this location.', detail: 'Not allowed.' });
}

function without(body: RequestInit['body'], name: RegExp): string | null {
  if (typeof body !== 'string') return null;
  const entries = Object.entries(JSON.parse(body) as Record<string, unknown>);
  return JSON.stringify(Object.fromEntries(entries.filter(([key]) => !name.test(key))));
}

/** As much of a Request as the sandbox looks at: a real one costs more than all else together. */
function requestOf(url: string, { method, headers, body }: RequestInit): Request {
  const text = typeof body === 'string' ? body : '';
  const parts = { url, method: method ?? 'GET', headers: new Headers(headers), text: async () => text, signal: DEAF };
  return parts as unknown as Request;
}

function within<T>(work: Promise<T>, ms: number, clock: Clock, isolate: Isolate): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(ms, () => {
      if (!isolate.dead) reject(Object.assign(new Error('The operation timed out.'), { name: 'TimeoutError' }));
    });
    work.then(
      (result) => {
        cancel();
        resolve(result);
      },
      (error) => {
        cancel();
        reject(error);
      },
    );
  });
}
