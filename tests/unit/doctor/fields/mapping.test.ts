// The doctor compares FIELD_MAP and OWNERS with both accounts, names what does not fit, and shows nobody's email.

import { beforeEach, describe, expect, test } from 'vitest';
import { viewDiagnosis } from '../../../../workers/consumer/doctor/diagnose.ts';
import { LOCATION } from '../../../support/vendor-harness.ts';
import { type DoctorStage, doctorStage, healthyStage } from '../doctor-harness.ts';

const MARIA = 'aaaaaaaa-0000-4000-8000-aaaaaaaaaaaa';

let stage: DoctorStage;
beforeEach(async () => {
  ({ stage } = await healthyStage());
});
const map = (FIELD_MAP: object, more: object = {}) => Object.assign(stage.env, { FIELD_MAP, ...more });
const seen = async (code: Parameters<DoctorStage['check']>[0]) => {
  const check = await stage.check(code);
  return [check.status, check.seen];
};

test('a map that fits both accounts is ok, and without one nothing is asked for', async () => {
  const paths = () => stage.sent.map(({ url }) => url.pathname);
  expect(await seen('field-map-calltools')).toEqual([
    'ok',
    'The account has all 6 fields that are written, and they fit.',
  ]);
  expect(await stage.codes('skipped')).toEqual(expect.arrayContaining(['field-map-gohighlevel', 'owners']));
  expect(paths().filter((path) => /customFields|users/.test(path))).toEqual([]);
  map({
    company: 'companyName',
    lead_source: { from: 'custom:contact.monthly_bill', as: 'number' },
    monthly_bill: { from: 'custom:Monthly bill', default: 0 },
    consent: { from: 'custom:contact.consent_to_calls', as: 'boolean' },
    consent_date: { from: 'custom:contact.date_of_consent', as: 'date' },
    product: 'custom:contact.product',
    agent_note: { text: 'GHL {id}, {custom:interests}' },
  });
  expect(await seen('field-map-calltools')).toEqual([
    'ok',
    'The account has all 13 fields that are written, and they fit.',
  ]);
  expect(await seen('field-map-gohighlevel')).toEqual(['ok', 'All 6 custom fields that are mapped are there.']);
});

/** A custom field of GoHighLevel, by its key, is changed. */
function redefine(key: string, changes: { name?: string; picklistOptions?: string[] }) {
  const { customFields } = stage.ghl.settings;
  stage.ghl.settings.customFields = customFields.map((one) => (one.fieldKey === key ? { ...one, ...changes } : one));
}

