// Routes: which tags lead where, whatever their spelling, and a faulty SYNC_RULES is named instead of obeyed.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { matchRoute, normaliseTag, parseRules, type Rules } from '../../../workers/consumer/domain/rules.ts';
import { FILE_RULES } from '../../support/rules.ts';

const nameOf = (tags: string[], rules: Rules = FILE_RULES) => rules.routes[matchRoute(rules, tags)]?.name ?? null;
const rulesOf = (...routes: unknown[]): Rules => parseRules({ routes });
const CUSTOMER_WORDS = ['customer', 'client', 'won', 'purchased'];

describe('matching', () => {
  test.each([
    [['cold lead'], 'cold-lead'],
    [['Cold Lead '], 'cold-lead'],
    [['newsletter', 'COLD LEAD'], 'cold-lead'],
    [['cold leads'], null],
    [['very cold lead'], null],
    [[], null],
    [['customer'], 'customer'],
    [['past customer'], 'customer'],
    [['customer-2024'], 'customer'],
    [['vip_client'], 'customer'],
    [['deal: WON!'], 'customer'],
    [['customize'], null],
    [['wonder', 'swon', 'clientele'], null],
    [['customer2'], null],
  ])('%j goes to %s', (tags, route) => {
    expect(nameOf(tags)).toBe(route);
  });

  test('the first route that matches wins, whatever the order of the tags: a customer is never a cold lead', () => {
    expect(nameOf(['cold lead', 'customer'])).toBe('customer');
    expect(nameOf(['customer', 'cold lead'])).toBe('customer');
  });

  test('the rules’ own spelling does not matter either', () => {
    const rules = rulesOf({ name: 'r', tags: ['COLD  Lead'], words: ['Überkunde'], bucket: null });
    expect([nameOf(['cold lead'], rules), nameOf(['ein überkunde'], rules), nameOf(['x'], rules)]).toEqual([
      'r',
      'r',
      null,
    ]);
  });

  test('the word may stand later in the tag, after a place where it is only a part', () => {
    expect(nameOf(['customers and customer'])).toBe('customer');
  });

  test.each([
    ['a no-break space', 'cold\u00a0lead'],
    ['two spaces', 'cold  lead'],
    ['full width', 'ＣＯＬＤ ｌｅａｄ'],
    ['a zero-width space at the end', 'cold lead\u200b'],
    ['a byte order mark', '\ufeffcold lead'],
    ['a soft hyphen', 'cold le\u00adad'],
    ['a zero-width space between the words', 'cold\u200blead'],
  ])('a pasted tag is still the tag: %s', (_, tag) => {
    expect(nameOf([tag])).toBe('cold-lead');
  });

  test.each(['cu\u00adstomer', 'past\u200bcustomer', 'ｃｕｓｔｏｍｅｒ', '\u202bclient\u202c', '…purchased…'])(
    'a customer is recognised in %j',
    (tag) => {
      expect(nameOf([tag, 'cold lead'])).toBe('customer');
    },
  );

  test.each([
    ['Straße', 'STRASSE'],
    ['ΟΔΟΣ', 'οδος'],
    ['cafe\u0301', 'CAFÉ'],
    ['J\u030c', '\u01f0'],
    ['Acme™', 'ACMETM'],
    ['\u0390', '\u0390'.toUpperCase()],
  ])('the tags %s and %s are one', (a, b) => {
    expect(normaliseTag(a)).toBe(normaliseTag(b));
  });

  test('property: case and outer spaces of a tag never matter', () => {
    const rules = rulesOf({ name: 'r', tags: ['Ärzte Ω'], words: ['straße'], bucket: null });
    const tags = fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('ärzte ω', 'Straße 7', 'straßen'));
    fc.assert(
      fc.property(tags, fc.constantFrom(' ', '\t', '\u00a0', '  '), (tag, space) => {
        const plain = matchRoute(rules, [tag]);
        for (const other of [tag.toUpperCase(), tag.toLowerCase(), `${space}${tag}${space}`])
          expect(matchRoute(rules, [other])).toBe(plain);
      }),
    );
  });

  test('property: normalising twice changes nothing more', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (tag) => {
        expect(normaliseTag(normaliseTag(tag))).toBe(normaliseTag(tag));
      }),
    );
  });

  test('property: a tag with a customer word on its own is a customer, with letters around it is not', () => {
    const edge = fc.constantFrom('', ' ', '-', '_', '/', '(', '.', '🙂');
    const letter = fc.constantFrom('a', 'Z', 'é', '9', 'ß');
    fc.assert(
      fc.property(fc.constantFrom(...CUSTOMER_WORDS), edge, edge, letter, (word, before, after, glued) => {
        expect(nameOf([`${before}${word}${after}`])).toBe('customer');
        expect(nameOf([`${glued}${word}${after}`])).toBeNull();
        expect(nameOf([`${before}${word}${glued}`])).toBeNull();
      }),
    );
  });

  test('property: what other tags there are never hides a customer', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.array(fc.string()), (before, after) => {
        expect(nameOf([...before, 'Customer', ...after])).toBe('customer');
      }),
    );
  });
});

