// Which webhooks do not say what has changed, so that a read which shows nothing new may have come too early.

import { describe, expect, test } from 'vitest';
import type { ContactChanged } from '../../../shared/messages.ts';
import { type Looks, lookForList, lookOnce, nextLook, unsaidAt } from '../../../workers/consumer/domain/looks.ts';
import { hintOf, RULES } from '../../support/batch-harness.ts';

const AT = 100_000;
const BY_SOURCE = { routes: [{ name: 'web', tags: ['cold lead'], source: { oneOf: ['web'] }, bucket: 'Cold Leads' }] };
const TAGS = { at: AT, priority: 1, intent: 'place' } as const;
const UPDATE = { eventType: 'ContactUpdate', snapshot: { tags: ['cold lead'], dnd: false } };
const unsaid = (changes: Partial<ContactChanged>, rules = RULES, began = AT + 3000) =>
  unsaidAt([hintOf('one', { receivedAt: AT, ...changes })], began, rules);

test.each<[string, Partial<ContactChanged>]>([
  ['one without a snapshot', {}],
  ['the word for several of which none told more than that it is there', { told: { there: AT } }],
  ['the same where none had a time', { told: { heard: AT } }],
])('%s', (_, changes) => {
  expect(unsaid(changes)).toBe(AT);
});

test.each<[string, Partial<ContactChanged>]>([
  ['one with a snapshot', UPDATE],
  ['the word for several of which one named tags', { told: { there: AT, tags: TAGS } }],
  ['a deletion', { eventType: 'ContactDelete' }],
  ['one about an opportunity', { eventType: 'OpportunityUpdate' }],
  ['a follow-up of ours', { source: 'followup' }],
])('but not %s', (_, changes) => {
  expect(unsaid(changes)).toBeNull();
});

test('where the rules ask for more than tags, an update does not say it all, nor does the word for several', () => {
  expect(unsaid(UPDATE, BY_SOURCE)).toBe(AT);
  expect(unsaid({ eventType: 'ContactUpdate', told: { there: AT, tags: TAGS } }, BY_SOURCE)).toBe(AT);
  expect(unsaid({ ...UPDATE, eventType: 'ContactTagUpdate' }, BY_SOURCE)).toBeNull();
});

test('a read that begins ten seconds later is late enough', () => {
  expect(unsaid({}, RULES, AT + 10_000)).toBe(AT);
  expect(unsaid({}, RULES, AT + 10_001)).toBeNull();
  expect(unsaid({ newestAt: AT + 5000 }, RULES, AT + 10_001)).toBe(AT + 5000);
});

describe('a look that is planned already', () => {
  const NOW = 500_000;
  const planned = (inMs: number, looks = 1) => ({ lookAt: NOW + inMs, looks });

  test.each([
    ['a contradiction', (before: Looks) => nextLook(before, [NOW], false, NOW)],
    ['a read that came too early', (before: Looks) => lookOnce(before, NOW)],
    ['a list', (before: Looks) => lookForList(before, false, NOW)],
  ])('serves %s if it comes soon enough, and no second one is needed', (_, next) => {
    expect(next(planned(2000))).toEqual(planned(2000));
    expect(next(planned(400_000)).lookAt).toBeLessThanOrEqual(NOW + 60_000);
  });

  test('the last one for a list stays', () => {
    expect(lookForList(planned(400_000, 5), false, NOW)).toEqual(planned(400_000, 5));
    expect(lookForList(planned(0, 5), true, NOW)).toEqual({ lookAt: null, looks: 0 });
  });
});
