// Slots for a run's pages: neither they nor the contacts of the run nor fresh leads hold each other up.

import { expect, test } from 'vitest';
import { PATIENCE_MS, reservePageSlot } from '../../../workers/consumer/store/rate-limits.ts';
import { callsOf, db, HERE, pageChain, START, sqlite, stage } from './pace-harness.ts';

test('pages of a run do not wait for its contacts, and those go in between', async () => {
  const { claim } = stage();
  const chain = pageChain({ from: 0, pages: 200, latencyMs: 200 });
  let contacts = 0;
  for (let now = START + 1000; contacts < 50; ) {
    await chain.until(now);
    const calls = callsOf((await claim(25, 'bulk', now)).slots, 'gohighlevel', now);
    contacts += calls.length;
    now = calls.at(-1) ?? now;
  }
  await chain.until(Number.MAX_SAFE_INTEGER);
  const last = chain.calls.at(-1) ?? 0;
  expect((last - START) / 199).toBeLessThan(201);
  const { slots } = await claim(1, 'bulk', last);
  expect(slots[0]?.startAt).toBe(last);
  // With the last page they are over.
  const [over] = (await claim(1, 'realtime', last + 1)).slots;
  expect([over?.gapMs, over?.reservedGapMs].map((ms) => Math.round(ms ?? 0))).toEqual([145, 500]);
});

test.each([1000, 4000])('also pages that take %i ms do not wait for the contacts of their run', async (latencyMs) => {
  const { claim } = stage();
  const chain = pageChain({ from: 0, pages: 30, latencyMs });
  const free = [START + 100, START + 150];
  for (let now = START; chain.calls.length < 30; ) {
    const [first = 0, second = 0] = free;
    now = Math.max(now, Math.min(first, second));
    await chain.until(now);
    const { slots, waitMs } = await claim(25, 'bulk', now);
    const last = waitMs > PATIENCE_MS ? now + waitMs - PATIENCE_MS : callsOf(slots, 'gohighlevel', now).at(-1);
    free[first <= second ? 0 : 1] = (last ?? now) + 100;
  }
  expect(((chain.calls.at(-1) ?? 0) - START) / 29).toBeLessThan(1.05 * latencyMs);
});

test('a fresh lead waits neither for the pages of a run nor for its contacts: 2.3 a second go at once', async () => {
  const { claim } = stage();
  const chain = pageChain({ from: 0, pages: 200, latencyMs: 200 });
  for (let n = 1; n <= 100; n++) {
    const now = START + 435 * n;
    await chain.until(now);
    if (n % 10 === 0) await claim(25, 'bulk', now);
    const [call = 0] = callsOf((await claim(1, 'realtime', now)).slots, 'gohighlevel', now);
    expect(call - now).toBeLessThan(1);
  }
});

test('the first page of a run stands behind those who came before', async () => {
  const { claim } = stage();
  await claim(25, 'bulk', START);
  // Six of the 25 have slots that are lent.
  expect(await reservePageSlot(db, HERE, START)).toBeCloseTo(19 * (10_000 / 69), 0);
  expect(await reservePageSlot(db, HERE, START)).toBeCloseTo(19 * (10_000 / 69) + 10_000 / 52, 0);
  // It is near, so real-time work has the share that it has beside pages.
  const [slot] = (await claim(1, 'realtime', START)).slots;
  expect(Math.round(slot?.reservedGapMs ?? 0)).toBe(435);
});

test('a quota that others use holds pages back too', async () => {
  const { change } = stage();
  await reservePageSlot(db, HERE, START);
  await change({ vendor: 'gohighlevel', notBefore: START + 5000 }, START + 100);
  const wait = await reservePageSlot(db, HERE, START + 200);
  expect(wait).toBeGreaterThan(4800);
  expect(wait).toBeLessThan(5100);
});

test('pages take slots of their own, one after the other', async () => {
  stage();
  const waits = [];
  for (let page = 0; page < 10; page++) waits.push(await reservePageSlot(db, HERE, START));
  expect(waits[0]).toBe(0);
  expect(waits[9]).toBeCloseTo((9 * 10_000) / 66, 0);
  expect(sqlite.rows('SELECT vendor FROM paces')).toEqual([{ vendor: 'gohighlevel' }]);
});
