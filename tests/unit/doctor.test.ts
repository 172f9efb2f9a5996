// The doctor names each fault under its own code, says what it saw, and shows nothing of a person.

import { readdirSync } from 'node:fs';
import { beforeEach, describe, expect, test } from 'vitest';
import { show } from '../../scripts/doctor/show.ts';
import { viewDiagnosis } from '../../workers/consumer/doctor.ts';
import { CHECKS, type CheckCode, spanOf } from '../../workers/consumer/doctor-check.ts';
import { MIGRATIONS } from '../../workers/consumer/doctor-state.ts';
import { type DoctorStage, doctorStage } from './doctor-stage.ts';
import { COLD, jsonAnswer, LOCATION, PHONE } from './vendor-stage.ts';

const DANA = { firstName: 'Dana', phone: PHONE, tags: ['cold lead'] };
const HOUR = 3_600_000;
const GHL_KEY = 'pit-1';

let stage: DoctorStage;
let dana: string;
/** All is well: a contact is in the dialer, and a run was completed an hour ago. */
async function healthy(account: Parameters<typeof doctorStage>[0] = {}): Promise<void> {
  stage = doctorStage(account);
  dana = await stage.bring(DANA);
  stage.sqlite.rows(
    `INSERT INTO runs (id, location_id, started_by, state, started_at, heartbeat_at, finished_at)
     VALUES ('run1', ?1, 'cron', 'complete', ?2, ?2, ?2)`,
    ...[LOCATION, stage.clock.at - HOUR],
  );
  stage.sent.length = 0;
}
beforeEach(() => healthy());

/** Codes with this status. */
const codes = async (status: string) =>
  (await stage.examine()).checks.filter((check) => check.status === status).map(({ code }) => code);

describe('where all is well', () => {
  test('every check is there once and ok, but for those that were not asked for', async () => {
    const { checks } = await stage.examine();
    expect(checks.map(({ code }) => code).sort()).toEqual(Object.keys(CHECKS).sort());
    expect(checks.filter(({ status }) => status !== 'ok').map(({ code, status }) => [code, status])).toEqual([
      ['calltools-external-id-field', 'skipped'],
      ['calltools-tag', 'skipped'],
      ['membership', 'skipped'],
    ]);
  });

  test('nothing is written to a vendor, and each key goes to its own vendor only', async () => {
    const before = JSON.stringify(stage.callTools.contacts());
    const calls = stage.callTools.calls.list().length;
    await stage.examine();
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
    const report = JSON.stringify(viewDiagnosis(await stage.examine(dana)));
    expect(report).toContain('is no good');
    for (const personal of ['Dana', PHONE.slice(2), GHL_KEY, 'calltools-key']) expect(report).not.toContain(personal);
  });
});

describe('settings', () => {
  test('a fault is named, and the vendors are left alone', async () => {
    stage.env.SYNC_RULES = '{"routes": []}';
    expect(await stage.check('settings')).toMatchObject({
      status: 'failed',
      seen: expect.stringContaining('SYNC_RULES.routes: must hold at least one route'),
    });
    expect(stage.sent).toEqual([]);
    expect((await stage.examine()).checks.filter(({ status }) => status === 'skipped').length).toBeGreaterThan(10);
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
    stage.doors.locationIds = ['another'];
    expect(await codes('failed')).toEqual(['ingest']);
    expect((await stage.check('ingest')).seen).toContain(`of another only, the consumer works for ${LOCATION}`);
  });

  test('tells which doors are open', async () => {
    Object.assign(stage.doors, { apps: 0, hmac: false });
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
    expect(await codes('failed')).toEqual(expected);
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
    expect(await codes('failed')).toEqual([]);
    expect((await stage.check('ghl-rate-limit')).status).toBe('warning');
  });
});

