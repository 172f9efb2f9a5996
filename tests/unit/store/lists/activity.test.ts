// What became of contacts lately: answered from the index of the contact list, at 100,000 contacts too, and with what asked for it.

import type { D1Database } from '@cloudflare/workers-types';
import { beforeAll, describe, expect, test } from 'vitest';
import { openSqlite } from '../../../../sandbox/d1-sqlite.ts';
import { listChanges } from '../../../../workers/consumer/store/lists/activity.ts';

/** Contact i of 100,000 changed at i seconds; a backstop run asked for every thousandth, webhooks for the others. */
const INSERT = `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
  INSERT INTO contacts (location_id, contact_id, state, reason, route, reason_since, history, created_at, updated_at)
  SELECT 'here', 'c' || i, iif(i % 10, 'placed', 'failed'), iif(i % 10, 'placed', 'rejected'), iif(i % 3, 'cold', NULL), i * 1000,
    json_array(json_object('at', i * 1000 - 5, 'reason', iif(i % 10, 'placed', 'rejected'), 'eventId', 'e' || i, 'source', iif(i % 1000, 'webhook', 'backstop'))), 0, 0 FROM n`;

describe('at 100,000 contacts', () => {
  const sqlite = openSqlite();
  const real = sqlite.bind(async (act) => act());
  const statements = new Set<string>();
  const prepare = (sql: string) => {
    statements.add(sql);
    return real.prepare(sql);
  };
  const db = { prepare, batch: (all: Parameters<D1Database['batch']>[0]) => real.batch(all) } as unknown as D1Database;
  const list = (filter: object, limit = 3, cursor: string | null = null) =>
    listChanges(db, { locationIds: ['here'], ...filter }, limit, cursor);
  beforeAll(() => void sqlite.rows(INSERT));

  test('a range reads its own part of the index', async () => {
    statements.clear();
    const { changes, next } = await list({ state: 'placed', from: 50_000_000, to: 50_004_000 });
    expect(changes.map(({ contactId }) => contactId)).toEqual(['c50003', 'c50002', 'c50001']);
    expect(next).toBeNull();
    const plan = [...statements]
      .flatMap((sql) => sqlite.rows(`EXPLAIN QUERY PLAN ${sql}`))
      .map(({ detail }) => String(detail));
    const whole = /^SCAN [ci]\b|INDEX \w+ \(location_id=\?(?: AND state=\?)?\)$|PRIMARY KEY \(location_id=\?\)$/;
    expect(plan.filter((step) => whole.test(step))).toEqual([]);
    expect(plan.join()).toMatch(/contacts_by_change \(.*AND <expr>>\? AND <expr><\?\)/);
  });

  test('pages continue where the last one ended', async () => {
    const first = await list({ from: 99_996_000 });
    expect(first.changes.map(({ contactId }) => contactId)).toEqual(['c100000', 'c99999', 'c99998']);
    const second = await list({ from: 99_996_000 }, 3, first.next);
    expect(second.changes.map(({ contactId }) => contactId)).toEqual(['c99997', 'c99996']);
    expect(second.next).toBeNull();
  });

  test('a rare source is looked for in bounded steps, and found', async () => {
    const found: string[] = [];
    let [cursor, steps]: [string | null, number] = [null, 0];
    do {
      const { changes, next } = await list({ source: 'backstop', from: 97_500_000 }, 2, cursor);
      found.push(...changes.map(({ contactId }) => contactId));
      [cursor, steps] = [next, steps + 1];
    } while (cursor !== null);
    expect(found).toEqual(['c100000', 'c99000', 'c98000']);
    expect(steps).toBeGreaterThan(5);
  });

  test('of a source that all have, a page is full and the next one begins right after it', async () => {
    const first = await list({ source: 'webhook' }, 2);
    const second = await list({ source: 'webhook' }, 2, first.next);
    expect([...first.changes, ...second.changes].map(({ contactId }) => contactId)).toEqual([
      'c99999',
      'c99998',
      'c99997',
      'c99996',
    ]);
  });
});

test('what asked for it is the work that made the reason what it is, not what came later or before', async () => {
  const sqlite = openSqlite();
  const at = 1_000_000_000;
  const entry = (seconds: number, reason: string, eventId: string) => ({
    at: at + seconds * 1000,
    reason,
    eventId,
    source: 'webhook',
  });
  const add = (id: string, history: object[]) =>
    sqlite.rows(
      `INSERT INTO contacts (location_id, contact_id, state, reason, reason_since, history, created_at, updated_at)
       VALUES ('here', ?1, 'placed', 'placed', ?2, ?3, 0, 0)`,
      ...[id, at, JSON.stringify(history)],
    );
  add('a', [entry(90, 'placed', 'later'), entry(0, 'placed', 'this'), entry(-10, 'no_route', 'before')]);
  add('b', [entry(30, 'placed', 'soon after'), entry(-1, 'placed', 'this'), entry(-2, 'no_route', 'before')]);
  add('c', [entry(900, 'placed', 'later')]);
  const { changes } = await listChanges(
    sqlite.bind(async (act) => act()),
    { locationIds: ['here'] },
    10,
    null,
  );
  expect(changes.map(({ contactId, eventId, source }) => [contactId, eventId, source])).toEqual([
    ['c', null, null],
    ['b', 'this', 'webhook'],
    ['a', 'this', 'webhook'],
  ]);
});
