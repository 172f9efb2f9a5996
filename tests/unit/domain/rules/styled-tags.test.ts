// A tag with a character that may separate words, or be nothing, keeps out by each of its readings, and places by none.

import { describe, expect, test } from 'vitest';
import { fold, openReadings } from '../../../../shared/fold.ts';
import { tagsSay } from '../../../../workers/consumer/domain/rules/match.ts';
import { hasTag, readAgainst, readAll } from '../../../../workers/consumer/domain/rules/tags.ts';
import { routeOfTags, rulesOf } from '../../../support/rules.ts';

type Rule = { tags?: string[]; words?: string[] };
const keeps = (rule: Rule, tag: string) => routeOfTags(rulesOf({ name: 'out', ...rule, bucket: null }), [tag]) === 0;
const places = (rule: Rule, tag: string) => routeOfTags(rulesOf({ name: 'in', ...rule, bucket: 'B' }), [tag]) === 0;

describe('a styled character beside a word does not hide it', () => {
  test.each([
    ['customer', 'Customer™'],
    ['won', 'Won™'],
    ['customer', 'customer℠'],
    ['customer', 'customer²'],
    ['customer', 'VIP①customer'],
    ['customer', 'customer\u20e3'],
    ['customer', 'customerᵀᴹ'],
    ['customer', 'customerª'],
    ['customer', 'customer½'],
    ['customer', 'customerⅣ'],
    ['customer', 'customer1\ufe0f\u20e3'],
    ['customer', 'VIP1\u20e3customer'],
    ['customer', '№customer℡'],
    ['customer', '⒈customer'],
    ['past customer', 'past™customer²'],
    ['customer', 'ⓒⓤⓢⓣⓞⓜⓔⓡ'],
    ['customer', 'ⓒⓤⓢⓣⓞⓜⓔⓡ™'],
    ['customer', 'c\u20ddu\u20dds\u20ddt\u20ddo\u20ddm\u20dde\u20ddr\u20dd'],
    ['customer', '①cus\u00adtomer™'],
    ['customer', 'ᶜᵘˢᵗᵒᵐᵉʳ'],
    ["won't", 'won’t™ answer'],
  ])('%s is a word of %s', (word, tag) => {
    expect(keeps({ words: [word] }, tag)).toBe(true);
  });

  test.each([
    ['customer', 'Customer™'],
    ['customer', 'VIP①customer'],
    ['customer', 'customer²'],
  ])('%s places nobody by %s', (word, tag) => {
    expect(places({ words: [word] }, tag)).toBe(false);
    expect(places({ tags: [word] }, tag)).toBe(false);
  });

  test.each([
    ['customer', 'customers™'],
    ['customer', 'customize™'],
    ['won', 'won’t™'],
    ['won', 'wonder①'],
    ['won', 'won2™'],
    ['カスタマ', 'ｶｽﾀﾏｰ'],
  ])('%s is no word of %s', (word, tag) => {
    expect(keeps({ words: [word] }, tag)).toBe(false);
  });

  test('whole tags and opt-outs count without it, and with it', () => {
    expect(keeps({ tags: ['past customer'] }, 'Past Customer™')).toBe(true);
    expect(keeps({ tags: ['past customer™'] }, 'past customer™')).toBe(true);
    expect(places({ tags: ['cold lead™'] }, 'Cold Lead™')).toBe(true);
    for (const tag of ['DNC™', 'stop①', '①stop', 'do²not call', 's\u20ddt\u20ddo\u20ddp\u20dd'])
      expect(hasTag({ optOut: true }, readAgainst([tag])), tag).toBe(true);
    expect(hasTag({ optOut: true }, readAll(['DNC™']))).toBe(false);
  });

  test('what a route rules out counts by every reading', () => {
    const rules = rulesOf({ name: 'cold', tags: ['cold lead'], not: { words: ['customer'] }, bucket: 'B' });
    expect(tagsSay(rules, ['cold lead', 'customer™'])).toEqual({ sure: true, priority: -1 });
  });
});

describe('each of several invisible characters may be a boundary or nothing', () => {
  test.each(['past\u00adcus\u00adtomer', 'pa\u200bst\u200b\u00adcus\u2060tomer\u00ad', '\u00adpast \u00ad customer'])(
    '%j',
    (tag) => {
      expect(keeps({ words: ['past customer'] }, tag)).toBe(true);
      expect(keeps({ tags: ['past customer'] }, tag)).toBe(true);
      expect(keeps({ words: ['customer'] }, tag)).toBe(true);
    },
  );

  test('but a space is never nothing', () => {
    expect(keeps({ words: ['customer'] }, 'cus\u00ad tomer')).toBe(false);
    expect(keeps({ tags: ['past customer'] }, 'past\u00adcustomers')).toBe(false);
  });
});

test.each(['cold lead', 'café', '🔥 hot', 'a+b = "c"', 'tab\tand\nline', '客户', 'ｶｽﾀﾏｰ', "don't", 'ＶＩＰ', '𝐯𝐢𝐩'])(
  'the usual text has no doubtful reading: %j',
  (text) => {
    expect(openReadings(text)).toEqual([]);
  },
);

test('a doubtful reading stays as it is when folded again', () => {
  const [open = '', blank = ''] = openReadings('VIP①Cus\u00adtomer');
  expect([open, blank]).toEqual(['vip\ufdd01\ufdd0cus\ufdd0tomer', 'vip cus\ufdd0tomer']);
  expect(fold(open)).toBe(open);
});

test('hostile tags take no time', () => {
  const started = performance.now();
  const rule = { words: ['past customer', 'custom', 'customers'], tags: ['past customer'], optOut: true } as const;
  for (const unit of ['™', '\u00ad', 'a\u20e3', 'customer™', 'custome\u00ad', 'past\u00ad', '①\u00ad '])
    hasTag(rule, readAgainst([unit.repeat(5000)]));
  expect(performance.now() - started).toBeLessThan(4000);
});
