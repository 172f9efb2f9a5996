// What webhooks say of tags where tags alone do not tell the route: the newest counts, of two with the same time the stricter, and a
// statement that was not taken into account is worth a read.

import { expect, test } from 'vitest';
import type { ContactChanged, Told } from '../../../shared/messages.ts';
import { agrees, merge, type Remembered, toldBy } from '../../../workers/consumer/domain/told.ts';
import { rulesOf } from '../../support/rules.ts';

const AT = 1_795_000_000_000;
const RULES = rulesOf(
  { name: 'hot', tags: ['hot lead'], source: ['web'], bucket: 'Hot Leads' },
  { name: 'customer', tags: ['customer'], bucket: null },
  { name: 'cold', tags: ['cold lead'], source: ['web'], bucket: 'Cold Leads' },
);
const said = (tags: string[], at = AT): Told =>
  toldBy(
    {
      ...{ v: 1, kind: 'contact.changed', locationId: 'here', contactId: 'c1', eventType: 'ContactTagUpdate' },
      ...{ source: 'webhook', eventId: 'e1', occurredAt: at, receivedAt: at, snapshot: { tags, dnd: false } },
    } as ContactChanged,
    RULES,
  );

test('each route is ruled out by tags, or depends on more', () => {
  expect(said(['cold lead']).signs).toEqual({ at: AT, routes: 'nnu' });
  expect(said(['hot lead', 'cold lead']).signs).toEqual({ at: AT, routes: 'unu' });
  expect(said(['newsletter'])).toMatchObject({ tags: { intent: 'none', priority: -1 } });
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
