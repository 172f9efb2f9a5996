// What the check-up page shows beside the doctor: settings without their secrets, and a test alert.

import { beforeEach, describe, expect, test } from 'vitest';
import { openSqlite } from '../../../../sandbox/d1-sqlite.ts';
import type { AlertTested, LocationSettings } from '../../../../shared/api/check-up.ts';
import type { List } from '../../../../shared/api/lists.ts';
import { INGEST_STATUS_HEADER } from '../../../../shared/ingest-status.ts';
import { OWN_SETTINGS } from '../../../../workers/consumer/config/settings.ts';
import type { OperatorDeps } from '../../../../workers/consumer/operator/deps.ts';
import { handleOperator } from '../../../../workers/consumer/operator/routes.ts';
import { ask, dataOf, expectProblem, LOCATION, locationsOf, operatorDeps } from '../../../support/operator-harness.ts';

const URL_1 = 'https://hooks.test/secret-1';
const SECRETS = ['pit-1', 'calltools-key', URL_1, 'secret-1', 'dana@example.com'];

let db: ReturnType<ReturnType<typeof openSqlite>['bind']>;
beforeEach(() => {
  db = openSqlite().bind(async (act) => act());
});

const depsOf = (changes: Partial<OperatorDeps>, env: object = {}) => {
  const { deps } = operatorDeps(db, changes);
  return { ...deps, env: { ...deps.env, ...env } };
};

describe('GET /api/v1/settings', () => {
  async function settings(given: object, env: object = {}, headers: Record<string, string> = {}) {
    const deps = depsOf({ locations: await locationsOf([LOCATION], given) }, env);
    const response = await handleOperator(new Request('https://consumer.test/api/v1/settings', { headers }), deps);
    const text = await response.text();
    expect(SECRETS.filter((secret) => text.includes(secret))).toEqual([]);
    const [own] = (JSON.parse(text) as List<LocationSettings>).data;
    return { own, of: (name: string) => own?.settings.find((one) => one.name === name) };
  }

  test('shows each setting with its value in force, whether that is the default, and what it does', async () => {
    const { of } = await settings({
      GHL_API_BASE_URL: 'https://services.leadconnectorhq.com',
      BACKSTOP_AT: '14:30, 02:00',
      MAX_NEW_PLACEMENTS: 500,
      CALLTOOLS_EMAIL_FIELD: 'work_email',
    });
    const value = (name: string) => [of(name)?.value, of(name)?.is_default];
    expect(value('GHL_API_BASE_URL')).toEqual(['https://services.leadconnectorhq.com', true]);
    expect(value('BACKSTOP_AT')).toEqual(['02:00, 14:30 UTC', false]);
    expect(value('MAX_NEW_PLACEMENTS')).toEqual(['500', false]);
    expect(value('CALLTOOLS_EMAIL_FIELD')).toEqual(['work_email', false]);
    expect(value('VERIFY_WITHIN_DAYS')).toEqual(['7 days', true]);
    expect(value('CALL_RESULTS')).toEqual([null, true]);
    expect(value('SYNC_RULES')).toEqual([null, true]);
    expect(value('GHL_LOCATION_ID')).toEqual([LOCATION, false]);
    expect(of('DEFAULT_COUNTRY')?.what).toBe('The country of phone numbers without a country code.');
  });

  test('leaves none out', async () => {
    const { own } = await settings({});
    const names = own?.settings.map(({ name }) => name) ?? [];
    const all = [...OWN_SETTINGS, 'GHL_LOCATION_ID', 'GHL_API_KEY', 'CALLTOOLS_API_KEY', 'ALERT_WEBHOOK_URL'];
    expect(all.filter((name) => !names.includes(name))).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
  });

  test('says of secrets and of owners only that they are set', async () => {
    const { of } = await settings(
      { OWNERS: { 'dana@example.com': 'dana' } },
      { ALERT_WEBHOOK_URL: URL_1, DASHBOARD_URL: 'https://pipeline.example/' },
    );
    expect(of('GHL_API_KEY')).toMatchObject({ value: 'set', is_default: false });
    expect(of('OWNERS')).toMatchObject({ value: '1 user', is_default: false });
    expect(of('ALERT_WEBHOOK_URL')).toMatchObject({ value: 'set', is_default: false });
    expect(of('DASHBOARD_URL')).toMatchObject({ value: 'https://pipeline.example', is_default: false });
  });

  test('has what ingest tells of its own', async () => {
    const status = { locationIds: [LOCATION], apps: 2, hmac: true, workflow: false, viewer: 'on', role: 'viewer' };
    const { of } = await settings({}, {}, { [INGEST_STATUS_HEADER]: JSON.stringify(status) });
    expect(
      ['GHL_APP_IDS', 'GHL_WEBHOOK_SECRET', 'GHL_WORKFLOW_TOKEN', 'VIEWER_TOKEN'].map((name) => of(name)?.value),
    ).toEqual(['set', 'set', null, 'set']);
  });

  test('of a location with a faulty setting has the fault', async () => {
    const { own } = await settings({ VENDOR_TIMEOUT_MS: 'soon' });
    expect(own).toMatchObject({ fault: expect.stringContaining('VENDOR_TIMEOUT_MS must be'), settings: [] });
  });
});

