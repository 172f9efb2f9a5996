// One call over the real Http, to a vendor that gives one answer.

import * as v from 'valibot';
import type { Failure } from '../../../workers/consumer/domain/failure.ts';
import type { Call } from '../../../workers/consumer/vendors/call.ts';
import { createHttp } from '../../../workers/consumer/vendors/http.ts';
import { failureOf } from '../../support/vendor-harness.ts';
import { VirtualClock, worldOn } from '../../support/virtual-clock.ts';

export const ANY = { about: 'record', shape: v.unknown() } as const;
export const GET: Call = { ...ANY, method: 'GET', path: '/contacts/?phone_number=%2B13055550142' };
/** A page, as a proxy or a server in trouble sends it. */
export const html = (status: number, text: string) =>
  new Response(`<!doctype html><html><head><style>p{}</style><title>${text}</title></head><h1>${text}</h1></html>`, {
    status,
    headers: { 'content-type': 'text/html' },
  });

/** An Http whose vendor gives this one answer. */
export function answering(
  answer: Response | (() => Promise<Response>),
  timeoutMs = 10_000,
  leaseMs = 60_000,
  authorization = 'Token k',
) {
  const clock = new VirtualClock();
  const sent: Request[] = [];
  const http = createHttp({
    vendor: 'calltools',
    baseUrl: 'https://v.test/api',
    headers: { authorization },
    timeoutMs,
    notAfter: clock.at + leaseMs,
    world: worldOn(clock, async (request) => {
      sent.push(request);
      return typeof answer === 'function' ? answer() : answer;
    }),
    throttleMs: (headers) => Number(headers.get('x-wait') ?? 1234),
    meaning: ({ path }, { json }) =>
      path === '/wrong/' ? 'refused' : path === '/odd/' ? 'odd' : json === undefined ? 'transient' : 'answer',
    hint: ({ path }) => (path === '/wrong/' ? 'is it right?' : null),
  });
  return { http, sent, clock };
}

/** The failure that a call with this answer becomes. */
export const failure = (answer: Response | (() => Promise<Response>), call = GET): Promise<Failure> =>
  failureOf(answering(answer).http.call(call));
