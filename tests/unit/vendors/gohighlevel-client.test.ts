// The real GoHighLevel client against the sandbox's GoHighLevel: gone is gone only when it says so, and its limits are kept.

import { describe, expect, test } from 'vitest';
import type { Cursor, SearchPage } from '../../../workers/consumer/vendors/search-page.ts';
import { CONTACT, failureOf, goHighLevelStage, jsonAnswer, LOCATION } from '../../support/vendor-harness.ts';

/** A client whose GoHighLevel gives this one answer. */
const answering = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  goHighLevelStage({}, { meddle: async () => jsonAnswer(status, body, headers) }).client;
const contact = (changes: Record<string, unknown> = {}) => ({
  contact: { id: CONTACT, locationId: LOCATION, ...changes },
});
const read = async (changes: Record<string, unknown>) => {
  const answer = await answering(200, contact(changes)).read(CONTACT);
  if (answer.kind !== 'found') throw new Error('expected a contact');
  return answer.contact;
};

describe('reading a contact', () => {
  test('sends the token and the version, and nothing else is asked', async () => {
    const { client, vendor, sent } = goHighLevelStage();
    const { id } = await vendor.addContact({ firstName: 'Dana', phone: '+13055550142', tags: ['cold lead'] });
    expect(await client.read(id)).toMatchObject({
      kind: 'found',
      contact: { id, firstName: 'Dana', tags: ['cold lead'] },
    });
    expect(sent.map(({ method, url }) => [method, url.pathname])).toEqual([['GET', `/contacts/${id}`]]);
    expect(sent[0]?.headers.get('authorization')).toBe('Bearer pit-1');
    expect(sent[0]?.headers.get('version')).toBe('2021-07-28');
  });

  test.each([
    ['2021-07-28', 'Call'],
    ['v3', 'call'],
  ])('in version %s the call channel is spelled %s, and is handed on', async (version, channel) => {
    const { client, vendor } = goHighLevelStage({}, { version });
    const { id } = await vendor.addContact({});
    await vendor.setDnd(id, { call: 'active' });
    expect(await client.read(id)).toMatchObject({ contact: { dndSettings: { [channel]: { status: 'active' } } } });
  });

  test.each([400, 404] as const)('a deleted contact (%i) is gone', async (missingContactStatus) => {
    const { client } = goHighLevelStage({ missingContactStatus });
    expect(await client.read('none')).toEqual({ kind: 'gone' });
  });

  test.each([
    'Contact not found',
    'Contact with id x could not be found in this location',
    'No such contact',
    'The contact does not exist',
    "Contact doesn't exist",
    'contact doesn’t exist',
    'The contact with id x was not found.',
    'Contact nmFmQEsNgz6AVpgLVUJ0 not found',
    'Contact with this id was not found',
    'Contact not found: x',
    'This contact has been deleted',
    ['id is odd', 'contact not found'],
  ])('gone, in these words: %j', async (message) => {
    for (const status of [400, 404])
      expect(await answering(status, { message }).read(CONTACT)).toEqual({ kind: 'gone' });
  });

  test.each([
    'Resource not found. Please contact support.',
    'Not Found',
    'Contact support: the resource was not found',
    'Contact service not found',
    'Contact us if the record does not exist',
    'Contact not found in cache, try again',
    'Cannot GET /contacts/x',
    'Route GET:/contacts/x not found',
    'The requested URL was not found on this server.',
    'Location not found',
    undefined,
  ])('other words prove nothing, and must not empty the dialer: %j', async (message) => {
    for (const status of [400, 404])
      expect(await answering(status, { message }).read(CONTACT)).toMatchObject({
        kind: 'doubtful',
        failure: { kind: 'refused', vendor: 'gohighlevel', sign: 'odd', error: expect.stringContaining(`${status}`) },
      });
  });

  test('a page instead of JSON proves nothing either', async () => {
    const { client } = goHighLevelStage({}, { meddle: async () => new Response('<h1>404</h1>', { status: 404 }) });
    expect(await client.read(CONTACT)).toMatchObject({ kind: 'doubtful' });
  });

  test('another status that says "not found" is not gone', async () => {
    expect(await failureOf(answering(401, { message: 'version header was not found.' }).read(CONTACT))).toMatchObject({
      kind: 'refused',
    });
    expect(await failureOf(answering(500, { message: 'Contact not found' }).read(CONTACT))).toMatchObject({
      kind: 'transient',
    });
    expect(await answering(422, { message: 'Contact not found' }).read(CONTACT)).toMatchObject({ kind: 'doubtful' });
  });

  test('a wrong version is a refusal, with a hint', async () => {
    const { client } = goHighLevelStage({}, { version: '1999-01-01' });
    expect(await failureOf(client.read(CONTACT))).toMatchObject({
      kind: 'refused',
      error: expect.stringContaining('(is GHL_API_VERSION right?)'),
    });
  });

  test.each([400, 422])('complaints of the validator (%i) concern this contact', async (status) => {
    const message = ['id must be a string'];
    expect(await failureOf(answering(status, { message }).read(CONTACT))).toMatchObject({
      kind: 'contact',
      code: 'rejected',
    });
  });

  test('another contact’s data proves no deletion', async () => {
    expect(await answering(200, contact({ id: 'theMaster' })).read(CONTACT)).toMatchObject({
      kind: 'doubtful',
      failure: { sign: 'odd', error: expect.stringContaining('it shows another contact') },
    });
  });

  test('a contact of another location is refused', async () => {
    const failed = await failureOf(answering(200, contact({ locationId: 'other' })).read(CONTACT));
    expect(failed).toMatchObject({ kind: 'contact', code: 'wrong_location' });
  });

  test('the id is escaped', async () => {
    const { client, sent } = goHighLevelStage();
    await client.read('a/../b?c');
    expect(sent[0]?.url.pathname).toBe('/contacts/a%2F..%2Fb%3Fc');
  });

  test('an empty answer is worth another try', async () => {
    const { client } = goHighLevelStage({}, { meddle: async () => new Response('') });
    expect(await failureOf(client.read(CONTACT))).toMatchObject({ kind: 'transient', vendor: 'gohighlevel' });
  });
});

