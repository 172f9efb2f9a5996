// Converting a value of GoHighLevel: every shape has one result for each type, and what does not surely fit is none.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FIELD_TYPES, type FieldType } from '../../../../workers/consumer/domain/fields/field-map.ts';
import { converted } from '../../../../workers/consumer/domain/fields/field-values.ts';

const FILE = {
  'f0e1-uuid': { meta: { name: 'a.pdf', size: 7 }, url: 'https://files.test/a', documentId: 'd1' },
  'f2e3-uuid': { meta: { name: 'b.pdf' }, url: 'https://files.test/b', documentId: 'd2' },
};

describe('without a type', () => {
  test.each<[string, unknown, unknown]>([
    ['a text', '  Solar ', 'Solar'],
    ['a text of digits', '007', '007'],
    ['a number', 12.5, 12.5],
    ['zero', 0, 0],
    ['a negative zero', -0, 0],
    ['yes', true, true],
    ['no', false, false],
    ['a list', ['a', ' b ', 3, true], 'a, b, 3, true'],
    ['a list with gaps', ['a', '', null, 'null', 'a'], 'a'],
    ['files', FILE, 'https://files.test/a, https://files.test/b'],
    ['a list of files', [{ url: 'https://files.test/c', meta: { x: 1 } }], 'https://files.test/c'],
    ['choices', { Roof: true, Garden: false, Garage: true }, 'Roof, Garage'],
    ['a list of text boxes', { id1: 'one', id2: 'two', id3: '' }, 'one, two'],
    ['a nested object', { a: { b: ['x', { c: 7 }] } }, 'x, 7'],
    ['nothing', null, null],
    ['an empty text', ' ', null],
    ['the text null', 'null', null],
    ['an empty list', [], null],
    ['an empty object', {}, null],
    ['no choice', { Roof: false }, null],
    ['a value that is too deep', [[[[[['x']]]]]], null],
  ])('%s', (_what, value, result) => {
    expect(converted(value, null)).toEqual(result);
  });
});

describe.each<[FieldType, [unknown, unknown][]]>([
  [
    'text',
    [
      [' Solar ', 'Solar'],
      [12.5, '12.5'],
      [true, 'true'],
      [['a', 'b'], 'a, b'],
      [FILE, 'https://files.test/a, https://files.test/b'],
      ['null', null],
      [null, null],
    ],
  ],
  [
    'list',
    [
      ['Solar, roof', ['Solar, roof']],
      [
        ['a', 'b', 'a', ''],
        ['a', 'b'],
      ],
      [{ Roof: true, Garden: false }, ['Roof']],
      [7, ['7']],
      [[], null],
      ['', null],
    ],
  ],
  [
    'number',
    [
      [12.5, 12.5],
      [0.30000000000000004, 0.30000000000000004],
      [' 42 ', 42],
      ['$1,234.50', 1234.5],
      ['£20', 20],
      ['-$5', -5],
      ['+.5', 0.5],
      ['-0', 0],
      [-0, 0],
      ['1 234', 1234],
      ['1\u00a0234\u202f567', 1234567],
      ['1,234,567', 1234567],
      ['007', 7],
      [['42'], 42],
      ['12%', null],
      ['12,34', null],
      ['0,123', null],
      ['1.234,50', null],
      ['€5', null],
      ['(5)', null],
      ['1e5', null],
      ['5.', null],
      ['$', null],
      ['-', null],
      ['abc', null],
      ['12 apples', null],
      ['1234567890123456', null],
      ['Infinity', null],
      [['1', '2'], null],
      [true, null],
      ['', null],
      [{}, null],
    ],
  ],
  [
    'boolean',
    [
      [true, true],
      [false, false],
      ['Yes', true],
      ['NO', false],
      ['on', true],
      ['off', false],
      ['true', true],
      ['False', false],
      [1, true],
      ['0', false],
      [['yes'], true],
      [{ Yes: true }, true],
      ['perhaps', null],
      [2, null],
      [['yes', 'no'], null],
      [[], null],
    ],
  ],
  [
    'date',
    [
      ['2026-01-31', '2026-01-31'],
      ['2026-01-31T00:00:00.000Z', '2026-01-31'],
      ['2026-01-31T23:30:00-05:00', '2026-01-31'],
      ['2026-01-31 08:00:00', '2026-01-31'],
      [1_769_817_600_000, '2026-01-31'],
      ['1769817600000', '2026-01-31'],
      ['-1769817600000', '1913-12-02'],
      ['01/31/2026', '2026-01-31'],
      ['31/01/2026', '2026-01-31'],
      ['31.1.2026', '2026-01-31'],
      ['1-31-2026', '2026-01-31'],
      ['05/05/2026', '2026-05-05'],
      ['02/29/2024', '2024-02-29'],
      ['02/29/2026', null],
      ['2026-02-30', null],
      ['2026-13-01', null],
      ['01/02/2026', null],
      ['01/31/26', null],
      ['1769817600', null],
      ['20260131', null],
      [2026, null],
      ['999999999999999', null],
      ['0001-01-01', null],
      ['2026-01-31 or later', null],
      ['tomorrow', null],
      [true, null],
      [null, null],
    ],
  ],
])('as %s', (as, cases) => {
  test.each(cases)('%j is %j', (value, result) => {
    expect(converted(value, as)).toEqual(result);
  });
});

const isOf = (as: FieldType | null, value: unknown): boolean => {
  if (as === null) return ['text', 'number', 'boolean'].some((one) => isOf(one as FieldType, value));
  if (as === 'list') return Array.isArray(value) && value.length > 0 && value.every((text) => isOf('text', text));
  if (as === 'date') return typeof value === 'string' && new Date(value).toISOString().slice(0, 10) === value;
  if (as === 'number') return Number.isFinite(value) && !Object.is(value, -0);
  return as === 'boolean'
    ? typeof value === 'boolean'
    : typeof value === 'string' && value.trim() === value && value !== '';
};

const formatted = fc.oneof(
  fc.jsonValue(),
  fc.date({ noInvalidDate: false }).map((date) => (Number.isNaN(date.getTime()) ? 'NaN' : date.toISOString())),
  fc.integer().map(String),
  fc.stringMatching(/^[-+$£]?[\d., ]{0,20}%?$/),
  fc.stringMatching(/^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}$/),
);

test.each([null, ...FIELD_TYPES])('whatever the value: as %s it is of that type, or none', (as) => {
  fc.assert(
    fc.property(formatted, (json) => {
      const value = converted(json, as);
      expect(value === null || isOf(as, value), JSON.stringify(value)).toBe(true);
      // What is written again is written alike.
      if (value !== null) expect(converted(value, as)).toEqual(value);
    }),
  );
});

test('a value of any depth is read without an error', () => {
  const deep = JSON.parse('['.repeat(5000) + ']'.repeat(5000));
  for (const as of [null, ...FIELD_TYPES]) expect(converted(deep, as)).toBeNull();
});
