// Every way in which two sends and D1 can go: the answer is never late, and whatever was acknowledged is kept, or named as lost.

import { expect, test } from 'vitest';
import type { Env } from '../../../workers/ingest/env.ts';
import { contactUpdate, createStage, settle, until } from './ingest-harness.ts';

/** `slow`: takes the message after 10 s, when ingest has long given it up. */
type Send = 'takes' | 'slow' | 'hangs' | 'overloaded' | 'too large';
type Store = 'takes' | 'fails' | 'hangs';
const SENDS: Send[] = ['takes', 'slow', 'hangs', 'overloaded', 'too large'];
const STORES: Store[] = ['takes', 'fails', 'hangs'];
const ALL = SENDS.flatMap((first) => SENDS.flatMap((second) => STORES.map((store) => [first, second, store] as const)));

const BUDGET_MS = 150;
const SLOW_MS = 10_000;
/** waitUntil ends by then (docs/vendors.md, Cloudflare: workers). */
const LIMIT_MS = 30_000;
const NEVER = new Promise<never>(() => {});

const HUNG = { prepare: () => ({ bind: () => ({ run: () => NEVER }) }) } as unknown as Env['DB'];

/** One webhook, from its arrival to the end of all that it has set off. */
async function play(first: Send, second: Send, store: Store) {
  const stage = createStage(store === 'hangs' ? { DB: HUNG } : {});
  if (store === 'fails') stage.breakDatabase();
  stage.events.behave = async () => {
    const send = stage.events.sends === 1 ? first : second;
    if (send === 'slow') await new Promise<void>((resolve) => stage.clock.after(SLOW_MS, resolve));
    if (send === 'hangs') await NEVER;
    if (send === 'overloaded') throw new Error('Queue send failed: 10250 overloaded');
    if (send === 'too large') throw new Error('Queue send failed: 10204 message too large');
  };
  const seen: { response?: Response; endedAfter?: number } = {};
  const start = stage.clock.at;
  void stage.post(contactUpdate()).then((response) => {
    seen.response = response;
  });
  // Whatever needs no time has happened.
  await until(() => stage.events.sends > 0);
  await settle();
  await stage.clock.advance(BUDGET_MS);
  const inTime = seen.response !== undefined;
  void stage.finished().then(() => {
    seen.endedAfter = stage.clock.at - start;
  });
  for (let ms = 0; ms < LIMIT_MS; ms += 500) await stage.clock.advance(500);
  return { inTime, ...seen, kept: stage.events.messages.length + stage.outbox().length, log: stage.log(), stage };
}

test.each(ALL)('the first send %s, the second %s, D1 %s: in time, and kept or named', async (first, second, store) => {
  const taken = first === 'takes' || (!['slow', 'hangs'].includes(first) && second === 'takes');
  const { inTime, response, kept, endedAfter, log } = await play(first, second, store);
  expect(inTime).toBe(true);
  expect(endedAfter).toBeLessThan(LIMIT_MS);
  if (response?.status === 429) {
    expect(response.headers.get('retry-after')).toBe('30');
    expect([taken, store]).toEqual([false, 'fails']);
    return;
  }
  expect(response?.status).toBe(202);
  const lost = log.filter(({ event }) => event === 'webhook.lost');
  // Only where D1 fails as well, and too late for a 429: then the log names it.
  if (kept === 0) expect([lost.length, store === 'takes']).toEqual([1, false]);
  else if (store === 'takes') expect(lost).toEqual([]);
});

test('a queue that takes 10 s: answered at once, in the outbox by then, and the late sends arrive all the same', async () => {
  const { response, stage, log } = await play('slow', 'slow', 'takes');
  expect(response?.status).toBe(202);
  expect(log.map(({ event }) => event)).toEqual(['webhook.late', 'webhook.outbox']);
  expect([stage.events.messages.length, stage.outbox().length]).toEqual([2, 1]);
});

test('the notice beside a quarantined body is kept where only the database takes it', async () => {
  const stage = createStage();
  stage.events.send = async () => {
    throw new Error('queue down');
  };
  const answer = await (await stage.post(contactUpdate({ type: undefined }))).json();
  expect(answer).toMatchObject({ status: 'quarantined' });
  expect(stage.outbox()).toMatchObject([{ queue: 'events' }]);
  expect(stage.log()).toMatchObject([{ event: 'webhook.quarantined' }, { event: 'webhook.outbox' }]);
});
