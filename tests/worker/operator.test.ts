// What an operator can ask: totals, runs, and why a contact is (not) in the dialer; against real D1.

import type { D1Database } from '@cloudflare/workers-types';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { resolveDeadLetters } from '../../workers/consumer/dead-letter-store.ts';
import type { Locations } from '../../workers/consumer/locations.ts';
import { FAILURES, PLACES } from '../../workers/consumer/reason.ts';
import {
  ADMIN_TOKEN,
  aLetter,
  aRun,
  ask,
  dataOf,
  HOUR,
  keep,
  LOCATION,
  locationsOf,
  MINUTE,
  NOW,
  operatorDeps,
  type Stage,
  startStage,
} from './operator-stage.ts';

let stage: Stage;
let db: D1Database;
beforeAll(async () => {
  stage = await startStage();
  db = stage.env.DB;
});
beforeEach(() => stage.clear());
afterAll(() => stage.close());

const iso = (ms: number) => new Date(ms).toISOString();

/** A row of `contacts`; columns that are not given have their defaults. */
async function seedContact(
  contactId: string,
  columns: Record<string, string | number | null> = {},
  locationId = LOCATION,
) {
  const row = {
    location_id: locationId,
    contact_id: contactId,
    created_at: NOW - HOUR,
    updated_at: NOW - MINUTE,
    ...columns,
  };
  const names = Object.keys(row);
  const sql = `INSERT INTO contacts (${names.join(', ')}) VALUES (${names.map((_, i) => `?${i + 1}`).join(', ')})`;
  await db
    .prepare(sql)
    .bind(...Object.values(row))
    .run();
}

async function expectProblem(response: Response, status: number, detail: RegExp) {
  expect(response.status).toBe(status);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(((await response.json()) as { detail: string }).detail).toMatch(detail);
}

describe('totals', () => {
  test('count contacts by where they are, of this location only', async () => {
    await seedContact('a', { state: 'placed', reason: 'placed' });
    await seedContact('b', { state: 'placed', reason: 'shared_phone' });
    await seedContact('c', { state: 'kept_out', reason: 'route' });
    await seedContact('d', { state: 'kept_out', reason: 'no_phone' });
    await seedContact('e', { state: 'kept_out', reason: 'no_phone' });
    await seedContact('f', { state: 'failed', reason: 'rejected' });
    await seedContact('g');
    await seedContact('a', { state: 'placed', reason: 'placed' }, 'anotherLocation');
    expect(await dataOf(ask('/sync/stats', operatorDeps(db).deps))).toMatchObject({
      location_id: LOCATION,
      total_contacts: 7,
      synced: 2,
      failed: 1,
      excluded_customers: 1,
      pending: 1,
      kept_out: { route: 1, no_phone: 2 },
      failed_by_reason: { rejected: 1 },
    });
  });

  test('of an empty pipeline are zero, and everything is well', async () => {
    const response = await ask('/sync/stats', operatorDeps(db).deps);
    expect(response.headers.get('cache-control')).toBe('no-store');
    const closed = { state: 'closed', reason: null, since: null, throttled_until: null, paced_to_per_second: null };
    expect(await response.json()).toEqual({
      success: true,
      data: {
        location_id: LOCATION,
        total_contacts: 0,
        synced: 0,
        failed: 0,
        excluded_customers: 0,
        pending: 0,
        kept_out: {},
        failed_by_reason: {},
        dead_letters: 0,
        outbox: { depth: 0, oldest_age_seconds: null },
        circuits: { gohighlevel: closed, calltools: closed },
        last_run: null,
        configuration_error: null,
      },
    });
  });

  test('show what waits and which vendor is in trouble', async () => {
    await keep(db, aLetter(), aLetter({ contactId: 'mended' }));
    await resolveDeadLetters(db, LOCATION, ['mended'], NOW).run();
    await db.batch([
      db
        .prepare(
          `INSERT INTO outbox (id, queue, message, created_at) VALUES ('1', 'events', '{}', ?1), ('2', 'events', '{}', ?2)`,
        )
        .bind(NOW - 90_500, NOW),
      db
        .prepare(
          `INSERT INTO circuits (location_id, vendor, open_reason, opened_at, throttled_until, updated_at) VALUES (?1, 'calltools', '401 Unauthorized', ?2, ?3, ?2)`,
        )
        .bind(LOCATION, NOW - HOUR, NOW + MINUTE),
      db
        .prepare(
          `INSERT INTO circuits (location_id, vendor, throttled_until, updated_at) VALUES (?1, 'gohighlevel', ?2, ?2)`,
        )
        .bind(LOCATION, NOW - 1),
      db
        .prepare(
          `INSERT INTO paces (location_id, vendor, learned_rate, learned_at) VALUES (?1, 'calltools', 0.0045, ?2)`,
        )
        .bind(LOCATION, NOW),
      db
        .prepare(
          `INSERT INTO runs (id, location_id, started_by, state, page, total, seen, started_at, heartbeat_at) VALUES ('old', ?1, 'cron', 'complete', 9, 5, 5, 1, 1), ('new', ?1, 'cron', 'running', 2, 3000, 1000, ?2, ?2)`,
        )
        .bind(LOCATION, NOW),
    ]);
    expect(await dataOf(ask('/sync/stats', operatorDeps(db).deps))).toMatchObject({
      dead_letters: 1,
      outbox: { depth: 2, oldest_age_seconds: 90 },
      circuits: {
        calltools: {
          state: 'open',
          reason: '401 Unauthorized',
          since: iso(NOW - HOUR),
          throttled_until: iso(NOW + MINUTE),
          paced_to_per_second: 4.5,
        },
        gohighlevel: { state: 'closed', reason: null, since: null, throttled_until: null, paced_to_per_second: null },
      },
      last_run: { id: 'new', state: 'running', percent: 33 },
    });
  });

  test('are there with faulty settings too, and name the fault', async () => {
    const of = (locations: Locations) => dataOf(ask('/sync/stats', operatorDeps(db, { locations }).deps));
    expect(await of(await locationsOf([undefined]))).toMatchObject({
      ...{ location_id: null, total_contacts: 0 },
      configuration_error: expect.stringMatching(/^GHL_LOCATION_ID is not set: /),
    });
    expect(await of(await locationsOf([LOCATION], { CALLTOOLS_API_KEY: '' }))).toMatchObject({
      location_id: LOCATION,
      configuration_error: expect.stringMatching(/^CALLTOOLS_API_KEY is not set: /),
    });
  });
});

