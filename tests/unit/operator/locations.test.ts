// The operator's routes where one deployment serves several locations: all of them at a glance, and each by ?location=.

import { beforeEach, describe, expect, test } from 'vitest';
import { openSqlite } from '../../../sandbox/d1-sqlite.ts';
import type { LocatedRun } from '../../../shared/api/status.ts';
import { type Locations, readLocations } from '../../../workers/consumer/config/locations.ts';
import type { OperatorDeps } from '../../../workers/consumer/operator/deps.ts';
import { handleOperator } from '../../../workers/consumer/operator/routes.ts';
import { findRun, insertRun } from '../../../workers/consumer/store/runs.ts';
import { NO_RULES_TRIED } from '../../support/rules.ts';
import { ENV } from '../../support/vendor-harness.ts';
import { NOON } from '../../support/virtual-clock.ts';

const NOTHING_SENT = { sendBatch: () => Promise.reject(new Error('nothing is sent')) };

const SETTINGS = {
  ...ENV,
  GHL_LOCATION_ID: 'one',
  LOCATIONS: { two: { secrets: 'TWO', name: 'Two Ltd' }, three: { secrets: 'THREE' } },
  GHL_API_KEY_TWO: 'pit-two',
  CALLTOOLS_API_KEY_TWO: 'calltools-two',
};
/** One and two are well, three has no secrets. */
const LOCATIONS = await readLocations(SETTINGS);
const ONE_ONLY = await readLocations({ ...ENV, GHL_LOCATION_ID: 'one' });

const sqlite = openSqlite();
const db = sqlite.bind(async (act) => act());
let lines: Record<string, unknown>[];
beforeEach(() => {
  sqlite.clear();
  lines = [];
});

type Runs = { runs: LocatedRun[] };
type Reports = { ok: boolean; reports: { location_id: string | null; ok: boolean }[] };

/** The data of the answer, or what is wrong with the request. */
async function ask<T = unknown>(
  path: string,
  method = 'GET',
  { locations = LOCATIONS, ...more }: Partial<OperatorDeps> = {},
) {
  let ids = 0;
  const deps: OperatorDeps = {
    env: { DB: db, EVENTS: NOTHING_SENT, BACKSTOP: NOTHING_SENT },
    world: { now: () => NOON, newId: () => `new-${++ids}` },
    log: (event, fields) => void lines.push({ event, ...fields }),
    locations,
    preview: async () => ({ kind: 'gone' }),
    findByName: async () => ({ kind: 'found', contactIds: [] }),
    ...NO_RULES_TRIED,
    async startRun(startedBy, { GHL_LOCATION_ID: locationId }) {
      const id = `run-${locationId}`;
      await insertRun(db, { id, locationId, startedBy, startedAt: NOON });
      const run = await findRun(db, id);
      if (!run) throw new Error('no run');
      return { run, joined: false };
    },
    diagnose: async ({ id, kind }) => ({
      locationId: id,
      checks: [{ code: 'settings', status: kind === 'ready' ? 'ok' : 'failed', seen: '' }],
    }),
    ...more,
  };
  const response = await handleOperator(new Request(`https://consumer.test${path}`, { method }), deps);
  const json = (await response.json()) as T & { data?: T };
  return { status: response.status, data: json.data ?? json };
}

function seedContact(locationId: string, contactId: string, state = 'placed', reason = 'placed') {
  sqlite.rows(
    'INSERT INTO contacts (location_id, contact_id, state, reason, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?5)',
    ...[locationId, contactId, state, reason, NOON],
  );
}
function seedLetter(locationId: string | null, id: string) {
  sqlite.rows(
    `INSERT INTO dead_letters (id, location_id, contact_id, reason, error, message, replayable, attempts, received_at, dead_at)
     VALUES (?1, ?2, ?1, 'rejected', 'refused', '{}', 1, 1, ?3, ?3)`,
    ...[id, locationId, NOON],
  );
}
const seedCircuit = (locationId: string, openReason: string | null, throttledUntil = 0) =>
  sqlite.rows(
    `INSERT INTO circuits (location_id, vendor, open_reason, opened_at, throttled_until, updated_at) VALUES (?1, 'calltools', ?2, ?3, ?4, ?3)`,
    ...[locationId, openReason, NOON, throttledUntil],
  );