describe('CallTools, mapped fields', () => {
  test.each([true, false])(
    'one that the account lacks is named with those alike (it describes itself: %s)',
    async (it) => {
      ({ stage } = await healthyStage({ describesItself: it }));
      map({ trustedform: 'custom:contact.trustedform_url', vehicle: 'source' });
      expect(await stage.codes('failed')).toEqual(['field-map-calltools']);
      expect((await stage.check('field-map-calltools')).seen).toMatch(
        /^It has no field trustedform \(trusted_form\?\)\. It has no field vehicle\./,
      );
    },
  );

  test.each<[string, object, string]>([
    [
      'a text',
      { monthly_bill: 'companyName' },
      'monthly_bill is a number field and would get a text: set "as": "number".',
    ],
    [
      'a custom choice',
      { consent: 'custom:contact.consent_to_calls' },
      'consent is a boolean field and would get a text: set "as": "boolean".',
    ],
    [
      'a custom number',
      { consent_date: 'custom:contact.monthly_bill' },
      'consent_date is a date field and would get a number: set "as": "date".',
    ],
    [
      'a boolean',
      { company: { from: 'source', as: 'boolean' } },
      'company is a text field and would get a boolean: set "as": "text".',
    ],
    [
      'a made-up text',
      { monthly_bill: { text: '{id}' } },
      'monthly_bill is a number field and would get a text: map it from a field.',
    ],
    [
      'what empties it',
      { monthly_bill: { from: 'custom:contact.monthly_bill', empty: 'clear' } },
      'monthly_bill is a number field, which an empty text does not empty: set "as": "number".',
    ],
    [
      'a default',
      { product: { from: 'source', default: 'Gas' } },
      'What FIELD_MAP itself gives product does not fit: not among the choices of the field.',
    ],
    [
      'a fixed text',
      { product: { text: 'Gas' } },
      'What FIELD_MAP itself gives product does not fit: not among the choices of the field.',
    ],
  ])('%s that cannot fit is named, with what to do', async (_what, fields, said) => {
    map(fields);
    expect(await seen('field-map-calltools')).toEqual(['failed', said]);
  });

  test('choices that only GoHighLevel has are a warning that names them', async () => {
    redefine('contact.product', { picklistOptions: ['Solar', 'Gas', 'Wind'] });
    map({ product: 'custom:contact.product' });
    expect(await seen('field-map-calltools')).toEqual([
      'warning',
      'product does not have these choices of GoHighLevel: Gas, Wind.',
    ]);
  });

  test('a phone number of GoHighLevel in another field is a warning, whatever the field is called', async () => {
    const [first] = stage.ghl.settings.customFields;
    const cell = { ...first, id: 'c', name: 'Cell', fieldKey: 'contact.cell', dataType: 'PHONE' as const };
    stage.ghl.settings.customFields = [...stage.ghl.settings.customFields, cell as never];
    for (const entry of ['custom:contact.cell', { text: 'or {custom:Cell}' }]) {
      map({ agent_note: entry });
      expect(await seen('field-map-calltools')).toEqual([
        'warning',
        'agent_note gets a second phone number. If it is a phone field of CallTools, that number is dialed: map it into a text field only.',
      ]);
    }
  });

  test('a field that CallTools dropped lately, or does not keep as sent, is a warning', async () => {
    for (const [field, problem, added] of [
      ['company', 'absent', null],
      ['lead_source', 'altered', null],
      ['website', 'absent', stage.clock.at],
    ] as const)
      stage.sqlite.rows(
        `INSERT INTO field_reports (location_id, field, problem, since, seen_at, added_at) VALUES (?1, ?2, ?3, ?4, ?4, ?5)`,
        ...[LOCATION, field, problem, stage.clock.at - 1, added],
      );
    map({ company: 'companyName', lead_source: 'source', website: 'website' });
    expect(await seen('field-map-calltools')).toEqual([
      'warning',
      'company was dropped when it was last written; it is tried again with the next contact. CallTools keeps another value in lead_source than it is sent.',
    ]);
  });

  /** The account's description says this of a field. */
  function describeField(name: string, schema: object) {
    const handle = stage.callTools.handle;
    stage.hosts['east-1.calltools.io'] = async (request) => {
      const answer = await handle(request);
      if (!request.url.includes('openapi') || !answer.ok) return answer;
      const said = (await answer.json()) as { definitions: { Contact: { properties: Record<string, object> } } };
      said.definitions.Contact.properties[name] = schema;
      return new Response(JSON.stringify(said));
    };
  }

  test('one that nobody can write is named', async () => {
    describeField('company', { type: 'string', readOnly: true });
    map({ company: 'companyName' });
    expect(await seen('field-map-calltools')).toEqual(['failed', 'company is read-only in CallTools.']);
    expect((await stage.check('fields-unfilled')).seen).not.toContain('company');
  });

  test('one that the description has, but no contact, is a warning', async () => {
    describeField('vehicle', { type: 'string' });
    map({ vehicle: 'source' });
    expect(await seen('field-map-calltools')).toEqual([
      'warning',
      'vehicle is in the account’s API description, but an existing contact does not have it.',
    ]);
  });

  test('without a contact and a description nothing is known', async () => {
    stage = doctorStage({ describesItself: false });
    expect((await stage.check('field-map-calltools')).status).toBe('warning');
    expect((await stage.check('fields-unfilled')).status).toBe('skipped');
  });

  test('fields that the account has made and nothing fills are told, as information', async () => {
    expect(await seen('fields-unfilled')).toEqual([
      'ok',
      'Nothing fills agent_note, company, consent, consent_date, ghl_contact_id, lead_source, monthly_bill, product, trusted_form, website. FIELD_MAP can (docs/fields.md).',
    ]);
    const names = ['agent_note', 'company', 'consent_date', 'lead_source', 'product', 'trusted_form', 'website'];
    map(
      { ...Object.fromEntries(names.map((name) => [name, 'source'])), consent: 'tags', monthly_bill: 'id' },
      { CALLTOOLS_EXTERNAL_ID_FIELD: 'ghl_contact_id' },
    );
    expect(await seen('fields-unfilled')).toEqual(['ok', 'Each field that the account has made is filled.']);
  });
});

describe('GoHighLevel, custom fields', () => {
  test('one that is not there, and one of a name that several have, are named', async () => {
    redefine('contact.agent_note', { name: 'Monthly bill' });
    map({
      monthly_bill: 'custom:Monthly bill',
      company: 'custom:contact.trusted_form_url',
      website: 'custom:contact.zzz',
    });
    expect(await seen('field-map-gohighlevel')).toEqual([
      'failed',
      'Several custom fields are called Monthly bill: name one by its key (contact.agent_note, contact.monthly_bill). ' +
        'Contacts have no custom field contact.trusted_form_url (contact.trustedform_url?). Contacts have no custom field contact.zzz.',
    ]);
  });

  test('without the scope it says which to add', async () => {
    stage.ghl.settings.scopes = ['contacts.readonly'];
    map({ product: 'custom:contact.product' });
    const check = viewDiagnosis(await stage.diagnosis()).checks.find(({ code }) => code === 'field-map-gohighlevel');
    expect(check).toMatchObject({
      status: 'warning',
      seen: expect.stringContaining('cannot be read'),
      todo: expect.stringContaining('add the scope locations/customFields.readonly to the Private Integration'),
    });
  });
});

