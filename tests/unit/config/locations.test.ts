// Which locations a deployment serves: each by its own settings and secrets, and a faulty one stops nobody else.

import { describe, expect, test } from 'vitest';
import { type Location, readLocations } from '../../../workers/consumer/config/locations.ts';
import type { FieldMap } from '../../../workers/consumer/domain/fields/field-map.ts';
import { FILE_RULES } from '../../support/rules.ts';
import { ENV, LOCATION } from '../../support/vendor-harness.ts';

const ACME = { secrets: 'ACME', CALLTOOLS_BASE_URL: 'https://west-2.calltools.test' };
const KEYS = { GHL_API_KEY_ACME: 'pit-acme', CALLTOOLS_API_KEY_ACME: 'calltools-acme' };
const RULES = { routes: [{ name: 'warm', tags: ['warm'], bucket: 'Warm' }] };

/** LOCATIONS alone, with everything that a location may inherit. */
const shared = (locations: unknown, more: object = {}) => ({
  ...KEYS,
  rulesFile: ENV.rulesFile,
  LOCATIONS: locations,
  ...more,
});
const settingsOf = (location: Location | undefined) =>
  location?.kind === 'ready' ? location.settings : location?.fault;
const faultOf = (location: Location | undefined) => (location?.kind === 'faulty' ? location.fault : null);

test('GHL_LOCATION_ID alone is one location, with the plain secrets', async () => {
  const { all, fault } = await readLocations(ENV);
  expect(fault).toBeNull();
  expect(all).toMatchObject([{ id: LOCATION, name: null, kind: 'ready', settings: { GHL_API_KEY: 'pit-1' } }]);
});

