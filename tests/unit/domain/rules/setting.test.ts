// A faulty SYNC_RULES is named instead of obeyed: every mistake, where it is, and what is meant.

import { describe, expect, test } from 'vitest';
import { OPT_OUT_ROUTE, parseRules } from '../../../../workers/consumer/domain/rules/setting.ts';
import { rulesOf } from '../../../support/rules.ts';

test('text and object are read alike, names trimmed', () => {
  const routes = [{ name: ' sold ', tags: [' sold '], bucket: ' Active clients ', calltoolsTag: 'sold' }];
  const expected = {
    routes: [OPT_OUT_ROUTE, { name: 'sold', tags: ['sold'], bucket: 'Active clients', calltoolsTag: 'sold' }],
  };
  expect(parseRules({ routes })).toEqual(expected);
  expect(parseRules(JSON.stringify({ routes }))).toEqual(expected);
});

test('every form of a condition is read', () => {
  const route = {
    name: 'a',
    tags: ['x'],
    words: ['y'],
    source: ['Google'],
    type: { exists: true },
    assignedTo: ['u1'],
    state: ['FL'],
    country: ['US'],
    custom: {
      'contact.a': ['yes', 5, true],
      'contact.b': { exists: true },
      'custom:contact.c': { min: 1, max: 2 },
      'contact.d': { min: '2026-01-01' },
      'contact.e': { withinDays: 365 },
      'contact.f': { sameAs: 'phone' },
    },
    addedWithinDays: 30,
    opportunity: { pipeline: 'Sales', stages: 'Booked', status: ['Won'] },
    not: { source: ['partner'], opportunity: {} },
    bucket: 'B',
  };
  expect(
    parseRules({ require: { custom: { 'contact.consent': ['yes'] } }, routes: [route], optOutTags: false }),
  ).toEqual({
    require: { custom: { 'contact.consent': { oneOf: ['yes'] } } },
    routes: [
      {
        name: 'a',
        tags: ['x'],
        words: ['y'],
        source: { oneOf: ['Google'] },
        type: { exists: true },
        assignedTo: { oneOf: ['u1'] },
        state: { oneOf: ['FL'] },
        country: { oneOf: ['US'] },
        custom: {
          'contact.a': { oneOf: ['yes', '5', 'true'] },
          'contact.b': { exists: true },
          'contact.c': { least: 1, most: 2 },
          'contact.d': { from: '2026-01-01' },
          'contact.e': { withinDays: 365 },
          'contact.f': { sameAs: 'phone' },
        },
        addedWithinDays: 30,
        opportunity: { pipeline: 'Sales', stages: ['Booked'], status: ['won'] },
        not: { source: { oneOf: ['partner'] }, opportunity: {} },
        bucket: 'B',
      },
    ],
  });
});

test.each([
  ['contact.a', 'contact.a'],
  [' contact.a ', 'contact.a'],
  ['custom:contact.a', 'contact.a'],
  [' custom: contact.a ', 'contact.a'],
  ['Our custom: field', 'Our custom: field'],
])('a custom field is named by its key or name, "custom:" and spaces around it do not count: %j', (key, field) => {
  const { routes } = rulesOf({ name: 'a', custom: { [key]: ['yes'] }, bucket: 'B' });
  expect(routes).toMatchObject([{ custom: { [field]: { oneOf: ['yes'] } } }]);
});

test('a mistake in the text is named by line and column, with where the text stands', () => {
  expect(() => parseRules('{"routes": [}')).toThrow(/^SYNC_RULES, line 1, column 13: /);
  expect(() => parseRules('{', 'rules.jsonc')).toThrow(/^rules\.jsonc, line 1/);
});

