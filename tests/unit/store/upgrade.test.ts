// A database that 0.2.0 and the migrations before have filled, and the new migration on top of it.

import { readdirSync, readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { D1Database } from '@cloudflare/workers-types';
import { expect, test } from 'vitest';
import { openSqlite } from '../../../sandbox/d1-sqlite.ts';
import { contactsToForget } from '../../../workers/consumer/store/forget.ts';
import { addCounts, hourOf, readCounters, readLocationCounters } from '../../../workers/consumer/store/totals.ts';

const NOW = 1_795_000_000_000;
const LEASE = { locationId: 'here', token: 'mine', now: NOW, until: NOW + 60_000, lateMs: 0 };
const FOLDER = new URL('../../../migrations/', import.meta.url);

function migrate(database: DatabaseSync, which: (name: string) => boolean): void {
  for (const name of readdirSync(FOLDER).filter(which).sort())
    database.exec(readFileSync(new URL(name, FOLDER), 'utf8'));
}

test('0011 keeps every row, and what was counted before it', () => {
  const database = new DatabaseSync(':memory:');
  migrate(database, (name) => name < '0011');
  database.exec(`
    INSERT INTO contacts (location_id, contact_id, state, reason, reason_since, wish, created_at, updated_at)
      VALUES ('here', 'gone', 'kept_out', 'deleted', 5, 'none', 0, 0), ('here', 'new', 'pending', 'received', NULL, 'none', 0, 0);
    INSERT INTO dialer (location_id, phone_hash, contact_id, held, verified_at, updated_at) VALUES ('here', 'p', 'x', 1, 7, 0);
    INSERT INTO counters (location_id, hour, kind, name, n) VALUES ('here', ${hourOf(NOW)}, 'outcome', 'placed', 2);`);
  const all = () =>
    ['contacts', 'dialer', 'counters'].map((table) => database.prepare(`SELECT * FROM ${table} ORDER BY 1, 2`).all());
  const before = all();
  migrate(database, (name) => name >= '0011');
  expect(all()).toEqual(before);
  // What 0.2.0 writes still has its tables.
  database.exec(`INSERT INTO counters (location_id, hour, kind, name, n) VALUES ('here', 0, 'outcome', 'placed', 1)
    ON CONFLICT (location_id, hour, kind, name) DO UPDATE SET n = n + excluded.n`);
  expect(database.prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
});

test('an hour is what both versions have counted in it', async () => {
  const sqlite = openSqlite();
  const db = sqlite.bind(async (act) => act());
  sqlite.rows(
    `INSERT INTO counters (location_id, hour, kind, name, n) VALUES ('here', ?1, 'outcome', 'placed', 2)`,
    hourOf(NOW),
  );
  const count = (name: string, n: number) => ({ kind: 'outcome', name, n, contactId: null }) as const;
  await db.batch([addCounts(db, LEASE, [count('placed', 1), count('placed', 3), count('dead', 1)])]);
  await db.batch([addCounts(db, LEASE, [count('placed', 1)])]);
  const hour = hourOf(NOW);
  expect(sqlite.rows('SELECT counts FROM hours')).toEqual([{ counts: '{"outcome dead":1,"outcome placed":5}' }]);
  expect(await readCounters(db, ['here'], hour)).toEqual([
    { hour, kind: 'outcome', name: 'dead', n: 1 },
    { hour, kind: 'outcome', name: 'placed', n: 7 },
  ]);
  expect(await readLocationCounters(db, ['here', 'there'], hour, NOW)).toEqual([
    { locationId: 'here', kind: 'outcome', name: 'dead', today: 1, recent: 1 },
    { locationId: 'here', kind: 'outcome', name: 'placed', today: 7, recent: 7 },
  ]);
});

/** The first statement that `ask` prepares, as SQLite would go about it. */
async function planOf(ask: (db: D1Database) => Promise<unknown>): Promise<string[]> {
  const sqlite = openSqlite();
  const asked: string[] = [];
  const real = sqlite.bind(async (act) => act());
  const prepare = (sql: string) => {
    asked.push(sql);
    return real.prepare(sql);
  };
  await ask({ prepare } as unknown as D1Database);
  return sqlite.rows(`EXPLAIN QUERY PLAN ${asked[0]}`).map(({ detail }) => String(detail));
}

test('contacts to forget are still found by an index', async () => {
  const plan = await planOf((db) => contactsToForget(db, NOW, NOW, 10));
  expect(plan).toContain('SEARCH c USING INDEX contacts_forgettable (reason=? AND reason_since<?)');
});

test('the hours of a chart are looked up, not all that were kept', async () => {
  const plans = [
    await planOf((db) => readCounters(db, ['here'], 0)),
    await planOf((db) => readLocationCounters(db, ['here'], 0, NOW)),
  ];
  for (const plan of plans)
    expect(plan).toEqual(
      expect.arrayContaining([
        'SEARCH counters USING PRIMARY KEY (location_id=? AND hour>?)',
        'SEARCH h USING PRIMARY KEY (location_id=? AND hour>?)',
      ]),
    );
});
