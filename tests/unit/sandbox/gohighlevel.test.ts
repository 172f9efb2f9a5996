// The stand-in for GoHighLevel keeps the awkward habits that docs/vendors.md reports, of its API: one test a habit.

import { describe, expect, test } from 'vitest';
import { HEADERS, location } from './gohighlevel-harness.ts';

describe('requests', () => {
  test('a wrong token, a missing version, a bogus version, another location', async () => {
    const { call, search } = location();
    expect(
      (await call('GET', '/contacts/x', undefined, { ...HEADERS, authorization: 'Bearer no' })).json,
    ).toMatchObject({
      statusCode: 401,
      message: 'Invalid token: access token is invalid',
      error: 'Unauthorized',
    });
    const unversioned = await call('GET', '/contacts/x', undefined, { authorization: 'Bearer k' });
    expect(unversioned).toMatchObject({ status: 401, json: { message: 'version header was not found.' } });
    expect((await call('GET', '/contacts/x', undefined, { ...HEADERS, version: '1' })).status).toBe(400);
    expect((await search({ locationId: 'other' })).status).toBe(403);
  });

  test.each([400, 404] as const)('a missing contact is a %i that says "not found"', async (missingContactStatus) => {
    const { call } = location({ missingContactStatus });
    expect(await call('GET', '/contacts/x')).toMatchObject({
      status: missingContactStatus,
      json: { message: 'Contact not found' },
    });
  });

  test('the rate limit is told in headers, and a 429 has no Retry-After', async () => {
    const { call, advance } = location({ rateLimit: { max: 2, intervalMs: 10_000, dailyMax: 100 } });
    expect((await call('GET', '/contacts/x')).headers.get('x-ratelimit-remaining')).toBe('1');
    await call('GET', '/contacts/x');
    const { status, headers } = await call('GET', '/contacts/x');
    expect([status, headers.get('retry-after'), headers.get('x-ratelimit-interval-milliseconds')]).toEqual([
      429,
      null,
      '10000',
    ]);
    expect(headers.get('x-ratelimit-daily-remaining')).toBe('98');
    await advance(10_000);
    expect((await call('GET', '/contacts/x')).status).toBe(400);
  });

  test('tags are lower-cased and unique on save, phones become E.164', async () => {
    const { vendor } = location();
    const contact = await vendor.addContact({ tags: ['Cold Lead', 'cold lead '], phone: '(305) 555-0142' });
    expect([contact.tags, contact.phone]).toEqual([['cold lead'], '+13055550142']);
  });

  test('DND channels are spelled by version', async () => {
    const { vendor, call } = location();
    const { id } = await vendor.addContact({ address1: '1 Main St' });
    await vendor.setDnd(id, { call: 'permanent' });
    expect((await call('GET', `/contacts/${id}`)).json.contact).toMatchObject({
      address1: '1 Main St',
      dndSettings: { Call: { status: 'permanent' } },
    });
    const v3 = await call('GET', `/contacts/${id}`, undefined, { ...HEADERS, version: 'v3' });
    expect(v3.json.contact.dndSettings).toHaveProperty('call');
  });

  test('a location can refuse a second contact with one phone', async () => {
    const { vendor } = location({ allowDuplicatePhones: false });
    await vendor.addContact({ phone: '+13055550142' });
    await expect(vendor.addContact({ phone: '+13055550142' })).rejects.toThrow('duplicate');
  });
});

