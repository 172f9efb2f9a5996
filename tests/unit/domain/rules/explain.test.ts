// What the rules say of tags, in words: every route in order, with each of its conditions.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readContact } from '../../../../workers/consumer/domain/contact.ts';
import type { Opportunities } from '../../../../workers/consumer/domain/rules/conditions.ts';
import { explainRoutes, explainTags } from '../../../../workers/consumer/domain/rules/explain.ts';
import { factsOf, factsOfTags, matchRules } from '../../../../workers/consumer/domain/rules/match.ts';
import { parseRules } from '../../../../workers/consumer/domain/rules/setting.ts';
import { factsFrom } from '../../../support/facts.ts';
import { rulesOf } from '../../../support/rules.ts';

const OUT = { name: 'customer', words: ['customer'], bucket: null };
const COLD = { name: 'cold', tags: ['cold lead'], bucket: 'Cold Leads' };
const FLORIDA = { ...COLD, name: 'florida', state: ['FL'], not: { source: ['partner'] }, bucket: 'Florida' };
const BOOKED = { name: 'booked', opportunity: { pipeline: 'Sales', stages: ['Booked'], status: 'open' }, bucket: null };
const SALES = { id: 'p', name: 'Sales', stages: [{ id: 's', name: 'Booked' }] };

test.each([
  [['cold lead'], 'yes'],
  [['other'], 'no'],
])('with the tags %j the condition on tags says %s', (tags, says) => {
  const { routes } = explainRoutes(rulesOf(COLD), factsOfTags(tags));
  expect(routes[0]?.conditions).toMatchObject([{ condition: 'tags', verdict: says, says }]);
});

describe('the outcome', () => {
  test.each([
    [
      'cold lead',
      [OUT, COLD],
      'placed',
      'cold',
      'Cold Leads',
      /^The route cold places it in the bucket Cold Leads\. .*phone/,
    ],
    ['cold lead, customer', [OUT, COLD], 'kept_out', 'customer', null, /^The route customer keeps it out/],
    ['other', [OUT, COLD], 'kept_out', null, null, /^No route matches/],
    ['cold lead', [FLORIDA, COLD], 'depends', null, null, /first: florida\. If none does: The route cold places it/],
    [
      'other',
      [FLORIDA, BOOKED],
      'kept_out',
      null,
      null,
      /first: booked\. If none does: it is not dialed\. So it is not dialed in any case/,
    ],
    [
      'cold lead',
      [FLORIDA, BOOKED],
      'depends',
      null,
      null,
      /first: florida, booked\. If none does: it is not dialed\.$/,
    ],
    ['cold lead, customer', [FLORIDA, OUT], 'depends', null, null, /If none does: The route customer keeps it out/],
    ['customer', [BOOKED, OUT, COLD], 'kept_out', null, null, /So it is not dialed in any case\.$/],
  ])('of %j under %j', (tags, routes, outcome, route, bucket, explanation) => {
    expect(explainTags(rulesOf(...routes), tags.split(', '))).toMatchObject({
      outcome,
      route,
      bucket,
      explanation: expect.stringMatching(explanation),
    });
  });

  test('names what else is needed, and "require" only where it asks for something', () => {
    const saidOf = (require?: object) => {
      const rules = parseRules({ routes: [COLD], optOutTags: false, ...(require && { require }) });
      return explainTags(rules, ['cold lead']).explanation;
    };
    expect(saidOf()).toMatch(/ not be on do-not-disturb\.$/);
    expect(saidOf({ type: ['lead'] })).toMatch(/ not be on do-not-disturb, and meet what "require" asks\.$/);
  });

  test('holds, whatever else there is to know of a contact with these tags', () => {
    const tag = fc.constantFrom('cold lead', 'past customer', 'stop', 'x');
    const route = fc.constantFrom(OUT, COLD, FLORIDA, BOOKED);
    const booked = { id: 'o', pipelineId: 'p', stageId: 's', status: 'open' };
    const opportunities = fc.constantFrom<Opportunities>([], [booked], 'unreadable');
    const known = fc.record({
      tags: fc.array(tag),
      state: fc.constantFrom('FL', 'TX', null),
      source: fc.constantFrom('partner', 'web', null),
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(route, { minLength: 1, selector: ({ name }) => name }),
        known,
        opportunities,
        (routes, contact, opportunities) => {
          const rules = parseRules({ routes });
          const { outcome, route } = explainTags(rules, contact.tags);
          const plan = { customIds: new Map(), pipelines: [SALES] };
          const by = { plan, now: 0, phone: null, toPhone: () => null, opportunities };
          const match = matchRules(rules, factsOf(readContact({ id: 'c', ...contact }).contact, by));
          const matched = match.kind === 'route' ? rules.routes[match.priority] : undefined;
          if (outcome === 'placed') expect(matched?.name).toBe(route);
          if (outcome === 'kept_out') expect(matched?.bucket ?? null).toBeNull();
          if (route !== null) expect(matched?.name).toBe(route);
        },
      ),
    );
  });
});

test('every condition is named with what it asks and its verdict', () => {
  const custom = {
    'contact.a': ['yes', 5],
    'contact.b': { exists: true },
    'contact.c': { min: 5, max: 9 },
    'contact.d': { min: '2026-01-01' },
    'contact.e': { max: 9 },
    'contact.f': { withinDays: 30 },
    'contact.g': { sameAs: 'phone' },
  };
  const rules = parseRules({
    require: { type: ['lead'] },
    routes: [{ ...FLORIDA, words: ['vip'], custom, addedWithinDays: 7 }, BOOKED],
  });
  const { routes, require } = explainRoutes(rules, factsOfTags(['cold lead']));
  expect(routes.map(({ name, verdict }) => [name, verdict])).toEqual([
    ['opt-out tags', 'no'],
    ['florida', 'unknown'],
    ['booked', 'unknown'],
  ]);
  expect(routes.flatMap(({ conditions }) => conditions.map(({ asks }) => asks))).toEqual([
    'a tag that says "do not call"',
    'a tag "cold lead", or the word "vip" in a tag',
    'state is "FL"',
    'custom field contact.a is "yes" or "5"',
    'custom field contact.b has a value',
    'custom field contact.c is from 5 to 9',
    'custom field contact.d is at least 2026-01-01',
    'custom field contact.e is at most 9',
    'custom field contact.f is a day within the last 30 days',
    'custom field contact.g is the contact’s own phone number',
    'created within the last 7 days',
    'not: source is "partner"',
    'an opportunity in the pipeline "Sales", at the stage "Booked", with the status "open"',
  ]);
  expect(routes[1]?.conditions.slice(0, 2)).toMatchObject([
    { condition: 'tags or words', verdict: 'yes', says: 'yes' },
    { condition: 'state', verdict: 'unknown', says: 'depends on more than tags' },
  ]);
  expect(require).toMatchObject([{ condition: 'type', asks: 'type is "lead"', verdict: 'unknown' }]);
});

test('of a known contact what was not asked for is told so, and of tags alone that it depends on more', () => {
  const rules = rulesOf(BOOKED);
  const facts = factsOfTags(['cold lead']);
  const saysOf = (known: typeof facts) => explainRoutes(rules, known).routes[0]?.conditions[0]?.says;
  expect(saysOf(facts)).toBe('depends on more than tags');
  const { contact } = factsFrom({ tags: ['cold lead'] });
  expect(saysOf({ ...facts, contact })).toBe('not asked for: the outcome does not depend on it');
});