describe('a mistake', () => {
  const route = { name: 'a', tags: ['x'], bucket: 'B' };
  const KEYS = 'tags, words, source, type, assignedTo, state, country, custom, addedWithinDays, opportunity';
  const one = (changes: object) => ({ routes: [{ ...route, ...changes }] });
  const within = (custom: unknown) => one({ custom: { 'contact.a': custom } });
  const EXAMPLE = '{"name": "cold", "tags": ["cold lead"], "bucket": "Cold Leads"}';

  test.each([
    ['5', `must be an object such as {"routes": [${EXAMPLE}]}`],
    [{}, 'routes: must be a list of routes'],
    [{ routes: [] }, 'routes: must hold at least one route'],
    [{ ...one({}), route: 1 }, '"route" is not known. Did you mean routes? It may hold routes, require, optOutTags'],
    [{ ...one({}), optOutTags: 'no' }, 'optOutTags: must be true or false'],
    [{ routes: [null] }, `route 1: must be an object such as ${EXAMPLE}`],
    [
      { routes: [{ name: 'a', tags: ['x'] }] },
      'route "a", bucket: is missing. It must be the name of a bucket in CallTools, or null to keep out of the dialer',
    ],
    [
      one({ bukcet: 'B' }),
      `route "a": "bukcet" is not known. Did you mean bucket? It may hold name, ${KEYS}, not, bucket, calltoolsTag`,
    ],
    [
      { routes: [{ name: 'a', tag: ['x'], bucket: 'B' }] },
      `route "a": "tag" is not known. Did you mean tags or calltoolsTag? It may hold name, ${KEYS}, not, bucket, calltoolsTag`,
    ],
    [
      { routes: [{ name: 'a', bucket: 'B' }] },
      `route "a": needs a condition, such as "tags", or it would match everybody. It may have ${KEYS}, not`,
    ],
    [one({ tags: 'x' }), 'route "a", tags: must be a list of texts such as ["cold lead"]'],
    [one({ tags: [] }), 'route "a", tags: must not be an empty list'],
    [one({ tags: ['x', 1] }), 'route "a", tags: must be text'],
    [one({ words: ['\u00ad'] }), 'route "a", words: must not be empty'],
    [one({ bucket: 7 }), 'route "a", bucket: must be text'],
    [{ routes: [{ ...route, name: undefined }] }, 'route 1, name: is missing'],
    [{ routes: [{ ...route, name: ' ', tags: [] }] }, /; route 1, tags: must not be an empty list$/],
    [
      one({ bucket: null, calltoolsTag: 't' }),
      'route "a": has "bucket": null (kept out of the dialer), so it cannot have a "calltoolsTag"',
    ],
    [{ routes: [route, { ...route, bucket: null }] }, 'routes: two are named "a". Give each a name of its own'],
    [
      { routes: [route, { ...route, name: 'b', bucket: 'b' }] },
      'routes: spell the bucket "B" and "b" in one way: CallTools may hold both',
    ],
    [
      one({ name: 'opt-out tags' }),
      'routes: "opt-out tags" is the name of the built-in route. Choose another name, or set "optOutTags": false',
    ],
    [one({ source: 'partner' }), 'route "a", source: must be a list such as ["partner"], or {"exists": true}'],
    [one({ state: { min: 1 } }), 'route "a", state: "min" is not known. It may hold exists'],
    [one({ custom: [] }), /^route "a", custom: must be an object such as/],
    [within('yes'), 'route "a", custom contact.a: must be a list such as ["yes"], or {"exists": true}'],
    [within([]), 'route "a", custom contact.a: must not be an empty list'],
    [within([' ']), /must hold texts, numbers, true or false, and none of them empty/],
    [within({}), 'route "a", custom contact.a: needs one of exists, min, max, withinDays, sameAs'],
    [within({ exists: false }), /"exists" must be true\. A missing value matches nothing/],
    [within({ withinDay: 5 }), /"withinDay" is not known\. Did you mean withinDays\?/],
    [
      within({ withinDays: '5' }),
      /custom contact\.a, withinDays: must be a whole number of days, 0 \(today\) to 36500/,
    ],
    [within({ min: 5, max: 1 }), /has a min above its max: it would match nothing/],
    [within({ min: '2026-02-30' }), /"min" and "max" must be numbers such as 5000, or days such as "2026-11-01"/],
    [within({ min: '2026-02-02', max: '2026-02-01' }), /has a min after its max/],
    [within({ min: 1, withinDays: 5 }), /has min and withinDays\. Only min and max go together/],
    [within({ sameAs: 'email' }), /"sameAs" must be "phone"/],
    [one({ addedWithinDays: -1 }), /addedWithinDays: must be a whole number of days/],
    [one({ opportunity: 'Sales' }), /opportunity: must be an object such as/],
    [{ routes: [{ name: 'a', tags: ['x'], bucket: 'Null' }] }, /route "a", bucket: must be null, without quotes/],
    [{ routes: [{ name: 'a', tags: ['x'], bucket: false }] }, /route "a", bucket: must be null, without quotes/],
    [one({ custom: { '{{ contact.consent }}': ['yes'] } }), /is written without braces, such as "contact\.consent"/],
    [one({ opportunity: { pipeline: 7 } }), 'route "a", opportunity, pipeline: must be text'],
    [
      one({ bucket: undefined, calltoolsTag: 't' }),
      'route "a", bucket: is missing. It must be the name of a bucket in CallTools, or null to keep out of the dialer',
    ],
    [one({ opportunity: { stage: ['Booked'] } }), /opportunity: "stage" is not known\. Did you mean stages\?/],
    [
      one({ opportunity: { status: 'wonn' } }),
      /status: "wonn" is not known\. Did you mean won\? It may be open, won, lost, abandoned$/,
    ],
    [one({ stage: ['Booked'] }), /"stage" is not known\. Did you mean opportunity\?/],
    [one({ not: {} }), 'route "a", not: needs a condition, or must be left out'],
    [one({ not: { not: {} } }), /route "a", not: "not" is not known/],
    [
      one({ custom: { 'contact.a': ['x'], ' custom:contact.a': ['y'] } }),
      /custom {1,2}custom:contact\.a: is there twice/,
    ],
    [one({ custom: { ' ': ['x'] } }), /must be the key, id or name of a custom field/],
    [{ ...one({}), require: {} }, 'require: needs a condition, or must be left out'],
    [{ ...one({}), require: { bucket: null } }, /^require: "bucket" is not known/],
  ])('%j is named, with its place', (setting, message) => {
    expect(() => parseRules(setting)).toThrow(
      typeof message === 'string'
        ? expect.objectContaining({ message: `SYNC_RULES: ${message}` })
        : new RegExp(message.source.replace('^', '^SYNC_RULES: ')),
    );
  });

  test('routes without a name are not two of one name', () => {
    const nameless = { ...route, name: undefined };
    expect(() => parseRules({ routes: [nameless, nameless] })).toThrow(
      /^SYNC_RULES: route 1, name: is missing; route 2, name: is missing$/,
    );
  });

  test('all of them are named at once, at most ten', () => {
    const faulty = Array.from({ length: 12 }, (_, n) => ({ ...route, name: `r${n}`, tags: 5 }));
    expect(() => parseRules({ routes: faulty })).toThrow(/route "r0".*; route "r9".*; and 2 more$/);
  });
});

test('two routes may share a bucket, and two may keep out', () => {
  const out = { words: ['z'], bucket: null };
  expect(
    rulesOf(
      { name: 'a', tags: ['x'], bucket: 'B' },
      { name: 'b', tags: ['y'], bucket: 'B' },
      { ...out, name: 'c' },
      { ...out, name: 'd' },
    ).routes,
  ).toHaveLength(4);
});