describe('SYNC_RULES', () => {
  test('text and object are read alike, names trimmed', () => {
    const routes = [{ name: ' sold ', tags: [' sold '], bucket: ' Active clients ', calltoolsTag: 'sold' }];
    const expected = { routes: [{ name: 'sold', tags: ['sold'], bucket: 'Active clients', calltoolsTag: 'sold' }] };
    expect(parseRules({ routes })).toEqual(expected);
    expect(parseRules(JSON.stringify({ routes }))).toEqual(expected);
  });

  const route = { name: 'a', tags: ['x'], bucket: 'B' };
  test.each([
    ['{ // comment\n"routes" [] }', 'SYNC_RULES, line 2, column 10: a colon is missing before ['],
    ['5', 'SYNC_RULES: must be an object'],
    [{}, 'SYNC_RULES.routes: is missing'],
    [{ routes: [] }, 'SYNC_RULES.routes: must hold at least one route'],
    [{ routes: [route], other: 1 }, 'SYNC_RULES.other: is not known (misspelled?)'],
    [{ routes: [null] }, 'SYNC_RULES.routes.0: must be an object'],
    [{ routes: [{ name: 'a', tags: ['x'] }] }, 'SYNC_RULES.routes.0.bucket: is missing'],
    [{ routes: [{ ...route, bukcet: 'B' }] }, 'SYNC_RULES.routes.0.bukcet: is not known (misspelled?)'],
    [{ routes: [{ ...route, tags: 'x' }] }, 'SYNC_RULES.routes.0.tags: must be a list of texts'],
    [{ routes: [{ ...route, tags: [] }] }, 'SYNC_RULES.routes.0.tags: must not be empty'],
    [{ routes: [{ ...route, tags: ['x', 1] }] }, 'SYNC_RULES.routes.0.tags.1: must be text'],
    [{ routes: [{ ...route, words: [' '] }] }, 'SYNC_RULES.routes.0.words.0: must not be empty'],
    [{ routes: [{ ...route, words: ['\u00ad'] }] }, 'SYNC_RULES.routes.0.words.0: must not be empty'],
    [{ routes: [{ ...route, bucket: 7 }] }, 'SYNC_RULES.routes.0.bucket: must be text'],
    [
      { routes: [{ name: 'a', bucket: 'B' }] },
      'SYNC_RULES.routes.0: needs "tags" or "words", or it would match nobody',
    ],
    [
      { routes: [{ ...route, bucket: null, calltoolsTag: 't' }] },
      'SYNC_RULES.routes.0: has "bucket": null (kept out of the dialer), so it cannot have a "calltoolsTag"',
    ],
    [{ routes: [route, { ...route, bucket: null }] }, 'SYNC_RULES.routes: must have names that differ'],
    [
      { routes: [route, { ...route, name: 'b', bucket: 'b' }] },
      'SYNC_RULES.routes: must spell each "bucket" in one way: CallTools may hold both spellings for one bucket',
    ],
    [
      {
        routes: [
          { ...route, calltoolsTag: 'sold' },
          { ...route, name: 'b', calltoolsTag: 'Sold' },
        ],
      },
      'SYNC_RULES.routes: must spell each "calltoolsTag" in one way: CallTools may hold both spellings for one tag',
    ],
  ])('%j is refused, and the message names the field', (setting, message) => {
    expect(() => parseRules(setting)).toThrow(new Error(message));
  });

  test('two routes may share a bucket, and two may keep out', () => {
    const again = { name: 'b', tags: ['y'], bucket: 'B' };
    const out = { words: ['z'], bucket: null };
    expect(rulesOf(route, again, { ...out, name: 'c' }, { ...out, name: 'd' }).routes).toHaveLength(4);
  });
});
