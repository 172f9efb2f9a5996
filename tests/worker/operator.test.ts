// What an operator can ask of all: totals and runs; and what cannot be served; against real D1.

import type { D1Database } from '@cloudflare/workers-types';
import { describe, expect, test } from 'vitest';
import type { Locations } from '../../workers/consumer/config/locations.ts';
import { resolveDeadLetters } from '../../workers/consumer/store/dead-letters.ts';
import {
  ADMIN_TOKEN,
  aLetter,
  aRun,
  ask,
  dataOf,
  expectProblem,
  HOUR,
  iso,
  keep,
  LOCATION,
  locationsOf,
  MINUTE,
  NOW,
  operatorDeps,
  seedContact,
  stageOfFile,
} from '../support/operator-harness.ts';

const stage = stageOfFile();

describe('totals', () => {
  test('count contacts by where they are, of this location only', async () => {
    await seedContact(stage.db, 'a', { state: 'placed', reason: 'placed' });
    await seedContact(stage.db, 'b', { state: 'placed', reason: 'shared_phone' });
    await seedContact(stage.db, 'c', { state: 'kept_out', reason: 'route' });
    await seedContact(stage.db, 'd', { state: 'kept_out', reason: 'no_phone' });
    await seedContact(stage.db, 'e', { state: 'kept_out', reason: 'no_phone' });
    await seedContact(stage.db, 'f', { state: 'failed', reason: 'rejected' });
    await seedContact(stage.db, 'g');
    await seedContact(stage.db, 'a', { state: 'placed', reason: 'placed' }, 'anotherLocation');
    expect(await dataOf(ask('/sync/stats', operatorDeps(stage.db).deps))).toMatchObject({
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
    const response = await ask('/sync/stats', operatorDeps(stage.db).deps);
    expect(response.headers.get('cache-control')).toBe('no-store');
    const well = { state: 'closed', reason: null, since: null, throttled_until: null };
    const closed = { ...well, trouble: null, paced_to_per_second: null };
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
        left_out: { contacts: 0, fields: {}, examples: {} },
        fields: { absent: [], altered: [] },
        dead_letters: 0,
        outbox: { depth: 0, oldest_age_seconds: null },
        circuits: { gohighlevel: closed, calltools: closed },
        last_run: null,
        calls: null,
        brake: null,
        configuration_error: null,
      },
    });
  });

  test('show what waits and which vendor is in trouble', async () => {
    await keep(stage.db, aLetter(), aLetter({ contactId: 'mended' }));
    await resolveDeadLetters(stage.db, LOCATION, ['mended'], NOW).run();
    await stage.db.batch([
      stage.db
        .prepare(
          `INSERT INTO outbox (id, queue, message, created_at) VALUES ('1', 'events', '{}', ?1), ('2', 'events', '{}', ?2)`,
        )
        .bind(NOW - 90_500, NOW),
      stage.db
        .prepare(
          `INSERT INTO circuits (location_id, vendor, open_reason, opened_at, throttled_until, updated_at) VALUES (?1, 'calltools', '401 Unauthorized', ?2, ?3, ?2)`,
        )
        .bind(LOCATION, NOW - HOUR, NOW + MINUTE),
      stage.db
        .prepare(
          `INSERT INTO circuits (location_id, vendor, throttled_until, updated_at) VALUES (?1, 'gohighlevel', ?2, ?2)`,
        )
        .bind(LOCATION, NOW - 1),
      stage.db
        .prepare(
          `INSERT INTO paces (location_id, vendor, learned_rate, learned_at) VALUES (?1, 'calltools', 0.0045, ?2)`,
        )
        .bind(LOCATION, NOW),
      stage.db
        .prepare(
          `INSERT INTO runs (id, location_id, started_by, state, page, total, seen, started_at, heartbeat_at) VALUES ('old', ?1, 'cron', 'complete', 9, 5, 5, 1, 1), ('new', ?1, 'cron', 'running', 2, 3000, 1000, ?2, ?2)`,
        )
        .bind(LOCATION, NOW),
    ]);
    expect(await dataOf(ask('/sync/stats', operatorDeps(stage.db).deps))).toMatchObject({
      dead_letters: 1,
      outbox: { depth: 2, oldest_age_seconds: 90 },
      circuits: {
        calltools: {
          state: 'open',
          reason: '401 Unauthorized',
          since: iso(NOW - HOUR),
          throttled_until: iso(NOW + MINUTE),
          trouble: {
            kind: 'down',
            says: '401 Unauthorized',
            next_try_at: iso(NOW + MINUTE),
            waiting: null,
            what: expect.stringMatching(
              /^CallTools is down \(for 60 min, since .*none is lost\. The next try is in 1 min/,
            ),
          },
          paced_to_per_second: 4.5,
        },
        gohighlevel: { state: 'closed', reason: null, since: null, throttled_until: null, paced_to_per_second: null },
      },
      last_run: { id: 'new', state: 'running', percent: 33 },
    });
  });

  test('are there with faulty settings too, and name the fault', async () => {
    const of = (locations: Locations) => dataOf(ask('/sync/stats', operatorDeps(stage.db, { locations }).deps));
    expect(await of(await locationsOf([undefined]))).toMatchObject({
      location_id: null,
      total_contacts: 0,
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
    const response = await ask('/sync/trigger', operatorDeps(stage.db, { startRun }).deps, {});
    expect(response.status).toBe(202);
    expect(await dataOf(response)).toMatchObject({
      joined: true,
      run: { id: 'run1', state: 'running', percent: null, started_at: iso(NOW), finished_at: null },
    });
    expect(asked).toEqual(['trigger']);
  });

  test('none starts with faulty settings', async () => {
    const startRun = () => Promise.reject(new Error('must not be called'));
    const { deps } = operatorDeps(stage.db, {
      locations: await locationsOf([LOCATION], { SYNC_RULES: '{' }),
      startRun,
    });
    await expectProblem(await ask('/sync/trigger', deps, {}), 503, /SYNC_RULES, line 1, column 2: a } is missing/);
  });

  test('are listed newest first with their progress', async () => {
    const insert = `INSERT INTO runs (id, location_id, started_by, state, page, total, seen, skipped, queued, vanished, verified, error, started_at, heartbeat_at, finished_at)
      VALUES (?1, ?2, 'cron', ?3, 3, ?4, ?5, 6, 7, 8, 9, ?6, ?7, ?7, ?8)`;
    await stage.db.batch([
      stage.db
        .prepare(insert)
        .bind('oldest', LOCATION, 'incomplete', 200, 150, 'the count differs', NOW - 3 * HOUR, NOW - 2 * HOUR),
      stage.db.prepare(insert).bind('complete', LOCATION, 'complete', 0, 0, null, NOW - 2 * HOUR, NOW - HOUR),
      stage.db.prepare(insert).bind('running', LOCATION, 'running', 1000, 1000, null, NOW - HOUR, null),
      stage.db.prepare(insert).bind('elsewhere', 'anotherLocation', 'running', 10, 1, null, NOW, null),
    ]);
    const { runs } = await dataOf<{ runs: { id: string; percent: number }[] }>(
      ask('/sync/runs', operatorDeps(stage.db).deps),
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
      unreadable: 0,
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
      expected_finish: null,
      resumes: 0,
      error: 'the count differs',
      started_at: iso(NOW - 3 * HOUR),
      heartbeat_at: iso(NOW - 3 * HOUR),
      finished_at: iso(NOW - 2 * HOUR),
      settled_at: null,
    });
    expect(
      (await dataOf<{ runs: unknown[] }>(ask('/sync/runs?limit=1', operatorDeps(stage.db).deps))).runs,
    ).toHaveLength(1);
  });

  test.each(['0', '501', 'x', '-1', '1.5', ''])('refuses the limit %j', async (limit) => {
    await expectProblem(await ask(`/sync/runs?limit=${limit}`, operatorDeps(stage.db).deps), 400, /limit must be/);
  });
});

describe('a request that cannot be served', () => {
  test.each([
    ['/sync/stats', {}, 'GET'],
    ['/sync/trigger', undefined, 'POST'],
    ['/dead-letters', {}, 'GET'],
    ['/dead-letters/replay', undefined, 'POST'],
  ])('%s with the wrong method', async (path, body, allow) => {
    const response = await ask(path, operatorDeps(stage.db).deps, body);
    expect(response.headers.get('allow')).toBe(allow);
    await expectProblem(response, 405, new RegExp(allow));
  });

  test('an unknown path names those that there are', async () => {
    await expectProblem(await ask('/sync/status', operatorDeps(stage.db).deps), 404, /GET \/sync\/stats/);
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