describe('a location in LOCATIONS', () => {
  test('has its own settings, and everybody’s where it says nothing', async () => {
    const top = { DEFAULT_COUNTRY: 'GB', BACKSTOP_AT: '03:00', CALLTOOLS_PHONE_FIELD: 'phone_everybody' };
    const own = {
      ...ACME,
      name: ' Acme Ltd ',
      DEFAULT_COUNTRY: 'DE',
      BACKSTOP_AT: '22:30',
      SYNC_RULES: { ...RULES, optOutTags: false },
    };
    const { all } = await readLocations(shared({ acme: own }, top));
    expect(all).toMatchObject([
      {
        id: 'acme',
        name: 'Acme Ltd',
        kind: 'ready',
        settings: {
          GHL_LOCATION_ID: 'acme',
          GHL_API_KEY: 'pit-acme',
          CALLTOOLS_API_KEY: 'calltools-acme',
          CALLTOOLS_BASE_URL: 'https://west-2.calltools.test',
          CALLTOOLS_PHONE_FIELD: 'phone_everybody',
          DEFAULT_COUNTRY: 'DE',
          BACKSTOP_AT: [1350],
          rules: RULES,
        },
      },
    ]);
  });

  test('has its own CALL_RESULTS as a whole, and may switch them off; a faulty one is named', async () => {
    const top = { CALL_RESULTS: '{"poll": "1m"}' };
    const callsOf = async (own: object) => (await readLocations(shared({ acme: { ...ACME, ...own } }, top))).all;
    expect(await callsOf({})).toMatchObject([{ settings: { calls: { pollMs: 60_000 } } }]);
    const results = [{ dispositions: ['No'], hold: true }];
    expect(await callsOf({ CALL_RESULTS: { results } })).toMatchObject([
      { settings: { calls: { pollMs: 300_000, results } } },
    ]);
    expect(await callsOf({ CALL_RESULTS: '' })).toMatchObject([{ settings: { calls: null } }]);
    expect(await callsOf({ CALL_RESULTS: { poll: '1s' } })).toMatchObject([
      { kind: 'faulty', fault: 'CALL_RESULTS.poll: must be at least 1m and at most 24h' },
    ]);
  });

  test('may go back to a default that the top has changed, by a blank', async () => {
    const { all } = await readLocations(shared({ acme: { ...ACME, SYNC_RULES: '' } }, { SYNC_RULES: RULES }));
    expect(settingsOf(all[0])).toMatchObject({ rules: FILE_RULES });
  });

  test('has its own fields and owners instead of everybody’s, each as a whole', async () => {
    const top = { FIELD_MAP: { company: 'companyName' }, OWNERS: { u1: 'ana' }, COUNTRY_FORM: 'name' };
    const own = { ...ACME, FIELD_MAP: { product: 'source' }, OWNERS: { u2: 'ben' }, COUNTRY_FORM: 'iso2' };
    const fieldsOf = async (entry: object) => {
      const { all } = await readLocations(shared({ acme: entry }, top));
      return all[0]?.kind === 'ready' ? all[0].settings.fields : null;
    };
    const added = ({ rules }: FieldMap) => rules.map(({ target }) => target).filter((name) => /^[cp]/.test(name));
    const [inherited, replaced] = [await fieldsOf(ACME), await fieldsOf(own)];
    expect(inherited).toMatchObject({ countryForm: 'name', owners: new Map([['u1', 'ana']]) });
    expect(inherited && added(inherited)).toEqual(['city', 'company']);
    expect(replaced).toMatchObject({ countryForm: 'iso2', owners: new Map([['u2', 'ben']]) });
    expect(replaced && added(replaced)).toEqual(['city', 'product']);
  });

  test('may be given as JSON text, beside GHL_LOCATION_ID', async () => {
    const { all } = await readLocations({ ...ENV, ...shared(JSON.stringify({ acme: ACME })) });
    expect(all.map(({ id, kind }) => [id, kind])).toEqual([
      [LOCATION, 'ready'],
      ['acme', 'ready'],
    ]);
  });

  test('never uses the plain secrets, which are of another location', async () => {
    const { all } = await readLocations({ ...ENV, LOCATIONS: { acme: ACME } });
    expect(faultOf(all[1])).toMatch(/^GHL_API_KEY_ACME is not set: a Private Integration token/);
    const withOne = await readLocations({ ...ENV, GHL_API_KEY_ACME: 'pit-acme', LOCATIONS: { acme: ACME } });
    expect(faultOf(withOne.all[1])).toMatch(/^CALLTOOLS_API_KEY_ACME is not set: /);
  });

  test.each<[string, unknown, RegExp]>([
    [
      'a secret',
      { ...ACME, GHL_API_KEY: 'pit-leaked' },
      /holds GHL_API_KEY, a secret: .*wrangler secret put GHL_API_KEY_/,
    ],
    ['a secret with its suffix', { ...ACME, CALLTOOLS_API_KEY_ACME: 'x' }, /holds CALLTOOLS_API_KEY, a secret/],
    [
      'a misspelled setting',
      { ...ACME, SYNC_RULE: RULES },
      /not known\. Did you mean SYNC_RULES\? It may hold name, secrets, .*SYNC_RULES/,
    ],
    ['its id as a setting', { ...ACME, GHL_LOCATION_ID: 'x' }, /It may hold name, secrets/],
    [
      'no suffix',
      { CALLTOOLS_BASE_URL: 'https://x.test' },
      /^LOCATIONS\.acme\.secrets must be the suffix of its secrets/,
    ],
    ['a suffix in small letters', { ...ACME, secrets: 'acme' }, /secrets must be the suffix/],
    ['a name that is none', { ...ACME, name: 7 }, /^LOCATIONS\.acme\.name must be a text/],
    ['no settings at all', null, /^LOCATIONS\.acme must be an object of settings with "secrets"/],
    [
      'rules that are wrong',
      { ...ACME, SYNC_RULES: { routes: [] } },
      /^SYNC_RULES: routes: must hold at least one route/,
    ],
    ['a silo that is no URL', { ...ACME, CALLTOOLS_BASE_URL: 'west-2' }, /^CALLTOOLS_BASE_URL must be a URL/],
  ])('with %s is faulty, by name and without the value, and the others go on', async (_what, own, message) => {
    const { all, fault } = await readLocations({ ...ENV, ...shared({ acme: own }) });
    expect(fault).toBeNull();
    expect(all.map(({ kind }) => kind)).toEqual(['ready', 'faulty']);
    expect(faultOf(all[1])).toMatch(message);
    expect(faultOf(all[1])).not.toContain('pit-leaked');
  });

  test('that is GHL_LOCATION_ID too is faulty: which secrets it means is not clear', async () => {
    const { all } = await readLocations({ ...ENV, ...shared({ [LOCATION]: ACME }) });
    expect(all).toHaveLength(1);
    expect(faultOf(all[0])).toBe(`GHL_LOCATION_ID names ${LOCATION} too: say it in one place`);
  });

  test.each([
    `${ENV.CALLTOOLS_BASE_URL}/api`,
    ENV.CALLTOOLS_BASE_URL.toUpperCase().replace('HTTPS', 'https'),
    `${ENV.CALLTOOLS_BASE_URL}:443/`,
  ])('that has the dialer of an earlier one under another spelling is faulty too: %s', async (url) => {
    const respelled = { ...ACME, CALLTOOLS_BASE_URL: url };
    const keys = { CALLTOOLS_API_KEY_ACME: ENV.CALLTOOLS_API_KEY };
    const { all } = await readLocations({ ...ENV, ...shared({ acme: respelled }), ...keys });
    expect(faultOf(all[1])).toMatch(/^it has the CallTools account of location/);
  });

  test.each<[string, object, string]>([
    ['token', { GHL_API_KEY_ACME: 'pit-1' }, 'it has the GoHighLevel token of location'],
    ['dialer', { CALLTOOLS_API_KEY_ACME: 'calltools-key' }, 'it has the CallTools account of location'],
  ])('that shares its %s with an earlier one is faulty, the earlier one is not', async (_what, keys, message) => {
    const { CALLTOOLS_BASE_URL: _, ...inherits } = ACME;
    const { all } = await readLocations({ ...ENV, ...shared({ acme: inherits }), ...keys });
    expect(all[0]?.kind).toBe('ready');
    expect(faultOf(all[1])).toBe(`${message} ${LOCATION}: each location needs its own`);
  });

  test('may have an equal key in another silo', async () => {
    const { all } = await readLocations({ ...ENV, ...shared({ acme: ACME }), CALLTOOLS_API_KEY_ACME: 'calltools-key' });
    expect(all.map(({ kind }) => kind)).toEqual(['ready', 'ready']);
  });
});

