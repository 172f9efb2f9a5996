// Of a long error no more is read than is quoted.

import { expect, test } from 'vitest';
import { createPeople, quoted } from '../../../workers/consumer/vendors/text.ts';

const call = { path: '/contacts/abc', body: undefined, personal: true as const };
const quote = (json: unknown) =>
  quoted({ status: 400, text: JSON.stringify(json), json, call, people: createPeople() });
const many = <T>(count: number, make: (n: number) => T) => Array.from({ length: count }, (_, n) => make(n));

test('the first ten sentences are quoted, each once', () => {
  const names = 'abcdefghijkl'.split('').map((letter) => `field_${letter}`);
  const errors = Object.fromEntries(names.map((name) => [name, ['Invalid value.', 'Invalid value.']]));
  expect(quote(errors)).toBe(
    names
      .slice(0, 10)
      .map((name) => `${name}: Invalid value.`)
      .join(' '),
  );
});

test('what is too long is cut', () => {
  const said = quote({ message: many(50, (n) => `Invalid value in row ${n}${' of the list'.repeat(5)}.`) });
  expect(said).toHaveLength(300);
  expect(said).toMatch(/^Invalid value in row 0 .*…$/);
});

test('a sentence behind hundreds that say nothing new is not looked for', () => {
  const message = [
    ...many(150, () => 'Invalid value.'),
    'Not found.',
    ...many(100, () => 'Invalid value.'),
    'Bad request.',
  ];
  expect(quote({ message })).toBe('Invalid value. Not found.');
});

test.each([
  ['20,000 keys', Object.fromEntries(many(20_000, (n) => [`field_${n.toString(36)}`, `value ${n}`]))],
  ['20,000 keys that name nothing', Object.fromEntries(many(20_000, (n) => [`Field ${n}`, `value ${n}`]))],
  [
    '20,000 keys of empty lists',
    Object.fromEntries(many(20_000, (n) => [`field_${n.toString(36)}`, [`value ${n}`, {}]])),
  ],
  ['20,000 entries', { message: many(20_000, (n) => `row ${n} must be a valid value`) }],
  ['20,000 empty entries', { message: many(20_000, () => '') }],
  [
    'long messages about a long record',
    {
      message: many(10, (n) => many(600, (word) => `word${n}${word}`).join(' ')),
      ...Object.fromEntries(many(20_000, (n) => [`f${n}`, { a: `Value${n} third` }])),
    },
  ],
])('an error of %s takes no time', (_, json) => {
  const started = performance.now();
  expect(quote(json).length).toBeLessThanOrEqual(300);
  expect(performance.now() - started).toBeLessThan(6000);
});