describe('POST /api/v1/alerts/test', () => {
  const sending = (error: string | null) => {
    const posts: { url: string; text: string }[] = [];
    const sendAlert: OperatorDeps['sendAlert'] = async (url, { text }) => {
      posts.push({ url, text });
      return error;
    };
    return { posts, sendAlert };
  };

  test('sends one test alert to the address that is set, and says that it arrived', async () => {
    const { posts, sendAlert } = sending(null);
    const answer = await ask('/api/v1/alerts/test', depsOf({ sendAlert }, { ALERT_WEBHOOK_URL: URL_1 }), '');
    expect(await dataOf<AlertTested>(answer)).toEqual({ arrived: true, note: expect.stringContaining('accepted') });
    expect(posts).toEqual([{ url: URL_1, text: expect.stringMatching(/\nTEST: .*nothing to do/) }]);
  });

  test('says what the address answered, and not what the address is', async () => {
    const { sendAlert } = sending('it answered 404');
    const answer = await ask('/api/v1/alerts/test', depsOf({ sendAlert }, { ALERT_WEBHOOK_URL: URL_1 }), '');
    const { arrived, note } = await dataOf<AlertTested>(answer);
    expect([arrived, note]).toEqual([false, expect.stringMatching(/it answered 404.*npm run setup/)]);
    expect(note).not.toContain('hooks.test');
  });

  test('is sent to the own address of the location that is named', async () => {
    const { posts, sendAlert } = sending(null);
    const env = {
      ALERT_WEBHOOK_URL: URL_1,
      ALERT_WEBHOOK_URL_NO_0: 'https://hooks.test/own',
      LOCATIONS: { two: { secrets: 'NO_0' } },
    };
    const deps = depsOf({ sendAlert, locations: await locationsOf([LOCATION, 'two']) }, env);
    for (const query of ['', `?location=${LOCATION}`, '?location=two'])
      await ask(`/api/v1/alerts/test${query}`, deps, '');
    expect(posts.map(({ url }) => url)).toEqual([URL_1, URL_1, 'https://hooks.test/own']);
  });

  test('without an address sends nothing, and says how to set one', async () => {
    const { posts, sendAlert } = sending(null);
    await expectProblem(await ask('/api/v1/alerts/test', depsOf({ sendAlert }), ''), 409, /no address is set.*setup/);
    expect(posts).toEqual([]);
  });
});

test('GET /api/v1/doctor answers as GET /doctor does', async () => {
  const { deps } = operatorDeps(db);
  expect(await dataOf(ask('/api/v1/doctor', deps))).toEqual(await dataOf(ask('/doctor', deps)));
});
