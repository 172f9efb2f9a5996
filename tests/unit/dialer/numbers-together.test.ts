// Which numbers of a CallTools contact count together, and what an answer says of numbers that it does not show.

import { describe, expect, test } from 'vitest';
import {
  carriesNumber,
  groupOf,
  hashesOf,
  knownNumbers,
  lacks,
  MoreNumbers,
  noteGone,
  noteNumbers,
  numbersChanged,
  type Seen,
} from '../../../workers/consumer/dialer/numbers.ts';
import { phoneHash } from '../../../workers/consumer/domain/phone.ts';
import type { DialerContact } from '../../../workers/consumer/vendors/calltools-schema.ts';
import { dialerRow } from '../../support/batch-harness.ts';
import { dialerStage, LOCATION, OTHER_PHONE, OUT, PHONE, place, target } from '../../support/vendor-harness.ts';

const BOTH = [PHONE, OTHER_PHONE];
const [p, q] = [await phoneHash(LOCATION, PHONE), await phoneHash(LOCATION, OTHER_PHONE)] as const;
const contact = (phones: string[], dialable: string[] | null = phones): DialerContact => ({
  ...{ id: 1, doNotContact: false, buckets: [], tags: [], word: null, phones, dialable },
});

/** Notes this answer. `known`: hashes that are remembered; `earlier`: what this batch has seen. */
async function noted(
  answer: DialerContact,
  {
    wanted = place(),
    numbers = undefined as Set<string> | undefined,
    known = [] as string[],
    earlier = null as Seen | null,
  } = {},
) {
  const { dialer } = dialerStage();
  dialer.numbers.known = (id) => (id === 1 ? known : []);
  if (earlier) dialer.numbers.seen.set(1, earlier);
  const desired = await target(wanted, numbers ? { numbers } : {});
  const thrown = await noteNumbers(answer, desired, dialer).catch((error) => error);
  return { seen: dialer.numbers.seen.get(1), more: thrown instanceof MoreNumbers ? thrown.numbers : null };
}

describe('numbers as CallTools spells them', () => {
  test('count once, and what cannot be read may be any', async () => {
    const { settings } = dialerStage();
    expect(await hashesOf([PHONE, '(305) 555-0142'], settings)).toEqual({ hashes: [p], unread: false });
    expect(await hashesOf([PHONE, 'ask her sister'], settings)).toEqual({ hashes: [p], unread: true });
    expect(await hashesOf([], settings)).toEqual({ hashes: [], unread: false });
  });

  test.each([
    [[PHONE], 'yes'],
    [[PHONE, 'ask her sister'], 'yes'],
    [[OTHER_PHONE], 'no'],
    [[OTHER_PHONE, 'ask her sister'], 'perhaps'],
    [[], 'no'],
  ] as const)('%j carries the number: %s', async (phones, carried) => {
    const { settings } = dialerStage();
    expect(await carriesNumber({ phones: [...phones] }, p, settings)).toBe(carried);
  });
});

describe('other numbers on the same contact', () => {
  test.each<[string, Parameters<typeof noted>, boolean]>([
    ['stop a placement that does not know of them', [contact(BOTH)], true],
    ['stop one that knows of further ones only', [contact(BOTH), { numbers: new Set([p, 'r']) }], true],
    ['stop none where their intents count', [contact(BOTH), { numbers: new Set([p, q]) }], false],
    ['stop no withdrawal', [contact(BOTH), { wanted: OUT }], false],
    ['stop none where the contact does not carry this number', [contact([OTHER_PHONE, '+13055550144'])], false],
    ['are none where the only number is this one', [contact([PHONE, '(305) 555-0142'])], false],
  ])('%s', async (_, [answer, known], stops) => {
    const { more } = await noted(answer, known);
    expect(more !== null).toBe(stops);
    if (more) expect(more).toEqual({ callToolsId: 1, hashes: [p, q] });
  });
});

