// The real GoHighLevel client searches: each contact once, and an odd row hides no other.

import { describe, expect, test } from 'vitest';
import type { Cursor, SearchPage } from '../../../workers/consumer/vendors/search-page.ts';
import { failureOf, goHighLevelStage, LOCATION } from '../../support/vendor-harness.ts';
import { answering } from './gohighlevel-harness.ts';

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
      opportunities: null,
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