const seedRun = (locationId: string, id: string, startedAt: number) =>
  sqlite.rows(
    `INSERT INTO runs (id, location_id, started_by, state, started_at, heartbeat_at) VALUES (?1, ?2, 'cron', 'complete', ?3, ?3)`,
    ...[id, locationId, startedAt],
  );

describe('stats', () => {
  beforeEach(() => {
    seedContact('one', 'a');
    seedContact('two', 'a');
    seedContact('two', 'b', 'kept_out', 'route');
    seedContact('one', 'c', 'kept_out', 'route');
    seedContact('gone', 'd');
    for (const [id, location] of [
      ['l1', 'one'],
      ['l2', 'two'],
      ['l3', null],
    ] as const)
      seedLetter(location, id);
    seedCircuit('one', null, NOON + 60_000);
    seedCircuit('two', '401 Unauthorized');
    seedRun('one', 'old', NOON - 2);
    seedRun('two', 'new', NOON - 1);
  });

  test('are totals over all, with each location, its trouble and its fault beside them', async () => {
    expect((await ask('/sync/stats')).data).toMatchObject({
      location_id: null,
      total_contacts: 4,
      synced: 2,
      excluded_customers: 2,
      dead_letters: 3,
      circuits: { calltools: { state: 'open', reason: '401 Unauthorized' }, gohighlevel: { state: 'closed' } },
      last_run: { id: 'new' },
      configuration_error: expect.stringMatching(/^three: GHL_API_KEY_THREE is not set/),
      locations: [
        {
          location_id: 'one',
          name: null,
          total_contacts: 2,
          synced: 1,
          dead_letters: 1,
          configuration_error: null,
          circuits: { calltools: { state: 'closed', throttled_until: expect.any(String) } },
        },
        { location_id: 'two', name: 'Two Ltd', circuits: { calltools: { state: 'open' } }, last_run: { id: 'new' } },
        { location_id: 'three', total_contacts: 0, configuration_error: expect.stringMatching(/^GHL_API_KEY_THREE/) },
      ],
    });
  });

  test('of one location have the form that they have where it is the only one', async () => {
    const { data: of } = await ask('/sync/stats?location=one');
    const { data: alone } = await ask<object>('/sync/stats', 'GET', { locations: ONE_ONLY });
    expect(of).toEqual({ ...alone, dead_letters: 1 });
    expect(alone).toMatchObject({ location_id: 'one', total_contacts: 2, dead_letters: 3 });
    expect(alone).not.toHaveProperty('locations');
  });

  test.each(['/sync/stats', '/sync/runs', '/contacts/a'])(
    '%s of an unknown location names the known ones',
    async (path) => {
      expect(await ask(`${path}?location=gone`)).toMatchObject({
        status: 404,
        data: { detail: expect.stringContaining('one, two, three') },
      });
    },
  );
});

describe('a trigger', () => {
  test('starts a run in each location; one that cannot start says why and stops no other', async () => {
    const { status, data } = await ask('/sync/trigger', 'POST');
    expect(status).toBe(202);
    expect(data).toMatchObject({
      runs: [
        { location_id: 'one', run: { id: 'run-one', state: 'running' }, joined: false },
        { location_id: 'two', run: { id: 'run-two' } },
        { location_id: 'three', error: expect.stringMatching(/^GHL_API_KEY_THREE is not set/) },
      ],
    });
  });

  test('of one location answers as where it is the only one', async () => {
    const { data } = await ask('/sync/trigger?location=two', 'POST');
    expect(data).toMatchObject({ run: { id: 'run-two' }, joined: false });
    expect((await ask<Runs>('/sync/runs')).data.runs).toHaveLength(1);
  });

  test('of a faulty one names its fault', async () => {
    expect(await ask('/sync/trigger?location=three', 'POST')).toMatchObject({
      status: 503,
      data: { detail: expect.stringContaining('GHL_API_KEY_THREE') },
    });
  });

  test('that fails in one of them is logged with its location', async () => {
    const startRun: OperatorDeps['startRun'] = () => Promise.reject(new Error('D1_ERROR'));
    const { data } = await ask<{ runs: unknown[] }>('/sync/trigger', 'POST', { startRun });
    expect(data.runs[0]).toMatchObject({ location_id: 'one', error: expect.stringContaining('Send it again') });
    expect(lines).toContainEqual({ event: 'operator.failed', locationId: 'one', error: 'D1_ERROR' });
  });
});

