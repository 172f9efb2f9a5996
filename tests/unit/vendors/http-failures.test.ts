// One call to a vendor: an answer that is not understood becomes the failure that it is, within its time.

import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import type { Fault } from '../../../sandbox/faults.ts';
import { listen } from '../../../sandbox/server/node-http.ts';
import { REAL_WORLD } from '../../../workers/consumer/config/env.ts';
import type { Failure } from '../../../workers/consumer/domain/failure.ts';
import type { Call } from '../../../workers/consumer/vendors/call.ts';
import { createHttp } from '../../../workers/consumer/vendors/http.ts';
import { callToolsStage, failureOf, jsonAnswer } from '../../support/vendor-harness.ts';
import { NOON } from '../../support/virtual-clock.ts';
import { ANY, answering, failure, GET, html } from './http-harness.ts';

describe('transient failures', () => {
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
  ])('%j is transient, and the write may take effect even later', async (fault, error, contacts) => {
    expect(await real(fault)).toEqual({
      failed: { kind: 'transient', vendor: 'calltools', error: `POST /contacts/: ${error}`, unanswered: true },
      contacts,
    });
  });

  test('a redirect is not followed to a login page', async () => {
    expect((await real({ kind: 'login-redirect' })).failed).toMatchObject({ kind: 'refused' });
  });
});
