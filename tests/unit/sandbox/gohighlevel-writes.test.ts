// The stand-in for GoHighLevel takes writes: tags, do-not-disturb, workflows and notes, and tells of its own changes by webhook.

import { describe, expect, test } from 'vitest';
import { DEFAULT_SETTINGS, type GoHighLevelSettings } from '../../../sandbox/gohighlevel/settings.ts';
import { HEADERS, location } from './gohighlevel-harness.ts';

const SCOPES = [...DEFAULT_SETTINGS.scopes, 'contacts.write'];

async function writable(settings: Partial<GoHighLevelSettings> = {}) {
  const made = location({ scopes: SCOPES, ...settings });
  const { id } = await made.vendor.addContact({ tags: ['Cold Lead'] }, { silent: true });
  const contact = () => made.vendor.contacts().find((one) => one.id === id);
  return { ...made, id, contact };
}

describe('the right to write', () => {
  test.each([
    ['POST', '/tags', { tags: ['a'] }],
    ['DELETE', '/tags', { tags: ['cold lead'] }],
    ['PUT', '', { dnd: true }],
    ['POST', '/workflow/w1', {}],
    ['POST', '/notes', { body: 'Called.' }],
    ['DELETE', '', {}],
  ])('%s %s needs the scope contacts.write', async (method, tail, body) => {
    const { call, vendor, id, contact } = await writable({ scopes: DEFAULT_SETTINGS.scopes });
    const before = contact();
    expect(await call(method, `/contacts/${id}${tail}`, body)).toMatchObject({
      status: 401,
      json: { message: 'The token is not authorized for this scope.' },
    });
    expect([contact(), vendor.written, vendor.deliveries]).toEqual([before, { workflowStarts: [], notes: [] }, []]);
    vendor.settings.scopes = ['contacts.write'];
    expect((await call(method, `/contacts/${id}${tail}`, body)).status).toBeLessThan(300);
    expect((await call('GET', `/contacts/${id}`)).status).toBe(401);
    expect((await call(method, `/contacts/unknown${tail}`, body)).json.message).toBe('Contact not found');
  });
});

describe('contacts', () => {
  test('are made and removed over the API, each with its webhook', async () => {
    const { call, vendor, types } = await writable();
    const made = await call('POST', '/contacts/', {
      locationId: 'loc',
      firstName: 'Dana',
      phone: '(305) 555-0142',
      dnd: true,
    });
    expect(made).toMatchObject({
      status: 201,
      json: { contact: { firstName: 'Dana', phone: '+13055550142', dnd: true } },
    });
    const { id } = made.json.contact as { id: string };
    expect((await call('DELETE', `/contacts/${id}`)).status).toBe(200);
    expect([vendor.contacts().length, (await call('GET', `/contacts/${id}`)).status]).toEqual([1, 400]);
    expect(await types()).toEqual(expect.arrayContaining(['ContactCreate', 'ContactDelete']));
  });

  test('are refused for another location, and where a phone may be there once only', async () => {
    const { call } = await writable({ allowDuplicatePhones: false });
    const input = { locationId: 'loc', phone: '+13055550142' };
    const statuses = [];
    for (const body of [input, input, { ...input, locationId: 'other' }])
      statuses.push((await call('POST', '/contacts/', body)).status);
    expect(statuses).toEqual([201, 400, 403]);
  });
});

describe('tags', () => {
  test('are added in lower case, each once, and a webhook comes back', async () => {
    const { call, id, contact, inbox, types } = await writable();
    const { status, json } = await call('POST', `/contacts/${id}/tags`, { tags: [' Dialer: Called ', 'COLD LEAD'] });
    expect([status, json.tags]).toEqual([201, ['cold lead', 'dialer: called']]);
    expect(contact()?.tags).toEqual(['cold lead', 'dialer: called']);
    expect(await types()).toEqual(['ContactTagUpdate']);
    expect(inbox[0]?.body).toMatchObject({ id, tags: ['cold lead', 'dialer: called'] });
  });

  test('that are there already change nothing and tell nobody', async () => {
    const { call, id, types } = await writable();
    expect((await call('POST', `/contacts/${id}/tags`, { tags: ['cold lead'] })).status).toBe(201);
    expect(await types()).toEqual([]);
  });

  test('are removed, whatever their case', async () => {
    const { call, id, contact, types } = await writable();
    const { status, json } = await call('DELETE', `/contacts/${id}/tags`, { tags: ['Cold Lead', 'unknown'] });
    expect([status, json.tags, contact()?.tags]).toEqual([200, [], []]);
    expect(await types()).toEqual(['ContactTagUpdate']);
  });

  test('of a PUT replace all', async () => {
    const { call, id, contact } = await writable();
    await call('PUT', `/contacts/${id}`, { tags: ['A'] });
    expect(contact()?.tags).toEqual(['a']);
  });

  test.each([{}, { tags: 'a' }, { tags: [1] }])('%j is refused', async (body) => {
    const { call, id } = await writable();
    for (const method of ['POST', 'DELETE'])
      expect(await call(method, `/contacts/${id}/tags`, body)).toMatchObject({
        status: 422,
        json: { message: ['tags must be an array'] },
      });
  });
});

