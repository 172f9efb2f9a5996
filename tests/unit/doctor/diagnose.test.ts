// The doctor names each fault under its own code, says what it saw, and shows nothing of a person.

import { readdirSync } from 'node:fs';
import { beforeEach, describe, expect, test } from 'vitest';
import { show } from '../../../scripts/doctor/show.ts';
import { spanOf } from '../../../shared/time.ts';
import { viewDiagnosis } from '../../../workers/consumer/doctor/diagnose.ts';
import { MIGRATIONS } from '../../../workers/consumer/doctor/state.ts';
import { CHECKS, type CheckCode } from '../../../workers/consumer/domain/checks.ts';
import { LOCATION, PHONE } from '../../support/vendor-harness.ts';
import { type DoctorStage, HOUR, healthyStage } from './doctor-harness.ts';

const GHL_KEY = 'pit-1';

let stage: DoctorStage;
let dana: string;
beforeEach(async () => {
  ({ stage, dana } = await healthyStage());
});

describe('where all is well', () => {
  test('every check is there once and ok, but for those that were not asked for', async () => {
    const { checks } = await stage.diagnosis();
    expect(checks.map(({ code }) => code).sort()).toEqual(Object.keys(CHECKS).sort());
    expect(checks.filter(({ status }) => status !== 'ok').map(({ code, status }) => [code, status])).toEqual([
      ['calltools-external-id-field', 'skipped'],
      ['calltools-tag', 'skipped'],
      ['field-map-gohighlevel', 'skipped'],
      ['owners', 'skipped'],
      ['opportunities', 'skipped'],
      ['call-results', 'skipped'],
      ['call-record', 'skipped'],
      ['call-hooks', 'skipped'],
      ['call-writes', 'skipped'],
      ['membership', 'skipped'],
    ]);
  });

  test('nothing is written to a vendor, and each key goes to its own vendor only', async () => {
    const before = JSON.stringify(stage.callTools.contacts());
    const calls = stage.callTools.calls.list().length;
    await stage.diagnosis();
    const methods = stage.callTools.calls
      .list()
      .slice(calls)
      .map(({ method }) => method);
    expect([JSON.stringify(stage.callTools.contacts()), [...new Set(methods)]]).toEqual([before, ['GET']]);
    for (const { url, authorization } of stage.sent) {
      const key = { 'ghl.test': 'Bearer pit-1', 'east-1.calltools.io': 'Token calltools-key' }[url.hostname];
      expect(authorization).toBe(key ?? null);
    }
  });

  test('and where it is not, the report shows no name, phone or key', async () => {
    for (const { faults } of [stage.ghl, stage.callTools])
      faults.plan({
        do: { kind: 'status', status: 401, body: { message: `Token ${GHL_KEY} of ${PHONE} is no good` } },
      });
    const report = JSON.stringify(viewDiagnosis(await stage.diagnosis(dana)));
    expect(report).toContain('is no good');
    for (const personal of ['Dana', PHONE.slice(2), GHL_KEY, 'calltools-key']) expect(report).not.toContain(personal);
  });
});

describe('settings', () => {
  test('a fault is named, and the vendors are left alone', async () => {
    stage.env.SYNC_RULES = '{"routes": []}';
    expect(await stage.check('settings')).toMatchObject({
      status: 'failed',
      seen: expect.stringContaining('SYNC_RULES: routes: must hold at least one route'),
    });
    expect(stage.sent).toEqual([]);
    expect((await stage.diagnosis()).checks.filter(({ status }) => status === 'skipped').length).toBeGreaterThan(10);
  });

  test('a route that can never match is named', async () => {
    expect(await stage.check('routes')).toMatchObject({ status: 'ok' });
    const route = { tags: ['x'], bucket: null };
    stage.env.SYNC_RULES = JSON.stringify({
      routes: [
        { name: 'a', ...route },
        { name: 'b', ...route },
      ],
    });
    expect(await stage.check('routes')).toMatchObject({
      status: 'warning',
      seen: 'Route "b" can never match: route "a", which stands before it, takes every contact that it could match.',
    });
  });

  test('a state that nobody knows is named', async () => {
    stage.env.SYNC_RULES = JSON.stringify({ routes: [{ name: 'a', not: { state: ['Texs'] }, bucket: 'B' }] });
    expect(await stage.check('routes')).toMatchObject({
      status: 'warning',
      seen: expect.stringMatching(/^Route "a" asks for the state "Texs", .*Did you mean texas\?$/),
    });
  });

  test('each missing secret is named', async () => {
    Object.assign(stage.env, { GHL_API_KEY: '', CALLTOOLS_API_KEY: undefined });
    expect(await stage.check('secrets')).toMatchObject({
      status: 'failed',
      seen: 'Not set: GHL_API_KEY, CALLTOOLS_API_KEY.',
    });
  });
});

