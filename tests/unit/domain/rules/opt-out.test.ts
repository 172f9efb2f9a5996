// Tags that say "do not call" keep people out, in whatever spelling, unless that is switched off.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { tagsSay } from '../../../../workers/consumer/domain/rules/match.ts';
import { OPT_OUT_ROUTE, parseRules } from '../../../../workers/consumer/domain/rules/setting.ts';
import { isOptOut } from '../../../../workers/consumer/domain/rules/tags.ts';

const ROUTES = [{ name: 'cold', tags: ['cold lead', 'stop'], bucket: 'B' }];
const SPELLINGS = [
  'dnd',
  'dnc',
  'do not call',
  "don't call",
  'dont call',
  'do not contact',
  'stop',
  'stop calling',
  'opt out',
  'unsubscribed',
];

test.each([
  ...[
    'DND',
    'D.N.D.',
    'dnd!',
    '🚫 DND',
    'DNC',
    'Do Not Call',
    'do-not-call',
    'DO_NOT_CALL',
    'DoNotCall',
    'don’t call',
    'Do not contact',
  ],
  ...[
    'STOP',
    'Stop.',
    'opt-out',
    'Opted Out',
    'Do Not Dial',
    'do not disturb',
    'no calls',
    'do not call list',
    'DNC list',
    'ｓｔｏｐ',
    's\u00adtop',
  ],
])('%j keeps out', (tag) => {
  expect(tagsSay(parseRules({ routes: ROUTES }), ['cold lead', tag])).toEqual({ sure: true, priority: 0 });
});

test.each([
  'stopped by',
  'bus stop',
  'non-stop',
  'call',
  'did not call',
  'dnd player',
  'stopwatch',
  'do not email',
  'undisturbed',
  '',
])('%j says nothing of the kind', (tag) => {
  expect(isOptOut(tag)).toBe(false);
});

test('property: case, dashes, spaces and punctuation make no difference', () => {
  const between = fc.constantFrom(' ', '-', '_', ' – ', '\u00a0', '.', ' / ');
  fc.assert(
    fc.property(fc.constantFrom(...SPELLINGS), between, fc.boolean(), (tag, joint, upper) => {
      const spelled = tag.replaceAll(' ', joint);
      expect(isOptOut(upper ? spelled.toUpperCase() : spelled)).toBe(true);
    }),
  );
});

test('property: with a word more it is another tag', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...SPELLINGS),
      fc.constantFrom('bus', 'player', 'maybe'),
      fc.boolean(),
      (tag, word, before) => {
        expect(isOptOut(before ? `${word} ${tag}` : `${tag} ${word}`)).toBe(false);
      },
    ),
  );
});

test('it can be switched off', () => {
  expect(parseRules({ routes: ROUTES }).routes[0]).toEqual(OPT_OUT_ROUTE);
  expect(tagsSay(parseRules({ routes: ROUTES, optOutTags: false }), ['stop'])).toEqual({ sure: true, priority: 0 });
  expect(tagsSay(parseRules({ routes: ROUTES, optOutTags: false }), ['dnd'])).toEqual({ sure: true, priority: -1 });
});