describe('CallTools, the way in', () => {
  test.each<[string, () => void, CheckCode, RegExp]>([
    [
      'a host of the guide that does not exist',
      () => {
        stage.env.CALLTOOLS_BASE_URL = 'https://api.calltools.com/v1';
        stage.hosts['api.calltools.com'] = () => new Response('error code: 1016', { status: 530 });
      },
      'calltools-host',
      /530.*CallTools lists these silos: east-1, west-2/,
    ],
    [
      'a misspelled silo',
      () => Object.assign(stage.env, { CALLTOOLS_BASE_URL: 'https://east-9.calltools.io' }),
      'calltools-host',
      /connection failed.*east-1, west-2/,
    ],
    [
      'the silo of others, where the key is not known',
      () => {
        stage.env.CALLTOOLS_BASE_URL = 'https://west-2.calltools.io';
        stage.hosts['west-2.calltools.io'] = () => jsonAnswer(401, { detail: 'Invalid token.' });
      },
      'calltools-token',
      /west-2\.calltools\.io does not know this key/,
    ],
    ['a revoked key', () => Object.assign(stage.env, { CALLTOOLS_API_KEY: 'old' }), 'calltools-token', /401/],
    ['a login page', () => stage.callTools.faults.plan({ do: { kind: 'login-redirect' } }), 'calltools-host', /302/],
    [
      'a page that is no API',
      () => stage.callTools.faults.plan({ do: { kind: 'not-json' } }),
      'calltools-host',
      /not JSON/,
    ],
  ])('%s is named, and it alone', async (_what, break_, code, seen) => {
    break_();
    expect(await codes('failed')).toEqual([code]);
    expect((await stage.check(code)).seen).toMatch(seen);
  });

  test('without the list of silos, whoever answers as CallTools does is believed', async () => {
    for (const broken of [
      () => new Response('no', { status: 500 }),
      () => new Response('<html>'),
      () => jsonAnswer(200, { count: 0, results: [] }),
      () => jsonAnswer(200, [{ id: 3, name: 'The silo' }]),
    ]) {
      stage.hosts['app.calltools.io'] = broken;
      expect((await stage.check('calltools-host')).status).toBe('ok');
    }
  });

  test.each([
    [['east-1', 'west-2']],
    [{ silos: { 'east-1': 'https://east-1.calltools.io/' } }],
    [{ count: 1, results: [{ domain: 'east-1.calltools.io', active: true }] }],
  ])('the list is understood in the form %j', async (list) => {
    stage.hosts['app.calltools.io'] = () => jsonAnswer(200, list);
    expect((await stage.check('calltools-host')).seen).toContain('a silo that CallTools lists');
  });

  test('a role that may not read buckets is named, with the resource', async () => {
    await healthy();
    stage.callTools.settings.readDenied = true;
    expect(await codes('failed')).toContain('calltools-rights');
    expect((await stage.check('calltools-rights')).seen).toBe('May not read: buckets.');
    expect((await stage.check('calltools-token')).status).toBe('ok');
  });

  test('a role that may not read memberships is a warning', async () => {
    stage.callTools.faults.plan({ match: { path: '/api/contactbuckets/' }, do: { kind: 'status', status: 403 } });
    expect(await stage.check('calltools-rights')).toMatchObject({
      status: 'warning',
      seen: expect.stringContaining('May not read contactbuckets'),
    });
  });
});

describe('CallTools, field names', () => {
  test.each<[string, CheckCode, RegExp]>([
    [
      'CALLTOOLS_PHONE_FIELD',
      'calltools-phone-field',
      /no field cell.*home_phone_number, mobile_phone_number, office_phone_number/,
    ],
    ['CALLTOOLS_EMAIL_FIELD', 'calltools-email-field', /no field cell.*personal_email_address/],
    ['CALLTOOLS_EXTERNAL_ID_FIELD', 'calltools-external-id-field', /no field cell.*ghl_contact_id/],
  ])('a wrong %s is named, with those that there are', async (setting, code, seen) => {
    for (const describesItself of [true, false]) {
      await healthy({ describesItself });
      Object.assign(stage.env, { [setting]: 'cell' });
      expect(await codes('failed')).toEqual([code]);
      expect((await stage.check(code)).seen).toMatch(seen);
    }
  });

  test('the description tells them before there is a contact; without either they are not known', async () => {
    stage = doctorStage();
    expect((await stage.check('calltools-phone-field')).seen).toBe(
      'mobile_phone_number is in the account’s API description.',
    );
    stage = doctorStage({ describesItself: false });
    expect(await stage.check('calltools-phone-field')).toMatchObject({ status: 'warning' });
  });
});

