// Whether a batch waits for a vendor that asks to slow down, or gives its contacts back, and what it does meanwhile.

import { describe, expect, test } from 'vitest';
import { openSqlite } from '../../../sandbox/d1-sqlite.ts';
import type { LocationContext } from '../../../workers/consumer/config/context.ts';
import { readSettings } from '../../../workers/consumer/config/settings.ts';
import { PATIENCE_MS } from '../../../workers/consumer/store/rate-limits.ts';
import { claimBatch } from '../../../workers/consumer/sync/claim.ts';
import { coalesce } from '../../../workers/consumer/sync/coalesce.ts';
import { hintOf } from '../../support/batch-harness.ts';
import { ENV, LOCATION } from '../../support/vendor-harness.ts';
import { NOON, VirtualClock, worldOn } from '../../support/virtual-clock.ts';

interface Stage {
  /** Vendor → for how long it must not be called, ms. */
  throttled?: Record<string, number>;
  shared?: boolean;
  /** No slot of GoHighLevel is free before, ms. */
  slotIn?: number;
  /** Tags that a webhook of just now shows of the placed contact "one". */
  tags?: string[];
  inBucket?: boolean;
}

/** Claims "one", which is placed. */
async function claiming({ throttled = {}, shared = false, slotIn = 0, tags = ['cold lead'], inBucket = true }: Stage) {
  const sqlite = openSqlite();
  const clock = new VirtualClock();
  sqlite.rows(
    `INSERT INTO contacts (location_id, contact_id, state, reason, route, wish, wish_rank, phone_hash, created_at, updated_at) VALUES (?1, 'one', 'placed', 'placed', 'cold-lead', 'place', 2, 'p', 0, 0)`,
    LOCATION,
  );
  sqlite.rows(
    `INSERT INTO dialer (location_id, phone_hash, contact_id, calltools_id, fingerprint, held, updated_at) VALUES (?1, 'p', 'one', 1, 'x', ?2, 0)`,
    ...[LOCATION, inBucket ? 1 : 0],
  );
  for (const [vendor, ms] of Object.entries(throttled))
    sqlite.rows(
      `INSERT INTO circuits (location_id, vendor, throttled_until, updated_at) VALUES (?1, ?2, ?3, 0)`,
      ...[LOCATION, vendor, clock.at + ms],
    );
  sqlite.rows(
    `INSERT INTO paces (location_id, vendor, free_at, lane_free_at) VALUES (?1, 'gohighlevel', ?2, ?2)`,
    ...[LOCATION, clock.at + slotIn],
  );
  const settings = readSettings(ENV);
  const context = {
    env: { DB: sqlite.bind(async (act) => act()) },
    world: worldOn(clock, async () => new Response()),
    ...{ settings, shared, log: () => {} },
  } as unknown as LocationContext;
  const hint = hintOf('one', { receivedAt: NOON, occurredAt: NOON, snapshot: { tags, dnd: false } });
  const batch = await claimBatch(coalesce([{ ...hint, locationId: LOCATION }], settings.rules), 'realtime', context);
  const ids = (tasks: typeof batch.tasks) => tasks.map(({ work }) => work.contactId);
  return {
    pauses: clock.pauses,
    tasks: ids(batch.tasks),
    waiting: ids(batch.waiting),
    isHeld: batch.held !== null,
    slots: batch.claimed.granted.slots.map(({ vendor }) => vendor),
  };
}

const WORKS = { tasks: ['one'], waiting: [], isHeld: false };
const GIVES_BACK = { tasks: [], waiting: ['one'], isHeld: true, pauses: [] };

test.each<[string, Stage, object]>([
  ['starts at once where nothing holds it back', {}, { ...WORKS, pauses: [] }],
  ['waits for seconds', { throttled: { calltools: 8000 } }, { ...WORKS, pauses: [8000] }],
  ['waits for half a minute', { throttled: { calltools: 30_000 } }, { ...WORKS, pauses: [30_000] }],
  ['waits no longer', { throttled: { calltools: 30_001 } }, GIVES_BACK],
  ['does not wait where locations share the queue', { throttled: { calltools: 8000 }, shared: true }, GIVES_BACK],
  ['starts at once where locations share the queue', { shared: true }, { ...WORKS, pauses: [] }],
])('a batch %s', async (_, stage, expected) => {
  expect(await claiming(stage)).toMatchObject(expected);
});

describe('while only GoHighLevel must not be called', () => {
  const OUT = { tags: ['customer'], throttled: { gohighlevel: 8000 } };

  test('a contact that a webhook keeps out is worked on at once, with no slot of GoHighLevel', async () => {
    const answer = await claiming(OUT);
    expect(answer).toMatchObject({ tasks: ['one'], waiting: [], isHeld: true, pauses: [] });
    expect(answer.slots).not.toContain('gohighlevel');
  });

  test.each<[string, Stage]>([
    ['it may be dialed all the same', { ...OUT, tags: ['cold lead'] }],
    ['it is in no bucket', { ...OUT, inBucket: false }],
    ['CallTools must not be called either', { ...OUT, throttled: { gohighlevel: 8000, calltools: 8000 } }],
  ])('it waits where %s', async (_, stage) => {
    expect(await claiming(stage)).toMatchObject({ ...WORKS, pauses: [8000] });
    expect(await claiming({ ...stage, shared: true })).toMatchObject(GIVES_BACK);
  });
});

test('a slot that is too far away is waited for without leases, a second or two longer than needed', async () => {
  const near = await claiming({ slotIn: PATIENCE_MS - 1000 });
  expect(near).toMatchObject({ ...WORKS, pauses: [] });
  const far = await claiming({ slotIn: PATIENCE_MS + 5000 });
  expect(far).toMatchObject(WORKS);
  // Each second beyond its patience counts, and the spread adds 1.5 s at this chance.
  expect(far.pauses).toEqual([2500]);
  expect((await claiming({ slotIn: PATIENCE_MS + 7000 })).pauses).toEqual([4500]);
  expect(await claiming({ slotIn: PATIENCE_MS + 5000, shared: true })).toMatchObject(GIVES_BACK);
});
