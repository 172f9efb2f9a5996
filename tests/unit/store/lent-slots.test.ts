// Slots that real-time work does not need are lent to bulk work, and a fresh lead finds one all the same.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bulkWaitMs } from '../../../workers/consumer/store/rate-limits.ts';
import { callsOf, db, densest, HERE, START, stage } from './pace-harness.ts';

/** Batches of bulk work at any time, and webhooks at these. Ms that each webhook's call waits. */
async function waitsBesideBulk(list: { at: number; contacts: number }[], webhooks: number[]): Promise<number[]> {
  const { claim } = stage();
  const waits: number[] = [];
  const events = [
    ...list.map((one) => ({ ...one, urgency: 'bulk' as const })),
    ...webhooks.map((at) => ({ at, contacts: 1, urgency: 'realtime' as const })),
  ].sort((a, b) => a.at - b.at);
  for (const { at, contacts, urgency } of events) {
    const { slots } = await claim(contacts, urgency, START + at);
    const [call = 0] = callsOf(slots, 'gohighlevel', START + at);
    if (urgency === 'realtime') waits.push(call - (START + at));
  }
  return waits;
}
const bulk = fc.array(
  fc.record({ at: fc.integer({ min: 0, max: 20_000 }), contacts: fc.integer({ min: 1, max: 25 }) }),
);

test('property: real-time work within its share, 2 a second, goes at once, however much bulk work waits', async () => {
  const webhooks = Array.from({ length: 40 }, (_, i) => 500 * i);
  await fc.assert(
    fc.asyncProperty(bulk, async (list) => {
      expect(Math.max(...(await waitsBesideBulk(list, webhooks)))).toBeLessThan(1);
    }),
    { numRuns: 25 },
  );
});

test('property: of three fresh leads at once, each is read within a second', async () => {
  const at = fc.integer({ min: 0, max: 20_000 });
  await fc.assert(
    fc.asyncProperty(bulk, at, async (list, at) => {
      expect(Math.max(...(await waitsBesideBulk(list, [at, at, at])))).toBeLessThan(1001);
    }),
    { numRuns: 25 },
  );
});

/** Calls a minute of two batches of bulk work at a time, as far as they get slots, beside so many webhooks a second. */
async function besideWebhooks(perSecond: number): Promise<{ bulk: number; all: number[] }> {
  const { claim } = stage();
  const all: number[] = [];
  let bulk = 0;
  const free = [START, START];
  for (let now = START; now < START + 60_000; now += 100) {
    if (perSecond > 0 && (now - START) % (1000 / perSecond) === 0)
      all.push(...callsOf((await claim(1, 'realtime', now)).slots, 'gohighlevel', now));
    const idle = free.findIndex((at) => at <= now);
    if (idle < 0 || (await bulkWaitMs(db, HERE, now)) > 0) continue;
    const calls = callsOf((await claim(25, 'bulk', now)).slots, 'gohighlevel', now);
    all.push(...calls);
    bulk += calls.filter((at) => at < START + 60_000).length;
    free[idle] = (calls.at(-1) ?? now) + 1000;
  }
  return { bulk, all };
}

test('bulk work has what real-time work leaves, and never a slot too many', async () => {
  for (const perSecond of [0, 1, 2]) {
    const { bulk, all } = await besideWebhooks(perSecond);
    expect(bulk).toBeGreaterThan(525 - 60 * perSecond);
    expect(densest(all, 10_000)).toBeLessThanOrEqual(100);
  }
});

test('nothing is lent while a vendor that has throttled us is called at a rate that was learned', async () => {
  const { claim, change } = stage();
  const lent = async (now: number) => (await claim(10, 'bulk', now)).slots.map(({ reserved }) => reserved > 0);
  expect(await lent(START)).toEqual([true]);
  await change({ vendor: 'gohighlevel', learnedRate: 0.005, since: START + 1 }, START + 2);
  expect(await lent(START + 60_000)).toEqual([false]);
});
