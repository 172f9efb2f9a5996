// The doctor at CallTools' door and inside: host, key, rights, field names, search, buckets.

import { beforeEach, describe, expect, test } from 'vitest';
import type { CheckCode } from '../../../workers/consumer/domain/checks.ts';
import { COLD, jsonAnswer } from '../../support/vendor-harness.ts';
import { type DoctorStage, doctorStage, healthyStage } from './doctor-harness.ts';

let stage: DoctorStage;
beforeEach(async () => {
  ({ stage } = await healthyStage());
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
    expect(await stage.codes('failed')).toEqual([code]);
    expect((await stage.check(code)).seen).toMatch(seen);
  });

  test('without the list of silos, a host that answers as CallTools does is believed', async () => {
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
    ({ stage } = await healthyStage());
    stage.callTools.settings.readDenied = true;
    expect(await stage.codes('failed')).toContain('calltools-rights');
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
      ({ stage } = await healthyStage({ describesItself }));
      Object.assign(stage.env, { [setting]: 'cell' });
      expect(await stage.codes('failed')).toEqual([code]);
      expect((await stage.check(code)).seen).toMatch(seen);
    }
  });

  test('one that the description has, but no contact, is a warning that names what contacts have', async () => {
    const handle = stage.callTools.handle;
    const contact = { do_not_contact: {}, add_buckets: {}, mobile: {}, home_phone_number: {} };
    stage.hosts['east-1.calltools.io'] = (request) =>
      request.url.includes('openapi')
        ? jsonAnswer(200, { definitions: { Contact: { properties: contact } } })
        : handle(request);
    stage.env.CALLTOOLS_PHONE_FIELD = 'mobile';
    expect(await stage.check('calltools-phone-field')).toMatchObject({
      status: 'warning',
      seen: expect.stringMatching(/does not have it. Fields like it there: home_phone_number, mobile_phone_number/),
    });
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
    ({ stage } = await healthyStage(account));
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
    expect(await stage.codes('failed')).toEqual(['calltools-bucket']);
    expect((await stage.check('calltools-bucket')).seen).toBe('Missing: Cold Leads. CallTools has: Cold Leeds.');
  });

  test('several of one name are a warning that names each, however it is spelled', async () => {
    const [used, other] = [
      stage.callTools.bucketNamed(COLD)?.id,
      stage.callTools.addLabelByHand('buckets', 'cold  LEADS'),
    ];
    expect(await stage.check('calltools-bucket')).toMatchObject({
      status: 'warning',
      seen: `Several buckets have one name: "${COLD}" (${used}), "cold  LEADS" (${other}).`,
    });
  });

  test('several of one name are named beside one that is missing', async () => {
    const [a, b] = [stage.callTools.addLabelByHand('tags', 'ghl'), stage.callTools.addLabelByHand('tags', 'GHL')];
    stage.env.SYNC_RULES = {
      routes: ['ghl', 'dialed'].map((name) => ({ name, tags: [name], bucket: COLD, calltoolsTag: name })),
    };
    expect((await stage.check('calltools-tag')).seen).toBe(
      `Missing: dialed. CallTools has: GHL, ghl. Several tags have one name: "ghl" (${a}), "GHL" (${b}).`,
    );
  });

  test('a missing tag too', async () => {
    stage.env.SYNC_RULES = { routes: [{ name: 'cold', tags: ['cold lead'], bucket: COLD, calltoolsTag: 'dialed' }] };
    expect((await stage.check('calltools-tag')).seen).toBe('Missing: dialed. CallTools has: none.');
  });
});
