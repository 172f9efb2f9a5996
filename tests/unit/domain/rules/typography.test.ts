// Tags and rules are compared by what people read, not by which character stands there.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fold, readings } from '../../../../shared/fold.ts';
import { routeOfTags, rulesOf } from '../../../support/rules.ts';

const keepOut = (rule: { tags?: string[]; words?: string[] }) => rulesOf({ name: 'out', ...rule, bucket: null });
const keeps = (rule: { tags?: string[]; words?: string[] }, tag: string) => routeOfTags(keepOut(rule), [tag]) === 0;

const characters = function* () {
  for (let code = 0; code <= 0x10ffff; code++) if (code < 0xd800 || code > 0xdfff) yield String.fromCodePoint(code);
};

describe('one spelling', () => {
  const apostrophes = ["'", '’', '‘', '‛', '‚', 'ʼ', 'ʹ', '´', '`', '′', '＇', '｀', 'ꞌ', '՚', '׳', '\u0315', '\u1fbf'];
  test.each(apostrophes)("don%st call is the rule don't call", (apostrophe) => {
    expect(keeps({ tags: ["don't call"] }, `Don${apostrophe}t call`)).toBe(true);
    expect(keeps({ tags: [`don${apostrophe}t call`] }, "don't call")).toBe(true);
  });

  test.each(['“vip”', '„vip“', '«vip»', '＂vip＂', '「vip」', '″vip″', '❝vip❞'])('%s is "vip"', (tag) => {
    expect(keeps({ tags: ['"vip"'] }, tag)).toBe(true);
  });

  test('every dash, by property, and every space, is one', () => {
    for (const character of characters()) {
      if (/\p{Dash}/u.test(character)) expect(fold(`opt${character}out`), character).toBe('opt-out');
      if (/[\p{White_Space}\p{Zs}]/u.test(character)) expect(fold(`cold${character}lead`)).toBe('cold lead');
    }
    for (const other of ['−', '⁃', '➖', '˗']) expect(fold(`opt${other}out`)).toBe('opt-out');
  });

  test('every default-ignorable character is ignored, wherever it stands', () => {
    const rules = keepOut({ words: ['customer'] });
    for (const character of characters()) {
      if (!/\p{Default_Ignorable_Code_Point}/u.test(character)) continue;
      for (const tag of [`cus${character}tomer`, `past${character}customer`, `${character}customer${character}`])
        expect(routeOfTags(rules, [tag]), character.codePointAt(0)?.toString(16)).toBe(0);
    }
  });

  test('an invisible character in a rule does not matter either', () => {
    expect(keeps({ tags: ['do\u00ad not\u200bcall'] }, 'do not call')).toBe(true);
    expect(keeps({ words: ['cus\u2060tomer'] }, 'past customer')).toBe(true);
  });

  test('an accent is the same however it is composed, and makes a difference', () => {
    expect(keeps({ tags: ['café'] }, 'CAFE\u0301')).toBe(true);
    expect(keeps({ tags: ['café'] }, 'cafe')).toBe(false);
    expect(keeps({ words: ['cafe'] }, 'cafe\u0301 owner')).toBe(false);
  });

  test('folding twice changes nothing more, for every character', () => {
    for (const character of characters()) {
      const once = fold(`a${character}B`);
      if (fold(once) !== once) expect(fold(once), character.codePointAt(0)?.toString(16)).toBe(once);
    }
  });

  test('a text without invisible characters has one reading', () => {
    expect(readings('Cold Lead')).toEqual(['cold lead']);
    expect(readings('cold\u00adlead')).toEqual(['coldlead', 'cold lead']);
  });
});

describe('whole words', () => {
  const word = (text: string) => ({ words: [text] });
  test.each([
    ['won', "won't answer"],
    ['won', 'won’t answer'],
    ['won', 'WONʼT ANSWER'],
    ['customer', "customer's friend"],
    ['avion', "l'avion"],
    ['won', 'wonder'],
    ['won', 'won2'],
    ['won', '2won'],
    ['won', 'won\u0301'],
    ['ван', 'иван'],
  ])('%s is no word of %j', (text, tag) => {
    expect(keeps(word(text), tag)).toBe(false);
  });

  test.each([
    ['won', "'won'"],
    ['won', '‘won’ deal'],
    ['won', "deal won'"],
    ['won', "won '24"],
    ['won', "won'24"],
    ['won', 'won-2024'],
    ['won', 'won_2024'],
    ['won', 'stage:won'],
    ['won', 'deal.won'],
    ['won', 'deal/won'],
    ['won', '🎉won🎉'],
    ["won't", 'won’t answer'],
    ['客户', '老客户名单'],
    ['won', 'カスタマーwon'],
    ['do not', 'please do\u00a0not call'],
  ])('%s is a word of %j', (text, tag) => {
    expect(keeps(word(text), tag)).toBe(true);
  });

  test('property: words are those of UAX #29, as the runtime itself splits them', () => {
    const segmenter = new Intl.Segmenter('en', { granularity: 'word' });
    const text = fc.string({
      unit: fc.constantFrom(...'woné9ß', "'", '’', ' ', '-', '/', '!', 'カ', 'ж'),
      maxLength: 12,
    });
    fc.assert(
      fc.property(text, (tag) => {
        const words = [...segmenter.segment(fold(tag))].map(({ segment }) => segment);
        expect(keeps(word('won'), tag)).toBe(words.includes('won'));
      }),
      { numRuns: 2000, examples: [["won'won"], ["won''won"], ["won'9"]] },
    );
  });
});
