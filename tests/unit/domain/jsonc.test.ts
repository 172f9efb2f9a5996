// JSON as people write it: comments and trailing commas are fine, and a mistake is named where it stands.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readJsonc } from '../../../workers/consumer/domain/jsonc.ts';

test('comments, trailing commas, an empty line and the mark of a Windows editor are fine', () => {
  const text = '\ufeff// who\n{\r\n  "a": [1, /* two */ 2,],\n\n  "b": "//no comment",\n}\n// end';
  expect(readJsonc(text)).toEqual({ a: [1, 2], b: '//no comment' });
});

test('whatever JSON can hold is read as JSON.parse reads it, also a name such as __proto__', () => {
  expect(Object.keys(readJsonc('{"__proto__": {"routes": []}}') as object)).toEqual(['__proto__']);
  fc.assert(
    fc.property(fc.json({ noUnicodeString: false }), (text) => {
      expect(readJsonc(text)).toEqual(JSON.parse(text));
    }),
  );
});

describe('a mistake is named by line and column, and what to do there', () => {
  test.each([
    ['{\n "name": "x"\n "bucket": null\n}', 'line 3, column 2: a comma is missing before "bucket"'],
    ['{\r\n "name": "x"\r\n "bucket": null }', 'line 3, column 2: a comma is missing before "bucket"'],
    ['{"name" "x"}', 'line 1, column 9: a colon is missing before "x"'],
    ['{"name": }', 'line 1, column 10: a value is missing before }'],
    ['', 'line 1, column 1: nothing stands here: it is empty'],
    [' \n', 'line 1, column 1: nothing stands here: it is empty'],
    ['# who\n{}', 'line 1, column 1: # begins no comment here: write //'],
    ['{"a": ["b", "c": 1}', 'line 1, column 16: the list before this is not closed: a ] is missing'],
    ['{"a": 1,, "b": 2}', 'line 1, column 9: there is one comma too many'],
    ['[1,, 2]', 'line 1, column 4: a value is missing, or there is one comma too many'],
    ['{"a": {"b": 1}', 'line 1, column 15: a } is missing at the end'],
    ['{"a": [1', 'line 1, column 9: a ] is missing at the end'],
    ['{"a": [1}', 'line 1, column 9: a ] is missing before }'],
    ['[{"a": 1]', 'line 1, column 9: a } is missing before ]'],
    ['{"a": 1}}', 'line 1, column 9: nothing may follow here, remove }'],
    ['{"a": "b\n}', 'line 1, column 7: the closing double quote of "b is missing'],
    ['{"a": 1 /* b }', 'line 1, column 9: the comment is never closed: */ is missing'],
    ['{"a": "b\\c"}', 'line 1, column 7: "b\\c" has a backslash that means nothing: write \\\\ for a backslash'],
    ['{"a": "b\tc"}', 'line 1, column 7: "b c" has a tab or another invisible character in it'],
    ['{“a”: 1}', 'line 1, column 2: “a” must stand in straight double quotes'],
    ["{'a': 1}", "line 1, column 2: 'a' must stand in straight double quotes"],
    ['{a: 1}', 'line 1, column 2: a must stand in straight double quotes'],
    ['{"a": True}', 'line 1, column 7: True must stand in straight double quotes, unless it is'],
    ['{"a": .5}', 'line 1, column 7: .5 is not expected here'],
    ['{"a": 1,\n "a": 2}', 'line 2, column 2: "a" stands twice in one { }: remove one of them'],
  ])('%j', (text, message) => {
    expect(() => readJsonc(text)).toThrow(message);
  });

  test('a long text is quoted by its beginning', () => {
    expect(() => readJsonc(`{"a": 1 "${'x'.repeat(500)}"}`)).toThrow(/before "x{39}…$/);
  });

  test('whatever the text, it is read or the mistake has a place', () => {
    const pieces = ['{', '}', '[', ']', ',', ':', '"a"', '"', '1', 'x', '//', '/*', '\n', ' ', '\\', '\t', 'null'];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 12 }), (parts) => {
        try {
          readJsonc(parts.join(''));
        } catch (thrown) {
          expect((thrown as Error).message).toMatch(/^line \d+, column \d+: \S/);
        }
      }),
    );
  });
});
