// The control API where it speaks of fields: contacts with custom fields, and the fields of both accounts.

import { afterEach, describe, expect, test } from 'vitest';
import { LOCATION_USERS } from '../../../sandbox/gohighlevel/location-users.ts';
import { type Sandbox, startSandbox } from '../../../sandbox/sandbox.ts';

let sandbox: Sandbox;

/** What a test reads of answers; each holds some of it. */
interface Answer {
  id: string;
  customFields: unknown[];
  error: string;
}

async function control(method: string, path: string, body?: unknown) {
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
  const response = await fetch(`${sandbox.url}/sandbox${path}`, init);
  return { status: response.status, json: (await response.json()) as Answer };
}

afterEach(() => sandbox.close());

const FILE = { d3e4: { meta: { size: 1 }, url: 'https://files.example/1', documentId: 'x1' } };

describe('contacts in GoHighLevel', () => {
  test('take custom fields by key and by id, and every other field', async () => {
    sandbox = await startSandbox();
    const fields = {
      source: 'Spring fair',
      companyName: 'Reyes LLC',
      timezone: 'America/New_York',
      assignedTo: 'user0000000000000001',
      type: 'customer',
      website: 'https://reyes.example',
      dateOfBirth: '2000-01-05T00:00:00.000Z',
    };
    const customFields = [
      { key: 'contact.trustedform_url', value: 'https://cert.example/1' },
      { key: 'contact.monthly_bill', value: 120.5 },
      { key: 'contact.date_of_consent', value: '2026-02-28' },
      { key: 'contact.interests', value: ['Battery', 'Financing'] },
      { key: 'contact.site', value: { b1c2: 'North roof' } },
      { key: 'contact.utility_bill', value: FILE },
      { id: 'product0000000000000', value: 'Solar' },
    ];
    const { status, json } = await control('POST', '/ghl/contacts', { ...fields, customFields });
    expect([status, json]).toMatchObject([201, fields]);
    expect(json.customFields).toEqual([
      { id: 'trustedformUrl000000', value: 'https://cert.example/1' },
      { id: 'monthlyBill000000000', value: 120.5 },
      { id: 'consentDate000000000', value: '2026-02-28' },
      { id: 'interests00000000000', value: ['Battery', 'Financing'] },
      { id: 'site0000000000000000', value: { b1c2: 'North roof' } },
      { id: 'utilityBill000000000', value: FILE },
      { id: 'product0000000000000', value: 'Solar' },
    ]);
    const emptied = await control('PATCH', `/ghl/contacts/${json.id}`, {
      customFields: [{ key: 'contact.product', value: '' }],
      call: 'active',
    });
    expect([emptied.status, emptied.json.customFields]).toEqual([200, [{ id: 'product0000000000000', value: '' }]]);
  });

  test.each([
    ['contact.product', 'Gold', 'one of Solar, Roofing, Windows'],
    ['contact.interests', 'Battery', 'a list of some of Battery, Heat pump, Financing'],
    ['contact.interests', ['Sauna'], 'a list of some of'],
    ['contact.monthly_bill', '120', 'a number'],
    ['contact.agent_note', 7, 'a text'],
    ['contact.date_of_consent', 'soon', 'a date'],
    ['contact.site', ['North roof'], 'an object of texts'],
    ['contact.utility_bill', { d3e4: 'https://files.example/1' }, 'an object of files'],
    ['contact.product', undefined, 'given'],
    ['contact.shoe', 'x', 'this location has contact.trustedform_url'],
    ['opportunity.loan_amount', 1, 'this location has contact.trustedform_url'],
  ])('%s does not take %j', async (key, value, why) => {
    sandbox = await startSandbox();
    const { status, json } = await control('POST', '/ghl/contacts', { customFields: [{ key, value }] });
    expect([status, json.error]).toEqual([400, expect.stringContaining(why)]);
    expect(sandbox.ghl.contacts()).toEqual([]);
  });
});

describe('settings', () => {
  test('of GoHighLevel: its custom fields, and what the token may do', async () => {
    sandbox = await startSandbox();
    const roof = { id: 'roof', name: 'Roof', fieldKey: 'contact.roof', dataType: 'TEXT', model: 'contact' };
    const { json } = await control('POST', '/ghl/settings', { customFields: [roof], scopes: ['contacts.readonly'] });
    expect(json).toMatchObject({ customFields: [roof], scopes: ['contacts.readonly'], readLagMs: 0 });
    expect(sandbox.ghl.settings.customFields).toEqual([roof]);
    const wrong = [{ ...roof, dataType: 'MONETARY' }, { ...roof, model: 'deal' }, { ...roof, id: 7 }, null];
    for (const field of wrong)
      expect((await control('POST', '/ghl/settings', { customFields: [field] })).status).toBe(400);
    expect((await control('POST', '/ghl/settings', { scopes: 'contacts.readonly' })).json.error).toContain('"scopes"');
  });

  test('of GoHighLevel: its users', async () => {
    sandbox = await startSandbox();
    const [erin] = LOCATION_USERS;
    expect((await control('POST', '/ghl/settings', { users: [erin] })).status).toBe(200);
    expect(sandbox.ghl.settings.users).toEqual([erin]);
    for (const users of [[{ ...erin, id: 7 }], [{ ...erin, deleted: 'no' }], [{ id: 'x' }], erin])
      expect((await control('POST', '/ghl/settings', { users })).json.error).toContain('"users"');
  });

  test('of GoHighLevel: what a write of do-not-disturb does to other channels', async () => {
    sandbox = await startSandbox();
    expect((await control('POST', '/ghl/settings', { dndWrite: 'replaced' })).json).toMatchObject({
      dndWrite: 'replaced',
    });
    expect((await control('POST', '/ghl/settings', { dndWrite: 'lost' })).status).toBe(400);
    expect((await control('GET', '/ghl/written')).json).toEqual({ workflowStarts: [], notes: [] });
  });

  test('of CallTools: its fields, the emails that it refuses, and where it says so', async () => {
    sandbox = await startSandbox();
    expect((await control('GET', '/calltools/settings')).json).toMatchObject({ emailRefusal: 'field' });
    const chosen = {
      customFields: [{ name: 'employment', type: 'choice', choices: ['employed'] }],
      refusedEmails: ['dana@reyes.example'],
      emailRefusal: 'detail',
    };
    expect((await control('POST', '/calltools/settings', chosen)).json).toMatchObject(chosen);
    const answer = await fetch(`${sandbox.callToolsBaseUrl}/api/contacts/`, {
      method: 'POST',
      headers: { authorization: 'Token sandbox-token', 'content-type': 'application/json' },
      body: JSON.stringify({ personal_email_address: 'dana@reyes.example', employment: 'employed' }),
    });
    expect([answer.status, await answer.json()]).toEqual([400, { detail: expect.stringContaining('invalid email') }]);
    const wrong = [
      { customFields: [{ name: 'product', type: 'choice' }] },
      { customFields: [{ name: 'product', type: 'list' }] },
      { customFields: [{ type: 'text' }] },
      { refusedEmails: 'dana@reyes.example' },
      { emailRefusal: 'header' },
      { duplicateMode: 'create' },
      {},
    ];
    for (const entry of wrong) expect((await control('POST', '/calltools/settings', entry)).status).toBe(400);
    expect(sandbox.callTools.settings).toMatchObject(chosen);
  });
});