test('runs of all locations come newest first, each with its location; ?location= and limit choose', async () => {
  for (const [n, location] of ['one', 'two', 'one', 'two'].entries()) seedRun(location, `r${n}`, NOON + n);
  const ids = async (query: string) =>
    (await ask<Runs>(`/sync/runs${query}`)).data.runs.map((run) => `${run.location_id}:${run.id}`);
  expect(await ids('')).toEqual(['two:r3', 'one:r2', 'two:r1', 'one:r0']);
  expect(await ids('?limit=2')).toEqual(['two:r3', 'one:r2']);
  expect(await ids('?location=one')).toEqual(['one:r2', 'one:r0']);
});

describe('a contact', () => {
  beforeEach(() => {
    seedContact('one', 'shared');
    seedContact('two', 'shared', 'kept_out', 'route');
    seedContact('two', 'own');
    seedLetter('two', 'letter');
  });

  test.each([['own'], ['letter']])('%s is found in the location that has it', async (id) => {
    expect((await ask(`/contacts/${id}`)).data).toMatchObject({ contact_id: id, location_id: 'two' });
  });

  test('whose id two locations know must be asked for with its location', async () => {
    expect(await ask('/contacts/shared')).toMatchObject({
      status: 400,
      data: { detail: expect.stringMatching(/one and two .*\?location=/) },
    });
    expect((await ask('/contacts/shared?location=two')).data).toMatchObject({ location_id: 'two', state: 'kept_out' });
  });

  test('that no location knows is not found', async () => {
    expect((await ask('/contacts/stranger')).status).toBe(404);
  });
});

test('a letter that is discarded is logged with its location', async () => {
  seedLetter('two', 'letter');
  const request = new Request('https://consumer.test/dead-letters/discard', {
    method: 'POST',
    body: '{"ids":["letter"]}',
  });
  const locations: Locations = LOCATIONS;
  const env = { DB: db, EVENTS: NOTHING_SENT, BACKSTOP: NOTHING_SENT };
  const log: OperatorDeps['log'] = (event, fields) => void lines.push({ event, ...fields });
  const startRun = () => Promise.reject(new Error('no run is started'));
  const diagnose = () => Promise.reject(new Error('nothing is examined'));
  const preview = () => Promise.reject(new Error('nothing is read'));
  const world = { now: () => NOON, newId: () => 'x' };
  await handleOperator(request, {
    env,
    locations,
    log,
    startRun,
    diagnose,
    preview,
    findByName: preview,
    world,
    ...NO_RULES_TRIED,
  });
  expect(lines).toEqual([{ event: 'dead_letter.discarded', deadLetterId: 'letter', locationId: 'two' }]);
});

test('the fields of a contact that no location knows yet are shown once its location is named', async () => {
  const preview: OperatorDeps['preview'] = async (contactId, { GHL_LOCATION_ID }) => ({
    kind: 'unread',
    error: `${contactId} of ${GHL_LOCATION_ID}`,
  });
  const unnamed = await ask<{ detail: string }>('/contacts/newcomer/fields', 'GET', { preview });
  expect([unnamed.status, unnamed.data.detail]).toEqual([
    404,
    expect.stringContaining('name its location (?location=, --location)'),
  ]);
  const named = await ask<{ detail: string }>('/contacts/newcomer/fields?location=two', 'GET', { preview });
  expect([named.status, named.data.detail]).toEqual([503, expect.stringContaining('newcomer of two')]);
});

test('the doctor tells a fault beyond a single location along with the locations that it can examine', async () => {
  const { data } = await ask<Reports>('/doctor', 'GET', {
    locations: { ...LOCATIONS, fault: 'GHL_LOCATION_ID is no id' },
  });
  expect(data.reports.map(({ location_id }) => location_id)).toEqual([null, ...LOCATIONS.all.map(({ id }) => id)]);
});

test('the doctor reports on each location, or on the one that is named', async () => {
  const { data } = await ask<Reports>('/doctor');
  expect(data.ok).toBe(false);
  expect(data.reports.map((one) => [one.location_id, one.ok])).toEqual(
    LOCATIONS.all.map(({ id, kind }) => [id, kind === 'ready']),
  );
  expect((await ask('/doctor?location=two&contact=c1')).data).toMatchObject({ reports: [{ location_id: 'two' }] });
  expect((await ask('/doctor?contact=c1')).data).toMatchObject({
    status: 400,
    detail: expect.stringContaining('?location='),
  });
});
