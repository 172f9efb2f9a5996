// The clean-up of what calls said: old rows go, and never one that the next poll could see again, for it would count as new.

import { expect, test } from 'vitest';
import { openSqlite } from '../../../sandbox/d1-sqlite.ts';
import { DAY_MS, HOUR_MS } from '../../../shared/time.ts';
import type { InvocationContext } from '../../../workers/consumer/config/context.ts';
import { cleanUp } from '../../../workers/consumer/cron/retention.ts';
import { NOON } from '../../support/virtual-clock.ts';

async function clean(sqlite: ReturnType<typeof openSqlite>) {
  const env = { DB: sqlite.bind(async (act) => act()) };
  await cleanUp({ env, world: { now: () => NOON }, log: () => {} } as unknown as InvocationContext);
}

/** Row ids that are left, of rows that were seen 91 days ago. `poll`: the state of the poll. */
async function left(
  rows: { id: number; calledAt?: number | null; seenDaysAgo?: number; pending?: number }[],
  poll: object | null,
) {
  const sqlite = openSqlite();
  for (const { id, calledAt = NOON - 91 * DAY_MS, seenDaysAgo = 91, pending = 0 } of rows)
    sqlite.rows(
      `INSERT INTO call_results (location_id, row_id, disposition, called_at, seen_at, pending) VALUES ('here', ?1, 'x', ?2, ?3, ?4)`,
      ...[id, calledAt, NOON - seenDaysAgo * DAY_MS, pending],
    );
  const names = Object.keys(poll ?? {});
  if (poll)
    sqlite.rows(
      `INSERT INTO call_polls (location_id, ${names.join(', ')}) VALUES ('here', ${names.map((_, n) => `?${n + 1}`).join(', ')})`,
      ...Object.values(poll),
    );
  await clean(sqlite);
  return sqlite.rows('SELECT row_id FROM call_results ORDER BY 1').map(({ row_id }) => row_id);
}

const AHEAD = { cursor_id: 100, cursor_at: NOON };

test('rows go 90 days after they were seen', async () => {
  expect(await left([{ id: 1 }, { id: 2, seenDaysAgo: 89 }], AHEAD)).toEqual([2]);
});

test('one that is not finished stays', async () => {
  expect(await left([{ id: 1, pending: 1 }], AHEAD)).toEqual([1]);
});

test('the newest rows of an account where nothing was said since stay: the next poll goes back to them, and an hour further', async () => {
  const at = NOON - 91 * DAY_MS;
  const rows = [
    { id: 1, calledAt: at - HOUR_MS - 1 },
    { id: 2, calledAt: at - HOUR_MS },
    { id: 3, calledAt: null },
    { id: 4, calledAt: at },
    { id: 5, calledAt: null },
  ];
  expect(await left(rows, { cursor_id: 4, cursor_at: at })).toEqual([2, 4, 5]);
});

test('all stay while a walk is under way, and all go where nobody polls any more', async () => {
  expect(await left([{ id: 1 }, { id: 2 }], { ...AHEAD, walk: '{}' })).toEqual([1, 2]);
  expect(await left([{ id: 1 }, { id: 2 }], null)).toEqual([]);
});

test('the hash of a number that is held outlives its contact: who said no and comes back with it is not dialed', async () => {
  const sqlite = openSqlite();
  const long = NOON - 91 * DAY_MS;
  const hold = JSON.stringify({ reason: 'said_no', route: 'cold-lead', at: 1 });
  sqlite.rows(
    `INSERT INTO contacts (location_id, contact_id, state, reason, reason_since, created_at, updated_at)
     VALUES ('here', 'gone', 'kept_out', 'deleted', ?1, ?1, ?1)`,
    long,
  );
  for (const [hash, contactId, held] of [
    ['p1', 'gone', hold],
    ['p2', null, hold],
    ['p3', 'gone', null],
  ])
    sqlite.rows(
      `INSERT INTO dialer (location_id, phone_hash, contact_id, hold, updated_at) VALUES ('here', ?1, ?2, ?3, ?4)`,
      ...[hash ?? null, contactId ?? null, held ?? null, long],
    );
  await clean(sqlite);
  // The second finds numbers that the first has left to nobody.
  sqlite.rows('DELETE FROM chores');
  await clean(sqlite);
  expect(sqlite.rows('SELECT contact_id FROM contacts')).toEqual([]);
  expect(sqlite.rows('SELECT phone_hash, contact_id, hold FROM dialer ORDER BY 1')).toEqual([
    { phone_hash: 'p1', contact_id: null, hold },
    { phone_hash: 'p2', contact_id: null, hold },
  ]);
});

test('what is left to be written to GoHighLevel stays, with its call; what is over goes', async () => {
  const sqlite = openSqlite();
  const states = ['waiting', 'sent', 'done', 'dropped', 'failed'];
  states.forEach((state, index) => {
    const old = NOON - 91 * DAY_MS;
    sqlite.rows(
      `INSERT INTO call_results (location_id, row_id, disposition, called_at, seen_at) VALUES ('here', ?1, 'x', ?2, ?2)`,
      ...[index, old],
    );
    sqlite.rows(
      `INSERT INTO call_writes (location_id, row_id, step, state, at) VALUES ('here', ?1, 'tags', ?2, ?3)`,
      ...[index, state, old],
    );
  });
  await clean(sqlite);
  expect(sqlite.rows('SELECT row_id FROM call_results')).toEqual([{ row_id: 0 }, { row_id: 1 }]);
  expect(sqlite.rows('SELECT state FROM call_writes')).toEqual([{ state: 'waiting' }, { state: 'sent' }]);
});

test('whom a CallTools contact has shown before goes after a week, and not before the poll has passed two hours beyond', async () => {
  const week = NOON - 7 * DAY_MS;
  const leftOf = async (until: number, polledAt: number | null | undefined) => {
    const sqlite = openSqlite();
    sqlite.rows(`INSERT INTO past_links VALUES ('here', 1, 'p', 'one', ?1, NULL)`, until);
    const poll = `INSERT INTO call_polls (location_id, polled_at) VALUES ('here', ?1)`;
    if (polledAt !== undefined) sqlite.rows(poll, polledAt);
    await clean(sqlite);
    return sqlite.rows('SELECT 1 FROM past_links').length;
  };
  expect(await leftOf(week, NOON)).toBe(1);
  expect(await leftOf(week - 1, NOON)).toBe(0);
  expect(await leftOf(week - 1, week - 1 + 2 * HOUR_MS)).toBe(1);
  expect(await leftOf(week - 1, week + 2 * HOUR_MS)).toBe(0);
  expect(await leftOf(week - 1, null)).toBe(1);
  expect(await leftOf(week - 1, undefined)).toBe(0);
});