describe('what is wrong beyond one location', () => {
  test.each<[string, object, RegExp, string[]]>([
    ['no location at all', {}, /^GHL_LOCATION_ID is not set/, []],
    ['a blank LOCATIONS', { LOCATIONS: ' ' }, /^GHL_LOCATION_ID is not set/, []],
    ['LOCATIONS that is no JSON', { ...ENV, LOCATIONS: '{"a": {' }, /^LOCATIONS is not valid JSON/, [LOCATION]],
    ['LOCATIONS that is a number', { ...ENV, LOCATIONS: 7 }, /^LOCATIONS must be an object/, [LOCATION]],
    [
      'a key that is no id',
      { ...ENV, LOCATIONS: { 'my location': ACME } },
      /^LOCATIONS: entry 1 is named by no/,
      [LOCATION],
    ],
    [
      'a malformed GHL_LOCATION_ID',
      shared({ acme: ACME }, { GHL_LOCATION_ID: 'a b' }),
      /^GHL_LOCATION_ID must be/,
      ['acme'],
    ],
  ])('%s is named, and what can be read goes on', async (_what, env, message, ids) => {
    const { all, fault } = await readLocations(env);
    expect(fault).toMatch(message);
    expect(all.map(({ id, kind }) => [id, kind])).toEqual(ids.map((id) => [id, 'ready']));
  });
});
