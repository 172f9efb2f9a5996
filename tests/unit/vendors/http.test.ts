// One call to a vendor: every answer is either understood or becomes the failure that it is, within its time.

import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import type { Fault } from '../../../sandbox/faults.ts';
import { listen } from '../../../sandbox/server/node-http.ts';
import { REAL_WORLD } from '../../../workers/consumer/config/env.ts';
import type { Failure } from '../../../workers/consumer/domain/failure.ts';
import type { Call } from '../../../workers/consumer/vendors/call.ts';
import { createHttp } from '../../../workers/consumer/vendors/http.ts';
import { callToolsStage, failureOf, jsonAnswer } from '../../support/vendor-harness.ts';
import { NOON, VirtualClock, worldOn } from '../../support/virtual-clock.ts';

const ANY = { about: 'record', shape: v.unknown() } as const;
const GET: Call = { ...ANY, method: 'GET', path: '/contacts/?phone_number=%2B13055550142' };
const html = (status: number, text: string) =>
  new Response(`<!doctype html><html><head><style>p{}</style><title>${text}</title></head><h1>${text}</h1></html>`, {
    status,
    headers: { 'content-type': 'text/html' },
  });

/** An Http whose vendor gives this one answer. */
function answering(
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
const failure = (answer: Response | (() => Promise<Response>), call = GET): Promise<Failure> =>
  failureOf(answering(answer).http.call(call));

describe('a request', () => {
  test('a body goes out as JSON, with the headers given, and redirects are not followed', async () => {
    const { http, sent } = answering(jsonAnswer(200, { id: 1 }));
    await http.call({ ...ANY, method: 'POST', path: '/contacts/', body: { a: [1] } });
    const [request] = sent;
    expect([request?.method, request?.url, request?.redirect]).toEqual([
      'POST',
      'https://v.test/api/contacts/',
      'manual',
    ]);
    expect(request?.headers.get('content-type')).toBe('application/json');
    expect(request?.headers.get('authorization')).toBe('Token k');
    expect(await request?.json()).toEqual({ a: [1] });
  });

  test('without a body there is no content type', async () => {
    const { http, sent } = answering(jsonAnswer(200, {}));
    await http.call(GET);
    expect(sent[0]?.headers.has('content-type')).toBe(false);
  });
});

describe('an answer that the caller understands', () => {
  test.each([200, 201])('%i comes back with its data', async (status) => {
    expect(await answering(jsonAnswer(status, { a: 1 })).http.call(GET)).toMatchObject({
      ok: true,
      status,
      data: { a: 1 },
    });
  });

  test.each([400, 404, 409, 422])('%i comes back with its JSON where that speaks of the record', async (status) => {
    expect(await answering(jsonAnswer(status, { a: 1 })).http.call(GET)).toMatchObject({
      ok: false,
      status,
      json: { a: 1 },
    });
  });

  test('a 2xx without a body is an answer where the call may be answered so', async () => {
    const call: Call = { ...GET, shape: v.optional(v.object({ id: v.number() })) };
    expect(await answering(new Response(null, { status: 204 })).http.call(call)).toMatchObject({ data: undefined });
  });

  test('the excerpt is one short line, free of markup and personal data', async () => {
    const body = `<style>x{}</style><p>dana@example.com\n\n +1 305 555 0142</p>${'long '.repeat(200)}`;
    const { excerpt } = await answering(new Response(body, { status: 403 })).http.call({ ...GET, optional: true });
    expect(excerpt.startsWith('[email] [phone] long long')).toBe(true);
    expect(excerpt.length).toBeLessThanOrEqual(80);
  });

  test.each([
    ['"Dana" is not a valid choice', '"[value]" is not a valid choice'],
    ['dana at example is a invalid email address', '[value] is a invalid email address'],
    [
      "O'Brien (Jr.) is wrong, FL too, but no FLAG and no _FL",
      '[value] ([value].) is wrong, [value] too, but no FLAG and no [value]',
    ],
    ['\\u00c5sa and Åsa "\\"Ace\\" Lee"', '[value] and [value]"'],
    ['"Ace" Lee, not \\"Åce\\" Ö', '"[value], not "[value]'],
    ['no Dana Street here', 'no [value] here'],
    ['(305) 555-0142 or +13055550142 for dana@example.com', '[phone] or [phone] for [email]'],
  ])('what was sent of a person is masked where the answer repeats it: %s', async (text, masked) => {
    const names = {
      first_name: 'Dana',
      last_name: "O'Brien (Jr.)",
      other: 'dana at example',
      state: 'FL',
      add_buckets: [1],
    };
    const reach = { mobile_phone_number: '+13055550142', email: 'dana@example.com' };
    const body = {
      ...names,
      ...reach,
      city: 'Åsa',
      address: '"Ace" Lee',
      zip_code: '',
      county: '"Åce" Ö',
      status: 'Dana Street',
    };
    const call: Call = { ...ANY, method: 'POST', path: '/contacts/', body, personal: true };
    const refused = answering(new Response(text, { status: 403 })).http.call({ ...call, optional: true });
    expect((await refused).excerpt).toBe(masked);
    const failed = await failureOf(answering(new Response(text, { status: 500 })).http.call(call));
    expect(failed.error).toBe(`POST /contacts/: 500 ${masked}`);
  });

  test('what is sent of no person stays readable', async () => {
    const call: Call = { ...ANY, method: 'POST', path: '/buckets/', body: { name: 'Cold Leads' } };
    const { excerpt } = await answering(jsonAnswer(400, { name: ['Cold Leads exists'] })).http.call(call);
    expect(excerpt).toBe('name: Cold Leads exists');
  });

  test.each([302, 401, 403, 404, 405, 406, 410])(
    '%i is an answer where the account may lack the resource, and only there',
    async (status) => {
      const answer = () => new Response(null, { status });
      expect(await answering(answer()).http.call({ ...GET, path: '/wrong/', optional: true })).toMatchObject({
        ok: false,
        status,
      });
      expect(await failure(answer(), { ...GET, path: '/wrong/' })).toMatchObject({ kind: 'refused' });
    },
  );

  test('a key is masked as a whole; words that it is made of are no secret', async () => {
    const texts = ['Wrong token: api-token-2f9c', 'The token does not have access to this location'];
    const excerpts = texts.map(async (message) => {
      const { http } = answering(jsonAnswer(400, { message }), 10_000, 60_000, 'Token api-token-2f9c');
      return (await http.call({ ...GET, path: '/contacts/1/' })).excerpt;
    });
    expect(await Promise.all(excerpts)).toEqual(['Wrong token: [value]', texts[1]]);
  });

  test('what a record says of itself is not taken for the vendor’s error page', async () => {
    const odd = { last_name: 'error code: 1016', note: 'error 1015' };
    expect(await answering(jsonAnswer(200, odd)).http.call(GET)).toMatchObject({ status: 200, data: odd });
  });
});

describe('failures in passing', () => {
  test.each([
    ['an HTML 500', html(500, 'Server Error (500)'), 'GET /contacts/: 500 Server Error (500)'],
    ['a JSON 503', jsonAnswer(503, { detail: 'try later' }), 'GET /contacts/: 503 try later'],
    ['a 408', jsonAnswer(408, {}), 'GET /contacts/: 408 JSON of 2 characters'],
    ['a 425', jsonAnswer(425, {}), 'GET /contacts/: 425 JSON of 2 characters'],
    ['a 520', html(520, 'unknown error'), 'GET /contacts/: 520 unknown error'],
    ['a 2xx that is HTML', html(200, 'Sign in'), 'GET /contacts/: 200 Sign in (not JSON)'],
  ])('%s', async (_, answer, error) => {
    expect(await failure(answer)).toEqual({ kind: 'transient', vendor: 'calltools', error });
  });

  const shape = v.object({ id: v.number() });
  test.each([
    ['{"detail":"Service temporarily unavailable"}', 'at id'],
    ['[]', 'at id'],
    ['null', 'at its start'],
    ['"busy"', 'at its start'],
    ['', 'it is empty'],
    ['  ', 'it is empty'],
  ])('a 2xx without the shape that the call must return: %s', async (text, where) => {
    const failed = await failure(new Response(text), { ...GET, shape });
    expect(failed).toMatchObject({ kind: 'transient', error: expect.stringContaining(`of no known form (${where})`) });
  });

  test.each([400, 422])('a %i that says nothing about the record', async (status) => {
    expect(await failure(html(status, 'Bad Request'))).toMatchObject({ kind: 'transient' });
  });

  test('a broken connection', async () => {
    const broken = async () => Promise.reject(new TypeError('fetch failed for +13055550142'));
    expect(await failure(broken)).toEqual({
      kind: 'transient',
      vendor: 'calltools',
      error: 'GET /contacts/: the connection failed',
    });
  });

  test('a body that breaks off', async () => {
    const cut = new ReadableStream({ pull: (stream) => stream.error(new TypeError('terminated')) });
    expect(await failure(new Response(cut))).toMatchObject({ kind: 'transient' });
  });

  test('no answer in time, and the time is the shorter of the setting and the lease', async () => {
    for (const [leaseMs, waited] of [
      [60_000, 10_000],
      [3000, 3000],
    ] as const) {
      const { clock, ...stage } = callToolsStage({}, { leaseMs });
      stage.vendor.faults.plan({ do: { kind: 'hang' } });
      const failed = await failureOf(stage.client.get(1));
      expect(failed).toMatchObject({ kind: 'transient', error: `GET /contacts/1/: no answer within ${waited} ms` });
      expect(clock.at).toBe(NOON + waited);
    }
  });
});

describe('throttled', () => {
  test.each([
    ['seconds', { 'retry-after': '7' }, 7000],
    ['a date', { 'retry-after': new Date(NOON + 30_000).toUTCString() }, 30_000],
    ['the vendor’s own headers', { 'x-wait': '50' }, 50],
    ['nothing', {}, 1234],
  ])('a 429 with %s is waited out', async (_, headers: Record<string, string>, retryAfterMs) => {
    expect(await failure(jsonAnswer(429, { detail: 'slow' }, headers))).toMatchObject({
      kind: 'throttled',
      vendor: 'calltools',
      retryAfterMs,
    });
  });

  test.each([403, 429, 503])('so is Cloudflare’s rate page, whatever its status: %i', async (status) => {
    expect(await failure(html(status, 'Error 1015 You are being rate limited'))).toMatchObject({ kind: 'throttled' });
  });
});

describe('refusals', () => {
  test.each([
    ['a key that is not taken', jsonAnswer(401, { detail: 'Invalid token.' })],
    ['a role that lacks the right', jsonAnswer(403, {})],
    ['a redirect to a login page', new Response(null, { status: 302, headers: { location: '/login/' } })],
    ['a redirect to the right spelling', new Response(null, { status: 301, headers: { location: '/x/' } })],
    ['a method that is not offered', jsonAnswer(405, {})],
    ['a form that is not offered', jsonAnswer(406, {})],
    ['a record that the law hides', jsonAnswer(451, {})],
    ['a body that is too large', jsonAnswer(413, {})],
    ['a record that is locked', jsonAnswer(423, {})],
  ])('%s: it is open yet whom that concerns', async (_, answer) => {
    expect(await failure(answer.clone())).toMatchObject({ kind: 'refused', vendor: 'calltools', sign: 'record' });
    expect(await failure(answer, { ...GET, about: 'list' })).toMatchObject({ kind: 'refused', sign: 'list' });
  });

  test('an answer that leaves open whether the record exists', async () => {
    expect(await failure(html(404, 'Not Found'), { ...GET, path: '/odd/' })).toMatchObject({ sign: 'odd' });
    const call: Call<{ id: number }> = {
      method: 'GET',
      path: '/contacts/1/',
      about: 'record',
      shape: v.object({ id: v.number() }),
      amiss: ({ id }) => (id === 1 ? null : 'another'),
    };
    expect(await failureOf(answering(jsonAnswer(200, { id: 2 })).http.call(call))).toMatchObject({ sign: 'odd' });
  });

  test('what may be wrong is named', async () => {
    expect(await failure(html(404, 'Not Found'), { ...GET, path: '/wrong/' })).toMatchObject({
      error: 'GET /wrong/: 404 Not Found (is it right?)',
    });
  });
});

describe('a broken set-up', () => {
  test.each([
    ['a host that does not exist', html(530, 'origin unreachable')],
    ['the same with another status', new Response('error code: 1016', { status: 502 })],
  ])('%s', async (_, answer) => {
    expect(await failure(answer)).toMatchObject({ kind: 'setup', vendor: 'calltools' });
  });
});

describe('time', () => {
  test('with too little time left under the lease no call is made, and the work comes back', async () => {
    const { http, sent } = answering(jsonAnswer(200, {}), 10_000, 249);
    expect(await failureOf(http.call(GET))).toMatchObject({ kind: 'busy' });
    expect(sent).toEqual([]);
  });

  test('the shortest time-out that can be set still lets calls go out', async () => {
    expect(await answering(jsonAnswer(200, {}), 100).http.call(GET)).toMatchObject({ status: 200 });
  });
});

describe('over a real connection', () => {
  async function real(fault: Fault): Promise<{ failed: Failure; contacts: number }> {
    const { vendor } = callToolsStage();
    vendor.faults.plan({ do: fault });
    const server = await listen(0, vendor.handle);
    try {
      const http = createHttp({
        vendor: 'calltools',
        baseUrl: `${server.url}/api`,
        headers: { authorization: 'Token calltools-key' },
        timeoutMs: 200,
        notAfter: Date.now() + 60_000,
        world: REAL_WORLD,
        throttleMs: () => 0,
        meaning: () => 'answer',
        hint: () => null,
      });
      const failed = await failureOf(http.call({ ...ANY, method: 'POST', path: '/contacts/', body: {} }));
      return { failed, contacts: vendor.contacts().length };
    } finally {
      await server.close();
    }
  }

  test.each<[Fault, string, number]>([
    [{ kind: 'reset' }, 'the connection failed', 0],
    [{ kind: 'after-reset' }, 'the connection failed', 1],
    [{ kind: 'hang' }, 'no answer within 200 ms', 0],
  ])('%j fails in passing, and the write may take effect even later', async (fault, error, contacts) => {
    expect(await real(fault)).toEqual({
      failed: { kind: 'transient', vendor: 'calltools', error: `POST /contacts/: ${error}`, unanswered: true },
      contacts,
    });
  });

  test('a redirect is not followed to a login page', async () => {
    expect((await real({ kind: 'login-redirect' })).failed).toMatchObject({ kind: 'refused' });
  });
});