describe('search', () => {
  test('creations, edits and deletions show up late', async () => {
    const { vendor, search, advance } = location();
    const { id } = await vendor.addContact({ firstName: 'Dana', tags: ['a'] });
    expect((await search()).json).toMatchObject({ contacts: [], total: 0 });
    await advance(3000);
    expect((await search()).json.total).toBe(1);
    await vendor.editContact(id, { tags: ['b'] });
    expect((await search()).json.contacts[0]?.tags).toEqual(['a']);
    await advance(3000);
    expect((await search()).json.contacts[0]?.tags).toEqual(['b']);
    await vendor.deleteContact(id);
    expect((await search()).json.total).toBe(1);
    await advance(3000);
    expect((await search()).json.total).toBe(0);
  });

  test('whatever changes between two searches, the second is in order and complete', async () => {
    const { vendor, search, advance } = location({ searchLagMs: 0 });
    const sort = [{ field: 'lastNameLowerCase', direction: 'desc' }];
    const filters = [{ field: 'tags', operator: 'contains', value: 'lead' }];
    const add = (lastName: string, tag = 'lead') => vendor.addContact({ lastName, tags: [tag] });
    const [adams, baker, cole] = await Promise.all([add('Adams'), add('Baker'), add('Cole')]);
    const names = async () => (await search({ sort, filters })).json.contacts.map(({ lastNameRaw }) => lastNameRaw);
    expect(await names()).toEqual(['Cole', 'Baker', 'Adams']);
    await vendor.editContact(adams.id, { lastName: 'Zorn' });
    await vendor.editContact(baker.id, { tags: ['customer'] });
    await vendor.deleteContact(cole.id);
    await Promise.all([add('Dunn'), add('Ames', 'customer')]);
    await advance(1);
    expect(await names()).toEqual(['Zorn', 'Dunn']);
    for (let n = 0; n < 2500; n++) await vendor.editContact(adams.id, { lastName: `M${n}` });
    expect(await names()).toEqual(['M2499', 'Dunn']);
  });

  test('it hides DND, lower-cases names, says `address` and gives birthdays as epoch', async () => {
    const { vendor, search } = location({ searchLagMs: 0 });
    await vendor.addContact({
      firstName: 'Dana',
      address1: '1 Main St',
      dnd: true,
      dndSettings: { Call: { status: 'active' } },
      dateOfBirth: '2000-01-05',
    });
    const [row] = (await search()).json.contacts;
    expect(row).toMatchObject({
      firstName: 'dana',
      address: '1 Main St',
      dnd: false,
      dndSettings: {},
      dateOfBirth: Date.parse('2000-01-05'),
    });
    expect(row).not.toHaveProperty('address1');
    const told = await search({ filters: [{ field: 'dndSettings.Call.status', operator: 'eq', value: 'active' }] });
    expect(told.json.total).toBe(1);
  });

  test('a body without locationId or pageLimit, or with a page too large, is a 422 with a list of messages', async () => {
    const { call, search } = location();
    const { status, json } = await call('POST', '/contacts/search', {});
    expect([status, Array.isArray(json.message)]).toEqual([422, true]);
    expect((await search({ pageLimit: 501 })).status).toBe(422);
  });

  test('pages reach 10,000 records and no further', async () => {
    const { search } = location();
    expect((await search({ pageLimit: 500, page: 20 })).status).toBe(200);
    expect((await search({ pageLimit: 500, page: 21 })).status).toBe(400);
  });

  test('searchAfter of the last contact leads through all of them once, also where dates are equal', async () => {
    const { vendor, search } = location({ searchLagMs: 0 });
    for (let n = 0; n < 25; n++) await vendor.addContact({}, { silent: true });
    const seen: string[] = [];
    for (let cursor: unknown; ; ) {
      const { contacts, total } = (await search({ pageLimit: 10, ...(cursor ? { searchAfter: cursor } : {}) })).json;
      expect(total).toBe(25);
      if (contacts.length === 0) break;
      seen.push(...contacts.map(({ id }) => id));
      cursor = contacts.at(-1)?.searchAfter;
    }
    expect(new Set(seen).size).toBe(25);
    expect(seen).toHaveLength(25);
  });

  test('filters by id, tag and date; an unknown field is a 400', async () => {
    const { vendor, search, advance } = location({ searchLagMs: 0 });
    const first = await vendor.addContact({ tags: ['cold lead'] });
    await advance(1000);
    await vendor.addContact({ tags: ['customer'] });
    const ids = async (field: string, operator: string, value: unknown) =>
      (await search({ filters: [{ field, operator, value }] })).json.contacts.map(({ id }) => id);
    expect(await ids('id', 'eq', first.id)).toEqual([first.id]);
    expect(await ids('tags', 'eq', ['cold lead'])).toEqual([first.id]);
    expect(await ids('dateUpdated', 'range', { lte: first.dateUpdated })).toEqual([first.id]);
    expect((await search({ filters: [{ field: 'shoe', operator: 'eq', value: 1 }] })).json.message).toBe(
      'Invalid field shoe',
    );
  });
});

test('a snapshot restores the contacts, and the search knows them', async () => {
  const { vendor } = location();
  await vendor.addContact({ firstName: 'Dana' });
  const copy = location();
  copy.vendor.restore(JSON.parse(JSON.stringify(vendor.snapshot())));
  expect(copy.vendor.contacts()).toEqual(vendor.contacts());
  expect((await copy.search()).json.total).toBe(1);
});

describe('reads that lag behind webhooks', () => {
  test('GET shows a creation, an edit and a deletion only after the lag; the webhook and the search do not wait for it', async () => {
    const { vendor, call, search, advance, types } = location({ readLagMs: 5000, searchLagMs: 0 });
    const { id } = await vendor.addContact({ firstName: 'Dana' });
    expect(await types()).toEqual(['ContactCreate']);
    expect((await search()).json.total).toBe(1);
    const shown = async () => (await call('GET', `/contacts/${id}`)).json.contact?.firstName;
    expect(await shown()).toBeUndefined();
    await advance(5000);
    expect(await shown()).toBe('Dana');
    await vendor.editContact(id, { firstName: 'Daniela' });
    await advance(4999);
    expect(await shown()).toBe('Dana');
    await vendor.setDnd(id, { dnd: true });
    await vendor.deleteContact(id);
    await advance(1);
    expect(await shown()).toBe('Daniela');
    await advance(5000);
    expect((await call('GET', `/contacts/${id}`)).status).toBe(400);
  });

  test('with a range each change has a lag of its own, and no read goes back behind an earlier one', async () => {
    const { vendor, call, advance } = location({ readLagMs: { min: 0, max: 10_000 } });
    const { id } = await vendor.addContact({ firstName: '0' });
    await advance(10_000);
    const seen: number[] = [];
    for (let edit = 1; edit <= 20; edit++) {
      await vendor.editContact(id, { firstName: String(edit) });
      await advance(700);
      seen.push(Number((await call('GET', `/contacts/${id}`)).json.contact.firstName));
    }
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(new Set(seen.map((shown, index) => index + 1 - shown)).size).toBeGreaterThan(2);
  });
});
