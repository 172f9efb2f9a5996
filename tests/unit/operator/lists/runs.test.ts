// GET /api/v1/runs, one run, and whom it was about.

import { beforeEach, expect, test } from 'vitest';
import { openSqlite } from '../../../../sandbox/d1-sqlite.ts';
import type { RunContacts, RunList } from '../../../../shared/api/lists.ts';
import type { LocatedRun } from '../../../../shared/api/status.ts';
import {
  ask,
  dataOf,
  expectProblem,
  HOUR,
  iso,
  LOCATION,
  locationsOf,
  NOW,
  operatorDeps,
  seedContact,
} from '../../../support/operator-harness.ts';

const BOTH = await locationsOf([LOCATION, 'two']);

let sqlite: ReturnType<typeof openSqlite>;
let db: ReturnType<typeof sqlite.bind>;
beforeEach(() => {
  sqlite = openSqlite();
  db = sqlite.bind(async (act) => act());
});

function run(id: string, startedAt: number, columns: Record<string, string | number | null> = {}) {
  const row = {
    id,
    location_id: LOCATION,
    started_by: 'cron',
    state: 'complete',
    started_at: startedAt,
    heartbeat_at: startedAt,
    finished_at: startedAt,
    settled_at: startedAt,
    ...columns,
  };
  const names = Object.keys(row);
  sqlite.rows(
    `INSERT INTO runs (${names.join(', ')}) VALUES (${names.map((_, n) => `?${n + 1}`).join(', ')})`,
    ...Object.values(row),
  );
}
const named = (contactId: string, kind: string, at: number, id = 'r') =>
  sqlite.rows(
    'INSERT INTO run_contacts (run_id, contact_id, kind, at) VALUES (?1, ?2, ?3, ?4)',
    id,
    contactId,
    kind,
    at,
  );
const get = (path: string) => ask(path, operatorDeps(db, { locations: BOTH }).deps);
const list = async <T>(path: string) => (await (await get(path)).json()) as T;

test('runs are listed newest first over all locations, or of one, a page at a time', async () => {
  run('a', NOW - 3 * HOUR);
  run('b', NOW - 2 * HOUR, { location_id: 'two' });
  run('c', NOW - 2 * HOUR);
  run('d', NOW - HOUR);
  const pages: string[][] = [];
  let cursor = '';
  do {
    const { data, next } = await list<RunList>(`/api/v1/runs?limit=1${cursor && `&cursor=${cursor}`}`);
    pages.push(data.map(({ id }) => id));
    cursor = next ?? '';
  } while (cursor);
  expect(pages).toEqual([['d'], ['c'], ['b'], ['a']]);
  expect((await list<RunList>('/api/v1/runs?location=two')).data).toMatchObject([{ id: 'b', location_id: 'two' }]);
});

test('one run says how far it is and when all of it will be done', async () => {
  const marks = JSON.stringify([[NOW - HOUR, 0, 0]]);
  run('r', NOW - HOUR, { finished_at: NOW, settled_at: null, settled: 60, queued: 90, marks });
  for (let n = 0; n < 30; n++) await seedContact(db, `c${n}`, { queued_run: 'r' });
  expect(await dataOf<LocatedRun>(get('/api/v1/runs/r'))).toMatchObject({
    id: 'r',
    location_id: LOCATION,
    phase: 'contacts',
    waiting: 30,
    expected_finish: iso(NOW + HOUR / 2),
  });
});

test('whom it repaired and who failed in it, with where each is now', async () => {
  run('r', NOW, { missing: 1, errors: 1, gone: 1 });
  named('one', 'missing', NOW - 3);
  named('lost', 'failed', NOW - 2);
  named('forgotten', 'gone', NOW - 1);
  named('other', 'missing', NOW, 'another');
  await seedContact(db, 'one', { state: 'placed', reason: 'placed' });
  await seedContact(db, 'lost', { state: 'failed', reason: 'rejected' });
  await seedContact(db, 'lost', { state: 'placed', reason: 'placed' }, 'two');
  const { data, next, capped } = await list<RunContacts>('/api/v1/runs/r/contacts');
  expect(data).toMatchObject([
    { contact_id: 'forgotten', kind: 'gone', at: iso(NOW - 1), state: null, reason: null },
    {
      contact_id: 'lost',
      kind: 'failed',
      at: iso(NOW - 2),
      state: 'failed',
      reason: 'rejected',
      reason_text: 'A vendor refused the data',
    },
    { contact_id: 'one', kind: 'missing', at: iso(NOW - 3), state: 'placed', reason: 'placed' },
  ]);
  expect(data[2]?.links.gohighlevel).toContain('one');
  expect([next, capped]).toEqual([null, false]);
  const failed = await list<RunContacts>('/api/v1/runs/r/contacts?kind=failed');
  expect(failed.data.map(({ contact_id }) => contact_id)).toEqual(['lost']);
});

test('its contacts come in pages, each once, also those of one moment', async () => {
  run('r', NOW, { missing: 5 });
  for (const id of ['c', 'a', 'e', 'b', 'd']) named(id, 'missing', NOW - (id > 'c' ? 1 : 0));
  const found: string[] = [];
  let cursor = '';
  do {
    const { data, next } = await list<RunContacts>(`/api/v1/runs/r/contacts?limit=2${cursor && `&cursor=${cursor}`}`);
    found.push(...data.map(({ contact_id }) => contact_id));
    cursor = next ?? '';
  } while (cursor);
  expect(found).toEqual(['c', 'b', 'a', 'e', 'd']);
});

test.each([{ missing: 800, drifted: 201 }, { errors: 1001 }])(
  'a list that is too short for %j says so',
  async (sums) => {
    run('r', NOW, sums);
    expect(await list<RunContacts>('/api/v1/runs/r/contacts')).toMatchObject({ capped: true });
  },
);

test('a run that is not known is a 404 that says where to look', async () => {
  for (const path of ['/api/v1/runs/x', '/api/v1/runs/x/contacts'])
    await expectProblem(await get(path), 404, /kept for 90 days. GET \/api\/v1\/runs lists/);
  run('r', NOW);
  await expectProblem(await get('/api/v1/runs/r/contacts?kind=odd'), 400, /must be one of missing, misplaced/);
});

test('runs and their contacts are found by their keys', () => {
  const plans = [
    `SELECT * FROM runs WHERE location_id = ?1 AND started_at <= ?3 AND (started_at < ?3 OR id < ?4) ORDER BY started_at DESC, id DESC LIMIT ?2`,
    `SELECT contact_id FROM run_contacts WHERE run_id = ?1`,
  ].map((sql) => sqlite.rows(`EXPLAIN QUERY PLAN ${sql}`).map(({ detail }) => String(detail)));
  expect(plans).toEqual([
    ['SEARCH runs USING INDEX runs_recent (location_id=? AND started_at<?)'],
    ['SEARCH run_contacts USING PRIMARY KEY (run_id=?)'],
  ]);
});
