// The room of an hour: however batches interleave, no 60 minutes see more new numbers than the limit.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openSqlite } from '../../../../sandbox/d1-sqlite.ts';
import { HOUR_MS, MINUTE_MS } from '../../../../shared/time.ts';
import { COUNTED_MS, type NewPlacement, takeRoom } from '../../../../workers/consumer/store/brake/new-placements.ts';

const NOW = 100 * HOUR_MS;

function stage(limit: number) {
  const sqlite = openSqlite();
  const db = sqlite.bind(async (act) => act());
  const asked = (phoneHash: string): NewPlacement => ({
    phoneHash,
    isNew: true,
    contactId: `c-${phoneHash}`,
    runId: null,
  });
  return {
    sqlite,
    /** Those that are held back. `known`: CallTools holds them. */
    ask: async (now: number, hashes: string[], { known = [] as string[], locationId = 'here' } = {}) => {
      const all = [...hashes.map(asked), ...known.map((hash) => ({ ...asked(hash), isNew: false }))];
      return [...(await takeRoom(db, { locationId, now }, all, limit))].sort();
    },
    take: async (now: number, asked: NewPlacement[]) => [
      ...(await takeRoom(db, { locationId: 'here', now }, asked, limit)),
    ],
    set: (hash: string, state: string) =>
      sqlite.rows('UPDATE new_placements SET state = ?1 WHERE phone_hash = ?2', state, hash),
  };
}

test('the first are let in, and what exceeds the limit is held back and stays so', async () => {
  const { ask } = stage(2);
  expect(await ask(NOW, ['a', 'b', 'c'])).toEqual(['c']);
  expect(await ask(NOW + 1, ['d'])).toEqual(['d']);
  expect(await ask(NOW + 10 * HOUR_MS, ['c', 'd', 'e'])).toEqual(['c', 'd']);
});

test('a number that was let in comes back without being counted twice, and before new ones', async () => {
  const { ask } = stage(2);
  expect(await ask(NOW, ['a', 'b'])).toEqual([]);
  expect(await ask(NOW + MINUTE_MS, ['x', 'b', 'a'])).toEqual(['x']);
});

test('a number that another contact takes over within the hour is counted again', async () => {
  const { take } = stage(2);
  const of = (contactId: string) => [{ phoneHash: 'a', isNew: true, contactId, runId: null }];
  expect([await take(NOW, of('x')), await take(NOW + 1, of('y')), await take(NOW + 2, of('z'))]).toEqual([
    [],
    [],
    ['a'],
  ]);
  // The number is held back, also for another contact.
  expect(await take(NOW + 2 * COUNTED_MS, of('w'))).toEqual(['a']);
});

test('a number that is written later than an hour after its count is counted anew', async () => {
  const { ask } = stage(2);
  await ask(NOW, ['a', 'b']);
  const later = NOW + COUNTED_MS + 1;
  expect(await ask(later, ['c', 'd'])).toEqual([]);
  expect(await ask(later + 1, ['a'])).toEqual(['a']);
});

test('a write that comes five minutes after its count does not meet those of the next hour', async () => {
  const { ask } = stage(1);
  await ask(NOW, ['a']);
  expect(await ask(NOW + HOUR_MS + 5 * MINUTE_MS - 1, ['b'])).toEqual(['b']);
});

test('one that is confirmed is placed and takes no room', async () => {
  const { ask, set } = stage(1);
  await ask(NOW, ['a', 'b']);
  set('b', 'confirmed');
  expect(await ask(NOW + 1, ['b'])).toEqual([]);
  expect(await ask(NOW + COUNTED_MS + 1, ['b', 'c'])).toEqual([]);
});

test('a number that CallTools holds is not counted, and stays held back if it is', async () => {
  const { ask, sqlite } = stage(1);
  await ask(NOW, ['a', 'b']);
  expect(await ask(NOW + 1, [], { known: ['a', 'b', 'c'] })).toEqual(['b']);
  expect(await ask(NOW + 2 * COUNTED_MS, [], { known: ['b'] })).toEqual(['b']);
  // It was let in within the hour, although it is no longer new.
  expect(await ask(NOW + 2, ['d'], { known: ['a'] })).toEqual(['d']);
  expect(sqlite.rows('SELECT phone_hash FROM new_placements ORDER BY 1')).toHaveLength(3);
});

test('each location has a room of its own', async () => {
  const { ask } = stage(1);
  expect(await ask(NOW, ['a'])).toEqual([]);
  expect(await ask(NOW, ['a', 'b'], { locationId: 'there' })).toEqual(['b']);
});

test('no 60 minutes see more than the limit, whatever is asked for when', async () => {
  const step = fc.record({
    waitMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 20 * MINUTE_MS })),
    hashes: fc.uniqueArray(
      fc.integer({ min: 0, max: 30 }).map((n) => `p${n}`),
      { minLength: 1, maxLength: 8 },
    ),
    /** From the count to the write. */
    lagMs: fc.integer({ min: 0, max: 5 * MINUTE_MS }),
  });
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 6 }), fc.array(step, { maxLength: 25 }), async (limit, steps) => {
      const { ask } = stage(limit);
      let now = NOW;
      const written = new Map<string, number>();
      for (const { waitMs, hashes, lagMs } of steps) {
        now += waitMs;
        const held = await ask(now, hashes);
        // Written at last by its latest try: earlier ones failed.
        for (const hash of hashes) if (!held.includes(hash)) written.set(hash, now + lagMs);
      }
      for (const from of written.values()) {
        const within = [...written.values()].filter((at) => at >= from && at < from + HOUR_MS);
        expect(within.length).toBeLessThanOrEqual(limit);
      }
    }),
    { numRuns: 60 },
  );
});
