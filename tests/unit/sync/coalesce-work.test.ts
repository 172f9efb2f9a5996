// What the hints about one contact say together, field by field.

import { describe, expect, test } from 'vitest';
import type { ContactChanged } from '../../../shared/messages.ts';
import type { Rules } from '../../../workers/consumer/domain/rules/conditions.ts';
import { coalesce, newestAt } from '../../../workers/consumer/sync/coalesce.ts';
import { hintOf, RULES } from '../../support/batch-harness.ts';

const workOf = (changes: Partial<ContactChanged>[], rules: Rules = RULES, everyTag = false) => {
  const [work] = coalesce(
    changes.map((one) => hintOf('one', one)),
    rules,
    everyTag,
  );
  if (!work) throw new Error('no work');
  return work;
};

const LOOK = { source: 'followup', eventType: 'ReadAgain' } as const;
const CALL = { source: 'call' } as const;
const RUN = { source: 'backstop', searchHash: 'row' } as const;

describe('who asks', () => {
  test.each<[string, Partial<ContactChanged>[], Partial<ReturnType<typeof workOf>>]>([
    ['a webhook', [{}], { byBackstop: false, byCall: false, looking: false, onlyLooking: false, verify: false }],
    ['a run', [RUN], { byBackstop: true, byCall: false, searchHash: 'row' }],
    ['a run and a webhook', [RUN, {}], { byBackstop: false, searchHash: null }],
    ['a call', [CALL], { byCall: true, byBackstop: false }],
    ['a call and a webhook', [CALL, {}], { byCall: false }],
    ['a look', [LOOK], { looking: true, onlyLooking: true }],
    ['a look and a webhook', [LOOK, {}], { looking: true, onlyLooking: false }],
    [
      'a look that carries what webhooks said',
      [{ ...LOOK, told: { heard: 1 } }],
      { looking: true, onlyLooking: false },
    ],
    ['another follow-up', [{ ...LOOK, eventType: 'Confirm' }], { looking: false, onlyLooking: false }],
    ['a webhook of that name', [{ ...LOOK, source: 'webhook' }], { looking: false, onlyLooking: false }],
    ['a run that verifies, and one that does not', [RUN, { ...RUN, verify: true }], { verify: true }],
  ])('%s', (_, changes, expected) => {
    expect(workOf(changes)).toMatchObject(expected);
  });

  test('the row of a run is the last one that is named', () => {
    const rows = (...hashes: (string | undefined)[]) =>
      workOf(
        hashes.map((searchHash, n) => ({
          ...RUN,
          receivedAt: n,
          ...(searchHash ? { searchHash } : { searchHash: '' }),
        })),
      );
    expect(rows('a', 'b').searchHash).toBe('b');
    expect(rows('a', undefined).searchHash).toBe('a');
    expect(rows(undefined).searchHash).toBeNull();
  });
});

describe('the route that all hints show', () => {
  const tags = (names: string[], more: Partial<ContactChanged> = {}): Partial<ContactChanged> => ({
    ...{ eventType: 'ContactTagUpdate', snapshot: { tags: names, dnd: false } },
    ...more,
  });

  test.each<[string, Partial<ContactChanged>[], number | null]>([
    ['is that of changed tags', [tags(['cold lead'])], 1],
    ['is that of a new contact', [tags(['customer'], { eventType: 'ContactCreate' })], 0],
    ['is none', [tags(['x'])], -1],
    ['is the same for several', [tags(['cold lead']), tags(['cold lead', 'x'])], 1],
    ['is not known where they differ', [tags(['cold lead']), tags(['customer'])], null],
    ['is not known where one tells nothing of it', [tags(['cold lead']), {}], null],
    ['is not known where the first tells nothing of it', [{}, tags(['cold lead'])], null],
    ['is not known of another change', [tags(['cold lead'], { eventType: 'ContactUpdate' })], null],
    ['is not known of another source', [tags(['cold lead'], { source: 'workflow' })], null],
    ['is not known where do-not-disturb is on', [{ ...tags([]), snapshot: { tags: ['cold lead'], dnd: true } }], null],
    ['is not known where the tags are not', [{ eventType: 'ContactTagUpdate' }], null],
    ['is not known where it stands for several', [tags(['cold lead'], { told: {} })], null],
  ])('%s', (_, changes, route) => {
    expect(workOf(changes).shownRoute).toBe(route);
  });

  test.each<[string, Rules, number | null]>([
    ['"require" asks for nothing', { ...RULES, require: {} }, 1],
    ['"require" asks for a source', { ...RULES, require: { source: { exists: true } } }, 1],
    ['"require" asks for a tag', { ...RULES, require: { tags: ['ok'] } }, null],
    ['"require" asks for a word', { ...RULES, require: { words: ['ok'] } }, null],
    ['"require" refuses a tag', { ...RULES, require: { not: { tags: ['no'] } } }, null],
    ['"require" refuses a source', { ...RULES, require: { not: { source: { exists: true } } } }, 1],
  ])('counts or not, where %s', (_, rules, route) => {
    expect(workOf([tags(['cold lead'])], rules).shownRoute).toBe(route);
  });

  test('counts for nothing where CallTools gets all tags', () => {
    expect(workOf([tags(['cold lead'])], RULES, true).shownRoute).toBeNull();
  });

  test('is not known where it depends on more than tags', () => {
    const rules = { routes: [{ name: 'x', source: { exists: true }, bucket: 'X' } as const, ...RULES.routes] };
    expect(workOf([tags(['cold lead'])], rules)).toMatchObject({ shownRoute: null, noRuleMatches: false });
    expect(workOf([tags([])], rules)).toMatchObject({ shownRoute: null, noRuleMatches: false, mayMatter: true });
  });
});

test('what webhooks said is put together, the newest of each kind', () => {
  const said = (at: number, tags: string[]) => ({ occurredAt: at, receivedAt: at, snapshot: { tags, dnd: false } });
  expect(workOf([said(2, ['customer']), said(1, ['cold lead'])]).told).toMatchObject({
    ...{ there: 2, tags: { at: 2, priority: 0, intent: 'out' } },
  });
  expect(workOf([{ source: 'replay' }]).told).toEqual({});
});

test('a hint that stands for later ones is as new as the last of them', () => {
  expect([newestAt(hintOf('one', { receivedAt: 5, newestAt: 9 })), newestAt(hintOf('one', { receivedAt: 5 }))]).toEqual(
    [9, 5],
  );
});
