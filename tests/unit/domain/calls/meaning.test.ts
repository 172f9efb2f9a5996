// What a disposition means: by its id or its name, whatever the row shows of it.

import { describe, expect, test } from 'vitest';
import { dispositionOf, holds, nameOf, unknownHold } from '../../../../workers/consumer/domain/calls/meaning.ts';

const KNOWN = [
  { id: '3001', name: 'Do Not Call', doNotContact: true },
  { id: '3003', name: 'Not Interested', doNotContact: false },
  { id: 'a1', name: '3001', doNotContact: false },
];
const RULES = { results: [{ dispositions: ['NOT  interested'], hold: true }] };

test('an id counts before a name, and a name is compared as people read it', () => {
  expect(dispositionOf({ id: '3003', name: 'Do Not Call' }, KNOWN)?.name).toBe('Not Interested');
  expect(dispositionOf({ id: null, name: ' do not call ' }, KNOWN)?.id).toBe('3001');
  expect(dispositionOf({ id: '9', name: 'not interested' }, KNOWN)?.id).toBe('3003');
  expect(dispositionOf({ id: '9', name: null }, KNOWN)).toBeNull();
});

test('a text without anything else may be an id', () => {
  expect(dispositionOf({ id: null, name: 'a1' }, KNOWN)?.name).toBe('3001');
});

test('it is called as CallTools spells it; an id alone is no name, and neither is a text that nobody knows', () => {
  expect(nameOf({ id: null, name: 'do not call' }, KNOWN[0] ?? null, RULES)).toBe('Do Not Call');
  expect(nameOf({ id: null, name: ' Not Interested ' }, null, RULES)).toBe('Not Interested');
  expect(nameOf({ id: null, name: 'Dana asks for a call at 555-0100' }, null, RULES)).toBe('');
  expect(nameOf({ id: '9', name: null }, null, RULES)).toBe('');
  expect(nameOf({ id: null, name: 'x' }, { id: '1', name: 'x'.repeat(500), doNotContact: false }, RULES)).toHaveLength(
    100,
  );
});

test('a rule may name the id of one that the list does not have', () => {
  const rules = { results: [{ dispositions: ['9'], hold: true }] };
  expect([nameOf({ id: '9', name: null }, null, rules), holds({ id: '9', name: null }, null, rules)]).toEqual([
    '9',
    true,
  ]);
});

describe('who said no', () => {
  const text = (name: string) => ({ id: null, name });

  test('by a rule, also where the account’s list lacks it', () => {
    expect(holds(text('Not Interested'), null, RULES)).toBe(true);
    expect(holds(text('Callback'), null, RULES)).toBe(false);
  });

  test('by what CallTools does to the contact, also without a rule', () => {
    expect(holds(text('Do Not Call'), KNOWN[0] ?? null, { results: [] })).toBe(true);
    expect(holds(text('Not Interested'), KNOWN[1] ?? null, { results: [] })).toBe(false);
  });
});

test.each([
  [1, 0, true],
  [10, 0, true],
  [11, 0, false],
  [11, 11, false],
  [11, 12, true],
])('%i of a disposition that nobody knows, beside %i others, hold: %j', (unknown, others, hold) => {
  const rows = [...Array(unknown).fill({ id: '9', name: null }), ...Array(others).fill({ id: '3003', name: null })];
  expect(unknownHold(rows, KNOWN, RULES)).toBe(hold);
});
