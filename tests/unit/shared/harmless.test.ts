// What others wrote is quoted as far as it names nobody: known sentences and technical words stay, everything else is masked.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { errorText, harmless, OwnError } from '../../../shared/harmless.ts';
import { knownFrom } from '../../../shared/known-people.ts';
import { createLog } from '../../../shared/log.ts';
import { folded } from '../../../shared/spelling.ts';

describe('texts that come through unchanged', () => {
  test.each([
    'This field is required.',
    'Invalid token.',
    'Not found.',
    'Request was throttled. Expected available in 12 seconds.',
    'Authentication credentials were not provided.',
    'You do not have permission to perform this action.',
    'Invalid pk "4101234" - object does not exist.',
    'Ensure this field has no more than 30 characters.',
    'Method "PATCH" not allowed.',
    'The token does not have access to this location.',
    'Invalid token: access token is invalid',
    "Token's user type mismatch!",
    'This authClass type is not allowed to access this scope...',
    'Resource not found. Please contact support.',
    'Service temporarily unavailable',
    'error code: 1016',
    'Error 1015 Ray ID: 8f3a2b1c4d5e6f70 2026-11-28 10:11:12 UTC',
    'Web server is down Error code 521',
    'Server Error (500)',
    '502 Bad Gateway nginx/1.25.3',
    'Invalid field dateUpdated, traceId 7f3e6b52-8a11-4c0e-9d0f-1b2c3d4e5f6a',
    'mobile_phone_number must be unique, statusCode 422, ERR_INVALID_PHONE',
    'no answer from 203.0.113.77:443 within 10000 ms on 2026-11-28T10:11:12Z, 12 of 1234567 rows, 99.5 % at 1764324672123',
    'contact 90112233 is locked, see https://east-1.calltools.io/api/contacts/90112233/',
    'D1_ERROR: UNIQUE constraint failed: circuits.location_id: SQLITE_CONSTRAINT',
    "TypeError: Cannot read properties of undefined (reading 'results')",
    'internal error; reference = 0123456789abcdefghijklmnop',
    'Date has wrong format. Use one of these formats instead: YYYY-MM-DD.',
    'expired on Sat, 28 Nov 2026 14:02:11 GMT, try again after November 29, 2026',
    'limit of 25 requests per 10 s reached, retry in 3.5 s or 500 ms',
    'cf-ray: 8f1a2b3c4d5e6f70-MIA',
    'Reference #18.2d351ab8.1557333295.a4e16ab',
    'trace 1-67891233-abcdef012345678912345678, request 01HF8Z6V9X3Q4R5T6Y7V8W9Z0P, id 6568a7b2c3d4e5f60718',
    'Invalid API version v2.1.3, expected v3',
  ])('%s', (text) => {
    const other = knownFrom(['Siobhán', "O'Brien", '+13055550142', 'siobhan@example.com', '742 Evergreen Terrace']);
    expect(harmless(text, { known: other, allowed: new Set(['east-1', 'io']) })).toBe(text);
  });
});

describe('texts that name somebody', () => {
  const known = knownFrom(['William', "O'Brien-Müller", '+13055550142', '1990-05-17', 'Found', 'IN', '33101']);
  test.each([
    ['WILLIAM is locked', '[value] is locked'],
    ['Will is locked', '[value] is locked'],
    ['"O&#39;BRIEN" is not a valid choice.', '"[value]" is not a valid choice.'],
    ['%22O%27Brien%22 is not valid', '"[value]" is not valid'],
    ['obrienmuller, o brien, Muller and M\\u00fcller', '[value] and [value]'],
    ['W i l l i a m is missing', '[value] is missing'],
    ['wi\u200blliam is missing', '[value] is missing'],
    ['305 555 0142 or 305-555 or 30 55 55 01 42', '[phone] or [value] or [phone]'],
    ['contact 3055550 not allowed', 'contact [value] not allowed'],
    ['１３０５５５５０１４２ is taken', '[phone] is taken'],
    ['born on 1990-05-17, zip 33101', '[value] on [value], zip [value]'],
    ['not found in list', 'not [value] list'],
    ['Marlowe 12, 2026 and 17 May 1990', '[value] 12, 2026 and [value] May [value]'],
    ['Agent Bob Miller has locked Dana', 'Agent [value] has locked [value]'],
    ['bob.miller@example.com is in use', '[email] is [value] use'],
    ['key pit-0d1f2a33-9b1c-4d5e-8f90-0123456789ab expired', 'key [secret] expired'],
    ['林さん is not allowed', '[value] is not allowed'],
  ])('%s', (text, masked) => {
    expect(harmless(text, { known })).toBe(masked);
  });

  test('a known sentence is the vendor’s own, whatever somebody is called', () => {
    expect(harmless('Not found.', { known })).toBe('Not found.');
  });
});

const LETTERS = ['a', 'e', 'n', 's', 'D', 'R', 'é', 'ü', 'ø', 'ł', 'ñ', 'Å', '林', 'я'];
const syllables = fc.string({ unit: fc.constantFrom(...LETTERS), minLength: 1, maxLength: 9 });
const name = fc.oneof(
  syllables,
  fc.constantFrom(
    "O'Brien",
    'Anne-Marie',
    'de la Cruz',
    'Will',
    'Found',
    'Token',
    'X',
    '王小明',
    'Þórður',
    'Nguyễn',
    'May',
  ),
);
const person = fc.record({
  firstName: name,
  lastName: name,
  phone: fc.stringMatching(/^\+1[2-9]\d\d[2-9]\d{6}$/),
  zip: fc.stringMatching(/^[1-9]\d{4}$/),
});

