// Slots, on real SQL: all instances together stay within a vendor's limit, and a fresh webhook never waits for a backstop.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { claimContacts } from '../../../workers/consumer/store/claim.ts';
import { PATIENCE_MS, readPaces, savePaces } from '../../../workers/consumer/store/rate-limits.ts';
import { limitOf } from '../../../workers/consumer/vendors/rate-headers.ts';
import {
  createRateLimiter,
  type PaceChange,
  type Slots,
  type Urgency,
} from '../../../workers/consumer/vendors/rate-limiter.ts';
import { callsOf, db, densest, HERE, pageChain, START, sqlite, stage } from './pace-harness.ts';

const batches = fc.array(
  fc.record({
    gap: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 3000 }), fc.integer({ min: 0, max: 30_000 })),
    contacts: fc.integer({ min: 1, max: 25 }),
    urgency: fc.constantFrom<Urgency>('realtime', 'realtime', 'bulk'),
    /** Share of its slots. */
    used: fc.constantFrom(1, 1, 0.5, 0.2),
  }),
  { minLength: 1, maxLength: 40 },
);

/** A run that reads pages, each as soon as the one before is answered. */
const runs = fc.record({
  from: fc.integer({ min: 0, max: 60_000 }),
  pages: fc.integer({ min: 0, max: 120 }),
  latencyMs: fc.constantFrom(50, 200, 200, 1000, 4000),
});