describe('odd fields', () => {
  test('a field of an unexpected type never hides a contact', async () => {
    expect(
      await read({ firstName: { a: 1 }, phone: ['x'], city: true, lastName: null, state: undefined }),
    ).toMatchObject({
      id: CONTACT,
      firstName: null,
      phone: null,
      city: null,
      lastName: null,
    });
  });

  test('numbers are texts', async () => {
    expect(await read({ phone: 13055550142, postalCode: 33101, tags: ['a', 7] })).toMatchObject({
      phone: '13055550142',
      postalCode: '33101',
      tags: ['a', '7'],
    });
  });

  test.each([
    [undefined, []],
    [null, []],
    [[], []],
    [['cold lead', null], ['cold lead']],
    ['cold lead,vip', ['cold lead', 'vip']],
  ])('tags %j read as %j', async (tags, expected) => {
    expect((await read({ tags })).tags).toEqual(expected);
  });

  test.each([
    [[{ name: 'customer' }, 'cold lead'], ['cold lead'], ['customer']],
    [[['customer'], 'cold lead'], ['cold lead'], ['customer']],
    [{ 0: 'customer' }, [], ['customer']],
    ['["customer","x"]', [], ['customer', 'x']],
    ['customer;x', [], ['customer;x', 'customer', 'x']],
    [['cold lead', null], ['cold lead'], []],
    [true, [], []],
  ])('tags that cannot be read whole say so, and what may be among them: %j', async (tags, sure, perhaps) => {
    const answer = await answering(200, contact({ tags })).read(CONTACT);
    expect(answer).toMatchObject({ unread: ['contact.tags'], contact: { tags: sure, oddTags: perhaps } });
  });

  test.each([
    [{ deleted: true }, 'gone', undefined],
    [{ deletedAt: '2026-11-28T10:00:00Z' }, 'gone', undefined],
    [{ is_deleted: 'perhaps' }, 'found', true],
    [{ isDeleted: {} }, 'found', true],
    [{ deleted: false, deletedAt: null, isDeleted: 'false', dateDeleted: '' }, 'found', undefined],
  ])('of a contact that says %j it is told that it is %s, and removed perhaps: %s', async (fields, kind, removed) => {
    for (const body of [contact(fields), { ...contact(), ...fields }]) {
      const answer = await answering(200, body).read(CONTACT);
      expect([answer.kind, 'removed' in answer ? answer.removed : undefined]).toEqual([kind, removed]);
    }
  });

  test('of a contact that cannot be told for ours only a sign against dialing is handed on', async () => {
    const odd = (changes: Record<string, unknown>) => answering(200, { contact: { tags: ['cold lead'], ...changes } });
    expect(await odd({ id: 7, dnd: true }).read(CONTACT)).toMatchObject({ unread: ['contact.id'] });
    expect(await odd({ id: CONTACT, locationId: 'other', dnd: true }).read(CONTACT)).toMatchObject({
      unread: ['contact.locationId'],
      contact: { dnd: true },
    });
    expect(await failureOf(odd({ id: CONTACT, locationId: 'other' }).read(CONTACT))).toMatchObject({
      code: 'wrong_location',
    });
  });

  test.each([{}, { contact: null }, { contact: { id: 5 } }, { contact: [] }, [], 'text', null, 7, { message: 'busy' }])(
    'no contact in %j is the vendor’s trouble, for now',
    async (body) => {
      const failed = await failureOf(answering(200, body).read(CONTACT));
      expect(failed).toMatchObject({ kind: 'transient', vendor: 'gohighlevel' });
    },
  );

  test('an answer of no known form is described, not quoted: it may be about a person', async () => {
    const failed = await failureOf(answering(200, { contact: { firstName: 'Dana Reyes' } }).read(CONTACT));
    expect(failed.error).toContain('of no known form');
    expect(failed.error).not.toContain('Dana');
  });
});

