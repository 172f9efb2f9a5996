// GET /api/v1/contacts: filters, pages, counts, and what is not in its rows.

import { beforeEach, expect, test } from 'vitest';
import { openSqlite } from '../../../../sandbox/d1-sqlite.ts';
import type { ContactList } from '../../../../shared/api/lists.ts';
import {
  ask,
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

let db: ReturnType<ReturnType<typeof openSqlite>['bind']>;
beforeEach(async () => {
  db = openSqlite().bind(async (act) => act());
  await seedContact(db, 'placed1', { state: 'placed', reason: 'placed', route: 'cold-lead', reason_since: NOW - 3 });
  await seedContact(db, 'out1', { state: 'kept_out', reason: 'dnd', route: 'cold-lead', reason_since: NOW - 2 });
  await seedContact(db, 'failed1', { state: 'failed', reason: 'rejected', reason_since: NOW - 1, error: 'zip_code' });
  await seedContact(db, 'failed2', { state: 'failed', reason: 'rejected', reason_since: NOW }, 'two');
});

const list = async (query: string) => {
  const response = await ask(`/api/v1/contacts${query}`, operatorDeps(db, { locations: BOTH }).deps);
  return (await response.json()) as ContactList & { success: boolean };
};
const idsOf = async (query: string) => (await list(query)).data.map(({ contact_id }) => contact_id);

test.each([
  ['', ['failed2', 'failed1', 'out1', 'placed1']],
  ['?state=failed', ['failed2', 'failed1']],
  ['?reason=dnd', ['out1']],
  ['?state=placed&reason=dnd', []],
  ['?route=cold-lead', ['out1', 'placed1']],
  ['?route=cold-lead&state=placed', ['placed1']],
  ['?location=two', ['failed2']],
  ['?location=two&state=placed', []],
])('%s lists %j', async (query, ids) => {
  expect(await idsOf(query)).toEqual(ids);
});

test('pages follow each other until next is null', async () => {
  const first = await list('?limit=3');
  expect([first.data.length, first.next]).toEqual([3, expect.any(String)]);
  const second = await list(`?limit=3&cursor=${first.next}`);
  expect(second).toMatchObject({ success: true, data: [{ contact_id: 'placed1' }], next: null });
});

test('a row has ids, links, state, reason, route and times, and nothing else', async () => {
  const { data } = await list('?location=two');
  expect(data).toEqual([
    {
      contact_id: 'failed2',
      location_id: 'two',
      state: 'failed',
      reason: 'rejected',
      reason_text: 'A vendor refused the data',
      route: null,
      calltools_id: null,
      changed_at: iso(NOW),
      read_at: null,
      updated_at: iso(NOW - HOUR / 60),
      links: {
        gohighlevel: 'https://app.gohighlevel.com/v2/location/two/contacts/detail/failed2',
        calltools: null,
      },
    },
  ]);
});

test('counts are of the locations that are asked about, whatever else is filtered', async () => {
  const { counts, counted_at } = await list('?state=placed');
  const rejected = { state: 'failed', reason: 'rejected', reason_text: 'A vendor refused the data' };
  expect(counts[0]).toEqual({ ...rejected, count: 2 });
  expect(counts).toHaveLength(3);
  expect(counted_at).toBe(iso(NOW));
  expect((await list('?location=two')).counts).toEqual([{ ...rejected, count: 1 }]);
});

test('routes are counted too, and how many of each are in the dialer', async () => {
  expect((await list('?state=failed')).routes).toEqual([
    { route: 'cold-lead', count: 2, placed: 1 },
    { route: null, count: 2, placed: 0 },
  ]);
});

test.each([
  ['state=gone', /state must be one of pending, placed, kept_out, failed\./],
  ['reason=gone', /reason must be one of received, placed, .*rejected/],
  ['route=gone', /route must be one of .*cold-lead/],
  ['limit=201', /limit must be from 1 to 200/],
])('%s is refused, and the right words are named', async (query, detail) => {
  await expectProblem(await ask(`/api/v1/contacts?${query}`, operatorDeps(db, { locations: BOTH }).deps), 400, detail);
});