describe('ingest', () => {
  test('that takes webhooks of another location only is named', async () => {
    stage.ingestStatus.locationIds = ['another'];
    expect(await stage.codes('failed')).toEqual(['ingest']);
    expect((await stage.check('ingest')).seen).toContain(`of another only, the consumer works for ${LOCATION}`);
  });

  test('tells which ingestStatus are open', async () => {
    Object.assign(stage.ingestStatus, { apps: 0, hmac: false });
    expect(await stage.check('ingest')).toMatchObject({
      status: 'ok',
      seen: 'It takes them: app webhooks (of any app: set GHL_APP_IDS to take only yours), HMAC (closed: no GHL_WEBHOOK_SECRET), workflow actions (open).',
    });
  });
});

describe('GoHighLevel', () => {
  const answer = (status: number, message: string) =>
    stage.ghl.faults.plan({ do: { kind: 'status', status, body: { statusCode: status, message } } });

  test.each<[string, () => void, CheckCode[], RegExp]>([
    ['a revoked token', () => Object.assign(stage.env, { GHL_API_KEY: 'pit-old' }), ['ghl-token'], /Invalid token/],
    ['no scope', () => answer(401, 'The token is not authorized for this scope.'), ['ghl-token'], /lacks the scope/],
    [
      'another location',
      () => Object.assign(stage.env, { GHL_LOCATION_ID: 'another' }),
      ['ingest', 'ghl-location'],
      /does not have access to this location/,
    ],
    [
      'a wrong host',
      () => Object.assign(stage.env, { GHL_API_BASE_URL: 'https://no.test' }),
      ['ghl-host'],
      /connection failed/,
    ],
    [
      'a wrong version',
      () => Object.assign(stage.env, { GHL_API_VERSION: '1' }),
      ['ghl-host'],
      /GHL_API_VERSION right/,
    ],
    ['an outage', () => stage.ghl.faults.plan({ do: { kind: 'html500' } }), ['ghl-host'], /500/],
  ])('%s is named', async (_what, break_, expected, seen) => {
    break_();
    expect(await stage.codes('failed')).toEqual(expected);
    expect((await stage.check(expected.at(-1) ?? 'settings')).seen).toMatch(seen);
  });

  test('a day whose requests are nearly used up is a warning', async () => {
    stage.ghl.settings.rateLimit = { max: 100, intervalMs: 10_000, dailyMax: 2 };
    expect(await stage.check('ghl-rate-limit')).toMatchObject({
      status: 'warning',
      seen: expect.stringContaining('of 2'),
    });
  });

  test('being slowed down is no fault of the token', async () => {
    stage.ghl.faults.plan({ do: { kind: 'throttle', seconds: 10 } });
    expect(await stage.codes('failed')).toEqual([]);
    expect((await stage.check('ghl-rate-limit')).status).toBe('warning');
  });
});

