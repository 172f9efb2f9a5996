// A route that can never match is named, and none that can.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judgeRoute, matchRules } from '../../../../workers/consumer/domain/rules/match.ts';
import { parseRules } from '../../../../workers/consumer/domain/rules/setting.ts';
import { unreachableRoutes } from '../../../../workers/consumer/domain/rules/unreachable.ts';
import { contact, opportunities, routes } from '../../../support/arbitrary-rules.ts';
import { factsFrom } from '../../../support/facts.ts';

type Json = Record<string, unknown>;

/** The sentences on these routes: `a`, `b` and so on. */
function named(...asked: Json[]): string[] {
  const setting = asked.map((one, index) => ({ name: 'abcdef'[index], bucket: 'B', ...one }));
  return unreachableRoutes(parseRules({ routes: setting })).map(({ why }) => why);
}
const covered = (name: string, by = 'a') =>
  `route "${name}" can never match: route "${by}", which stands before it, takes every contact that it could match`;

describe('named: an earlier route takes all that', () => {
  test.each<[Json, Json]>([
    [{ tags: ['x', 'y'] }, { tags: ['X '] }],
    [{ words: ['customer'] }, { tags: ['past customer'] }],
    [{ words: ['customer'] }, { words: ['Customer'] }],
    [{ tags: ['x'] }, { tags: ['x'], source: ['google'], not: { state: ['FL'] } }],
    [{ source: { exists: true } }, { source: ['google'] }],
    [{ source: ['Google', 'Bing'] }, { source: ['google'] }],
    [{ custom: { 'contact.a': { min: 5 } } }, { custom: { 'contact.a': { min: 6, max: 9 } } }],
    [{ custom: { 'contact.a': { min: '2026-01-01' } } }, { custom: { 'contact.a': { min: '2026-02-01' } } }],
    [{ custom: { 'contact.a': { withinDays: 9 } } }, { custom: { 'contact.a': { withinDays: 9 } } }],
    [{ custom: { 'contact.a': { sameAs: 'phone' } } }, { custom: { 'contact.a': { sameAs: 'phone' } } }],
    [{ addedWithinDays: 9 }, { addedWithinDays: 3, tags: ['x'] }],
    [{ addedWithinDays: 3 }, { addedWithinDays: 3, tags: ['x'] }],
    [{ opportunity: {} }, { opportunity: { pipeline: 'Sales', status: ['open'] } }],
    [
      { tags: ['x'], not: { source: ['a'] } },
      { tags: ['x'], not: { source: ['a', 'b'] } },
    ],
    [{ tags: ['x'] }, { tags: ['x'], bucket: null }],
    [{ tags: ['x'] }, { tags: ['x'], opportunity: { status: ['lost'] }, bucket: null }],
  ])('%j, then %j', (wide, narrow) => {
    expect(named(wide, narrow)).toEqual([covered('b')]);
  });

  test('two routes together', () => {
    expect(named({ tags: ['x'] }, { words: ['y'] }, { tags: ['x', 'y z'] })).toEqual([
      `${covered('c')}, and route "b", which stands before it, takes every contact that it could match`,
    ]);
  });

  test('the built-in route for opt-out tags', () => {
    expect(named({ tags: ['do not call', 'DND'] })).toEqual([
      'route "a" can never match: the built-in route "opt-out tags" keeps these tags out before it ("optOutTags": false switches that off)',
    ]);
    expect(named({ tags: ['do not call', 'callback'] })).toEqual([]);
  });
});

test.each<[Json, string]>([
  [{ tags: ['x'], not: { words: ['x'] } }, 'tags'],
  [{ source: ['a'], not: { source: ['A', 'b'] } }, 'source'],
  [{ tags: ['x'], not: { state: { exists: true } } }, 'state'],
  [{ custom: { 'contact.a': ['x'] }, not: { custom: { 'contact.a': { exists: true } } } }, 'custom contact.a'],
  [{ addedWithinDays: 3, not: { addedWithinDays: 9 } }, 'addedWithinDays'],
  [{ opportunity: { status: ['won'] }, not: { opportunity: {} } }, 'opportunity'],
])('named: %j contradicts itself', (route, place) => {
  expect(named(route)).toEqual([`route "a" can never match: its "not" rules out what it asks for (${place})`]);
});

describe('not named', () => {
  test.each<[Json, Json]>([
    [{ tags: ['x'] }, { tags: ['x', 'y'] }],
    [{ tags: ['customer'] }, { words: ['customer'] }],
    [{ words: ['customer'] }, { words: ['client'] }],
    [{ tags: ['x'], source: ['a'] }, { tags: ['x'] }],
    [
      { tags: ['x'], not: { source: ['a', 'b'] } },
      { tags: ['x'], not: { source: ['a'] } },
    ],
    [{ tags: ['x'], not: { source: ['a'] } }, { tags: ['x'] }],
    [{ assignedTo: ['u1'] }, { assignedTo: ['U1'] }],
    [{ custom: { 'contact.a': { min: 5 } } }, { custom: { 'contact.a': { max: 9 } } }],
    [{ custom: { 'contact.a': { withinDays: 5 } } }, { custom: { 'contact.a': { withinDays: 9 } } }],
    [{ opportunity: { stages: ['Won'] } }, { opportunity: { pipeline: 'Sales', stages: ['Won'] } }],
    [
      { opportunity: { pipeline: 'Sales', stages: ['Won'] } },
      { opportunity: { pipeline: 'Sales', stages: ['Won', 'Lost'] } },
    ],
    [{ opportunity: { status: ['open'] } }, { opportunity: { status: ['open'] }, tags: ['x'], bucket: null }],
  ])('%j, then %j', (first, second) => {
    expect(named(first, second)).toEqual([]);
  });
});

test('property: no route that is named is ever taken, unless in doubt it keeps out', () => {
  fc.assert(
    fc.property(routes({ opportunity: true }), contact, opportunities, (setting, json, all) => {
      const rules = parseRules({ routes: setting });
      const facts = factsFrom(json, { opportunities: all });
      const match = matchRules(rules, facts);
      if (match.kind !== 'route') return;
      const route = rules.routes[match.priority];
      const isDoubtful = rules.routes.some((one) => judgeRoute(one, facts) === 'doubt');
      if (route?.bucket === null && isDoubtful) return;
      expect(unreachableRoutes(rules).map((one) => one.route)).not.toContain(route?.name);
    }),
    { numRuns: 1500 },
  );
});