describe('CallTools, the search by phone', () => {
  test.each<[string, Parameters<typeof doctorStage>[0], string, string, RegExp]>([
    ['works', {}, 'contacts', 'ok', /in contacts works/],
    [
      'works for phone numbers alone',
      { phoneFilter: 'ignored', phoneNumbersFilter: 'works' },
      'contacts',
      'warning',
      /set CALLTOOLS_PHONE_LOOKUP to phonenumbers/,
    ],
    [
      'works there, as set',
      { phoneFilter: 'ignored', phoneNumbersFilter: 'works' },
      'phonenumbers',
      'ok',
      /in phonenumbers works/,
    ],
    ['is ignored', { phoneFilter: 'ignored' }, 'contacts', 'failed', /ignores the number.*ignores the number/],
    ['is not wanted', { phoneFilter: 'ignored' }, 'off', 'skipped', /trusted to merge/],
  ])('%s', async (_what, account, lookup, status, seen) => {
    await healthy(account);
    stage.env.CALLTOOLS_PHONE_LOOKUP = lookup;
    expect(await stage.check('calltools-phone-filter')).toMatchObject({ status, seen: expect.stringMatching(seen) });
  });

  test('one that never finds anyone is as bad as one that finds all', async () => {
    const handle = stage.callTools.handle;
    stage.hosts['east-1.calltools.io'] = (request) =>
      request.url.includes('phone_number=') ? jsonAnswer(200, { count: 0, next: null, results: [] }) : handle(request);
    expect(await stage.check('calltools-phone-filter')).toMatchObject({
      status: 'failed',
      seen: expect.stringContaining('does not find a contact by its own number'),
    });
  });

  test('in an empty account only half of it is known', async () => {
    stage = doctorStage();
    expect((await stage.check('calltools-phone-filter')).status).toBe('warning');
  });
});

describe('CallTools, buckets and tags', () => {
  test('a missing bucket is named, with those that there are', async () => {
    stage.callTools.addContactByHand({ first_name: 'x', buckets: ['Cold Leeds'] });
    stage.callTools.deleteBucket(COLD);
    expect(await codes('failed')).toEqual(['calltools-bucket']);
    expect((await stage.check('calltools-bucket')).seen).toBe('Missing: Cold Leads. CallTools has: Cold Leeds.');
  });

  test('a missing tag too', async () => {
    stage.env.SYNC_RULES = { routes: [{ name: 'cold', tags: ['cold lead'], bucket: COLD, calltoolsTag: 'dialed' }] };
    expect((await stage.check('calltools-tag')).seen).toBe('Missing: dialed. CallTools has: none.');
  });
});

