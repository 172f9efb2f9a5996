// The stand-in for CallTools has fields that the account made: it drops what it does not know and refuses what does not fit.

import { describe, expect, test } from 'vitest';
import { DEFAULT_SETTINGS } from '../../../sandbox/calltools/settings.ts';
import { account, PHONE } from './calltools-harness.ts';

const FILLED = {
  company: 'Reyes LLC',
  lead_source: 'Spring fair',
  website: 'https://reyes.example',
  trusted_form: 'https://cert.example/1',
  monthly_bill: 120.5,
  consent: true,
  consent_date: '2026-02-28',
  product: 'Roofing',
  agent_note: 'Call after noon',
  city: 'Miami',
  state: 'FL',
  zip_code: '33101',
  county: 'Dade',
  country: 'US',
  time_zone: 'America/New_York',
};

describe('values', () => {
  test('each field takes what fits it, and POST, PATCH and GET show it all as stored', async () => {
    const { call } = account();
    const made = await call('POST', '/contacts/', { ...FILLED, shoe_size: 43 });
    expect(made).toMatchObject({ status: 201, json: FILLED });
    expect(made.json).not.toHaveProperty('shoe_size');
    const path = `/contacts/${made.json.id}/`;
    const changed = { ...FILLED, monthly_bill: 0, consent: false };
    expect((await call('PATCH', path, { monthly_bill: 0, consent: false })).json).toMatchObject(changed);
    expect((await call('GET', path)).json).toMatchObject(changed);
  });

  test('what does not fit is named at once, field by field, and nothing is written', async () => {
    const { call, vendor } = account();
    const { status, json } = await call('POST', '/contacts/', {
      first_name: 'Dana',
      company: true,
      city: null,
      monthly_bill: '120',
      consent: 'yes',
      consent_date: '28.02.2026',
      product: 'unemployed',
      owned_by: 'maria.lopez',
      personal_email_address: 'dana',
    });
    expect([status, json]).toEqual([
      400,
      {
        company: ['Not a valid string.'],
        city: ['This field may not be null.'],
        monthly_bill: ['A valid number is required.'],
        consent: ['Must be a valid boolean.'],
        consent_date: ['Date has wrong format. Use one of these formats instead: YYYY-MM-DD.'],
        product: ['"unemployed" is not a valid choice.'],
        owned_by: ['“maria.lopez” is not a valid UUID.'],
        personal_email_address: ['dana is a invalid email address for field email'],
      },
    ]);
    expect(vendor.contacts()).toEqual([]);
  });

  test.each([
    ['monthly_bill', ''],
    ['monthly_bill', true],
    ['consent', 1],
    ['consent', ''],
    ['consent_date', '2026-02-30'],
    ['consent_date', '2026-02-28T10:00:00Z'],
    ['consent_date', 1772236800000],
    ['consent_date', ''],
    ['product', 'roofing'],
    ['product', ''],
    ['product', ['Roofing']],
    ['agent_note', { text: 'x' }],
  ])('%s does not take %j', async (field, value) => {
    const { call, create } = account();
    const id = await create(FILLED);
    const { status, json } = await call('PATCH', `/contacts/${id}/`, { [field]: value });
    expect([status, Object.keys(json)]).toEqual([400, [field]]);
    expect((await call('GET', `/contacts/${id}/`)).json).toMatchObject(FILLED);
  });

  test('a merge refuses what does not fit too, and leaves the contact as it was', async () => {
    const { call, create, vendor } = account();
    await create({ mobile_phone_number: PHONE, product: 'Solar' });
    expect((await call('POST', '/contacts/', { mobile_phone_number: PHONE, product: 'Gold' })).status).toBe(400);
    expect(vendor.contacts()).toMatchObject([{ fields: { product: 'Solar' } }]);
  });

  test('null empties what the account made', async () => {
    const { call, create } = account();
    const id = await create(FILLED);
    const nothing = { company: null, monthly_bill: null, consent: null, consent_date: null, product: null };
    const { status, json } = await call('PATCH', `/contacts/${id}/`, nothing);
    expect([status, json]).toMatchObject([200, { ...nothing, company: '' }]);
  });

  test('an account has the fields that it says, also where a contact is older than they are', async () => {
    const { call, create, vendor } = account({ customFields: [{ name: 'make', type: 'text' }] });
    const id = await create({ make: 'Audi', company: 'Reyes LLC' });
    vendor.settings.customFields = [{ name: 'employment', type: 'choice', choices: ['employed'] }];
    const { json } = await call('GET', `/contacts/${id}/`);
    expect(json).toMatchObject({ employment: null });
    expect(json).not.toHaveProperty('make');
    expect(json).not.toHaveProperty('company');
    expect((await call('PATCH', `/contacts/${id}/`, { employment: 'unemployed' })).json).toEqual({
      employment: ['"unemployed" is not a valid choice.'],
    });
  });
});