describe('OWNERS', () => {
  const owners = (OWNERS: object) => Object.assign(stage.env, { OWNERS });

  test('users that both accounts have are ok, by whatever they are called', async () => {
    const [user] = stage.ghl.settings.users;
    owners({ [user?.id ?? '']: 'maria.lopez', [user?.email ?? '']: 'Sam Carter' });
    expect(await seen('owners')).toEqual(['ok', 'Both accounts have all of them (2).']);
  });

  test('unknown ones are told by their place, and no email is shown', async () => {
    const [user] = stage.ghl.settings.users;
    owners({
      'nobody@example.com': 'maria.lopez',
      aGhlUserThatIsGone00: MARIA,
      [user?.id ?? '']: 'no.one@dialer.example',
    });
    const check = await stage.check('owners');
    expect(check).toMatchObject({
      status: 'failed',
      seen: `GoHighLevel does not have the user of entry 1 (an email), 2 (aGhlUserThatIsGone00). CallTools does not have the user, or has several, of entry 3 (${user?.id}).`,
    });
    expect(JSON.stringify(check)).not.toMatch(/nobody|no\.one|maria/);
  });

  test('a list that may not be read is a warning', async () => {
    stage.ghl.settings.scopes = ['contacts.readonly'];
    owners({ 'ana@example.com': MARIA });
    expect((await seen('owners'))[0]).toBe('warning');
  });

  test('a list that may not be read is not missed where users are named by their ids', async () => {
    stage.ghl.settings.scopes = ['contacts.readonly'];
    owners({ aGhlUserThatIsGone00: 'maria.lopez' });
    expect(await seen('owners')).toEqual([
      'ok',
      'They are named by id. Whether GoHighLevel has them is not known: the list cannot be read.',
    ]);
  });
});

describe('contacts without state or zip code', () => {
  const held = (count: number, noArea: number) => {
    stage.sqlite.rows('DELETE FROM dialer');
    for (let n = 0; n < count; n++)
      stage.sqlite.rows(
        'INSERT INTO dialer (location_id, phone_hash, held, no_area, updated_at) VALUES (?1, ?2, 1, ?3, 0)',
        ...[LOCATION, `p${n}`, n < noArea ? 1 : 0],
      );
  };

  test.each<[number, number, string, string]>([
    [0, 0, 'ok', 'No contact is in the dialer.'],
    [20, 0, 'ok', 'All 20 contacts in the dialer have a state and a zip code.'],
    [20, 1, 'ok', '1 of 20 contacts in the dialer (5 %) have no state or no zip code.'],
    [20, 2, 'warning', '2 of 20 contacts in the dialer (10 %) have no state or no zip code.'],
  ])('of %d contacts %d: %s', async (count, noArea, status, said) => {
    held(count, noArea);
    expect(await seen('fields-area')).toEqual([status, said]);
  });

  test('those that have left their bucket do not count', async () => {
    held(20, 2);
    stage.sqlite.rows('UPDATE dialer SET held = 0 WHERE no_area = 1');
    expect(await seen('fields-area')).toEqual(['ok', 'All 18 contacts in the dialer have a state and a zip code.']);
  });
});

test('with a vendor that is not well the checks only follow from that', async () => {
  Object.assign(stage.env, { GHL_API_KEY: 'old' });
  expect(await seen('owners')).toEqual(['skipped', 'OWNERS is not set.']);
  Object.assign(stage.env, { GHL_API_KEY: 'pit-1' });
  map({ product: 'custom:contact.product' }, { OWNERS: { someUser: MARIA } });
  Object.assign(stage.env, { CALLTOOLS_API_KEY: 'old' });
  expect(await stage.check('field-map-calltools')).toMatchObject({ status: 'skipped', followsFrom: 'calltools-token' });
  expect(await stage.check('owners')).toMatchObject({ status: 'skipped', followsFrom: 'calltools-token' });
  Object.assign(stage.env, { GHL_API_KEY: 'old' });
  expect(await stage.check('field-map-gohighlevel')).toMatchObject({ status: 'skipped', followsFrom: 'ghl-token' });
});