const spellings: ((text: string) => string)[] = [
  (text) => text,
  (text) => text.toUpperCase(),
  (text) => text.toLowerCase(),
  (text) => text.normalize('NFD'),
  (text) => text.normalize('NFD').replace(/\p{M}/gu, ''),
  (text) => text.replace(/[^ -~]|'/g, (char) => `&#${char.codePointAt(0)};`),
  (text) => text.replace(/[^ -~]/gu, (char) => `&#x${char.codePointAt(0)?.toString(16)};`),
  (text) => JSON.stringify(text).slice(1, -1),
  (text) => text.replace(/[^ -~]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`),
  (text) => encodeURIComponent(text),
  (text) => encodeURIComponent(encodeURIComponent(text)),
  (text) => [...text].join(' '),
  (text) => [...text].join('\u200b'),
  (text) => text.replace(/(..)(?=.)/gu, '$1\n'),
  (text) => text.slice(0, Math.max(4, Math.ceil(text.length / 2))),
  (text) => `${text.slice(0, 12)}...`,
  (text) => text.replace(/\s+/g, '+'),
  (text) => text.replace(/(\d{3})(?=\d)/g, '$1-'),
  (text) => text.replace(/^\+1(\d{3})(\d{3})/, '($1) $2 '),
  (text) => text.replace(/\d/g, (digit) => String.fromCodePoint(0x660 + Number(digit))),
  (text) => text.replace(/ /g, ''),
];
const embeddings = [
  (text: string) => `"${text}" is not a valid choice`,
  (text: string) => `contact ${text} is locked by another request`,
  (text: string) => `${text} is a invalid email address for field email`,
  (text: string) => `<p>duplicate: ${text}</p>`,
  (text: string) => `key (name)=(${text}) already exists`,
  (text: string) => `https://calltools.io/?name=${text}&limit=1`,
];

describe('property: nothing of a person comes out, whatever the spelling and wherever it stands', () => {
  const cases = fc.tuple(person, fc.constantFrom(...spellings), fc.constantFrom(...embeddings));

  /** What is left of the person in a text, beside the words that stand around the name anyway. */
  function leftOf(
    { firstName, lastName, phone, zip }: { [key: string]: string },
    text: string,
    frame: string,
  ): string[] {
    const own = new Set(frame.match(/[\p{L}\p{N}]+/gu)?.map(folded));
    const words = [firstName, lastName].flatMap((one = '') => one.split(/[\s'-]+/)).map(folded);
    const seen = text.replace(/\[\w+\]/g, ' ').match(/[\p{L}\p{N}]+/gu) ?? [];
    const names = seen.map(folded).filter((word) => words.includes(word) && !own.has(word));
    const numbers = seen.filter((word) => /^\d{3,}$/.test(word) && (phone?.includes(word) || zip?.includes(word)));
    return [...names, ...numbers, ...seen.filter((word) => /[^ -~]/.test(word))];
  }

  test('from an error', () => {
    fc.assert(
      fc.property(cases, ([who, spell, embed]) => {
        const known = knownFrom(Object.values(who));
        for (const text of [who.firstName, `${who.firstName} ${who.lastName}`, who.phone, who.zip]) {
          const masked = harmless(embed(spell(text)), { known });
          expect(leftOf(who, masked, embed(''))).toEqual([]);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('of a stranger no name comes out that is no technical word', () => {
    fc.assert(
      fc.property(
        // Of letters that make no English word, whole or in pieces.
        fc.string({ unit: fc.constantFrom('K', 'v', 'z', 'x', 'é', 'ø', 'ł', '林'), minLength: 3, maxLength: 9 }),
        fc.constantFrom(...spellings),
        fc.constantFrom(...embeddings),
        (text, spell, embed) => {
          expect(leftOf({ firstName: text }, harmless(embed(spell(text))), embed(''))).toEqual([]);
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('masking twice changes nothing more', () => {
    fc.assert(
      fc.property(cases, ([who, spell, embed]) => {
        const once = harmless(embed(spell(who.lastName)), { known: knownFrom(Object.values(who)) });
        expect(harmless(once)).toBe(once);
      }),
    );
  });
});

describe('what was thrown', () => {
  test('an error of the runtime may quote what it stumbled over', () => {
    const thrown = (() => {
      try {
        JSON.parse('Dana Reyes, +13055550142');
      } catch (error) {
        return error;
      }
    })();
    expect(errorText(thrown)).toMatch(/^SyntaxError: Unexpected token/);
    expect(errorText(thrown)).not.toMatch(/Dana|Reyes|555/);
    expect(errorText('Dana is down')).toBe('[value] is down');
  });

  test('our own words stay as they are', () => {
    expect(errorText(new OwnError('the contact is not in bucket "Sieben Zwerge"'))).toContain('Sieben Zwerge');
    expect(errorText(new Error('D1 is down'))).toBe('D1 is down');
  });
});

test('a log line keeps our ids, counts, times and paths', () => {
  const lines: string[] = [];
  const fields = {
    path: '/contacts/9011223/',
    phoneRows: 1234567,
    since: '2026-11-28T10:11:12.000Z',
    host: '203.0.113.77',
  };
  createLog({}, (line) => lines.push(line))('x', fields);
  expect(JSON.parse(lines[0] ?? '')).toEqual({ event: 'x', ...fields });
});

test('a long text costs no more than its length', () => {
  const started = performance.now();
  for (const text of [
    'x'.repeat(200_000),
    '1@'.repeat(100_000),
    '%41'.repeat(60_000),
    '1-'.repeat(100_000),
    '&amp;'.repeat(40_000),
  ])
    harmless(text);
  expect(performance.now() - started).toBeLessThan(2000);
});
