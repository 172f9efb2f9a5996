// What one condition says of one value: missing matches nothing, unreadable is doubt, and the way of writing does not matter.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judge, judgeRoute } from '../../../../workers/consumer/domain/rules/match.ts';
import { daysAgo, factsFrom, factsWith, NOON } from '../../../support/facts.ts';
import { rulesOf } from '../../../support/rules.ts';

type Json = Record<string, unknown>;

/** The verdict on one condition, as the setting spells it. */
function verdictOn(condition: Json, facts: ReturnType<typeof factsFrom>): string | undefined {
  const [route] = rulesOf({ name: 'a', ...condition, bucket: 'B' }).routes;
  if (!route) throw new Error('no route');
  return judge(route, facts, false)[0]?.verdict;
}

const onValue = (test_: unknown, value: unknown, json: Json = {}) =>
  verdictOn({ custom: { 'contact.amount': test_ } }, factsWith(value, json));
const onField = (field: string, test_: unknown, json: Json) => verdictOn({ [field]: test_ }, factsFrom(json));

const TESTS = [
  ['yes'],
  [5],
  [true],
  { exists: true },
  { min: 1 },
  { min: '2026-01-01' },
  { withinDays: 9 },
  { sameAs: 'phone' },
];
const NOTHING = [undefined, null, '', ' ', '\u200b', 'null', ' null ', [], [null], ['', null], {}, { a: false }];
const UNREADABLE = [{ a: null }, { a: { b: null } }, [[]], [{}]];
const FIELDS = ['source', 'type', 'assignedTo', 'state', 'country'];

describe('a missing value', () => {
  const missing = fc.constantFrom(...NOTHING);

  test('property: matches no test of a custom field, nor its opposite', () => {
    fc.assert(
      fc.property(missing, fc.constantFrom(...TESTS), (value, asked) => {
        const custom = { 'contact.amount': asked };
        expect(onValue(asked, value)).toBe('missing');
        for (const bucket of ['B', null]) {
          for (const route of rulesOf({ name: 'a', not: { custom }, bucket }).routes)
            expect(judgeRoute(route, factsWith(value))).toBe('no');
        }
      }),
    );
  });

  test.each(FIELDS)('matches no test of %s, nor its opposite', (field) => {
    for (const asked of [['x'], { exists: true }]) {
      for (const value of [undefined, null, '', ' ', 'null']) {
        expect(onField(field, asked, { [field]: value })).toBe('missing');
        expect(verdictOn({ not: { [field]: asked } }, factsFrom({ [field]: value }))).toBe('missing');
      }
    }
  });

  test('an absent entry of a field that the account has is missing; what the account does not have is doubt', () => {
    expect(verdictOn({ custom: { 'contact.amount': ['x'] } }, factsFrom({ customFields: [] }))).toBe('missing');
    for (const asked of TESTS) {
      expect(verdictOn({ custom: { 'contact.typo': asked } }, factsFrom({ customFields: [] }))).toBe('doubt');
      expect(verdictOn({ not: { custom: { 'contact.typo': asked } } }, factsFrom({ customFields: [] }))).toBe('doubt');
    }
  });

  test('a contact of unknown age is not new, and not old either', () => {
    expect(verdictOn({ addedWithinDays: 5 }, factsFrom({}))).toBe('missing');
    expect(verdictOn({ not: { addedWithinDays: 5 } }, factsFrom({}))).toBe('missing');
  });
});

