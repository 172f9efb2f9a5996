// Dead letters at 100,000 contacts of which 10,000 have failed: every list is answered from an index.

import type { D1Database } from '@cloudflare/workers-types';
import { beforeAll, describe, expect, test } from 'vitest';
import { openSqlite } from '../../../../sandbox/d1-sqlite.ts';
import type { LetterTab } from '../../../../shared/api/lists.ts';
import { discardMany, groupLetters, listLetters } from '../../../../workers/consumer/store/lists/letters.ts';
import { beginReplay, listReplays } from '../../../../workers/consumer/store/lists/replays.ts';
import { removeExpired } from '../../../../workers/consumer/store/retention.ts';

const TABS: LetterTab[] = ['waiting', 'retrying', 'discarded', 'resolved'];
const CONTACTS = `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
  INSERT INTO contacts (location_id, contact_id, state, reason, created_at, updated_at)
  SELECT 'here', 'c' || i, iif(i % 10 = 0, 'failed', 'placed'), iif(i % 10, 'placed', iif(i % 20, 'rejected', 'exhausted')), i, i FROM n`;
const LETTERS = `INSERT INTO dead_letters (id, location_id, contact_id, reason, error, message, replayable, attempts, received_at, dead_at)
  SELECT 'd-' || contact_id, location_id, contact_id, reason,
    'PUT /api/contacts/' || created_at || '/: ' || iif(created_at % 30, 502, 503), '{}', 1, 1, created_at, created_at
  FROM contacts WHERE state = 'failed'`;

const sqlite = openSqlite();
const statements = new Set<string>();
const real = sqlite.bind(async (act) => act());
const db = {
  prepare: (sql: string) => {
    statements.add(sql);
    return real.prepare(sql);
  },
  batch: (all: Parameters<D1Database['batch']>[0]) => real.batch(all),
} as unknown as D1Database;

/** Steps that read all contacts or letters, whatever is asked for. */
function wholeReads(): string[] {
  return [...statements].flatMap((sql) =>
    sqlite
      .rows(`EXPLAIN QUERY PLAN ${sql}`)
      .map(({ detail }) => String(detail))
      .filter((step) => /^SCAN (dead_letters|contacts|replays|[acdlr])\b(?!.*replays_by_age)/.test(step)),
  );
}

beforeAll(() => {
  sqlite.rows(CONTACTS);
  sqlite.rows(LETTERS);
});

describe.each(TABS)('%s', (tab) => {
  test.each([{}, { reason: 'rejected' }, { locationId: 'here' }, { contactId: 'c10' }, { sameError: 'x' }])(
    'a page by %j reads only letters of the tab',
    async (filter) => {
      statements.clear();
      await listLetters(db, tab, filter, 50, null);
      expect(wholeReads()).toEqual([]);
    },
  );

  test.each([{}, { reason: 'rejected' }])('a later page by %j does not read the pages before it', async (filter) => {
    statements.clear();
    await listLetters(db, tab, filter, 50, '1000~id');
    const plan = [...statements].flatMap((sql) => sqlite.rows(`EXPLAIN QUERY PLAN ${sql}`));
    expect(String(plan[0]?.detail)).toContain('(dead_at,id)');
  });

  test.each([undefined, 'here'])('the groups of location %s are made of its letters alone', async (locationId) => {
    statements.clear();
    await groupLetters(db, tab, { locationId, locationIds: ['here'] }, 50, 0);
    expect(statements.size).toBe(6);
    expect(wholeReads()).toEqual([]);
  });
});

test('10,000 letters are a handful of groups, each with its count', async () => {
  const { groups, counts, left } = await groupLetters(
    db,
    'waiting',
    { locationId: undefined, locationIds: ['here'] },
    50,
    0,
  );
  expect(groups.map(({ reason, error, count }) => [reason, error, count])).toEqual([
    ['exhausted', 'PUT /api/contacts/…/: 502', 3334],
    ['rejected', 'PUT /api/contacts/…/: 502', 3333],
    ['rejected', 'PUT /api/contacts/…/: 503', 1667],
    ['exhausted', 'PUT /api/contacts/…/: 503', 1666],
  ]);
  expect(counts).toEqual({ waiting: 10_000, retrying: 0, discarded: 0, resolved: 0 });
  expect(left.count).toBe(0);
});

test('one order takes all 10,000, or gives them up', async () => {
  statements.clear();
  const { replay } = await beginReplay(db, 'order', {}, 1);
  expect(replay.letters).toBe(10_000);
  expect(await discardMany(db, {}, 2)).toEqual({ discarded: 10_000, stillFailed: 10_000 });
  expect((await beginReplay(db, 'again', { status: 'discarded' }, 3)).replay.letters).toBe(10_000);
  await listReplays(db, 20, null);
  await listReplays(db, 20, '3~again');
  expect(wholeReads()).toEqual([]);
});

test('a discarded letter is kept as long as its contact is failed for its reason: it can be retried', async () => {
  await discardMany(db, {}, 4);
  sqlite.rows(`UPDATE contacts SET state = 'placed' WHERE contact_id = 'c10'`);
  sqlite.rows(`UPDATE contacts SET reason = 'refused' WHERE contact_id = 'c20'`);
  statements.clear();
  expect(await removeExpired(db, 'settledLetters', 5, 6)).toBe(2);
  expect(wholeReads()).toEqual([]);
  const [gone] = sqlite.rows(`SELECT count(*) AS n FROM dead_letters WHERE contact_id IN ('c10', 'c20')`);
  expect(gone?.n).toBe(0);
});
