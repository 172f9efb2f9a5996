// A phone number is a whole field or none. Numbers that were read a moment ago are not parsed again.

import { describe, expect, test } from 'vitest';
import { numbersIn, toE164 } from '../../../workers/consumer/domain/phone.ts';

test('a number is read for its country, whatever was read before', () => {
  for (let round = 0; round < 2; round++) {
    expect(toE164('020 7946 0958', 'GB')).toBe('+442079460958');
    expect(toE164('020 7946 0958', 'US')).toBeNull();
    expect(numbersIn(['305 555 0142', '12'], 'US')).toEqual({ numbers: ['+13055550142'], unread: true });
  }
  // More numbers than are kept in mind.
  const numbers = Array.from({ length: 700 }, (_, n) => `+1305555${1000 + n}`);
  for (let round = 0; round < 2; round++) expect(numbersIn(numbers, 'US')).toEqual({ numbers, unread: false });
});

test('a number that nobody can have is one all the same where CallTools shows it', () => {
  expect(toE164('305 055 0142', 'US')).toBeNull();
  expect(numbersIn(['305 055 0142'], 'US')).toEqual({ numbers: ['+13050550142'], unread: false });
});

describe('a field that is more than a number is none, for GoHighLevel and for CallTools', () => {
  test.each([
    'Do not call tel:305-555-1000;phone-context=+1',
    '305-555-1000;isub=do not call',
    '3055551000;isub=1',
    'tel:3055551000;phone-context=+1',
    '+49 30 123456²',
    '+49 30 123456 ①',
    '+49 30 12345₆',
    '+49 30 123456Ⅳ',
    '+49 30 12345½',
    '305-555-1000 7\ufe0f\u20e3',
    '305-555-1000\u20e3',
  ])('%j', (text) => {
    expect(toE164(text, 'US')).toBeNull();
    expect(toE164(text, 'DE')).toBeNull();
    expect(numbersIn([text], 'US')).toEqual({ numbers: [], unread: true });
  });
});

describe('a slash', () => {
  test.each([
    ['415-867-4020/4021', 'DE'],
    ['030 123456/57', 'DE'],
    ['123456/57', 'DE'],
    ['+49 30 123456/57', 'US'],
    ['+49 30 1234/5678', 'US'],
    ['030/1234567/68', 'DE'],
    ['030/123456/123457', 'DE'],
    ['٠٣٠١٢٣٤٥٦/٥٧', 'DE'],
  ] as const)('may stand between two numbers: %s (%s)', (text, country) => {
    expect(toE164(text, country)).toBeNull();
  });

  test.each([
    ['030/123456', 'DE', '+4930123456'],
    ['(030) / 12 34 56', 'DE', '+4930123456'],
    ['06221/12345', 'DE', '+49622112345'],
    ['+49 (0)30 / 123456', 'US', '+4930123456'],
    ['+49/30/123456', 'US', '+4930123456'],
    ['０３０／１２３４５６', 'DE', '+4930123456'],
    ['٠٣٠/١٢٣٤٥٦', 'DE', '+4930123456'],
    ['02/123.45.67', 'BE', '+3221234567'],
    ['415/867/4020', 'US', '+14158674020'],
    ['+1 415/867-4020', 'DE', '+14158674020'],
  ] as const)('may stand behind an area code: %s (%s)', (text, country, number) => {
    expect(toE164(text, country)).toBe(number);
  });
});

test.each([
  '[415] 867-4020',
  '415.867.4020.',
  '+1 415-867-4020 -',
  '+1415867-4020~',
  'Tel: ４１５ー８６７ー４０２０',
  '(415) 867\u00ad-4020\n',
])('usual punctuation belongs to the number: %j', (text) => {
  expect(toE164(text, 'US')).toBe('+14158674020');
});

test('a hostile field takes no time', () => {
  const started = performance.now();
  for (const text of [`+${' '.repeat(50_000)}/`, '0(1'.repeat(20_000), `${'1/'.repeat(50_000)}x`])
    expect(toE164(text, 'DE')).toBeNull();
  expect(performance.now() - started).toBeLessThan(3000);
});
