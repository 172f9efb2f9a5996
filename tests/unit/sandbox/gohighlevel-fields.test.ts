// The stand-in for GoHighLevel has custom fields: their definitions, and their values wherever a contact is shown.

import { describe, expect, test } from 'vitest';
import { CUSTOM_FIELDS } from '../../../sandbox/gohighlevel/custom-fields.ts';
import { HEADERS, location } from './gohighlevel-harness.ts';

describe('definitions', () => {
  test('are listed with key, type and choices; of one model where asked', async () => {
    const { call } = location();
    const all = await call('GET', '/locations/loc/customFields');
    expect([all.status, all.json]).toMatchObject([200, { customFields: CUSTOM_FIELDS }]);
    expect(all.json.customFields).toContainEqual({
      id: 'product0000000000000',
      name: 'Product',
      fieldKey: 'contact.product',
      dataType: 'SINGLE_OPTIONS',
      picklistOptions: ['Solar', 'Roofing', 'Windows'],
      model: 'contact',
    });
    expect(new Set(CUSTOM_FIELDS.map(({ id }) => id.length))).toEqual(new Set([20]));
    const opportunities = await call('GET', '/locations/loc/customFields?model=opportunity');
    expect(opportunities.json.customFields.map(({ fieldKey }) => fieldKey)).toEqual(['opportunity.loan_amount']);
  });

  test('of another location are refused, and so is any other path', async () => {
    const { call } = location();
    expect(await call('GET', '/locations/other/customFields')).toMatchObject({
      status: 403,
      json: { message: 'The token does not have access to this location.' },
    });
    expect((await call('GET', '/locations/loc')).status).toBe(404);
    expect((await call('POST', '/locations/loc/customFields', {})).status).toBe(404);
  });

  test('are found below a base path', async () => {
    const { vendor } = location();
    const url = 'http://host/ghl/locations/loc/customFields';
    expect((await vendor.handle(new Request(url, { headers: HEADERS }))).status).toBe(200);
  });

  test.each([
    ['contacts.readonly', 401, 200],
    ['locations/customFields.readonly', 200, 401],
  ])('a token with %s alone may not do the rest', async (scope, definitions, contacts) => {
    const { call, search } = location({ scopes: [scope] });
    const listed = await call('GET', '/locations/loc/customFields');
    const refused = 'The token is not authorized for this scope.';
    expect([listed.status, listed.json.message === refused]).toEqual([definitions, definitions === 401]);
    expect((await search()).status).toBe(contacts);
  });
});

test('values of every shape, and all other fields, are shown by the contact, the search and the webhook', async () => {
  const { vendor, call, search, inbox, types } = location({ searchLagMs: 0 });
  const customFields = [
    { id: 'trustedformUrl000000', value: 'https://cert.example/1' },
    { id: 'monthlyBill000000000', value: 120.5 },
    { id: 'interests00000000000', value: ['Battery', 'Financing'] },
    { id: 'site0000000000000000', value: { b1c2: 'North roof' } },
    {
      id: 'utilityBill000000000',
      value: { d3e4: { meta: { originalname: 'bill.pdf' }, url: 'https://files.example/1', documentId: 'x1' } },
    },
  ];
  const fields = {
    companyName: 'Reyes LLC',
    source: 'Spring fair',
    website: 'https://reyes.example',
    assignedTo: 'user0000000000000001',
    customFields,
  };
  const shownAlike = { type: 'lead', timezone: 'America/New_York' };
  const { id } = await vendor.addContact({ ...fields, ...shownAlike, dateOfBirth: '2000-01-05T00:00:00.000Z' });
  await types();
  expect((await call('GET', `/contacts/${id}`)).json.contact).toMatchObject({
    ...fields,
    ...shownAlike,
    dateOfBirth: '2000-01-05T00:00:00.000Z',
  });
  const [row] = (await search()).json.contacts;
  expect(row).toMatchObject({ ...fields, ...shownAlike, dateOfBirth: Date.UTC(2000, 0, 5) });
  expect(inbox[0]?.body).toMatchObject({ ...fields, dateOfBirth: '2000-01-05T00:00:00.000Z' });
  expect(inbox[0]?.body).not.toHaveProperty('timezone');
  await vendor.editContact(id, { customFields: [] });
  expect(await types()).toEqual(['ContactCreate', 'ContactUpdate']);
});
