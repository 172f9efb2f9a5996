// What the dashboard's charts count: each hint once, each contact by how it ended, and how long webhooks took.

import { expect, test } from 'vitest';
import { openSqlite } from '../../../sandbox/d1-sqlite.ts';
import type { ContactChanged } from '../../../shared/messages.ts';
import type { Outcome } from '../../../workers/consumer/domain/outcome.ts';
import { viewHistory } from '../../../workers/consumer/operator/history-view.ts';
import { type Commit, commitBatch } from '../../../workers/consumer/store/commit.ts';
import { type Count, hourOf, readCounters } from '../../../workers/consumer/store/totals.ts';
import { coalesce } from '../../../workers/consumer/sync/coalesce.ts';
import { countsOf } from '../../../workers/consumer/sync/commit.ts';
import { FILE_RULES } from '../../support/rules.ts';

const NOW = Date.parse('2026-11-20T12:34:56.000Z');
const HOUR = 3_600_000;
const PLACED: Outcome = { kind: 'done', state: 'placed', reason: 'placed' };

function hint(changes: Partial<ContactChanged> = {}): ContactChanged {
  return {
    v: 1,
    kind: 'contact.changed',
    locationId: 'here',
    contactId: 'one',
    eventType: 'ContactUpdate',
    source: 'webhook',
    eventId: 'e',
    occurredAt: null,
    receivedAt: NOW - 800,
    snapshot: null,
    ...changes,
  };
}
const ended = (outcome: Outcome, ...hints: ContactChanged[]) =>
  coalesce(hints, FILE_RULES).map((work) => ({ work, outcome }));
const counted = (outcome: Outcome, ...hints: ContactChanged[]) =>
  countsOf(ended(outcome, ...hints), () => true, NOW).map(({ kind, name }) => `${kind} ${name}`);

test('three hints about one contact are three hints, each with its time, and one outcome', () => {
  const hints = [hint(), hint({ receivedAt: NOW - 4_000 }), hint({ source: 'backstop', receivedAt: NOW - 4_000 })];
  expect(counted(PLACED, ...hints).sort()).toEqual([
    'hint backstop',
    'hint webhook',
    'hint webhook',
    'latency 1000',
    'latency 5000',
    'outcome placed',
  ]);
});

test('a hint that comes back is counted when its work is over, and not before', () => {
  expect(counted({ kind: 'retry', delaySeconds: 1, error: '' }, hint())).toEqual(['outcome retry']);
  expect(counted({ kind: 'dead', code: 'rejected', error: '' }, hint())).toEqual(['outcome dead', 'hint webhook']);
});

test.each([
  [1_000, '1000'],
  [1_001, '2000'],
  [300_000, '300000'],
  [300_001, 'more'],
])('%i ms are in the bucket %s', (ms, bucket) => {
  expect(counted(PLACED, hint({ receivedAt: NOW - ms }))).toContain(`latency ${bucket}`);
});

const NOTHING: Omit<Commit, 'counts'> = {
  contacts: [],
  dialer: [],
  siblings: [],
  asked: [],
  deadLetters: [],
  circuits: [],
  paces: [],
  released: { contactIds: [], phoneHashes: [] },
};

/** A database in which the batch `mine` holds the contact `one`. */
function stage() {
  const sqlite = openSqlite();
  sqlite.rows(
    `INSERT INTO contacts (location_id, contact_id, lease_token, lease_until, created_at, updated_at)
     VALUES ('here', 'one', 'mine', ?1, 0, 0)`,
    NOW + HOUR,
  );
  const db = sqlite.bind(async (act) => act());
  const commit = (counts: Count[], token = 'mine', now = NOW) =>
    commitBatch(db, { locationId: 'here', token, now, until: now, lateMs: 0 }, { ...NOTHING, counts });
  const read = (since = 0) => readCounters(db, ['here'], since);
  return { commit, read };
}

test('batches of one hour add up; another hour has its own', async () => {
  const { commit, read } = stage();
  const counts = countsOf(ended(PLACED, hint()), () => true, NOW).filter(({ kind }) => kind === 'outcome');
  await commit([...counts, ...counts]);
  await commit(counts);
  await commit(counts, 'mine', NOW + HOUR);
  const hour = hourOf(NOW);
  expect(await read()).toEqual([
    { hour, kind: 'outcome', name: 'placed', n: 3 },
    { hour: hour + HOUR, kind: 'outcome', name: 'placed', n: 1 },
  ]);
  expect(await read(hour + 1)).toHaveLength(1);
});

test('work whose lease was lost is not counted: it comes back and is counted then', async () => {
  const { commit, read } = stage();
  await commit(
    countsOf(ended(PLACED, hint()), () => true, NOW),
    'an earlier batch',
  );
  expect(await read()).toEqual([]);
});

test('what was skipped without a lease is counted all the same', async () => {
  const { commit, read } = stage();
  await commit(countsOf(ended({ kind: 'skipped' }, hint({ contactId: 'stranger' })), () => false, NOW));
  expect((await read()).map(({ name }) => name).sort()).toEqual(['skipped', 'webhook']);
});

test('a history has every hour and every day, and tells the share within the promise', () => {
  const hour = hourOf(NOW);
  const history = viewHistory(
    [
      { hour, kind: 'outcome', name: 'placed', n: 2 },
      { hour: hour - 12 * HOUR, kind: 'outcome', name: 'placed', n: 3 },
      { hour: hour - 13 * HOUR, kind: 'outcome', name: 'placed', n: 4 },
      { hour, kind: 'latency', name: '5000', n: 3 },
      { hour, kind: 'latency', name: '10000', n: 1 },
      { hour: hour - 24 * HOUR, kind: 'latency', name: 'more', n: 100 },
    ],
    NOW,
  );
  expect(history.hours).toHaveLength(24);
  expect(history.days).toHaveLength(14);
  expect(history.hours.at(-1)).toMatchObject({ from: '2026-11-20T12:00:00.000Z', outcomes: { placed: 2 } });
  expect(history.days.at(-1)).toMatchObject({ from: '2026-11-20T00:00:00.000Z', outcomes: { placed: 5 } });
  expect(history.days.at(-2)).toMatchObject({ outcomes: { placed: 4 } });
  expect(history.days[0]?.from).toBe('2026-11-07T00:00:00.000Z');
  expect(history.latency).toMatchObject({ total: 4, within_promise: 0.75, p50_ms: 5_000, p95_ms: 10_000 });
});

test('with nothing to take a share of there is none', () => {
  expect(viewHistory([], NOW).latency).toMatchObject({ within_promise: null, p50_ms: null, p95_ms: null });
});