describe('GoHighLevel’s 100 requests in 10 s', () => {
  test('a contact that will not be read takes no slot', async () => {
    stage();
    sqlite.rows(
      `INSERT INTO contacts (location_id, contact_id, state, search_hash, created_at, updated_at)
       VALUES (?1, 'settled', 'placed', 'row', 0, 0), (?1, 'changed', 'placed', 'older', 0, 0), (?1, 'new', 'placed', NULL, 0, 0)`,
      HERE,
    );
    const lease = { locationId: HERE, token: 'now', now: START, until: START + 60_000, lateMs: 0 };
    const items = ['settled', 'changed', 'new'].map((id) => ({ id, insert: true, heardAt: null, row: 'row' }));
    const { granted } = await claimContacts(db, lease, items, START, 'bulk');
    expect(granted.slots).toMatchObject([{ vendor: 'gohighlevel', asked: 2, granted: 2 }]);
  });

  test('property: whatever batches and pages come, at whatever time and of either kind, never more in any 10 s', async () => {
    await fc.assert(
      fc.asyncProperty(batches, runs, async (list, run) => {
        const { claim, change } = stage();
        const calls: number[] = [];
        const chain = pageChain(run);
        let now = START;
        for (const { gap, contacts, urgency, used } of list) {
          now += gap;
          await chain.until(now);
          const { slots, waitMs } = await claim(contacts, urgency, now);
          if (waitMs > PATIENCE_MS) continue;
          const made = callsOf(slots, 'gohighlevel', now).slice(0, Math.ceil(used * contacts));
          calls.push(...made);
          // What it does not use it gives back, while others have taken theirs behind it or not.
          const limiter = createRateLimiter(slots, now);
          for (const at of made) limiter.next('gohighlevel', at);
          for (const changed of limiter.changes(() => false, now)) await change(changed, now);
        }
        await chain.until(Number.MAX_SAFE_INTEGER);
        expect(densest([...calls, ...chain.calls], 10_000)).toBeLessThanOrEqual(100);
      }),
      { numRuns: 100 },
    );
  });

  test('an import by webhooks takes most of the limit: the backlog drains at the vendor’s pace', async () => {
    const { claim } = stage();
    let calls = 0;
    for (let at = START; at < START + 60_000; at += 1000) {
      const { slots, waitMs } = await claim(25, 'realtime', at);
      if (waitMs <= PATIENCE_MS) calls += callsOf(slots, 'gohighlevel', at).length;
    }
    expect(calls).toBeGreaterThan(525);
  });

  test('a batch whose slot is too far away takes none', async () => {
    const { claim } = stage();
    let last = await claim(25, 'bulk', START);
    while (last.waitMs <= PATIENCE_MS) last = await claim(25, 'bulk', START);
    expect((await claim(25, 'bulk', START)).waitMs).toBe(last.waitMs);
  });

  test('work that a circuit holds back takes no slots', async () => {
    const { claim } = stage();
    sqlite.rows(
      `INSERT INTO circuits (location_id, vendor, throttled_until, updated_at) VALUES ('here', 'calltools', ?1, 0)`,
      START + 1000,
    );
    for (let i = 0; i < 20; i++) expect((await claim(25, 'bulk', START)).waitMs).toBe(0);
    expect((await claim(25, 'bulk', START + 2000)).slots[0]).toMatchObject({ granted: 25, startAt: START + 2000 });
  });

  test('a limit that the headers name is kept instead, and a quota that others use holds all slots back', async () => {
    const { claim } = stage();
    const { slots } = await claim(1, 'bulk', START);
    const limiter = createRateLimiter(slots, START);
    limiter.next('gohighlevel', START);
    const headers = {
      'x-ratelimit-max': '25',
      'x-ratelimit-interval-milliseconds': '10000',
      'x-ratelimit-remaining': '3',
    };
    limiter.note('gohighlevel', limitOf(new Headers(headers)), START + 100);
    const [change] = limiter.changes(() => false, START + 100);
    expect(change).toMatchObject({ maxCalls: 25, intervalMs: 10_000, notBefore: START + 2100, moveMs: 0 });
    await savePaces(db, HERE, START + 100, change ? [change] : []).run();
    const calls: number[] = [];
    for (let at = START + 200; at < START + 60_000; at += 500) {
      const next = await claim(10, 'realtime', at);
      if (next.waitMs <= PATIENCE_MS) calls.push(...callsOf(next.slots, 'gohighlevel', at));
    }
    expect(densest(calls, 10_000)).toBeLessThanOrEqual(25);
    expect((await claim(1, 'bulk', START + 200)).slots[0]?.startAt).toBeGreaterThan(START + 2000);
  });

  test('slots not used are given back while nobody has taken those behind them, and not after', async () => {
    const { claim, change } = stage();
    const giveBack = async (slots: Slots[]) => {
      for (const changed of createRateLimiter(slots, START).changes(() => false, START)) await change(changed, START);
    };
    const first = await claim(10, 'bulk', START);
    await giveBack(first.slots);
    const second = await claim(10, 'bulk', START);
    expect(second.waitMs).toBeLessThan(1);
    const third = await claim(10, 'bulk', START);
    expect(third.waitMs).toBeGreaterThan(1000);
    await giveBack(second.slots);
    expect((await claim(10, 'bulk', START)).waitMs).toBeGreaterThan(third.waitMs);
  });

  test('only common slots are given back, and only those that were not used', () => {
    const one: Slots = {
      ...{ vendor: 'gohighlevel', rate: 0.01, callsEach: 1, asked: 10, granted: 10, reserved: 4 },
      ...{ startAt: START, gapMs: 100, reservedStartAt: START + 250, reservedGapMs: 100 },
      ...{ maxCalls: 100, intervalMs: 10_000 },
    };
    const givenBack = (calls: number) => {
      const limiter = createRateLimiter([one], START);
      for (let n = 0; n < calls; n++) limiter.next('gohighlevel', START);
      limiter.note('gohighlevel', { maxCalls: 100, intervalMs: 10_000, left: 100 }, START);
      return 0 - (limiter.changes(() => false, START)[0]?.moveMs ?? 0) / one.gapMs;
    };
    // In turn: three common ones, then a reserved one and a common one at a time.
    expect([0, 3, 4, 5, 9, 10, 12].map(givenBack)).toEqual([6, 3, 3, 2, 0, 0, -2]);
  });
});

