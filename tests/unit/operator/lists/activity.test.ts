// GET /api/v1/activity: what an entry says, the filters, and what is refused.

import { beforeEach, expect, test } from 'vitest';
import { openSqlite } from '../../../../sandbox/d1-sqlite.ts';
import type { Activity } from '../../../../shared/api/lists.ts';
import {
  ask,
  expectProblem,
  iso,
  LOCATION,
  locationsOf,
  MINUTE,
  NOW,
  operatorDeps,
  seedContact,
} from '../../../support/operator-harness.ts';

const BOTH = await locationsOf([LOCATION, 'two']);
const history = (at: number, reason: string, source: string) =>
  JSON.stringify([{ at, outcome: 'done', reason, eventId: `of-${source}`, source }]);

let db: ReturnType<ReturnType<typeof openSqlite>['bind']>;
beforeEach(async () => {
  db = openSqlite().bind(async (act) => act());
  const at = (minutes: number) => NOW - minutes * MINUTE;
  await seedContact(db, 'placed1', {
    ...{ state: 'placed', reason: 'placed', route: 'cold-lead', reason_since: at(1) },
    history: history(at(1), 'placed', 'webhook'),
  });
  await seedContact(db, 'out1', {
    ...{ state: 'kept_out', reason: 'dnd', reason_since: at(3) },
    history: history(at(3), 'dnd', 'backstop'),
  });
  await seedContact(db, 'failed2', { state: 'failed', reason: 'rejected', reason_since: at(2) }, 'two');
});

const list = async (query: string) => {
  const response = await ask(`/api/v1/activity${query}`, operatorDeps(db, { locations: BOTH }).deps);
  return (await response.json()) as Activity;
};
const idsOf = async (query: string) => (await list(query)).data.map(({ contact_id }) => contact_id);

test('an entry says what became of the contact, when, why in words, and what asked for it', async () => {
  const { data, next } = await list('');
  expect(next).toBeNull();
  expect(data.map(({ contact_id }) => contact_id)).toEqual(['placed1', 'failed2', 'out1']);
  expect(data[0]).toEqual({
    at: iso(NOW - MINUTE),
    contact_id: 'placed1',
    location_id: LOCATION,
    outcome: 'placed',
    reason: 'placed',
    reason_text: 'In the dialer',
    explanation: 'A route gives this contact a bucket, and CallTools holds it there.',
    route: 'cold-lead',
    source: 'webhook',
    event_id: 'of-webhook',
    links: { gohighlevel: expect.stringContaining('placed1'), calltools: null },
  });
  expect(data[1]).toMatchObject({ location_id: 'two', source: null, event_id: null });
});

test('each filter narrows, and they combine', async () => {
  expect(await idsOf('?outcome=kept_out')).toEqual(['out1']);
  expect(await idsOf('?source=backstop')).toEqual(['out1']);
  expect(await idsOf('?source=backstop&outcome=placed')).toEqual([]);
  expect(await idsOf('?location=two')).toEqual(['failed2']);
  expect(await idsOf(`?from=${iso(NOW - 2 * MINUTE)}`)).toEqual(['placed1', 'failed2']);
  expect(await idsOf(`?to=${iso(NOW - 2 * MINUTE)}`)).toEqual(['out1']);
  expect(await idsOf('?from=2026-11-20T11:57Z&to=2026-11-20T11:59Z')).toEqual(['failed2', 'out1']);
});

test('a page leads to the next one', async () => {
  const { data, next } = await list('?limit=2');
  expect(data).toHaveLength(2);
  expect(await idsOf(`?limit=2&cursor=${next}`)).toEqual(['out1']);
});

test.each([
  ['outcome=gone', /must be one of pending, placed, kept_out, failed/],
  ['source=fax', /must be one of webhook, workflow/],
  ['from=yesterday', /must be a time in UTC such as/],
  ['to=2026-13-01T00:00Z', /must be a time that exists/],
  ['limit=201', /must be from 1 to 200/],
  ['cursor=x', /must be the `next` of an earlier answer/],
])('%s is refused with what it must be', async (query, detail) => {
  await expectProblem(await ask(`/api/v1/activity?${query}`, operatorDeps(db, { locations: BOTH }).deps), 400, detail);
});
