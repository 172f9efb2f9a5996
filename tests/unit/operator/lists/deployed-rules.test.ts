// GET /api/v1/rules: the rules in force, in words, with how many contacts each route has.

import { beforeEach, describe, expect, test } from 'vitest';
import { openSqlite } from '../../../../sandbox/d1-sqlite.ts';
import type { List } from '../../../../shared/api/lists.ts';
import type { DeployedRules } from '../../../../shared/api/rules.ts';
import { readLocations } from '../../../../workers/consumer/config/locations.ts';
import { cachedContactCounts } from '../../../../workers/consumer/store/totals.ts';
import {
  ask,
  expectProblem,
  iso,
  LOCATION,
  locationsOf,
  NOW,
  operatorDeps,
  seedContact,
} from '../../../support/operator-harness.ts';
import { RULES_FILE } from '../../../support/rules.ts';

const RULES = {
  routes: [
    { name: 'warm', tags: ['warm lead'], not: { source: ['partner'] }, bucket: 'Warm Leads', calltoolsTag: 'Warm' },
    { name: 'warm again', tags: ['warm lead'], not: { source: ['partner', 'friend'] }, bucket: 'Warm Leads' },
    { name: 'customer', tags: ['customer'], bucket: null },
  ],
  require: { custom: { 'contact.consent': ['yes'] } },
};
const OURS = await locationsOf([LOCATION, 'two'], { SYNC_RULES: RULES });

let sqlite: ReturnType<typeof openSqlite>;
let db: ReturnType<typeof sqlite.bind>;
beforeEach(() => {
  sqlite = openSqlite();
  db = sqlite.bind(async (act) => act());
});

async function list(query = '', locations = OURS): Promise<DeployedRules[]> {
  const response = await ask(`/api/v1/rules${query}`, operatorDeps(db, { locations }).deps);
  const { data, next } = (await response.json()) as List<DeployedRules>;
  expect(next).toBeNull();
  return data;
}

test('the routes are shown in order, each with what it asks in words, and where the rules stand', async () => {
  const [own] = await list(`?location=${LOCATION}`);
  expect(own).toMatchObject({ location_id: LOCATION, fault: null, from: 'SYNC_RULES', opt_out_tags: true });
  expect(own?.routes.map(({ name, bucket, calltools_tag }) => [name, bucket, calltools_tag])).toEqual([
    ['opt-out tags', null, null],
    ['warm', 'Warm Leads', 'Warm'],
    ['warm again', 'Warm Leads', null],
    ['customer', null, null],
  ]);
  expect(own?.routes[1]?.conditions).toEqual([
    { condition: 'tags', asks: 'a tag "warm lead"' },
    { condition: 'not source', asks: 'not: source is "partner"' },
  ]);
  expect(own?.require).toEqual([
    { condition: 'custom contact.consent', asks: 'custom field contact.consent is "yes"' },
  ]);
});

test('a route that can never match says why, and no other does', async () => {
  const [own] = await list();
  expect(own?.routes.map(({ never_matches }) => never_matches)).toEqual([
    null,
    null,
    'route "warm again" can never match: route "warm", which stands before it, takes every contact that it could match',
    null,
  ]);
});

test('each route has its own contacts counted by where they stand, and what has the name of a former route is named', async () => {
  await seedContact(db, 'a', { state: 'placed', reason: 'placed', route: 'warm' });
  await seedContact(db, 'b', { state: 'kept_out', reason: 'dnd', route: 'warm' });
  await seedContact(db, 'c', { state: 'kept_out', reason: 'no_phone', route: 'warm' });
  await seedContact(db, 'd', { state: 'failed', reason: 'rejected', route: 'customer' });
  await seedContact(db, 'e', { state: 'kept_out', reason: 'no_route' });
  await seedContact(db, 'f', { state: 'placed', reason: 'placed', route: 'old' });
  await seedContact(db, 'g', { state: 'pending', reason: 'new', route: 'old' });
  await seedContact(db, 'h', { state: 'placed', reason: 'placed', route: 'warm' }, 'two');
  const none = { placed: 0, kept_out: 0, pending: 0, failed: 0 };
  const [one, two] = await list();
  expect(one?.routes.map(({ contacts }) => contacts)).toEqual([
    none,
    { ...none, placed: 1, kept_out: 2 },
    none,
    { ...none, failed: 1 },
  ]);
  expect([one?.former_routes, one?.counted_at]).toEqual([[{ name: 'old', contacts: 2 }], iso(NOW)]);
  expect([two?.routes[1]?.contacts.placed, two?.former_routes]).toEqual([1, []]);
});

test('a location whose rules cannot be read has its fault, and the others are shown', async () => {
  const faulty = await readLocations({
    GHL_LOCATION_ID: LOCATION,
    CALLTOOLS_BASE_URL: 'https://east-1.calltools.test',
    ...{ GHL_API_KEY: 'pit-1', CALLTOOLS_API_KEY: 'key' },
    SYNC_RULES: { routes: [{ name: 'a', tag: ['x'], bucket: 'A' }] },
    rulesFile: RULES_FILE,
  });
  const [own] = await list('', faulty);
  expect(own).toMatchObject({ from: null, opt_out_tags: null, routes: [], require: [] });
  expect(own?.fault).toMatch(/^SYNC_RULES: route "a": "tag" is not known\. Did you mean tags/);
});

test('optOutTags off shows no built-in route', async () => {
  const [own] = await list('', await locationsOf([LOCATION], { SYNC_RULES: { ...RULES, optOutTags: false } }));
  expect([own?.opt_out_tags, own?.routes[0]?.name]).toEqual([false, 'warm']);
});

test('a location that there is not is refused', async () => {
  const { deps } = operatorDeps(db, { locations: OURS });
  await expectProblem(await ask('/api/v1/rules?location=none', deps), 404, /name no such location/);
});

describe('counting', () => {
  test('reads one index, sorts nothing, and is not repeated while it is recent', async () => {
    const statements: string[] = [];
    const prepare = (sql: string) => {
      statements.push(sql);
      return db.prepare(sql);
    };
    const watched = { prepare, batch: db.batch.bind(db) } as unknown as typeof db;
    await cachedContactCounts(watched, ['a', 'b'], NOW);
    const [sql = ''] = statements;
    const steps = sqlite.rows(`EXPLAIN QUERY PLAN ${sql}`).map(({ detail }) => String(detail));
    expect(steps.join('\n')).toMatch(/SEARCH contacts USING COVERING INDEX contacts_by_change \(location_id=\?\)/);
    expect(steps.filter((step) => /TEMP B-TREE|SCAN contacts/.test(step))).toEqual([]);
  });

  test('counts of several routes add up to those of a reason', async () => {
    await seedContact(db, 'a', { state: 'placed', reason: 'placed', route: 'warm' });
    await seedContact(db, 'b', { state: 'placed', reason: 'placed', route: 'old' });
    const { contacts, routes } = await cachedContactCounts(db, [LOCATION], NOW);
    expect(contacts).toEqual([{ locationId: LOCATION, state: 'placed', reason: 'placed', n: 2 }]);
    expect(routes).toHaveLength(2);
  });
});