describe('runs', () => {
  test('a trigger starts one, and says whether it joined', async () => {
    const asked: string[] = [];
    const startRun = async (startedBy: 'trigger') => {
      asked.push(startedBy);
      return { run: aRun(), joined: true };
    };
    const response = await ask('/sync/trigger', operatorDeps(db, { startRun }).deps, {});
    expect(response.status).toBe(202);
    expect(await dataOf(response)).toMatchObject({
      joined: true,
      run: { id: 'run1', state: 'running', percent: null, started_at: iso(NOW), finished_at: null },
    });
    expect(asked).toEqual(['trigger']);
  });

  test('none starts with faulty settings', async () => {
    const startRun = () => Promise.reject(new Error('must not be called'));
    const { deps } = operatorDeps(db, { locations: await locationsOf([LOCATION], { SYNC_RULES: '{' }), startRun });
    await expectProblem(await ask('/sync/trigger', deps, {}), 503, /SYNC_RULES: is not valid JSON/);
  });

  test('are listed newest first with their progress', async () => {
    const insert = `INSERT INTO runs (id, location_id, started_by, state, page, total, seen, skipped, queued, vanished, verified, error, started_at, heartbeat_at, finished_at)
      VALUES (?1, ?2, 'cron', ?3, 3, ?4, ?5, 6, 7, 8, 9, ?6, ?7, ?7, ?8)`;
    await db.batch([
      db
        .prepare(insert)
        .bind('oldest', LOCATION, 'incomplete', 200, 150, 'the count differs', NOW - 3 * HOUR, NOW - 2 * HOUR),
      db.prepare(insert).bind('complete', LOCATION, 'complete', 0, 0, null, NOW - 2 * HOUR, NOW - HOUR),
      db.prepare(insert).bind('running', LOCATION, 'running', 1000, 1000, null, NOW - HOUR, null),
      db.prepare(insert).bind('elsewhere', 'anotherLocation', 'running', 10, 1, null, NOW, null),
    ]);
    const { runs } = await dataOf<{ runs: { id: string; percent: number }[] }>(
      ask('/sync/runs', operatorDeps(db).deps),
    );
    expect(runs.map(({ id, percent }) => [id, percent])).toEqual([
      ['running', 99],
      ['complete', 100],
      ['oldest', 75],
    ]);
    expect(runs[2]).toEqual({
      location_id: LOCATION,
      id: 'oldest',
      started_by: 'cron',
      state: 'incomplete',
      phase: 'over',
      percent: 75,
      page: 3,
      seen: 150,
      total: 200,
      skipped: 6,
      queued: 7,
      vanished: 8,
      verified: 9,
      settled: 0,
      waiting: 0,
      repaired: { missing: 0, misplaced: 0, outdated: 0, withdrawn: 0, gone: 0, drifted: 0 },
      errors: 0,
      progress: {
        pages: { remaining: 0, per_minute: null, expected_finish: null },
        contacts: { remaining: 0, per_minute: null, expected_finish: null },
      },
      resumes: 0,
      error: 'the count differs',
      started_at: iso(NOW - 3 * HOUR),
      heartbeat_at: iso(NOW - 3 * HOUR),
      finished_at: iso(NOW - 2 * HOUR),
      settled_at: null,
    });
    expect((await dataOf<{ runs: unknown[] }>(ask('/sync/runs?limit=1', operatorDeps(db).deps))).runs).toHaveLength(1);
  });

  test.each(['0', '501', 'x', '-1', '1.5', ''])('refuses the limit %j', async (limit) => {
    await expectProblem(await ask(`/sync/runs?limit=${limit}`, operatorDeps(db).deps), 400, /limit must be/);
  });
});

