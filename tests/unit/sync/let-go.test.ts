// Which links between CallTools contacts and people a batch finds to have ended.

import { describe, expect, test } from 'vitest';
import { linksLetGo } from '../../../workers/consumer/sync/let-go.ts';
import { contactRow, dialerRow } from '../../support/batch-harness.ts';

const CLAIMED = 1000;

type Row = ReturnType<typeof dialerRow>;
type After = Parameters<typeof linksLetGo>[1];

/** `having`: contacts with the number `p`. `moved`: the numbers that some of them have afterwards. `others` have another number. */
function letGo({
  row = {},
  having = ['one'],
  after = {},
  moved = {},
  removed = [],
  others = [],
}: {
  row?: Partial<Row>;
  having?: string[];
  after?: Partial<Row> | null;
  moved?: Record<string, string | null>;
  removed?: number[];
  others?: string[];
}) {
  const before = dialerRow(row);
  const intents = having.map((contactId) => ({ contactId, intent: 'place' as const, priority: 1 }));
  return linksLetGo(
    {
      claimedAt: CLAIMED,
      claimed: {
        contacts: new Map([
          ...Object.keys(moved).map((id) => [id, contactRow({ contactId: id })] as const),
          ...others.map((id) => [id, contactRow({ contactId: id, phoneHash: 'other' })] as const),
        ]),
      },
      phones: { dialer: new Map([['p', before]]), intents: new Map([['p', intents]]) },
    },
    {
      contacts: Object.entries(moved).map(([contactId, phoneHash]) => ({ contactId, phoneHash })),
      dialer: after === null ? [] : [{ ...before, ...after }],
      numbers: removed.map((callToolsId) => ({ callToolsId, added: [], removed: ['p'], all: ['p', 'q'] })),
    } as unknown as After,
  );
}
const link = (contactId: string, wasShown: boolean, callToolsId = 1) => [
  { callToolsId, phoneHash: 'p', contactId, shownUntil: wasShown ? CLAIMED : null },
];
const CARRIED = { carriers: new Map([[7, ['p', 'q']]]) };

describe('nothing ends', () => {
  test('while all is as it was, and where nothing is written', () => {
    expect(letGo({})).toEqual([]);
    expect(letGo({ after: null })).toEqual([]);
    expect(letGo({ moved: { one: 'p' } })).toEqual([]);
  });
  test('where a person who is gone is still shown, or CallTools had no contact', () => {
    expect(letGo({ moved: { one: null } })).toEqual([]);
    expect(letGo({ row: { callToolsId: null }, after: { callToolsId: 2 }, moved: { one: 'q' } })).toEqual([]);
  });
});

describe('it ends', () => {
  test('where the number has another CallTools contact, for all who have the number, in a bucket or not', () => {
    expect(letGo({ after: { callToolsId: 2 } })).toEqual(link('one', true));
    expect(letGo({ row: { mayBeInBucket: false }, after: { callToolsId: null } })).toEqual(link('one', true));
    expect(letGo({ row: { inDoubt: true, updatedAt: 7 }, after: { callToolsId: 2 } })).toEqual([
      { callToolsId: 1, phoneHash: 'p', contactId: 'one', shownUntil: 7 },
    ]);
    expect(letGo({ having: ['one', 'two'], after: { callToolsId: 2 } })).toEqual([
      ...link('one', true),
      ...link('two', false),
    ]);
  });
  test('not for somebody of the batch who has another number', () => {
    expect(letGo({ others: ['two'], after: { callToolsId: 2 } })).toEqual(link('one', true));
  });
  test('where another person is shown, although the first keeps the number', () => {
    expect(letGo({ having: ['one', 'two'], after: { contactId: 'two' } })).toEqual(link('one', true));
  });
  test('for a person who leaves the number, shown or not', () => {
    expect(letGo({ after: { contactId: null }, moved: { one: 'q' } })).toEqual(link('one', true));
    expect(letGo({ having: ['one', 'two'], moved: { two: 'q' } })).toEqual(link('two', false));
    expect(letGo({ having: ['one'], moved: { two: 'q' } })).toEqual(link('two', false));
  });
  test('where a CallTools contact does not carry the number any more, unless the number is remembered for it', () => {
    expect(letGo({ row: CARRIED, removed: [7] })).toEqual(link('one', false, 7));
    expect(letGo({ row: CARRIED, removed: [8] })).toEqual([]);
    expect(letGo({ row: { ...CARRIED, callToolsId: 7 }, removed: [7] })).toEqual([]);
    expect(letGo({ row: { ...CARRIED, callToolsId: 7 }, removed: [7], after: { callToolsId: null } })).toEqual(
      link('one', true, 7),
    );
  });
  test('where one of several CallTools contacts lost the number', () => {
    expect(letGo({ row: CARRIED, removed: [7, 8] })).toEqual(link('one', false, 7));
  });
  test('for the contact that was shown, if any, and those that have the number', () => {
    expect(letGo({ row: { contactId: null }, after: { callToolsId: 2 } })).toEqual(link('one', false));
    expect(letGo({ row: { contactId: 'shown' }, after: { callToolsId: 2 } })).toEqual([
      ...link('shown', true),
      ...link('one', false),
    ]);
  });
  test('not for a contact of the batch that keeps the number, shown or not', () => {
    expect(letGo({ row: { contactId: 'two' }, having: ['one', 'two'], moved: { one: 'p' } })).toEqual([]);
  });
  test('where another CallTools contact is remembered, although the first still carries the number', () => {
    expect(letGo({ row: { ...CARRIED, callToolsId: 7 }, after: { callToolsId: 2 } })).toEqual(link('one', true, 7));
  });
});
