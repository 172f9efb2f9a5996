// Why a route matches: only what the rules name is said, and no value of the contact.

import { expect, test } from 'vitest';
import { becauseOf, becauseOfRoute } from '../../../../workers/consumer/domain/rules/because.ts';
import type { Route } from '../../../../workers/consumer/domain/rules/conditions.ts';
import { factsOfTags } from '../../../../workers/consumer/domain/rules/match.ts';

const route = (conditions: Partial<Route>): Route => ({ name: 'r', bucket: 'B', ...conditions });
const because = (conditions: Partial<Route>, ...tags: string[]) => becauseOf(route(conditions), factsOfTags(tags));

test.each([
  ['the tag of several that it has', { tags: ['warm', 'cold lead'] }, ['Cold  Lead '], 'of tag "cold lead"'],
  ['a word, not the tag', { words: ['customer'] }, ['past customer of Jane'], 'of a tag with the word "customer"'],
  ['an opt-out, not the tag', { optOut: true, bucket: null }, ['DNC'], 'of a tag that says "do not call"'],
  ['a field by what is asked', { source: { oneOf: ['web'] } }, [], 'its source is "web"'],
  ['both', { tags: ['hot'], addedWithinDays: 3 }, ['hot'], 'of tag "hot", and it was created within the last 3 days'],
  [
    'an opportunity',
    { opportunity: { status: ['won'] }, bucket: null },
    [],
    'it has an opportunity with the status "won"',
  ],
  ['what it does not have', { not: { tags: ['x'] } }, [], 'it has nothing that the route rules out'],
] satisfies [string, Partial<Route>, string[], string][])('names %s', (_, conditions, tags, text) => {
  expect(because(conditions, ...tags)).toBe(text);
});

test('names a tag of an odd form where that keeps out, and not where it would place', () => {
  const facts = factsOfTags([], ['customer']);
  expect(becauseOf(route({ tags: ['customer'], bucket: null }), facts)).toBe('of tag "customer"');
  expect(becauseOf(route({ tags: ['customer'] }), facts)).not.toContain('customer');
});

test.each<[Partial<Route>, string]>([
  [{ tags: ['cold lead'] }, 'of tag "cold lead"'],
  [{ tags: ['cold lead'], calltoolsTag: 'x' }, 'of tag "cold lead"'],
  [{ tags: ['cold lead', 'warm'] }, 'the route "r" matches it'],
  [{ tags: [] }, 'the route "r" matches it'],
  [{ words: ['customer'] }, 'the route "r" matches it'],
  [{ tags: ['x'], words: ['customer'] }, 'the route "r" matches it'],
  [{ tags: ['x'], optOut: true }, 'the route "r" matches it'],
  [{ tags: ['x'], not: { tags: ['y'] } }, 'the route "r" matches it'],
  [{ tags: ['x'], addedWithinDays: 3 }, 'the route "r" matches it'],
])('without the facts %j tells by its one tag, or by its name', (conditions, text) => {
  expect(becauseOfRoute(route(conditions))).toBe(text);
});

test('stays short enough to be stored with each contact', () => {
  expect(because({ tags: ['x'.repeat(500)] }, 'x'.repeat(500)).length).toBe(120);
});