describe('CallTools, which publishes no limit', () => {
  const throttledBy = (slots: Slots[], calls: number, now: number): PaceChange[] => {
    const limiter = createRateLimiter(slots, now);
    for (let i = 0; i < calls; i++) limiter.next('calltools', now + i * 10);
    return limiter
      .changes((vendor) => vendor === 'calltools', now + calls * 10)
      .filter(({ vendor }) => vendor === 'calltools');
  };
  const paced = async (now: number) => (await readPaces(db, HERE, now)).get('calltools');

  test('is called without pause until it throttles', async () => {
    const { claim } = stage();
    const { slots } = await claim(25, 'bulk', START);
    expect(slots.map(({ vendor }) => vendor)).toEqual(['gohighlevel']);
    expect(await paced(START)).toBeUndefined();
  });

  test('the rate is halved at each throttle, rises evenly, and is forgotten after half a quiet hour', async () => {
    const { claim } = stage();
    await savePaces(db, HERE, START, throttledBy([], 60, START)).run();
    expect(await paced(START)).toBeCloseTo(30);
    expect(await paced(START + 300_000)).toBeCloseTo(60);
    const { slots } = await claim(1, 'bulk', START + 300_000);
    await savePaces(db, HERE, START + 301_000, throttledBy(slots, 3, START + 300_000)).run();
    expect(await paced(START + 301_000)).toBeCloseTo(30);
    expect(await paced(START + 301_000 + 1_799_999)).toBeGreaterThan(100);
    expect(await paced(START + 301_000 + 1_800_000)).toBeUndefined();
  });

  test('a first throttle of a slow caller says little: it is not held below 5 a second for it', async () => {
    stage();
    await savePaces(db, HERE, START, throttledBy([], 1, START)).run();
    expect(await paced(START)).toBeCloseTo(5);
  });

  test('of batches that meet the same throttle only the first teaches', async () => {
    const { change } = stage();
    for (const now of [START + 1000, START + 1100, START + 1200])
      await change({ learnedRate: 0.01, since: START }, now);
    await change({ learnedRate: 0.001, since: START + 500 }, START + 1300);
    expect(sqlite.rows('SELECT learned_rate, learned_at FROM paces')).toEqual([
      { learned_rate: 0.01, learned_at: START + 1000 },
    ]);
  });

  test('slots not used are given back, slots too few are paid for later', async () => {
    const { claim, change } = stage();
    await change({ learnedRate: 0.01 }, START + 1);
    const { slots } = await claim(4, 'bulk', START + 10);
    const mine = slots.find(({ vendor }) => vendor === 'calltools');
    expect(mine).toMatchObject({ asked: 12, granted: 12 });
    const gap = mine?.gapMs ?? 0;
    for (const [calls, moved] of [
      [2, -10],
      [15, 3],
    ] as const) {
      const limiter = createRateLimiter(slots, START + 10);
      for (let i = 0; i < calls; i++) limiter.next('calltools', START + 10);
      const changes = limiter.changes(() => false, START + 20);
      expect(changes.find(({ vendor }) => vendor === 'calltools')?.moveMs).toBeCloseTo(moved * gap);
    }
  });

  test('slots for so slow a vendor are taken for a part of the batch', async () => {
    const { claim, change } = stage();
    await change({ learnedRate: 0.001 }, START + 1);
    const { slots } = await claim(25, 'bulk', START + 10);
    expect(slots.find(({ vendor }) => vendor === 'calltools')).toMatchObject({ asked: 75, granted: 13 });
  });

  test('slots that went by are not made up for in a burst', async () => {
    const { claim, change } = stage();
    await change({ learnedRate: 0.01 }, START + 1);
    const { slots } = await claim(4, 'bulk', START + 10);
    const late = START + 5000;
    const limiter = createRateLimiter(slots, START + 10);
    expect(limiter.next('calltools', late)).toBe(late);
    expect(limiter.next('calltools', late)).toBeCloseTo(late + 1000 / 6.9, 0);
  });
});
