// The way into a vendor: notes the call, plays the planned fault, keeps the rate limit, then lets the vendor answer.

import { connectionBroken, hang, html, json, retryAfter } from './answers.ts';
import type { Call, CallLog } from './call-log.ts';
import type { Fault, Faults, RateLimit, RetryAfterForm } from './faults.ts';
import type { World } from './world.ts';

/** A request as the vendor's routes see it. */
export interface Visit {
  method: string;
  /** Below the base path, e.g. `/api/contacts/`. */
  path: string;
  url: URL;
  headers: Headers;
  /** The body as text; empty when there was none. */
  text: string;
}

interface Options extends World {
  /** Splits a pathname into the server's base path and the vendor's own path. */
  root: RegExp;
  faults: Faults;
  calls: CallLog;
  throttleBody(seconds: number): unknown;
  /** Counts the call against the vendor's limit. */
  admit(): { waitMs: number; headers: Record<string, string>; limit: RateLimit | null };
  answer(visit: Visit): Response;
}

/** A vendor as one function from request to response. */
export function createFrontDoor(options: Options): (request: Request) => Promise<Response> {
  const { root, faults, calls, throttleBody, admit, answer, now, wait } = options;

  function throttled(seconds: number, form: RetryAfterForm, headers: Record<string, string>): Response {
    return json(429, throttleBody(seconds), { ...headers, ...retryAfter(form, seconds, now()) });
  }

  /** Applies the request: from here on all is synchronous, so that requests never interleave within the vendor. */
  function serve(visit: Visit): Response {
    const { waitMs, headers, limit } = admit();
    if (waitMs > 0) return throttled(Math.ceil(waitMs / 1000), limit?.retryAfter ?? 'none', headers);
    const response = answer(visit);
    for (const [name, value] of Object.entries(headers)) response.headers.set(name, value);
    return response;
  }

  async function play(fault: Fault | undefined, visit: Visit, signal: AbortSignal): Promise<Response> {
    if (!fault) return serve(visit);
    switch (fault.kind) {
      case 'latency':
        await wait(fault.ms);
        return serve(visit);
      case 'after-reset':
        serve(visit);
        throw connectionBroken();
      case 'reset':
        throw connectionBroken();
      case 'hang':
        return hang(signal);
      case 'throttle':
        return throttled(fault.seconds, fault.retryAfter ?? 'seconds', admit().headers);
      default:
        return page(fault, visit);
    }
  }

  async function meet(request: Request, visit: Visit, call: Call): Promise<Response> {
    const fault = faults.meet({ ...visit, query: visit.url.search });
    if (fault) call.fault = fault.kind;
    if (faults.latency > 0) await wait(faults.latency);
    return play(fault, visit, request.signal);
  }

  return async (request) => {
    const url = new URL(request.url);
    const path = root.exec(url.pathname)?.[1] ?? url.pathname;
    const { method, headers } = request;
    const call = calls.begin({ method, path, query: url.search, at: now() });
    const visit = { method, path, url, headers, text: await request.text() };
    const work = meet(request, visit, call);
    // A caller that gives up does not stop the vendor: the request may still be applied.
    const response = await Promise.race([work, hang(request.signal)]);
    call.status = response.status;
    return response;
  };
}

type Page = Extract<Fault, { kind: 'status' | 'html500' | 'login-redirect' | 'not-json' | 'nonsense' }>;

function page(fault: Page, { path }: Visit): Response {
  switch (fault.kind) {
    case 'html500':
      return html(500, 'Server Error (500)');
    case 'login-redirect':
      return new Response(null, { status: 302, headers: { location: `/login/?next=${encodeURIComponent(path)}` } });
    case 'not-json':
      return html(200, 'Sign in');
    case 'nonsense':
      return json(200, { detail: 'Service temporarily unavailable' });
    case 'status': {
      const { status, body, headers } = fault;
      if (fault.html) return html(status, typeof body === 'string' ? body : `Error ${status}`, headers);
      if (body === undefined) return new Response(null, { status, headers: headers ?? {} });
      if (typeof body === 'string')
        return new Response(body, { status, headers: { 'content-type': 'text/plain', ...headers } });
      return json(status, body, headers);
    }
  }
}
