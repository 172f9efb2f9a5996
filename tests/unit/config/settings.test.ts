// The consumer's settings: read as people write them, and a wrong one is named with what it must be.

import { describe, expect, test } from 'vitest';
import { readSettings } from '../../../workers/consumer/config/settings.ts';
import { parseFieldMap } from '../../../workers/consumer/domain/fields/field-map-setting.ts';
import { FILE_RULES } from '../../support/rules.ts';
import { ENV, LOCATION } from '../../support/vendor-harness.ts';

describe('readSettings', () => {
  test('the four that have no default are enough', () => {
    expect(readSettings(ENV)).toEqual({
      GHL_LOCATION_ID: LOCATION,
      GHL_API_KEY: 'pit-1',
      GHL_API_VERSION: '2021-07-28',
      GHL_API_BASE_URL: 'https://services.leadconnectorhq.com',
      GHL_APP_URL: 'https://app.gohighlevel.com',
      CALLTOOLS_CONTACT_URL: '',
      rulesFrom: 'rules.jsonc',
      CALLTOOLS_BASE_URL: 'https://east-1.calltools.test',
      CALLTOOLS_API_KEY: 'calltools-key',
      CALLTOOLS_PHONE_FIELD: 'mobile_phone_number',
      CALLTOOLS_EMAIL_FIELD: 'personal_email_address',
      CALLTOOLS_EXTERNAL_ID_FIELD: '',
      CALLTOOLS_PHONE_LOOKUP: 'contacts',
      DEFAULT_COUNTRY: 'US',
      VENDOR_TIMEOUT_MS: 10_000,
      BACKSTOP_PAGE_SIZE: 500,
      BACKSTOP_AT: [120],
      VERIFY_WITHIN_DAYS: 7,
      MAX_NEW_PLACEMENTS: null,
      ALERT_DRIFT_OVER: 25,
      ALERT_QUIET_HOURS: 24,
      rules: FILE_RULES,
      fields: parseFieldMap({}, { phone: '', email: '', externalId: '' }),
      calls: null,
    });
  });

  test('a blank or null setting counts as unset', () => {
    const blank = { ...ENV, CALLTOOLS_PHONE_FIELD: ' ', VENDOR_TIMEOUT_MS: '', DEFAULT_COUNTRY: null, SYNC_RULES: ' ' };
    expect(readSettings(blank)).toEqual(readSettings(ENV));
  });

  test('numbers may be written as numbers or as text', () => {
    expect(readSettings({ ...ENV, VENDOR_TIMEOUT_MS: 2000, BACKSTOP_PAGE_SIZE: '100' })).toMatchObject({
      VENDOR_TIMEOUT_MS: 2000,
      BACKSTOP_PAGE_SIZE: 100,
    });
  });

  test('outer spaces and slashes, a country in small letters, and a URL that ends in /api are fine', () => {
    const env = { ...ENV, CALLTOOLS_BASE_URL: ' https://east-1.calltools.io/api// ', DEFAULT_COUNTRY: ' gb ' };
    expect(readSettings({ ...env, GHL_API_KEY: ' pit-1\n' })).toMatchObject({
      CALLTOOLS_BASE_URL: 'https://east-1.calltools.io/api',
      DEFAULT_COUNTRY: 'GB',
      GHL_API_KEY: 'pit-1',
    });
  });

  test('several times of the day come in order, each once, in minutes after midnight', () => {
    expect(readSettings({ ...ENV, BACKSTOP_AT: '14:30, 02:00,14:30' }).BACKSTOP_AT).toEqual([120, 870]);
  });

  test('rules come from SYNC_RULES, as text or as an object', () => {
    const rules = { routes: [{ name: 'a', tags: ['x'], bucket: 'B' }] };
    const setting = { ...rules, optOutTags: false };
    expect(readSettings({ ...ENV, SYNC_RULES: setting }).rules).toEqual(rules);
    expect(readSettings({ ...ENV, SYNC_RULES: JSON.stringify(setting) }).rules).toEqual(rules);
  });

  test('what is written into which field comes from FIELD_MAP, OWNERS and COUNTRY_FORM', () => {
    const mapping = { FIELD_MAP: { company: 'companyName' }, OWNERS: '{"u1": "ana"}', COUNTRY_FORM: 'name' };
    const { fields } = readSettings({ ...ENV, ...mapping });
    expect(fields).toEqual(parseFieldMap(mapping, { phone: '', email: '', externalId: '' }));
    expect([fields.rules.length, fields.owners.size, fields.countryForm]).toEqual([7, 1, 'name']);
  });

  test('a field that another setting names cannot be mapped', () => {
    const names = { CALLTOOLS_PHONE_FIELD: 'cell', CALLTOOLS_EMAIL_FIELD: 'mail', CALLTOOLS_EXTERNAL_ID_FIELD: 'ghl' };
    for (const [setting, name] of Object.entries(names))
      expect(() => readSettings({ ...ENV, ...names, FIELD_MAP: { [name]: 'source' } })).toThrow(
        new RegExp(`^FIELD_MAP\\.${name}: .*${setting}`),
      );
  });

  test.each([
    [{ GHL_LOCATION_ID: undefined }, 'GHL_LOCATION_ID is not set: the id of your GoHighLevel location'],
    [{ GHL_LOCATION_ID: 'my location' }, 'GHL_LOCATION_ID must be 1 to 64 letters, digits, - or _'],
    [{ GHL_API_KEY: '' }, 'GHL_API_KEY is not set: a Private Integration token'],
    [{ GHL_API_KEY: 'pit-1 pit-2' }, 'GHL_API_KEY must not have spaces'],
    [{ CALLTOOLS_API_KEY: 'clé' }, 'CALLTOOLS_API_KEY must not have spaces, line breaks or special characters'],
    [{ CALLTOOLS_BASE_URL: undefined }, 'CALLTOOLS_BASE_URL is not set: the address of your CallTools silo'],
    [{ CALLTOOLS_BASE_URL: 'east-1.calltools.io' }, 'CALLTOOLS_BASE_URL must be a URL such as https://'],
    [{ CALLTOOLS_BASE_URL: 'https://[east-1' }, 'CALLTOOLS_BASE_URL must be a URL'],
    [{ CALLTOOLS_BASE_URL: 'https://user:pass@x.io' }, 'CALLTOOLS_BASE_URL must be a URL'],
    [{ GHL_API_BASE_URL: 'https://x.io/?a=b' }, 'GHL_API_BASE_URL must be a URL'],
    [{ GHL_API_VERSION: '2021–07–28' }, 'GHL_API_VERSION must be a version such as 2021-07-28'],
    [{ CALLTOOLS_PHONE_FIELD: 'mobile phone' }, 'CALLTOOLS_PHONE_FIELD must be a CallTools field name'],
    [{ CALLTOOLS_PHONE_LOOKUP: 'yes' }, 'CALLTOOLS_PHONE_LOOKUP must be contacts, phonenumbers or off'],
    [{ DEFAULT_COUNTRY: 'USA' }, 'DEFAULT_COUNTRY must be a two-letter country code'],
    [{ VENDOR_TIMEOUT_MS: '10s' }, 'VENDOR_TIMEOUT_MS must be a whole number from 100 to 60000'],
    [{ VENDOR_TIMEOUT_MS: 99 }, 'VENDOR_TIMEOUT_MS must be a whole number from 100 to 60000'],
    [{ VENDOR_TIMEOUT_MS: 1000.5 }, 'VENDOR_TIMEOUT_MS must be a whole number'],
    [{ VENDOR_TIMEOUT_MS: true }, 'VENDOR_TIMEOUT_MS must be text'],
    [{ BACKSTOP_PAGE_SIZE: '501' }, 'BACKSTOP_PAGE_SIZE must be a whole number from 1 to 500'],
    [{ BACKSTOP_AT: '2:00' }, 'BACKSTOP_AT must be times in UTC such as 02:00'],
    [{ BACKSTOP_AT: '02:00,24:00' }, 'BACKSTOP_AT must be times in UTC'],
    [
      { MAX_NEW_PLACEMENTS: '0' },
      'MAX_NEW_PLACEMENTS must be a whole number from 1 to 1000000; leave it out to switch the brake off',
    ],
    [{ VERIFY_WITHIN_DAYS: '1' }, 'VERIFY_WITHIN_DAYS must be a whole number from 2 to 90'],
    [{ SYNC_RULES: '{' }, 'SYNC_RULES, line 1, column 2: a } is missing at the end'],
    [{ rulesFile: '{' }, 'rules.jsonc, line 1, column 2: a } is missing at the end'],
    [{ rulesFile: undefined }, 'rules.jsonc, line 1, column 1: nothing stands here'],
    [{ SYNC_RULES: [] }, 'SYNC_RULES: must be an object such as'],
    [{ FIELD_MAP: { tags: 'source' } }, 'FIELD_MAP.tags: is about buckets and tags'],
    [{ OWNERS: 'ana' }, 'OWNERS: is not valid JSON'],
    [{ COUNTRY_FORM: 'long' }, 'COUNTRY_FORM must be iso2 (US) or name'],
  ])('%j is refused by name', (changes, message) => {
    expect(() => readSettings({ ...ENV, ...changes })).toThrow(message);
  });

  test('a message about a key does not repeat the key', () => {
    expect(() => readSettings({ ...ENV, GHL_API_KEY: 'pit-1 secret' })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('secret') }),
    );
  });
});
