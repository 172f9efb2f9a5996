// CallTools' word of calls, in every form that it may have.

import { describe, expect, test } from 'vitest';
import { callToolsStage, failureOf, jsonAnswer } from '../../../support/vendor-harness.ts';

/** A client whose CallTools answers this to everything. */
function answering(answer: () => Response) {
  const queries: string[] = [];
  const meddle = async (request: Request) => {
    queries.push(request.url.replace(/^.*\/api/, ''));
    return answer();
  };
  return { ...callToolsStage({}, { meddle }), queries };
}

const page = (results: unknown[], more: object = {}) =>
  jsonAnswer(200, { count: results.length, next: null, results, ...more });

const of = (id: number) => ({ id, contact: 7 });

describe('a row of the record', () => {
  const said = (disposition: unknown) => ({ id: 5, contact: 7, disposition, created_on: '2026-11-20 12:00:00' });
  const read = async (row: unknown) => (await answering(() => page([row])).client.callRows(1))?.rows[0];

  test.each<[unknown, object | null]>([
    [3003, { id: '3003', name: null }],
    [' 3003 ', { id: '3003', name: null }],
    ['0b0d3b3a-0000-4000-8000-000000000001', { id: '0b0d3b3a-0000-4000-8000-000000000001', name: null }],
    ['Not Interested', { id: null, name: 'Not Interested' }],
    [{ id: 3003 }, { id: '3003', name: null }],
    [
      { id: '3003', name: ' Not Interested ' },
      { id: '3003', name: 'Not Interested' },
    ],
    [{ name: 'Not Interested' }, { id: null, name: 'Not Interested' }],
    ['', null],
    [null, null],
    [undefined, null],
  ])('says %j', async (disposition, expected) => {
    expect((await read(said(disposition)))?.said).toEqual(expected);
  });

  test.each<[unknown, number | null]>([
    [7, 7],
    ['7', 7],
    [{ id: 7, first_name: 'Dana' }, 7],
    [null, null],
  ])('names the contact %j', async (contact, id) => {
    expect((await read({ ...said(1), contact }))?.callToolsId).toBe(id);
  });

  test('of odd form beside others says and names nothing', async () => {
    const rows = [said(3003), { ...said({}), id: 4, contact: 'Dana' }, { ...said([]), id: 3, contact: -7 }];
    const { client } = answering(() => page([...rows, { ...said({ id: {}, name: 'x' }), id: 2, contact: {} }]));
    const read = await client.callRows(1);
    expect(read?.rows.map(({ callToolsId, said }) => [callToolsId, said?.id])).toEqual([
      [7, '3003'],
      [null, undefined],
      [null, undefined],
      [null, undefined],
    ]);
  });

  test('has a time in either form, or none that can be read', async () => {
    const noon = Date.UTC(2026, 10, 20, 12);
    for (const [created_on, at] of [
      ['2026-11-20 12:00:00', noon],
      ['2026-11-20T12:00:00Z', noon],
      ['2026-11-20T14:00:00.000+02:00', noon],
      ['yesterday', null],
      [undefined, null],
    ])
      expect((await read({ ...said(1), created_on }))?.at).toBe(at);
  });

  test('without an id is counted, and stops no other', async () => {
    const rows = [null, 'x', { contact: 7 }, { id: 'x' }, { id: '6' }, of(5)];
    const read = await answering(() => page(rows)).client.callRows(1);
    expect([read?.rows.map(({ id }) => id), read?.unreadable]).toEqual([[6, 5], 4]);
  });
});

describe('a page', () => {
  test('is asked for by its number, newest first', async () => {
    const stage = answering(() => page([]));
    await stage.client.callRows(3);
    expect(stage.queries).toEqual(['/historicalcalldispositions/?ordering=-pk&page_size=250&page=3']);
  });

  test('that is gone is null; a first page that is gone is CallTools’ trouble', async () => {
    const { client } = answering(() => jsonAnswer(404, { detail: 'Invalid page.' }));
    expect(await client.callRows(2)).toBeNull();
    expect(await failureOf(client.callRows(1))).toMatchObject({ kind: 'transient' });
  });

  test.each([
    ['of which no row can be read', [{ contact: 7 }], {}, 'no row has an id'],
    ['in another order, while there are more', [{ id: 1 }, { id: 2 }], { next: '?page=2' }, 'not in the order'],
    [
      'whose contacts cannot be read',
      [
        { id: 2, contact: 'Contact object (7)' },
        { id: 1, contact: null },
      ],
      {},
      'contact',
    ],
    ['that names no contact where it should', [{ id: 2, contact_id: 7 }, { id: 1 }], {}, 'contact'],
    [
      'whose dispositions cannot be read',
      [
        { id: 2, contact: 7, disposition: [5] },
        { id: 1, contact: 7, disposition: null },
      ],
      {},
      'disposition',
    ],
  ])('%s is none', async (_, rows, more, error) => {
    const { client } = answering(() => page(rows, more));
    expect(await failureOf(client.callRows(1))).toMatchObject({
      kind: 'transient',
      error: expect.stringContaining(error),
    });
  });

  test('of which some rows name no contact is read', async () => {
    for (const others of [[{ id: 1 }], [{ id: 1, contact: null }]])
      expect((await answering(() => page([of(2), ...others])).client.callRows(1))?.rows).toHaveLength(2);
    expect((await answering(() => page([{ id: 2, contact: null }])).client.callRows(1))?.rows).toHaveLength(1);
  });

  test('that shows a row twice is read as if it did so once', async () => {
    const { client } = answering(() => page([of(2), of(2), of(1)], { next: '?page=2' }));
    expect((await client.callRows(1))?.rows.map(({ id }) => id)).toEqual([2, 1]);
  });

  test.each<[number, number, unknown, boolean]>([
    [1, 25, 26, true],
    [1, 25, '26', true],
    [2, 25, 51, true],
    [2, 25, 50, false],
    [1, 24, 26, false],
    [1, 25, null, false],
  ])('names no next one: page %i with %i rows, of a record of %j', async (number, shown, count, more) => {
    const rows = Array.from({ length: shown }, (_, n) => of(1000 - n));
    const { client } = answering(() => page(rows, { count, next: undefined }));
    expect((await client.callRows(number))?.more).toBe(more);
  });

  test('in another order is read where it is all there is', async () => {
    expect((await answering(() => page([of(1), of(2)])).client.callRows(1))?.rows).toHaveLength(2);
  });
});

describe('the dispositions of the account', () => {
  test('are read from all pages; what is no disposition is left out', async () => {
    const { client, vendor } = callToolsStage({ pageSizeMax: 2 });
    vendor.settings.dispositions = [...vendor.settings.dispositions, { id: 4000 } as never];
    const found = await client.dispositions();
    expect(found).toHaveLength(9);
    expect(found.filter(({ doNotContact }) => doNotContact).map(({ name }) => name)).toEqual([
      'Do Not Call',
      'DNC This Number',
    ]);
  });

  test.each<[unknown, boolean]>([
    [true, true],
    ['true', true],
    [1, true],
    ['perhaps', true],
    [{}, true],
    [false, false],
    ['False', false],
    [0, false],
    ['', false],
    [null, false],
    [undefined, false],
  ])('mark do-not-contact by %j: %s', async (flag, expected) => {
    for (const name of ['set_contact_dnc', 'set_phone_number_dnc']) {
      const { client } = answering(() => page([{ id: 1, name: 'x', [name]: flag }]));
      expect(await client.dispositions()).toEqual([{ id: '1', name: 'x', doNotContact: expected }]);
    }
  });
});