describe('searching', () => {
  async function crowd(count: number) {
    const stage = goHighLevelStage();
    for (let n = 0; n < count; n++) {
      await stage.vendor.addContact({ firstName: `N${n}` });
      stage.clock.advance(1000);
    }
    return stage;
  }

  test('pages by searchAfter alone, in order of creation, each contact once', async () => {
    const { client, vendor, sent } = await crowd(5);
    const pages: SearchPage[] = [];
    for (let cursor: Cursor | null = null, last = false; !last; last = cursor === null) {
      const page: SearchPage = await client.search(cursor, 2);
      pages.push(page);
      cursor = page.next;
    }
    expect(pages.map(({ contacts, total }) => [contacts.length, total])).toEqual([
      [2, 5],
      [2, 5],
      [1, 5],
      [0, 5],
    ]);
    expect(pages.flatMap(({ contacts }) => contacts.map(({ id }) => id))).toEqual(
      vendor.contacts().map(({ id }) => id),
    );
    const bodies = sent.map(({ body }) => JSON.parse(body));
    const plain = { locationId: LOCATION, pageLimit: 2, sort: [{ field: 'dateAdded', direction: 'asc' }] };
    expect(bodies[0]).toEqual(plain);
    expect(bodies[1]).toEqual({ ...plain, searchAfter: pages[0]?.next });
  });

  test('an empty location is one empty page', async () => {
    expect(await (await crowd(0)).client.search(null, 500)).toEqual({
      contacts: [],
      odd: [],
      again: [],
      unreadable: 0,
      seen: 0,
      rows: 0,
      total: 0,
      next: null,
    });
  });

  test('a cursor that does not move on ends the run instead of repeating it for ever', async () => {
    const page = { contacts: [{ id: 'a', searchAfter: [1, 'a'] }], total: 9 };
    expect((await answering(200, page).search([1, 'a'], 1)).next).toBeNull();
    expect((await answering(200, page).search([0, 'z'], 1)).next).toEqual([1, 'a']);
  });

  test('one contact with odd fields does not hide the page', async () => {
    const odd = { id: 'a', tags: [{ name: 'x' }], phone: 7, searchAfter: 'x', dnd: 'maybe' };
    const page = await answering(200, { contacts: [odd, { id: 'b' }], total: 'many' }).search(null, 2);
    expect(page).toMatchObject({ odd: ['a'], unreadable: 1, seen: 2, rows: 2, total: null, next: null });
    expect([page.contacts.map(({ id }) => id), page.contacts[0]?.tags]).toEqual([['a', 'b'], []]);
  });

  test.each([null, 7, 'x', [], {}, { id: 7 }, { id: 'x'.repeat(65) }, { id: 'two words' }])(
    'a row without an id (%j) is counted, and the others are read',
    async (row) => {
      const rows = [{ id: 'a', searchAfter: [1, 'a'] }, row, { id: 'b', searchAfter: [2, 'b'] }];
      const page = await answering(200, { contacts: rows, total: 3 }).search(null, 3);
      expect(page).toMatchObject({ odd: [], unreadable: 1, seen: 3, rows: 3, next: [2, 'b'] });
      expect(page.contacts.map(({ id }) => id)).toEqual(['a', 'b']);
    },
  );

  test.each([[[null, 'c']], [null], ['x'], [[]], [[{}, 'c']], [[2 ** 63, 'c']]])(
    'the list goes on behind the last row with a cursor, not behind one with %j: the rest comes again',
    async (searchAfter) => {
      const rows = [
        { id: 'a', searchAfter: [1, 'a'] },
        { id: 'b', searchAfter: [2, 'b'] },
        { id: 'c', searchAfter },
      ];
      const page = await answering(200, { contacts: rows, total: 9 }).search(null, 3);
      expect(page).toMatchObject({ again: ['c'], seen: 2, rows: 3, next: [2, 'b'] });
      expect(page.contacts).toHaveLength(3);
    },
  );

  test.each([-1, 1.5, '9', null, Number.MAX_VALUE, 10_000])('a total of %s counts nothing', async (total) => {
    expect((await answering(200, { contacts: [], total }).search(null, 3)).total).toBeNull();
  });

  test.each([
    [400, { message: 'Invalid field X' }],
    [422, { message: ['pageLimit must be a number'] }],
    [200, { contacts: { firstName: 'Dana Reyes' } }],
  ])('a search that is refused or odd (%i) is not an empty page, and quotes no person', async (status, body) => {
    const failed = await failureOf(answering(status, body).search(null, 2));
    expect(failed).toMatchObject({ kind: 'transient', vendor: 'gohighlevel' });
    expect(failed.error).not.toContain('Dana');
  });

  test('a search at a wrong address is refused', async () => {
    expect(await failureOf(answering(404, { message: 'Cannot POST' }).search(null, 2))).toMatchObject({
      kind: 'refused',
      sign: 'list',
      error: expect.stringContaining('(is GHL_API_BASE_URL right?)'),
    });
  });

  test('a key of another location is refused', async () => {
    const { client } = goHighLevelStage(
      {},
      {
        meddle: async (request, handle) => {
          const body = { ...JSON.parse(await request.text()), locationId: 'other' };
          return handle(new Request(request, { body: JSON.stringify(body) }));
        },
      },
    );
    expect(await failureOf(client.search(null, 2))).toMatchObject({ kind: 'refused', sign: 'list' });
  });
});

