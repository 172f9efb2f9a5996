// The stand-in for GoHighLevel keeps the awkward habits that facts/gohighlevel.md reports: one test a habit.

import { createHmac, verify } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { GoHighLevelSettings } from '../sandbox/gohighlevel/settings.ts';
import { createGoHighLevel } from '../sandbox/gohighlevel.ts';
import { ed25519KeyPair, rsaKeyPair } from '../sandbox/keys.ts';
import { ed25519Signer, hmacSigner, rsaSigner } from '../sandbox/webhooks.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers are read as loosely as a test needs
type Loose = any;

const HEADERS = { authorization: 'Bearer k', version: '2021-07-28' };

/** A location whose webhooks arrive in `inbox`; `answers` are the receiver's statuses, 200 once they run out, 0 breaks. */
function location(settings: Partial<GoHighLevelSettings> = {}, answers: number[] = []) {
  let clock = Date.UTC(2026, 10, 1);
  let seed = 1;
  const random = () => {
    seed = (seed * 48271) % 2147483647;
    return seed / 2147483647;
  };
  const advance = async (ms: number) => {
    clock += ms;
  };
  const inbox: { raw: string; body: Loose; headers: Record<string, string> }[] = [];
  const receive: typeof fetch = async (_url, init) => {
    const raw = new TextDecoder().decode(init?.body as Uint8Array<ArrayBuffer>);
    inbox.push({ raw, body: JSON.parse(raw), headers: init?.headers as Record<string, string> });
    const status = answers.shift() ?? 200;
    if (status === 0) throw new TypeError('fetch failed');
    return new Response(null, { status });
  };
  const webhook = { url: 'http://ingest.test/', sign: hmacSigner('s'), fetch: receive };
  const vendor = createGoHighLevel({
    locationId: 'loc',
    apiKey: 'k',
    now: () => clock,
    random,
    wait: advance,
    settings,
    webhook,
  });
  async function call(method: string, path: string, body?: unknown, headers: Record<string, string> = HEADERS) {
    const json = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await vendor.handle(new Request(`http://ghl.test${path}`, { method, headers, ...json }));
    return { status: response.status, headers: response.headers, json: (await response.json()) as Loose };
  }
  const search = (body: Record<string, unknown> = {}) =>
    call('POST', '/contacts/search', { locationId: 'loc', pageLimit: 100, ...body });
  const types = async () => {
    await vendor.settled();
    return inbox.map(({ body }) => body.type);
  };
  return { vendor, call, search, advance, inbox, types };
}

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
    expect((await search()).json.contacts[0].tags).toEqual(['a']);
    await advance(3000);
    expect((await search()).json.contacts[0].tags).toEqual(['b']);
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
    const names = async () =>
      (await search({ sort, filters })).json.contacts.map(({ lastNameRaw }: Loose) => lastNameRaw);
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
      seen.push(...contacts.map((contact: Loose) => contact.id));
      cursor = contacts.at(-1).searchAfter;
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
      (await search({ filters: [{ field, operator, value }] })).json.contacts.map((contact: Loose) => contact.id);
    expect(await ids('id', 'eq', first.id)).toEqual([first.id]);
    expect(await ids('tags', 'eq', ['cold lead'])).toEqual([first.id]);
    expect(await ids('dateUpdated', 'range', { lte: first.dateUpdated })).toEqual([first.id]);
    expect((await search({ filters: [{ field: 'shoe', operator: 'eq', value: 1 }] })).json.message).toBe(
      'Invalid field shoe',
    );
  });
});