describe('why a contact is (not) in the dialer', () => {
  test('a placed one: where CallTools has it, and what happened to it', async () => {
    const history = [{ at: NOW - MINUTE, outcome: 'done', reason: 'placed', eventId: 'event1', source: 'webhook' }];
    await seedContact('lead1', {
      state: 'placed',
      reason: 'placed',
      route: 'cold-lead',
      wish: 'place',
      phone_hash: 'hash1',
      read_at: NOW - MINUTE,
      lease_until: NOW + MINUTE,
      history: JSON.stringify(history),
    });
    await seedContact('twin', { phone_hash: 'hash1' });
    await db.batch([
      db
        .prepare(
          `INSERT INTO dialer (location_id, phone_hash, contact_id, calltools_id, held, verified_at, updated_at) VALUES (?1, 'hash1', 'lead1', 90112233, 1, ?2, ?2)`,
        )
        .bind(LOCATION, NOW - MINUTE),
      db
        .prepare(
          `INSERT INTO dialer (location_id, phone_hash, contact_id, calltools_id, held, updated_at) VALUES (?1, 'earlier', 'lead1', 4711, 0, 1)`,
        )
        .bind(LOCATION),
    ]);
    const data = await dataOf(ask('/contacts/lead1', operatorDeps(db).deps));
    expect(data).toEqual({
      contact_id: 'lead1',
      location_id: LOCATION,
      state: 'placed',
      reason: 'placed',
      explanation: `In the dialer. ${PLACES.placed.what}`,
      what_to_do: 'Nothing to do.',
      route: 'cold-lead',
      wish: 'place',
      attempts: 0,
      error: null,
      lease: { until: iso(NOW + MINUTE) },
      read_at: iso(NOW - MINUTE),
      created_at: iso(NOW - HOUR),
      updated_at: iso(NOW - MINUTE),
      history: [{ at: iso(NOW - MINUTE), outcome: 'done', reason: 'placed', source: 'webhook', event_id: 'event1' }],
      calltools_id: 90112233,
      dialer: [
        {
          number: 'present',
          calltools_id: 90112233,
          in_a_bucket: true,
          shows_contact_id: 'lead1',
          verified_at: iso(NOW - MINUTE),
        },
        { number: 'earlier', calltools_id: 4711, in_a_bucket: false, shows_contact_id: 'lead1', verified_at: null },
      ],
      same_phone: ['twin'],
      dead_letters: [],
    });
  });

  test.each(Object.entries({ ...PLACES, ...FAILURES }))(
    'the reason %s is explained',
    async (reason, { what, todo }) => {
      await seedContact('one', { state: reason in FAILURES ? 'failed' : 'kept_out', reason });
      const data = await dataOf(ask('/contacts/one', operatorDeps(db).deps));
      expect(data).toMatchObject({ reason, explanation: expect.stringContaining(what), what_to_do: todo, lease: null });
    },
  );

  test('a failed one comes with its dead letters, newest first', async () => {
    await seedContact('lead1', { state: 'failed', reason: 'rejected', error: 'CallTools answered 400' });
    await keep(
      db,
      aLetter({ id: 'd-1', contactId: 'lead1' }),
      aLetter({ id: 'd-2', contactId: 'lead1', deadAt: NOW }),
      aLetter(),
    );
    const data = await dataOf<{ dead_letters: { id: string }[] }>(ask('/contacts/lead1', operatorDeps(db).deps));
    expect(data).toMatchObject({ state: 'failed', error: 'CallTools answered 400' });
    expect(data.dead_letters.map(({ id }) => id)).toEqual(['d-2', 'd-1']);
  });

  test('one that is being retried says so', async () => {
    await seedContact('lead1', { attempts: 3, error: 'POST /contacts/: 502' });
    expect(await dataOf(ask('/contacts/lead1', operatorDeps(db).deps))).toMatchObject({
      state: 'pending',
      attempts: 3,
      error: 'POST /contacts/: 502',
      explanation: expect.stringContaining('tried again'),
    });
  });

  test('one of which only a dead letter is known', async () => {
    await keep(db, aLetter({ contactId: 'lead1', reason: 'retries_exhausted' }));
    expect(await dataOf(ask('/contacts/lead1', operatorDeps(db).deps))).toMatchObject({
      state: 'unknown',
      dead_letters: [{ reason: 'retries_exhausted' }],
    });
  });

  test('one that nobody knows: what that may mean', async () => {
    await seedContact('lead1', {}, 'anotherLocation');
    await expectProblem(
      await ask('/contacts/lead1', operatorDeps(db).deps),
      404,
      /no route in SYNC_RULES matches its tags.*POST \/sync\/trigger/,
    );
  });

  test.each(['%20', 'a%2Fb', 'x'.repeat(65)])('refuses the id %j', async (id) => {
    await expectProblem(await ask(`/contacts/${id}`, operatorDeps(db).deps), 400, /contact id/);
  });
});