describe('what the pipeline itself has waiting', () => {
  const at = (hoursAgo: number) => stage.clock.at - hoursAgo * HOUR;

  test.each<[string, () => unknown, CheckCode, string, RegExp]>([
    ['no webhook for days', () => stage.clock.advance(50 * HOUR), 'webhooks', 'warning', /arrived 2 days ago/],
    ['no webhook ever', () => stage.sqlite.rows('DELETE FROM heard'), 'webhooks', 'warning', /None has arrived yet/],
    [
      'an outbox that does not drain',
      () =>
        stage.sqlite.rows(
          `INSERT INTO outbox (id, queue, message, created_at) VALUES ('o', 'events', '{}', ?1)`,
          at(1),
        ),
      'outbox',
      'failed',
      /1 wait, the oldest for 60 min/,
    ],
    [
      'dead letters',
      () =>
        stage.sqlite.rows(
          `INSERT INTO dead_letters (id, location_id, reason, error, message, replayable, attempts, received_at, dead_at)
           VALUES ('d', ?1, 'rejected', '', '{}', 1, 1, 0, 0)`,
          LOCATION,
        ),
      'dead-letters',
      'warning',
      /1 rejected/,
    ],
    [
      'an open circuit',
      () =>
        stage.sqlite.rows(
          `INSERT INTO circuits (location_id, vendor, open_reason, opened_at, updated_at) VALUES (?1, 'calltools', 'GET /buckets/: 401', ?2, 0)`,
          ...[LOCATION, at(1)],
        ),
      'circuits',
      'failed',
      /CallTools is down \(for 60 min, since .* UTC\)\. It gives no reason \(GET \/buckets\/ → 401\)\./,
    ],
    ['no run for days', () => stage.clock.advance(50 * HOUR), 'backstop', 'warning', /completed 2 days ago/],
    [
      'a run that stays incomplete',
      () =>
        stage.sqlite.rows(
          `INSERT INTO runs (id, location_id, started_by, state, error, started_at, heartbeat_at) VALUES ('r2', ?1, 'cron', 'incomplete', 'saw 1 of 2', ?2, 0)`,
          ...[LOCATION, at(0)],
        ),
      'backstop',
      'warning',
      /The last run is incomplete: saw 1 of 2/,
    ],
    [
      'a missing migration',
      () => stage.sqlite.rows('DELETE FROM d1_migrations'),
      'database',
      'failed',
      /0001_pipeline\.sql/,
    ],
    ['no tables at all', () => stage.sqlite.rows('DROP TABLE d1_migrations'), 'database', 'failed', /No migration/],
    [
      'a queue that is not bound',
      () => Reflect.deleteProperty(stage.env, 'BACKSTOP'),
      'queues',
      'failed',
      /contact-backstop/,
    ],
    [
      'a queue that nobody works off',
      () =>
        Object.assign(stage.env.EVENTS, {
          metrics: async () => ({ backlogCount: 3, backlogBytes: 9, oldestMessageTimestamp: new Date(at(1)) }),
        }),
      'queues',
      'warning',
      /contact-events 3.*contact-events for 60 min/,
    ],
  ])('%s', async (_what, break_, code, status, seen) => {
    break_();
    expect(await stage.check(code)).toMatchObject({ status, seen: expect.stringMatching(seen) });
  });

  test('the doctor knows every migration', () => {
    expect(MIGRATIONS).toEqual(
      readdirSync('migrations')
        .filter((name) => name.endsWith('.sql'))
        .sort(),
    );
  });
});

test('a report for a person names what failed first, and what to do', async () => {
  stage.sqlite.rows('DELETE FROM heard');
  stage.env.CALLTOOLS_PHONE_FIELD = 'cell';
  const text = show(viewDiagnosis(await stage.diagnosis()), 'http://here');
  expect(text).toMatch(/^http:\/\/here, location ve9EPM428h8vShlRW1KT\n/);
  expect(text).toMatch(/\nFAILED +calltools-phone-field +This account has no field cell/);
  expect(text).toMatch(
    /FAILED calltools-phone-field\n +should be: .*\n +to fix: +Set CALLTOOLS_PHONE_FIELD[\s\S]*\? webhooks\n/,
  );
  expect(text).toMatch(/1 failed, 1 to look at, 23 ok, 10 skipped\.$/);
});

test.each([
  [-5, '0 s'],
  [59_999, '59 s'],
  [60_000, '1 min'],
  [2 * HOUR, '2 h'],
  [50 * HOUR, '2 days'],
])('%d ms are %s', (ms, span) => expect(spanOf(ms)).toBe(span));
