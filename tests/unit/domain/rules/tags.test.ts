// Routes: which tags lead where, whatever their spelling.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Rules } from '../../../../workers/consumer/domain/rules/conditions.ts';
import { normaliseTag } from '../../../../workers/consumer/domain/rules/tags.ts';
import { FILE_RULES, routeOfTags, rulesOf } from '../../../support/rules.ts';

const nameOf = (tags: string[], rules: Rules = FILE_RULES) => rules.routes[routeOfTags(rules, tags)]?.name ?? null;
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
        const plain = routeOfTags(rules, [tag]);
        for (const other of [tag.toUpperCase(), tag.toLowerCase(), `${space}${tag}${space}`])
          expect(routeOfTags(rules, [other])).toBe(plain);
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
