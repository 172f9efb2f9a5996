// A vendor's answer may have no end: it is read as far as an isolate can hold, and no further.

import * as v from 'valibot';
import { expect, test } from 'vitest';
import { startNemesis } from '../../../sandbox/nemesis.ts';
import { REAL_WORLD } from '../../../workers/consumer/config/env.ts';
import type { Call } from '../../../workers/consumer/vendors/call.ts';
import { createHttp } from '../../../workers/consumer/vendors/http.ts';
import { failureOf } from '../../support/vendor-harness.ts';
import { VirtualClock, worldOn } from '../../support/virtual-clock.ts';

const GET: Call = { method: 'GET', path: '/contacts/1/', about: 'record', shape: v.unknown() };
const POST: Call = { method: 'POST', path: '/contacts/', body: {}, about: 'record', shape: v.unknown() };
const CHUNK = 500_000;

/** An answer of so many chunks, and how many of them were asked for. */
function answerOf(chunks: number, byte: (at: number) => string) {
  const seen = { chunks: 0, cancelled: false };
  const pull = (stream: ReadableStreamDefaultController<Uint8Array>) => {
    if (seen.chunks === chunks) return stream.close();
    stream.enqueue(new TextEncoder().encode(byte(seen.chunks++).repeat(CHUNK)));
  };
  const cancel = () => {
    seen.cancelled = true;
  };
  return { seen, body: new ReadableStream({ pull, cancel }, { highWaterMark: 0 }) };
}

function ask(body: ReadableStream | string, call: Call) {
  const clock = new VirtualClock();
  return createHttp({
    vendor: 'calltools',
    baseUrl: 'https://v.test/api',
    headers: {},
    timeoutMs: 1000,
    notAfter: clock.at + 60_000,
    throttleMs: () => 0,
    meaning: () => 'answer' as const,
    hint: () => null,
    world: worldOn(clock, async () => new Response(body)),
  }).call(call);
}

test('ten megabytes are read', async () => {
  const { body, seen } = answerOf(20, (at) => (at === 19 ? '1' : ' '));
  expect((await ask(body, GET)).status).toBe(200);
  expect(seen).toEqual({ chunks: 20, cancelled: false });
});

test('no more than that is read of an endless answer, and the failure is transient', async () => {
  const { body, seen } = answerOf(40, () => ' ');
  const error = 'GET /contacts/1/: the answer has more than 10 MB';
  expect(await failureOf(ask(body, GET))).toEqual({ kind: 'transient', vendor: 'calltools', error });
  expect(seen).toEqual({ chunks: 21, cancelled: true });
});

test('a write whose answer has no end may have taken effect', async () => {
  const { body } = answerOf(40, () => ' ');
  expect(await failureOf(ask(body, POST))).toMatchObject({ kind: 'transient', unanswered: true });
});

test('a character that two chunks share stays whole', async () => {
  const [head, tail] = [
    new TextEncoder().encode('{"name":"\u00c5sa"}').slice(0, 10),
    new TextEncoder().encode('{"name":"\u00c5sa"}').slice(10),
  ];
  const body = new ReadableStream({
    start(stream) {
      stream.enqueue(head);
      stream.enqueue(tail);
      stream.close();
    },
  });
  expect(await ask(body, GET)).toMatchObject({ data: { name: '\u00c5sa' } });
});

test('over a real connection the deadline holds for the body too', async () => {
  const nemesis = await startNemesis();
  const trickle = nemesis.plan('trickle-body', () => true);
  const http = createHttp({
    vendor: 'calltools',
    baseUrl: nemesis.url,
    headers: {},
    timeoutMs: 300,
    notAfter: Date.now() + 60_000,
    throttleMs: () => 0,
    meaning: () => 'answer' as const,
    hint: () => null,
    world: REAL_WORLD,
  });
  expect((await failureOf(http.call(GET))).error).toBe('GET /contacts/1/: no answer within 300 ms');
  await expect.poll(() => [trickle.met, trickle.open]).toEqual([1, 0]);
  await nemesis.close();
});