describe('webhooks', () => {
  test('one creation with tags, one tag edit with another field, a deletion: the events of each', async () => {
    const { vendor, types } = location();
    const { id } = await vendor.addContact({ tags: ['a'] });
    expect((await types()).splice(0)).toEqual(['ContactCreate', 'ContactTagUpdate']);
    await vendor.editContact(id, { tags: ['b'], city: 'Miami' });
    expect((await types()).slice(2)).toEqual(['ContactUpdate', 'ContactTagUpdate']);
    await vendor.editContact(id, { tags: ['B'] });
    await vendor.deleteContact(id);
    expect((await types()).slice(4)).toEqual(['ContactDelete']);
  });

  test('the envelope is flat, with a null assignedTo and no dndSettings', async () => {
    const { vendor, types, inbox } = location();
    const contact = await vendor.addContact({ firstName: 'Dana' });
    await types();
    expect(inbox[0]?.body).toMatchObject({
      locationId: 'loc',
      id: contact.id,
      dnd: false,
      assignedTo: null,
      customFields: [],
      tags: [],
    });
    expect(inbox[0]?.body.timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(inbox[0]?.body.webhookId).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
    for (const absent of ['data', 'dndSettings', 'dateUpdated', 'phone'])
      expect(inbox[0]?.body).not.toHaveProperty(absent);
  });

  test('ContactDndUpdate has the channels, now and then RCS among them', async () => {
    const { vendor, types, inbox } = location();
    const { id } = await vendor.addContact({});
    for (let n = 0; n < 20; n++) await vendor.setDnd(id, { call: n % 2 ? 'inactive' : 'active' });
    await types();
    const told = inbox.filter(({ body }) => body.type === 'ContactDndUpdate').map(({ body }) => body.dndSettings);
    expect(told[0].Call.status).toBe('active');
    expect(new Set(told.map((channels) => 'RCS' in channels))).toEqual(new Set([true, false]));
  });

  test('a merge deletes the child and speaks of the master, and there is no merge event', async () => {
    const { vendor, types } = location();
    const [master, child] = [
      await vendor.addContact({}, { silent: true }),
      await vendor.addContact({}, { silent: true }),
    ];
    await vendor.mergeContacts(master.id, child.id);
    expect(await types()).toEqual(['ContactDelete', 'ContactUpdate']);
    expect(vendor.contacts().map(({ id }) => id)).toEqual([master.id]);
  });

  test('anything but a 2xx is tried again, later each time, with the same bytes and signature', async () => {
    const { vendor, types, inbox } = location({}, [500, 401, 302, 0, 202]);
    await vendor.addContact({});
    await types();
    expect(vendor.deliveries).toMatchObject([{ type: 'ContactCreate', status: 202, attempts: 5 }]);
    expect(new Set(inbox.map(({ raw, headers }) => raw + headers['x-ghl-signature'])).size).toBe(1);
    await vendor.resend(vendor.deliveries[0]?.webhookId ?? '');
    expect(inbox).toHaveLength(6);
    expect(inbox[5]?.raw).toBe(inbox[0]?.raw);
  });

  test('after 13 tries the event is dropped', async () => {
    const { vendor, types } = location({}, Array(20).fill(503));
    await vendor.addContact({});
    await types();
    expect(vendor.deliveries).toMatchObject([{ status: 503, attempts: 13 }]);
  });

  test('a silent change tells nobody', async () => {
    const { vendor, types } = location();
    await vendor.addContact({}, { silent: true });
    expect(await types()).toEqual([]);
  });

  test('signatures: HMAC in three forms, Ed25519 and RSA of the body alone', async () => {
    const body = new TextEncoder().encode('{"a":1}');
    const hex = createHmac('sha256', 's').update(body).digest('hex');
    expect(await hmacSigner('s')(body)).toEqual({ 'x-ghl-signature': hex });
    expect(await hmacSigner('s', 'sha256=hex')(body)).toEqual({ 'x-ghl-signature': `sha256=${hex}` });
    expect(await hmacSigner('s', 'base64')(body)).toEqual({
      'x-ghl-signature': Buffer.from(hex, 'hex').toString('base64'),
    });

    const edwards = ed25519KeyPair();
    const { 'x-ghl-signature': current = '' } = await (await ed25519Signer(edwards.privateKeyPem))(body);
    expect(current).toHaveLength(88);
    expect(verify(null, body, edwards.publicKeyPem, Buffer.from(current, 'base64'))).toBe(true);

    const rsa = await rsaKeyPair();
    const { 'x-wh-signature': legacy = '' } = await (await rsaSigner(rsa.privateKeyPem))(body);
    expect(legacy).toHaveLength(684);
    expect(verify('sha256', body, rsa.publicKeyPem, Buffer.from(legacy, 'base64'))).toBe(true);
  }, 60_000);
});

test('a snapshot restores the contacts, and the search knows them', async () => {
  const { vendor } = location();
  await vendor.addContact({ firstName: 'Dana' });
  const copy = location();
  copy.vendor.restore(JSON.parse(JSON.stringify(vendor.snapshot())));
  expect(copy.vendor.contacts()).toEqual(vendor.contacts());
  expect((await copy.search()).json.total).toBe(1);
});