describe('a request that cannot be served', () => {
  test.each([
    ['/sync/stats', {}, 'GET'],
    ['/sync/trigger', undefined, 'POST'],
    ['/dead-letters', {}, 'GET'],
    ['/dead-letters/replay', undefined, 'POST'],
  ])('%s with the wrong method', async (path, body, allow) => {
    const response = await ask(path, operatorDeps(db).deps, body);
    expect(response.headers.get('allow')).toBe(allow);
    await expectProblem(response, 405, new RegExp(allow));
  });

  test('an unknown path names those that there are', async () => {
    await expectProblem(await ask('/sync/status', operatorDeps(db).deps), 404, /GET \/sync\/stats/);
  });

  test('a database that does not answer is a 503, and the log says why', async () => {
    const broken = {
      prepare: () => {
        throw new Error('D1_ERROR: Network connection lost.');
      },
    } as unknown as D1Database;
    const { deps, lines } = operatorDeps(broken);
    for (const path of ['/sync/stats', '/sync/runs', '/contacts/lead1', '/dead-letters']) {
      const response = await ask(path, deps);
      expect(response.headers.get('retry-after')).toBe('5');
      await expectProblem(response, 503, /database did not answer/);
    }
    expect(lines[0]).toContain('Network connection lost');
  });
});

test('through ingest: the token opens the routes of the consumer', async () => {
  const authorization = `Bearer ${ADMIN_TOKEN}`;
  const get = (path: string, init: RequestInit = {}) =>
    fetch(new URL(path, stage.url), { headers: { authorization }, ...init });
  expect((await get('/sync/stats', { headers: {} })).status).toBe(401);
  const triggered = await get('/sync/trigger', { method: 'POST' });
  expect(triggered.status).toBe(202);
  const { run } = await dataOf<{ run: { id: string } }>(triggered);
  expect(await dataOf(get('/sync/stats'))).toMatchObject({ last_run: { id: run.id } });
  expect(await dataOf(get('/sync/runs/'))).toMatchObject({ runs: [{ id: run.id }] });
  expect((await get('/contacts/nobody')).status).toBe(404);
  expect(await dataOf(get('/dead-letters'))).toMatchObject({ dead_letters: [], total: 0, next: null });
});