describe('what is seen', () => {
  test.each<[string, Parameters<typeof noted>, Seen | undefined]>([
    ['nothing of a contact with a single number', [contact([OTHER_PHONE])], undefined],
    ['nothing of a contact whose number is shown twice', [contact([PHONE, PHONE])], undefined],
    ['the single number of one that had several', [contact([PHONE]), { known: [p, q] }], { hashes: [p], whole: true }],
    [
      'the single number where this batch has seen others',
      [contact([PHONE], null), { earlier: { hashes: [q], whole: true } }],
      { hashes: [p, q], whole: false },
    ],
    ['a list with a number that cannot be read is not whole', [contact([PHONE, 'x'])], { hashes: [p], whole: false }],
    ['a list that is empty is not whole', [contact(BOTH, []), { wanted: OUT }], { hashes: [p, q], whole: false }],
    ['a row is not whole', [contact(BOTH, null), { wanted: OUT }], { hashes: [p, q], whole: false }],
  ])('%s', async (_, [answer, known], seen) => {
    expect((await noted(answer, known)).seen).toEqual(seen);
  });

  test('a contact that is gone has no number any more, where several were known', () => {
    const seen = new Map<number, Seen>();
    const numbers = { known: (id: number) => (id === 1 ? [p, q] : []), seen };
    for (const id of [1, 2]) noteGone(id, { numbers });
    expect([...seen]).toEqual([[1, { hashes: [], whole: true }]]);
  });

  test.each<[string, Seen | null, number | null, boolean]>([
    ['the whole list shows another number', { hashes: [q], whole: true }, 1, true],
    ['it is shown', { hashes: [p, q], whole: true }, 1, false],
    ['only a row shows another', { hashes: [q], whole: false }, 1, false],
    ['nothing was seen', null, 1, false],
    ['no contact is remembered', { hashes: [q], whole: true }, null, false],
    ['another contact is remembered', { hashes: [q], whole: true }, 2, false],
  ])('whether the contact lacks the number, where %s', (_, seen, id, expected) => {
    expect(lacks({ seen: new Map(seen ? [[1, seen]] : []) }, id, p)).toBe(expected);
  });
});

describe('what is written of it', () => {
  const changed = (before: string[], hashes: string[], whole = true) =>
    numbersChanged({ known: () => before, seen: new Map([[1, { hashes, whole }]]) });

  test.each<[string, string[], string[], boolean, object | null]>([
    ['nothing new', [p, q], [p, q], true, null],
    ['a single number, as ever', [], [p], true, null],
    ['two numbers', [], [p, q], true, { added: [p, q], removed: [], all: [p, q] }],
    ['one more', [p, q], [p, q, 'r'], true, { added: ['r'], removed: [], all: [p, q, 'r'] }],
    ['one less', [p, q, 'r'], [p, q], true, { added: [], removed: ['r'], all: [p, q, 'r'] }],
    ['one less, by a row', [p, q, 'r'], [p, q], false, null],
    ['one that is left', [p, q], [p], true, { added: [], removed: [p, q], all: [p, q] }],
    ['a row with another one', [p, q], ['r'], false, null],
    ['none that is left', [p, q], [], true, { added: [], removed: [p, q], all: [p, q] }],
    ['another one in its place', [p, q], [p, 'r'], true, { added: ['r'], removed: [q], all: [p, q, 'r'] }],
  ])('%s', (_, before, hashes, whole, change) => {
    expect(changed(before, hashes, whole)).toEqual(change ? [{ callToolsId: 1, ...change }] : []);
  });
});

describe('what the rows of a batch remember', () => {
  const rows = (...all: Parameters<typeof dialerRow>[0][]) =>
    new Map(all.map(dialerRow).map((row) => [row.phoneHash, row] as const));
  const dialer = rows(
    { phoneHash: 'a', carriers: new Map([[1, ['a', 'b']]]) },
    {
      phoneHash: 'b',
      carriers: new Map([
        [1, ['a', 'b']],
        [2, ['b', 'c']],
      ]),
    },
    {
      phoneHash: 'c',
      carriers: new Map([
        [2, ['b', 'c']],
        [3, ['c', 'd']],
      ]),
    },
  );

  test('the numbers of a CallTools contact, by whichever row', () => {
    expect([1, 2, 3, 4].map((id) => knownNumbers(id, dialer))).toEqual([['a', 'b'], ['b', 'c'], ['c', 'd'], []]);
  });

  test.each<[string, string[], string[], string[]]>([
    ['those beside a number, though nobody wants it', ['a'], [], ['a', 'b']],
    ['and those beside one that somebody wants', ['a'], ['b'], ['a', 'b', 'c']],
    ['and so on', ['a'], ['b', 'c'], ['a', 'b', 'c', 'd']],
    ['not beyond one that nobody wants', ['a'], ['c'], ['a', 'b']],
    ['of several', ['a', 'c'], [], ['a', 'b', 'c', 'd']],
    ['none beside a number that is not in hand', ['x'], ['x'], ['x']],
    ['none', [], [], []],
  ])('which count together: %s', (_, seeds, wanted, group) => {
    expect([...groupOf(seeds, dialer, (hash) => wanted.includes(hash))].sort()).toEqual(group);
  });
});
