// What is stored of an account's fields: read with the claim, counted from an index, and forgotten only where that changes nothing.

import type { D1Database } from '@cloudflare/workers-types';
import { describe, expect, test } from 'vitest';
import { openSqlite } from '../../../sandbox/d1-sqlite.ts';
import {
  askFieldReports,
  askLeftOut,
  type FieldReport,
  fieldReport,
  leftOutCount,
  problemsOf,
  saveFieldReports,
  sumLeftOut,
} from '../../../workers/consumer/store/fields.ts';
import { removeExpired } from '../../../workers/consumer/store/retention.ts';
import { rowsOf } from '../../../workers/consumer/store/sql.ts';

const DAY = 86_400_000;
const NOW = 1000 * DAY;
const report = (field: string, changes: Partial<FieldReport> = {}): FieldReport => ({
  ...{ field, problem: 'absent', since: NOW - 40 * DAY, seenAt: NOW - 40 * DAY, addedAt: null },
  ...changes,
});

function stage() {
  const sqlite = openSqlite();
  const db = sqlite.bind(async (act) => act());
  return {
    sqlite,
    db,
    save: (...reports: FieldReport[]) => saveFieldReports(db, 'here', reports).run(),
    reports: async () => rowsOf(await askFieldReports(db, ['here']).all()).map(fieldReport),
  };
}

test('a report is read as it was saved, and saved over the one before', async () => {
  const { save, reports, db } = stage();
  await saveFieldReports(db, 'elsewhere', [report('c')]).run();
  await save(report('b'), report('a', { problem: 'altered', addedAt: NOW }));
  await save(report('b', { since: 1, seenAt: 2, addedAt: 3 }));
  expect(await reports()).toEqual([
    report('a', { problem: 'altered', addedAt: NOW }),
    report('b', { since: 1, seenAt: 2, addedAt: 3 }),
  ]);
});

test('only an altered field that was not seen for long is forgotten, and never when one was added', async () => {
  const { save, reports, db } = stage();
  const altered = { problem: 'altered' } as const;
  await save(report('absent'), report('old', altered), report('new', { ...altered, seenAt: NOW }));
  await save(report('added', { ...altered, addedAt: NOW - 50 * DAY }));
  expect(await removeExpired(db, 'fieldReports', NOW - 30 * DAY, NOW)).toBe(1);
  expect((await reports()).map(({ field }) => field)).toEqual(['absent', 'added', 'new']);
});

test('what is absent or altered now is said of fields that are written', () => {
  const reports = [
    report('b'),
    report('a'),
    report('added', { addedAt: NOW }),
    report('gone_again', { addedAt: NOW - DAY, seenAt: NOW }),
    report('state', { problem: 'altered', seenAt: NOW - 29 * DAY }),
    report('city', { problem: 'altered', seenAt: NOW - 31 * DAY }),
    report('once'),
  ];
  const written = ['a', 'b', 'added', 'gone_again', 'state', 'city', 'fine'];
  expect(problemsOf(reports, written, NOW)).toEqual({ absent: ['a', 'b', 'gone_again'], altered: ['state'] });
});

describe('contacts that lack a field', () => {
  test('are counted by location and field', async () => {
    const { sqlite, db } = stage();
    const rows = [
      ['here', ['email']],
      ['here', ['email', 'state']],
      ['here', ['email']],
      ['here', null],
      ['there', ['city']],
    ] as const;
    rows.forEach(([location, fields], n) => {
      const left = fields && JSON.stringify(fields);
      sqlite.rows(
        'INSERT INTO dialer (location_id, phone_hash, contact_id, left_out, updated_at) VALUES (?1, ?2, ?3, ?4, 0)',
        ...[location, `p${n}`, n === 0 ? null : `c${n}`, left],
      );
    });
    const counts = rowsOf(await askLeftOut(db, ['here']).all()).map(leftOutCount);
    expect(counts.every(({ locationId }) => locationId === 'here')).toBe(true);
    expect(sumLeftOut(counts)).toMatchObject({ contacts: 3, fields: { email: 3, state: 1 } });
    expect(sumLeftOut(counts).examples).toEqual({ email: 'c1', state: 'c1' });
    expect(sumLeftOut([{ locationId: 'here', fields: ['email'], n: 1, example: null }]).examples).toEqual({});
    expect(Object.keys(sumLeftOut(counts).fields)).toEqual(['email', 'state']);
  });

  test('are read from their own index, and no other number is', () => {
    const { sqlite, db } = stage();
    const asked: string[] = [];
    const prepare = (sql: string) => {
      asked.push(sql);
      return db.prepare(sql);
    };
    askLeftOut({ prepare } as D1Database, ['here']);
    const plan = sqlite.rows(`EXPLAIN QUERY PLAN ${asked[0]}`, '["here"]');
    expect(plan.map(({ detail }) => detail)).toContainEqual(expect.stringContaining('dialer_left_out'));
  });
});
