// States and countries: recognised as people write them, and anything else stays as it is.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countryOf, stateOf } from '../../../../workers/consumer/domain/fields/regions.ts';

test.each([
  ['California', 'US', 'CA'],
  ['california ', null, 'CA'],
  ['CALIFORNIA', 'United States', 'CA'],
  ['ca', 'US', 'CA'],
  ['N.Y.', 'US', 'NY'],
  ['New  York', 'USA', 'NY'],
  ['north-carolina', 'us', 'NC'],
  ['US-TX', null, 'TX'],
  ['District of Columbia', 'US', 'DC'],
  ['Washington, D.C.', 'US', 'DC'],
  ['D.C.', 'US', 'DC'],
  ['Washington', 'US', 'WA'],
  ['Puerto Rico', 'PR', 'PR'],
  ['puerto rico', null, 'PR'],
  ['U.S. Virgin Islands', 'US', 'VI'],
  ['Guam', 'US', 'GU'],
  ['Armed Forces Pacific', 'US', 'AP'],
  ['Armed Forces Europe', 'US', 'AE'],
  ['aa', 'US', 'AA'],
  ['Québec', 'CA', 'QC'],
  ['Que\u0301bec', 'CA', 'QC'],
  ['quebec', null, 'QC'],
  ['PQ', 'Canada', 'QC'],
  ['Newfoundland & Labrador', 'CA', 'NL'],
  ['Île-du-Prince-Édouard', 'CA', 'PE'],
  ['CA-ON', 'CA', 'ON'],
  ['ontario', 'not a country', 'ON'],
  // Of another country, or of none.
  ['Ontario', 'US', 'Ontario'],
  ['Georgia', 'CA', 'Georgia'],
  ['Western Australia', 'AU', 'Western Australia'],
  ['ca', 'ES', 'ca'],
  ['Bavaria', null, 'Bavaria'],
  ['New York City', 'US', 'New York City'],
  ['n/a', 'US', 'n/a'],
  ['constructor', 'US', 'constructor'],
])('the state %j in %j is %j', (text, country, state) => {
  expect(stateOf(text, country)).toBe(state);
});

test.each([
  ['US', 'US', 'United States'],
  ['us', 'US', 'United States'],
  ['USA', 'US', 'United States'],
  ['U.S.', 'US', 'United States'],
  ['u.s.a.', 'US', 'United States'],
  ['United States of America', 'US', 'United States'],
  ['UNITED STATES', 'US', 'United States'],
  ['canada', 'CA', 'Canada'],
  ['UK', 'GB', 'United Kingdom'],
  ['England', 'GB', 'United Kingdom'],
  ['Germany', 'DE', 'Germany'],
  ['Turkey', 'TR', 'Türkiye'],
  ['turkiye', 'TR', 'Türkiye'],
  ["Cote d'Ivoire", 'CI', 'Côte d’Ivoire'],
  ['Bosnia and Herzegovina', 'BA', 'Bosnia & Herzegovina'],
  ['Atlantis', 'Atlantis', 'Atlantis'],
  ['XX', 'XX', 'XX'],
  ['__proto__', '__proto__', '__proto__'],
])('the country %j is %j, by name %j', (text, iso2, name) => {
  expect([countryOf(text, 'iso2'), countryOf(text, 'name')]).toEqual([iso2, name]);
});

const words = ['California', 'ON', 'Québec', 'us', 'Canada', 'Georgia', 'GE', 'D.C.', 'US-TX', 'PR', 'England'];
const anyText = fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom(...words));

test('what was converted once stays as it is', () => {
  fc.assert(
    fc.property(
      anyText,
      fc.option(anyText),
      fc.constantFrom('iso2' as const, 'name' as const),
      (text, country, form) => {
        const state = stateOf(text, country);
        expect(stateOf(state, country)).toBe(state);
        const written = countryOf(text, form);
        expect(countryOf(written, form)).toBe(written);
        // Which form the country has makes no difference to the state.
        expect(stateOf(text, country && countryOf(country, form))).toBe(state);
      },
    ),
  );
});

test('all states and provinces are known by code in both cases, and none is in two countries', () => {
  const codes = (country: string) => {
    const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
    const pairs = letters.flatMap((one) => letters.map((other) => one + other));
    return pairs.filter((code) => stateOf(code.toLowerCase(), country) === code);
  };
  // 50 states, DC, 5 territories, 3 freely associated states, 3 armed forces; 13 provinces and territories.
  expect(codes('US')).toHaveLength(62);
  expect(codes('CA')).toHaveLength(13);
  expect(codes('US').filter((code) => codes('CA').includes(code))).toEqual([]);
});
