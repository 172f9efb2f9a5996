// States and countries of the rules that nobody knows are named.

import { expect, test } from 'vitest';
import { oddities } from '../../../../workers/consumer/domain/rules/oddities.ts';
import { parseRules } from '../../../../workers/consumer/domain/rules/setting.ts';

const ROUTE = { name: 'a', bucket: 'B' };
const of = (conditions: object, more: object = {}) =>
  oddities(parseRules({ routes: [{ ...ROUTE, ...conditions }], ...more }));

test.each([
  [{ state: ['Flordia'] }, /^route "a" asks for the state "Flordia", which is none of .* Did you mean florida\?$/],
  [{ tags: ['x'], not: { state: ['Texs'] } }, /^route "a" asks for the state "Texs", .* Did you mean texas\?$/],
  [{ state: ['FL', 'XX'] }, /^route "a" asks for the state "XX", which is none of the United States or Canada\.$/],
  [{ country: ['Amerika'] }, /^route "a" asks for the country "Amerika", which is not known\. .*\.$/],
])('%j', (conditions, sentence) => {
  expect(of(conditions)).toEqual([expect.stringMatching(sentence)]);
});

test('"require" too', () => {
  expect(of({ tags: ['x'] }, { require: { state: ['Ohoi'] } })).toEqual([
    expect.stringMatching(/^"require" asks for the state "Ohoi",/),
  ]);
});

test.each([
  { state: ['FL', 'texas', 'US-OH', 'Québec'], country: ['us', 'Canada'] },
  { state: { exists: true } },
  { country: ['AU'], state: ['Victoria'] },
  { country: ['Germany'], not: { state: ['Bayern'] } },
])('nothing is said of %j', (conditions) => {
  expect(of(conditions)).toEqual([]);
});