describe('a value that cannot be read', () => {
  test('property: is doubt for every test of a custom field, and for its opposite', () => {
    fc.assert(
      fc.property(fc.constantFrom(...UNREADABLE), fc.constantFrom(...TESTS), (value, asked) => {
        expect(onValue(asked, value)).toBe('doubt');
        expect(verdictOn({ not: { custom: { 'contact.amount': asked } } }, factsWith(value))).toBe('doubt');
      }),
    );
  });

  test('property: whatever JSON a value is, it has a verdict, and not is its opposite', () => {
    const opposite: Json = { yes: 'no', no: 'yes', doubt: 'doubt', missing: 'missing' };
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(...TESTS), (value, asked) => {
        const verdict = onValue(asked, value) ?? '';
        expect(verdictOn({ not: { custom: { 'contact.amount': asked } } }, factsWith(value))).toBe(opposite[verdict]);
      }),
    );
  });

  test.each(FIELDS)('of %s is doubt', (field) => {
    for (const asked of [['x'], { exists: true }])
      for (const value of [{}, [], ['x'], true]) expect(onField(field, asked, { [field]: value })).toBe('doubt');
  });

  test.each([['text'], [7], [[{ id: 5, value: 'yes' }]], [['yes']], [[null]]])(
    'custom fields in the form %j are doubt, each of them',
    (customFields) => {
      for (const asked of TESTS)
        expect(verdictOn({ custom: { 'contact.amount': asked } }, factsFrom({ customFields }))).toBe('doubt');
    },
  );

  test('beside an odd entry, what is told plainly counts', () => {
    const customFields = [
      { id: 7, value: 'no' },
      { id: 'amount', value: 'yes' },
    ];
    expect(verdictOn({ custom: { 'contact.amount': ['yes'] } }, factsFrom({ customFields }))).toBe('yes');
  });

  test('a file is there, and says nothing else', () => {
    const file = { a1: { meta: { size: 7 }, url: 'https://files.test/a' } };
    expect(onValue({ exists: true }, file)).toBe('yes');
    expect(onValue(['yes'], file)).toBe('doubt');
  });

  test.each([
    [{ min: 5 }, 'much'],
    [{ min: 5 }, '12%'],
    [{ min: 5 }, true],
    [{ min: '2026-01-01' }, 'soon'],
    [{ min: '2026-01-01' }, '03/04/2026'],
    [{ withinDays: 5 }, 'yesterday'],
    [{ withinDays: 5 }, daysAgo(-2)],
    [{ sameAs: 'phone' }, 'the same'],
  ])('%j of %j is doubt', (asked, value) => {
    expect(onValue(asked, value, { phone: '+13055550142' })).toBe('doubt');
  });

  test('a state or country that nobody knows may be the one that is asked for, misspelled', () => {
    expect(onField('state', ['FL'], { state: 'Flordia' })).toBe('doubt');
    expect(onField('state', ['FL'], { state: 'Fla', country: 'US' })).toBe('doubt');
    expect(onField('state', ['FL'], { state: 33101 })).toBe('doubt');
    expect(onField('state', ['FL'], { state: 'Florida', country: 'Mexico' })).toBe('doubt');
    expect(onField('state', ['TX'], { state: 'Florida', country: 'Mexico' })).toBe('no');
    expect(onField('country', ['US'], { country: 'Untied States' })).toBe('doubt');
    expect(verdictOn({ not: { state: ['FL'] } }, factsFrom({ state: 'Flordia' }))).toBe('doubt');
    expect(onField('state', ['FL'], { state: 'Texas' })).toBe('no');
    expect(onField('state', ['FL'], { state: 'Bayern', country: 'DE' })).toBe('no');
    expect(onField('state', ['Hessen'], { state: 'Bayern', country: 'DE' })).toBe('no');
    expect(onField('state', ['Flordia'], { state: 'flordia' })).toBe('yes');
  });
});

describe('the way of writing does not matter', () => {
  const cased = (text: string) => fc.mixedCase(fc.constant(text));
  const dash = fc.constantFrom('-', '‐', '‑', '–', '—', '−');
  const around = fc.constantFrom('', ' ', '\u00a0', '\u200b');

  test('property: case, dashes, and spaces around', () => {
    fc.assert(
      fc.property(cased('walk'), dash, cased('in'), around, (left, between, right, blank) => {
        const text = `${blank}${left}${between}${right}${blank}`;
        for (const field of ['source', 'type']) expect(onField(field, ['Walk-in'], { [field]: text })).toBe('yes');
        expect(onValue(['Walk-in'], text)).toBe('yes');
        expect(onValue(['Walk-in'], ['x', text])).toBe('yes');
        expect(onValue(['Walkin'], text)).toBe('no');
      }),
    );
  });

  test.each([
    ['FL', undefined],
    ['fl', 'US'],
    ['Florida', 'us'],
    ['FLORIDA ', 'United States'],
    ['Fl.', null],
    ['US-FL', 'USA'],
  ])('Florida is %j in %j', (state, country) => {
    for (const asked of ['FL', 'florida']) expect(onField('state', [asked], { state, country })).toBe('yes');
  });

  test.each(['US', 'us', 'USA', 'United States', 'U.S.A.'])('the United States are %j', (country) => {
    for (const asked of ['US', 'united states']) expect(onField('country', [asked], { country })).toBe('yes');
    expect(onField('country', ['CA'], { country })).toBe('no');
  });

  test('an id is what it is', () => {
    expect(onField('assignedTo', ['User1'], { assignedTo: ' User1 ' })).toBe('yes');
    expect(onField('assignedTo', ['User1'], { assignedTo: 'user1' })).toBe('no');
  });

  test.each([5000, '5000', ' 5,000 ', '$5,000.00', '5 000', [5000], [1, '5,000']])('%j is the number 5000', (value) => {
    for (const asked of [[5000], ['5000'], ['5,000'], { min: 5000 }, { min: 4999.5, max: 5000 }])
      expect(onValue(asked, value)).toBe('yes');
    expect(onValue({ min: 5000.01 }, value)).toBe('no');
  });

  test.each([true, 'true', 'Yes', 'YES ', 'y', ['yes']])('%j is yes', (value) => {
    for (const asked of [[true], ['yes'], ['Yes'], ['true']]) expect(onValue(asked, value)).toBe('yes');
    for (const asked of [[false], ['no'], ['maybe'], ['5']]) expect(onValue(asked, value)).toBe('no');
  });

  test('a number is no yes', () => {
    expect(onValue(['yes'], 1)).toBe('no');
    expect(onValue([1], 'yes')).toBe('no');
  });

  test('property: a number is judged alike, as number and as text', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e6, max: 1e6 }), fc.integer({ min: -1e6, max: 1e6 }), (n, least) => {
        const verdict = n >= least ? 'yes' : 'no';
        expect(onValue({ min: least }, n)).toBe(verdict);
        expect(onValue({ min: least }, String(n))).toBe(verdict);
        expect(onValue({ max: n }, least)).toBe(n >= least ? 'yes' : 'no');
      }),
    );
  });

  test('the same phone is the same however it is written', () => {
    const phone = '(305) 555-0142';
    for (const value of ['+1 305 555 0142', '3055550142', ['+13055550199', '305.555.0142']])
      expect(onValue({ sameAs: 'phone' }, value, { phone })).toBe('yes');
    expect(onValue({ sameAs: 'phone' }, '+13055550143', { phone })).toBe('no');
    expect(onValue({ sameAs: 'phone' }, '+13055550143', {})).toBe('doubt');
  });
});

