// What webhooks say of tags where tags alone do not tell the route: the newest counts, of two with the same time the stricter, and a
// statement that was not taken into account is worth a read.

import { expect, test } from 'vitest';
import type { ContactChanged, Told } from '../../../shared/messages.ts';
import { agrees, merge, type Remembered, toldBy } from '../../../workers/consumer/domain/told.ts';
import { laterSaid, ruledOut, tagsContradicted } from '../../../workers/consumer/domain/told-tags.ts';
import { rulesOf } from '../../support/rules.ts';

const AT = 1_795_000_000_000;
const ROUTES = [
  { name: 'hot', tags: ['hot lead'], source: ['web'], bucket: 'Hot Leads' },
  { name: 'customer', tags: ['customer'], bucket: null },
  { name: 'cold', tags: ['cold lead'], source: ['web'], bucket: 'Cold Leads' },
];
const RULES = rulesOf(...ROUTES);
const said = (tags: string[], at = AT, rules = RULES): Told =>
  toldBy(
    {
      ...{ v: 1, kind: 'contact.changed', locationId: 'here', contactId: 'c1', eventType: 'ContactTagUpdate' },
      ...{ source: 'webhook', eventId: 'e1', occurredAt: at, receivedAt: at, snapshot: { tags, dnd: false } },
    } as ContactChanged,
    rules,
  );

test('each route is ruled out by tags, or depends on more', () => {
  expect(said(['cold lead']).signs).toEqual({ at: AT, routes: 'nnu' });
  expect(said(['hot lead', 'cold lead']).signs).toEqual({ at: AT, routes: 'unu' });
  expect(said(['newsletter'])).toMatchObject({ tags: { intent: 'none', priority: -1 } });
});

test('tags that "require" refuses rule out every route to a bucket, and none that keeps out', () => {
  const rules = {
    ...rulesOf({ name: 'abroad', country: ['CA'], bucket: null }, ...ROUTES),
    require: { tags: ['consent'] },
  };
  expect(said(['hot lead'], AT, rules).signs).toEqual({ at: AT, routes: 'unnn' });
  expect(said(['hot lead', 'consent'], AT, rules).signs).toEqual({ at: AT, routes: 'uunn' });
});

test('the newer statement counts; of two with the same time what either rules out is ruled out', () => {
  const [cold, hot] = [said(['cold lead']), said(['hot lead'])];
  expect(merge(cold, hot).signs?.routes).toBe('nnn');
  expect(merge(hot, cold).signs?.routes).toBe('nnn');
  expect(merge(cold, said(['hot lead'], AT + 1)).signs?.routes).toBe('unn');
  expect(merge(said(['hot lead'], AT + 1), cold).signs?.routes).toBe('unn');
});

test('of tags that tell the route and a statement of each route that have the same time both count', () => {
  const [cold, customer] = [said(['cold lead']), said(['customer'])];
  expect(merge(cold, customer)).toMatchObject({ tags: customer.tags, signs: cold.signs });
  expect(merge(customer, cold)).toMatchObject({ tags: customer.tags, signs: cold.signs });
});

test('newer tags that tell the route make an older statement void, and not the other way round', () => {
  const customer = said(['customer'], AT + 1);
  expect(merge(said(['cold lead']), customer).signs).toBeUndefined();
  expect(merge(customer, said(['cold lead'], AT + 2))).toMatchObject({
    tags: { intent: 'out' },
    signs: { at: AT + 2 },
  });
});

test('a statement adds nothing only if the same was said, or it is older than one that was taken into account', () => {
  const remembered: Remembered = {
    reason: 'placed',
    route: 'cold',
    priority: 2,
    intent: 'place',
    readAt: AT + 10_000,
    told: said(['cold lead']),
  };
  expect(agrees(said(['cold lead']), remembered)).toBe(true);
  expect(agrees({ signs: { at: AT + 1, routes: 'unn' } }, remembered)).toBe(false);
  expect(agrees({ signs: { at: AT - 1, routes: 'unn' } }, remembered)).toBe(true);
  expect(agrees({ signs: { at: AT + 1, routes: 'nnu' } }, { ...remembered, told: {} })).toBe(false);
});

test.each([
  ['nyn', 1, null],
  ['nun', 1, null],
  ['nnn', 1, { by: -1 }],
  ['ynn', 1, { by: 0 }],
  ['yyn', 1, { by: 0 }],
  ['uny', 2, null],
  ['nny', 1, { by: -1 }],
  ['ynn', 0, null],
  ['ynn', -1, null],
])('tags that say %j of each route make of route %d: %j', (routes, priority, by) => {
  expect(ruledOut({ at: AT, routes }, priority)).toEqual(by);
});

test('of two removals of one time one is enough', () => {
  const signs = { at: AT, routes: 'uu' };
  const removed = { ...signs, removed: true };
  expect(laterSaid({ signs }, { signs: removed }).signs).toEqual(removed);
  expect(laterSaid({ signs: removed }, { signs }).signs).toEqual(removed);
  expect(laterSaid({ signs }, { signs }).signs).toEqual(signs);
  expect(laterSaid({ signs: removed }, { signs: { ...signs, at: AT + 1 } }).signs).toEqual({ ...signs, at: AT + 1 });
});

test.each([
  ['the route that was said', { priority: 2, intent: 'place' }, { priority: 2 }, false],
  ['another route', { priority: 0, intent: 'place' }, { priority: 2 }, true],
  ['another route that keeps out, as was said', { priority: 1, intent: 'out' }, { priority: 3, out: true }, false],
  ['a route that places instead of one that keeps out', { priority: 1, intent: 'out' }, { priority: 2 }, true],
  ['the route, no longer permitted', { priority: 2, intent: 'place' }, { priority: 2, permitted: false }, true],
  ['the route, permitted now', { priority: 2, intent: 'none' }, { priority: 2 }, true],
  ['no route, as was said', { priority: -1, intent: 'none' }, { priority: -1 }, false],
  [
    'no route, as was said, whatever is permitted',
    { priority: -1, intent: 'removed' },
    { priority: -1, permitted: false },
    false,
  ],
] as const)('a read that shows %s', (_, tags, shown, differs) => {
  const read = { out: false, permitted: true, signs: 'nnn', ...shown };
  expect(tagsContradicted({ tags: { at: AT, ...tags } }, read)).toEqual(differs ? [AT] : []);
});

test('a read contradicts what was said of each route where it says otherwise of any', () => {
  const read = { priority: 1, out: false, permitted: true, signs: 'nyn' };
  expect(tagsContradicted({ signs: { at: AT, routes: 'nyn' } }, read)).toEqual([]);
  expect(tagsContradicted({ signs: { at: AT, routes: 'nyu' } }, read)).toEqual([AT]);
});