describe('a refused email', () => {
  const COMPLAINT = 'dana@reyes.example is a invalid email address for field email';
  const REFUSED = { personal_email_address: 'dana@reyes.example' };

  test.each([
    ['field', { personal_email_address: [COMPLAINT] }],
    ['detail', { detail: COMPLAINT }],
    ['list', [COMPLAINT]],
  ] as const)('is told as %s', async (emailRefusal, body) => {
    const { call, create } = account({ emailRefusal, refusedEmails: ['dana@reyes.example'] });
    const id = await create({ personal_email_address: 'lee@reyes.example' });
    for (const [method, path] of [
      ['POST', '/contacts/'],
      ['PATCH', `/contacts/${id}/`],
    ] as const)
      expect(await call(method, path, REFUSED)).toMatchObject({ status: 400, json: body });
  });

  test('outside the fields it is told only when nothing else is wrong', async () => {
    const { call } = account({ emailRefusal: 'detail', refusedEmails: ['dana@reyes.example'] });
    expect((await call('POST', '/contacts/', { ...REFUSED, product: 'Gold' })).json).toEqual({
      product: ['"Gold" is not a valid choice.'],
    });
  });

  test.each(['dana', 'dana@reyes', 'dana@reyes..example', 'dana reyes@reyes.example', 'a@b@reyes.example'])(
    '%s does not look like one',
    async (email) => {
      const { call } = account();
      expect((await call('POST', '/contacts/', { personal_email_address: email })).status).toBe(400);
    },
  );
});

describe('users', () => {
  const [maria] = DEFAULT_SETTINGS.users;

  test('are a paged list', async () => {
    const { call } = account();
    const { json } = await call('GET', '/users/?page_size=2');
    expect([json.count, json.results.length, json.results[0]]).toEqual([3, 2, maria]);
    expect((await call('GET', '/users/?page_size=2&page=2')).json.results).toHaveLength(1);
    expect((await call('POST', '/users/', {})).status).toBe(405);
  });

  test('one of them may own a contact, and nobody else', async () => {
    const { call, create } = account();
    const id = await create({ owned_by: maria?.id });
    expect((await call('GET', `/contacts/${id}/`)).json).toMatchObject({ owned_by: maria?.id });
    const stranger = 'dddddddd-0000-4000-8000-dddddddddddd';
    expect(await call('PATCH', `/contacts/${id}/`, { owned_by: stranger })).toMatchObject({
      status: 400,
      json: { owned_by: [`Invalid pk "${stranger}" - object does not exist.`] },
    });
    expect((await call('PATCH', `/contacts/${id}/`, { owned_by: null })).json).toMatchObject({ owned_by: null });
  });
});

test('the account describes its fields with their types and choices', async () => {
  const { call } = account({ customFields: [...DEFAULT_SETTINGS.customFields, { name: 'crm_id', type: 'text' }] });
  const { json } = await call('GET', '/swagger/?format=openapi', undefined, {
    authorization: 'Token t',
    accept: '*/*',
  });
  expect(json).toMatchObject({
    definitions: {
      Contact: {
        properties: {
          id: { type: 'integer', readOnly: true },
          state: { type: 'string' },
          do_not_contact: { type: 'boolean' },
          suppress_until: { type: 'string', format: 'date-time' },
          owned_by: { type: 'string', format: 'uuid' },
          add_buckets: { type: 'array', items: { type: 'integer' } },
          mobile_phone_number: { type: 'string' },
          company: { type: 'string' },
          monthly_bill: { type: 'number' },
          consent: { type: 'boolean' },
          consent_date: { type: 'string', format: 'date' },
          product: { type: 'string', enum: ['Solar', 'Roofing', 'Windows'] },
          crm_id: { type: 'string' },
        },
      },
    },
  });
});