describe('days', () => {
  const spellings = (days: number) => {
    const [year = '', month = '', day = ''] = daysAgo(days).split('-');
    return [
      `${year}-${month}-${day}`,
      `${year}-${month}-${day}T10:00:00.000Z`,
      Date.parse(daysAgo(days)),
      String(Date.parse(daysAgo(days))),
    ];
  };

  test('property: no longer ago than so many days, in every spelling', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1, max: 800 }), fc.integer({ min: 0, max: 800 }), (ago, days) => {
        for (const value of spellings(ago)) {
          expect(onValue({ withinDays: days }, value)).toBe(ago <= days ? 'yes' : 'no');
          expect(verdictOn({ addedWithinDays: days }, factsFrom({ dateAdded: value }))).toBe(
            ago <= days ? 'yes' : 'no',
          );
        }
      }),
    );
  });

  test('both ends of a range count', () => {
    const range = { min: '2026-01-31', max: '2026-02-02' };
    const verdicts = ['2026-01-30', '2026-01-31', '02/28/2026', '2026-02-02T23:59:00-08:00', '2026-02-03'].map((day) =>
      onValue(range, day),
    );
    expect(verdicts).toEqual(['no', 'yes', 'no', 'yes', 'no']);
  });

  test('property: a value only grows older', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 0, max: 400 }), (days, later) => {
        const at = (now: number) =>
          verdictOn(
            { custom: { 'contact.date': { withinDays: days } } },
            factsFrom({ customFields: [{ id: 'date', value: daysAgo(0) }] }, { now }),
          );
        expect(at(NOON + later * 86_400_000)).toBe(later <= days ? 'yes' : 'no');
      }),
    );
  });
});

test('opportunities: none that is asked for is a plain no', () => {
  const pipelines = [
    {
      id: 'p1',
      name: 'Sales',
      stages: [
        { id: 's1', name: 'Booked' },
        { id: 's2', name: 'Lost' },
      ],
    },
  ];
  const one = (changes: Json = {}) => ({ id: 'o', pipelineId: 'p1', stageId: 's1', status: 'open', ...changes });
  const asked = { opportunity: { pipeline: 'sales', stages: ['BOOKED'], status: ['open'] } };
  const verdict = (...opportunities: ReturnType<typeof one>[]) =>
    verdictOn(asked, factsFrom({}, { opportunities, pipelines }));
  expect(verdict()).toBe('no');
  expect(verdict(one())).toBe('yes');
  expect(verdict(one({ status: 'won' }), one())).toBe('yes');
  expect(verdict(one({ stageId: 's2' }))).toBe('no');
  expect(verdict(one({ stageId: null }))).toBe('doubt');
  expect(verdictOn(asked, factsFrom({}, { opportunities: 'unreadable', pipelines }))).toBe('doubt');
  expect(verdictOn(asked, factsFrom({}, { opportunities: 'unknown', pipelines }))).toBe('unknown');
  expect(verdictOn(asked, factsFrom({}, { opportunities: [one()] }))).toBe('doubt');
});

test('a text that is no state is only compared: whatever stands where no state is meant, nothing is misspelled', () => {
  expect(onField('source', ['Texas'], { source: 'newsletter' })).toBe('no');
  expect(onField('source', ['Texas'], { source: 'texas' })).toBe('yes');
});
