// GET /api/v1/contacts?format=csv: all rows that match, a page at a time, and nothing that a spreadsheet would run.

import { beforeEach, expect, test } from 'vitest';
import { openSqlite } from '../../../../sandbox/d1-sqlite.ts';
import { PLACES } from '../../../../workers/consumer/domain/explanations.ts';
import {
  ask,
  expectProblem,
  iso,
  LOCATION,
  NOW,
  operatorDeps,
  seedContact,
} from '../../../support/operator-harness.ts';

const HEAD = 'contact_id,location_id,state,reason,explanation,route,calltools_id,changed_at,read_at';
const MANY = 100_000;

let sqlite: ReturnType<typeof openSqlite>;
let statements: string[];
beforeEach(() => {
  sqlite = openSqlite();
  statements = [];
});

/** D1 that notes each statement as it runs. */
function db() {
  const real = sqlite.bind(async (act) => act());
  const prepare = (sql: string) => {
    statements.push(sql);
    return real.prepare(sql);
  };
  return { ...real, prepare, batch: (all: Parameters<typeof real.batch>[0]) => real.batch(all) } as typeof real;
}

const csv = (query = '') => ask(`/api/v1/contacts?format=csv${query}`, operatorDeps(db()).deps);

/** Without the byte order mark, which text() takes away. */
async function lines(query = ''): Promise<string[]> {
  const response = await csv(query);
  return (await response.text()).split('\r\n').filter((line) => line !== '');
}

test('each row has ids, state, why, route and times; the file has a name, and UTF-8 that Excel reads', async () => {
  await seedContact(db(), 'c1', {
    state: 'kept_out',
    reason: 'dnd',
    route: 'cold',
    reason_since: NOW,
    read_at: NOW - 1,
  });
  const response = await csv();
  expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8');
  expect(response.headers.get('content-disposition')).toBe('attachment; filename="contacts-2026-11-20.csv"');
  const bytes = new Uint8Array(await response.arrayBuffer());
  expect([...bytes.slice(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
  const why = `"${PLACES.dnd.what}"`;
  expect(await lines()).toEqual([HEAD, `c1,${LOCATION},kept_out,dnd,${why},cold,,${iso(NOW)},${iso(NOW - 1)}`]);
});

test.each(['=cmd()', '+1', '-1', '@SUM(A1)', '\t=1'])('a route named %j is no formula', async (route) => {
  await seedContact(db(), 'c1', { state: 'placed', reason: 'placed', route });
  expect((await lines())[1]).toContain(`,'${route},`);
});

test('quotes, commas and line breaks stay within their cell', async () => {
  await seedContact(db(), 'c1', { state: 'placed', reason: 'placed', route: 'a "b", c\nd' });
  expect((await lines())[1]).toContain(',"a ""b"", c\nd",');
});

test('only rows that match are in it', async () => {
  await seedContact(db(), 'c1', { state: 'placed', reason: 'placed', route: 'cold-lead' });
  await seedContact(db(), 'c2', { state: 'kept_out', reason: 'dnd', route: 'cold-lead' });
  expect((await lines('&state=kept_out')).slice(1).map((line) => line.split(',')[0])).toEqual(['c2']);
  await expectProblem(await csv('&route=gone'), 400, /route must be one of/);
});

test('of 100,000 contacts a page is read when it is asked for, each from the index, and none is missed', async () => {
  sqlite.rows(
    `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2)
     INSERT INTO contacts (location_id, contact_id, state, reason, route, reason_since, created_at, updated_at)
     SELECT ?1, 'c' || i, iif(i % 10, 'placed', 'kept_out'), iif(i % 10, 'placed', 'route'), 'cold', i / 3, i, i FROM n`,
    LOCATION,
    MANY,
  );
  const response = await csv();
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  if (!reader) throw new Error('no body');
  expect(statements).toHaveLength(1);
  const ids = new Set<string>();
  let rest = '';
  let longest = 0;
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    longest = Math.max(longest, read.value.length);
    const whole = (rest + read.value).split('\r\n');
    rest = whole.pop() ?? '';
    for (const line of whole) ids.add(String(line.split(',')[0]));
  }
  expect(ids.size).toBe(MANY + 1);
  expect(longest).toBeLessThan(500_000);
  const [sql = ''] = statements;
  const plan = sqlite.rows(`EXPLAIN QUERY PLAN ${sql}`).map(({ detail }) => String(detail));
  expect(plan.filter((step) => /^SCAN (contacts|c|i|d)\b/.test(step))).toEqual([]);
  expect(plan.join()).toMatch(
    /contacts_by_change \(location_id=\? AND state=\? AND reason=\? AND route=\? AND <expr>>\? AND <expr><\?\)/,
  );
});