describe('the membership of a named contact', () => {
  test('is taken away and comes back, both read back', async () => {
    const before = stage.callTools.calls.list().length;
    expect(await stage.check('membership', dana)).toMatchObject({
      status: 'ok',
      seen: expect.stringContaining('came back'),
    });
    const writes = stage.callTools.calls
      .list()
      .slice(before)
      .filter(({ method }) => method !== 'GET');
    expect(writes.map(({ method }) => method)).toEqual(['PATCH', 'PATCH']);
    expect(stage.callTools.holds(COLD)).toEqual([PHONE]);
  });

  test('that cannot be taken away is named', async () => {
    stage.callTools.settings.bucketPatch = 'ignored';
    expect(await stage.check('membership', dana)).toMatchObject({
      status: 'failed',
      seen: expect.stringContaining('still in it'),
    });
    expect(stage.callTools.holds(COLD)).toEqual([PHONE]);
  });

  test('that does not come back is named, with the reason', async () => {
    const handle = stage.callTools.handle;
    stage.hosts['east-1.calltools.io'] = async (request) => {
      const body = request.method === 'PATCH' ? await request.clone().text() : '';
      if (body.includes('add_buckets')) stage.callTools.settings.bucketPatch = 'ignored';
      if (body.includes('add_contacts')) stage.callTools.settings.bucketSidePatch = 'ignored';
      return handle(request);
    };
    expect(await stage.check('membership', dana)).toMatchObject({
      status: 'failed',
      seen: expect.stringContaining('membership_not_applied'),
    });
  });

  test('of someone who is to be kept out by now is not given back', async () => {
    await stage.ghl.editContact(dana, { tags: ['customer'] }, { silent: true });
    expect(await stage.check('membership', dana)).toMatchObject({
      status: 'ok',
      seen: expect.stringContaining('kept out (route)'),
    });
    expect(stage.callTools.holds(COLD)).toEqual([]);
  });

  test('is left alone while another holds the lease, and where the contact is not placed', async () => {
    stage.sqlite.rows('UPDATE dialer SET lease_until = ?1', stage.clock.at + HOUR);
    expect((await stage.check('membership', dana)).status).toBe('warning');
    const kept = await stage.bring({ firstName: 'Eve', phone: '+13055550143', tags: ['customer'] });
    for (const contact of [kept, 'nobody']) expect((await stage.check('membership', contact)).status).toBe('skipped');
    expect(stage.callTools.holds(COLD)).toEqual([PHONE]);
  });

  test('that a dying doctor took away is given back by the next look', async () => {
    const handle = stage.callTools.handle;
    stage.hosts['east-1.calltools.io'] = async (request) => {
      const gone = request.method === 'GET' && request.url.includes('/contactbuckets/?contact_id=');
      return gone ? new Response('bad gateway', { status: 502 }) : handle(request);
    };
    expect((await stage.check('membership', dana)).status).toBe('failed');
    expect(stage.callTools.holds(COLD)).toEqual([]);
    stage.hosts['east-1.calltools.io'] = handle;
    expect(stage.sqlite.rows('SELECT search_hash FROM contacts')).toEqual([{ search_hash: null }]);
    await stage.env.EVENTS.send({
      ...{ v: 1, kind: 'contact.changed', locationId: LOCATION, contactId: dana, eventType: 'x', source: 'backstop' },
      ...{ eventId: 'e2', occurredAt: null, receivedAt: stage.clock.at, snapshot: null },
    });
    expect(stage.callTools.holds(COLD)).toEqual([PHONE]);
  });
});

describe('what the pipeline itself has waiting', () => {
  const at = (hoursAgo: number) => stage.clock.at - hoursAgo * HOUR;

  test.each<[string, () => unknown, CheckCode, string, RegExp]>([
    ['no webhook for days', () => stage.clock.advance(50 * HOUR), 'webhooks', 'warning', /worked off 2 days ago/],
    [
      'no webhook ever',
      () => stage.sqlite.rows(`UPDATE contacts SET history = '[]'`),
      'webhooks',
      'warning',
      /None has arrived yet/,
    ],
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
      /calltools \(for 60 min\): GET \/buckets\/: 401/,
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
  stage.sqlite.rows(`UPDATE contacts SET history = '[]'`);
  stage.env.CALLTOOLS_PHONE_FIELD = 'cell';
  const text = show(viewDiagnosis(await stage.examine()), 'http://here');
  expect(text).toMatch(/^http:\/\/here, location ve9EPM428h8vShlRW1KT\n/);
  expect(text).toMatch(/\nFAILED +calltools-phone-field +This account has no field cell/);
  expect(text).toMatch(
    /FAILED calltools-phone-field\n +should be: .*\n +to mend: +Set CALLTOOLS_PHONE_FIELD[\s\S]*\? webhooks\n/,
  );
  expect(text).toMatch(/1 failed, 1 to look at, 19 ok, 3 skipped\.$/);
});

test.each([
  [-5, '0 s'],
  [59_999, '59 s'],
  [60_000, '1 min'],
  [2 * HOUR, '2 h'],
  [50 * HOUR, '2 days'],
])('%d ms are %s', (ms, span) => expect(spanOf(ms)).toBe(span));