describe('rate limit', () => {
  test('a 429 without Retry-After waits for the interval that the headers name', async () => {
    const { client } = goHighLevelStage({ rateLimit: { max: 1, intervalMs: 7000, dailyMax: 100 } });
    const [, second] = await Promise.all([client.read('a'), failureOf(client.read('b'))]);
    expect(second).toMatchObject({ kind: 'throttled', retryAfterMs: 7000 });
  });

  test('where the headers say nothing, or nonsense, the documented window counts, and no more than a minute', async () => {
    for (const [header, ms] of [
      [{}, 10_000],
      [{ 'x-ratelimit-interval-milliseconds': 'soon' }, 10_000],
      [{ 'x-ratelimit-interval-milliseconds': '-5' }, 10_000],
      [{ 'x-ratelimit-interval-milliseconds': '9999999999' }, 60_000],
    ] as [Record<string, string>, number][]) {
      const failed = await failureOf(answering(429, {}, header).read(CONTACT));
      expect(failed).toMatchObject({ kind: 'throttled', retryAfterMs: ms });
    }
  });

  test('when the day is used up it is not asked every ten seconds', async () => {
    const { client } = goHighLevelStage({ rateLimit: { max: 100, intervalMs: 10_000, dailyMax: 1 } });
    await client.read('a');
    expect(await failureOf(client.read('b'))).toMatchObject({ kind: 'throttled', retryAfterMs: 15 * 60_000 });
  });

  test('with few requests left in the window it slows down before it is told to, the more the fewer', async () => {
    const { client, clock } = goHighLevelStage({ rateLimit: { max: 10, intervalMs: 10_000, dailyMax: 1000 } });
    for (let n = 0; n < 7; n++) await client.read('a');
    // 9 and 8 left: no pause; then 7, 6, 5, 4 left: 1 to 4 shares of the window.
    expect(clock.pauses).toEqual([1000, 2000, 3000, 4000]);
  });

  test('it never pauses longer than the window lasts', async () => {
    const { client, clock } = goHighLevelStage({ rateLimit: { max: 1, intervalMs: 7000, dailyMax: 1000 } });
    for (let n = 0; n < 3; n++) await client.read('a');
    expect(clock.pauses).toEqual([7000, 7000]);
  });

  test('a pause ends with the first answer that has enough left again', async () => {
    const { client, clock } = goHighLevelStage({ rateLimit: { max: 10, intervalMs: 10_000, dailyMax: 1000 } });
    for (let n = 0; n < 3; n++) await client.read('a');
    clock.advance(20_000);
    await client.read('a');
    clock.pauses.length = 0;
    await client.read('a');
    expect(clock.pauses).toEqual([]);
  });
});