describe('do-not-disturb', () => {
  const CALL = { status: 'active', message: 'Said no on the phone' };
  const SMS = { status: 'permanent', message: 'STOP', code: '104' };

  test.each([
    ['kept', { SMS, Call: CALL }],
    ['replaced', { Call: CALL }],
  ] as const)('of one channel: the others are %s', async (dndWrite, dndSettings) => {
    const { call, id, vendor, contact, types } = await writable({ dndWrite });
    await vendor.editContact(id, { dndSettings: { SMS } }, { silent: true });
    const { status, json } = await call('PUT', `/contacts/${id}`, { dndSettings: { Call: CALL } });
    expect([status, json]).toMatchObject([200, { succeded: true, contact: { id, dndSettings } }]);
    expect(contact()?.dndSettings).toEqual(dndSettings);
    expect(contact()).toMatchObject({ dnd: false, tags: ['cold lead'] });
    expect(await types()).toEqual(['ContactDndUpdate']);
  });

  test('is sent back as v3 shows it', async () => {
    const { call, id, vendor, contact } = await writable({ dndWrite: 'replaced' });
    await vendor.editContact(id, { dndSettings: { SMS, WhatsApp: SMS } });
    const v3 = { ...HEADERS, version: 'v3' };
    const { dndSettings } = (await call('GET', `/contacts/${id}`, undefined, v3)).json.contact;
    await call('PUT', `/contacts/${id}`, { dndSettings: { ...(dndSettings as object), call: CALL } }, v3);
    expect(contact()?.dndSettings).toEqual({ SMS, WhatsApp: SMS, Call: CALL });
  });

  test.each([
    [{ dndSettings: { Call: { status: 'on' } } }, 'dndSettings.Call.status'],
    [{ dndSettings: { Call: null } }, 'dndSettings.Call.status'],
    [{ dndSettings: [] }, 'dndSettings'],
    [{ dndSettings: 'all' }, 'dndSettings'],
    [{ dnd: 'yes' }, 'dnd'],
    [{ tags: 'a' }, 'tags'],
    [{ firstName: 'Dana' }, 'firstName'],
  ])('%j is refused', async (body, named) => {
    const { call, id, contact } = await writable();
    const before = contact();
    const { status, json } = await call('PUT', `/contacts/${id}`, body);
    expect([status, String(json.message)]).toEqual([422, expect.stringContaining(named)]);
    expect(contact()).toEqual(before);
  });
});

test('each start of a workflow and each note counts, also when it is the same', async () => {
  const { call, id, vendor, types } = await writable();
  for (let n = 0; n < 2; n++) expect((await call('POST', `/contacts/${id}/workflow/w1`)).status).toBe(201);
  for (let n = 0; n < 2; n++) {
    const { status, json } = await call('POST', `/contacts/${id}/notes`, { body: 'Not interested' });
    expect([status, json.note]).toMatchObject([201, { body: 'Not interested', contactId: id }]);
  }
  expect((await call('POST', `/contacts/${id}/notes`, {})).status).toBe(422);
  expect(vendor.written.workflowStarts).toMatchObject(Array(2).fill({ contactId: id, workflowId: 'w1' }));
  expect(vendor.written.notes).toMatchObject(Array(2).fill({ contactId: id, body: 'Not interested' }));
  expect(new Set(vendor.written.notes.map((note) => note.id)).size).toBe(2);
  expect(await types()).toEqual([]);
  const again = location();
  again.vendor.restore(vendor.snapshot());
  expect(again.vendor.written).toEqual(vendor.written);
});

describe('writes are calls like reads', () => {
  test('they count against the quota, and faults meet them', async () => {
    const { call, id, vendor, contact } = await writable({ rateLimit: { max: 2, intervalMs: 10_000, dailyMax: 9 } });
    vendor.faults.plan({ match: { method: 'POST', path: '/contacts/' }, times: 1, do: { kind: 'after-reset' } });
    await expect(call('POST', `/contacts/${id}/tags`, { tags: ['a'] })).rejects.toThrow('fetch failed');
    expect(contact()?.tags).toEqual(['cold lead', 'a']);
    const statuses = [];
    for (const tag of ['b', 'c']) statuses.push((await call('POST', `/contacts/${id}/tags`, { tags: [tag] })).status);
    expect([statuses, contact()?.tags]).toEqual([
      [201, 429],
      ['cold lead', 'a', 'b'],
    ]);
  });

  test('reads show them late', async () => {
    const { call, id, advance } = await writable({ readLagMs: 5000 });
    await advance(5000);
    await call('POST', `/contacts/${id}/tags`, { tags: ['a'] });
    const shown = async () => (await call('GET', `/contacts/${id}`)).json.contact.tags;
    expect(await shown()).toEqual(['cold lead']);
    await advance(5000);
    expect(await shown()).toEqual(['cold lead', 'a']);
  });

  test('other paths and methods are unknown', async () => {
    const { call, id } = await writable();
    for (const [method, tail] of [
      ['PUT', '/tags'],
      ['POST', '/workflow'],
      ['POST', ''],
      ['GET', '/tags'],
    ] as const)
      expect((await call(method, `/contacts/${id}${tail}`, {})).status).toBe(404);
  });
});
