// Which webhooks triage takes for echoes of our own tags, and what it hands to the claim about each piece of work.

import { describe, expect, test } from 'vitest';
import type { ContactChanged } from '../../../shared/messages.ts';
import type { ContactRow, DialerRow } from '../../../workers/consumer/store/claim.ts';
import { coalesce } from '../../../workers/consumer/sync/coalesce.ts';
import { itemOf, triage } from '../../../workers/consumer/sync/triage.ts';
import { contactRow, dialerRow, hintOf, RULES } from '../../support/batch-harness.ts';

const NOW = 10_000_000;
const AT = NOW - 1000;
const ECHO_MS = 300_000;
const SKEW_MS = 5000;
const TOGETHER_MS = 10_000;

const workOf = (...events: ContactChanged[]) => {
  const [work] = coalesce(events, RULES);
  if (!work) throw new Error('no work');
  return work;
};
/** A webhook of changed tags: by them the route is `cold`, with the priority 1. */
const tagged = (receivedAt = AT, tags = ['cold lead']) =>
  hintOf('one', { eventType: 'ContactTagUpdate', receivedAt, occurredAt: receivedAt, snapshot: { tags, dnd: false } });

const judged = (
  events: ContactChanged[],
  contact: Partial<ContactRow> = {},
  numbers: Partial<DialerRow>[] = [{}],
  now = NOW,
) =>
  triage(
    workOf(...events),
    {
      contacts: new Map([['one', contactRow(contact)]]),
      dialer: new Map(numbers.map(dialerRow).map((row) => [row.phoneHash, row])),
      intents: new Map(),
    },
    now,
  );

describe('a webhook after we have written tags', () => {
  /** Read so long before the webhook that only the tags we wrote can have caused it. */
  const readAt = AT - TOGETHER_MS - 1;
  const kindOf = (tagsWrittenAt: number | null, ...events: ContactChanged[]) =>
    judged(events.length > 0 ? events : [tagged()], { readAt, tagsWrittenAt }).kind;

  test.each<[string, number | null, 'skipped' | 'task']>([
    ['at the same time', AT, 'skipped'],
    ['as long before as such a webhook may take', AT - ECHO_MS, 'skipped'],
    ['longer before', AT - ECHO_MS - 1, 'task'],
    ['later, by as much as clocks may differ', AT + SKEW_MS, 'skipped'],
    ['still later', AT + SKEW_MS + 1, 'task'],
    ['never', null, 'task'],
  ])('%s', (_, tagsWrittenAt, kind) => {
    expect(kindOf(tagsWrittenAt)).toBe(kind);
  });

  test('of two webhooks the write must fit both', () => {
    const both = [tagged(AT - 200_000), tagged(AT)];
    expect([kindOf(AT - ECHO_MS, ...both), kindOf(AT - ECHO_MS - 1, ...both)]).toEqual(['skipped', 'task']);
    expect([kindOf(AT - 195_000, ...both), kindOf(AT - 194_999, ...both)]).toEqual(['skipped', 'task']);
  });

  test.each<[string, Partial<ContactRow>, ContactChanged]>([
    ['another route', { priority: 0 }, tagged()],
    ['no route', {}, tagged(AT, [])],
    ['a route, and the contact has none', { route: null }, tagged()],
  ])('is worked on where it shows %s', (_, contact, event) => {
    expect(judged([event], { readAt, tagsWrittenAt: AT, ...contact }).kind).toBe('task');
  });

  test('is worked on where it shows another route, although a newer webhook has named that one', () => {
    const out = { state: 'kept_out', reason: 'route', route: 'customer', intent: 'out', priority: 0 } as const;
    const newer = { tags: { at: AT + 1, priority: 0, intent: 'out' as const } };
    expect(judged([tagged()], { readAt, tagsWrittenAt: AT, ...out, told: newer }).kind).toBe('task');
    // Without a route the priority that is stored means nothing.
    const none = { state: 'kept_out', reason: 'no_route', route: null, intent: 'none', priority: 1 } as const;
    const gone = { tags: { at: AT + 1, priority: -1, intent: 'none' as const } };
    expect(judged([tagged()], { readAt, tagsWrittenAt: AT, ...none, told: gone }).kind).toBe('task');
  });

  test('shows that no route matches as a read has shown it', () => {
    const none = { state: 'kept_out', reason: 'no_route', route: null, intent: 'none', priority: 0 } as const;
    expect(judged([tagged(AT, [])], { readAt, tagsWrittenAt: AT, ...none }).kind).toBe('skipped');
  });
});

test.each([
  [AT - TOGETHER_MS, 'skipped'],
  [AT - TOGETHER_MS - 1, 'task'],
])('a webhook right after a read at %d: %s', (readAt, kind) => {
  expect(judged([tagged()], { readAt }).kind).toBe(kind);
});

describe('a read since', () => {
  const plain = hintOf('one', { receivedAt: AT });
  test.each([
    ['that began later than clocks may differ', AT + SKEW_MS + 1, 'skipped'],
    ['that began as much later as they may differ', AT + SKEW_MS, 'task'],
  ])('%s: %s', (_, readAt, kind) => {
    expect(judged([plain], { readAt }, [{}], readAt + 1).kind).toBe(kind);
  });

  test.each<[string, Partial<DialerRow>[], 'skipped' | 'task']>([
    ['its number is no longer in doubt', [{ doubtUntil: NOW }], 'skipped'],
    ['its number is in doubt', [{ doubtUntil: NOW + 1 }], 'task'],
    ['it has no number', [], 'skipped'],
    ['another contact’s number is in doubt', [{}, { phoneHash: 'q', contactId: 'two', inDoubt: true }], 'skipped'],
  ])('spares it or not, where %s', (_, numbers, kind) => {
    expect(judged([hintOf('one', { receivedAt: 0 })], { readAt: NOW - 1 }, numbers).kind).toBe(kind);
  });
});

describe('what is remembered of a webhook that costs nothing', () => {
  const skipped = (event: ContactChanged, contact: Partial<ContactRow> = {}) =>
    judged([event], { readAt: NOW - 1, ...contact });

  test('is what it says, while no read has overtaken it', () => {
    const at = NOW - 100_000;
    const event = { ...tagged(at), eventType: 'ContactUpdate' };
    expect(skipped(event)).toMatchObject({ kind: 'skipped', told: { tags: { at, priority: 1, intent: 'place' } } });
    const long = { ...tagged(NOW - 200_000), eventType: 'ContactUpdate' };
    expect(skipped(long)).toEqual({ kind: 'skipped', told: {} });
  });

  test('is nothing where it says nothing', () => {
    const asked = hintOf('one', { source: 'backstop', searchHash: 'row' });
    expect(skipped(asked, { searchHash: 'row' })).toEqual({ kind: 'skipped', told: null });
    expect(triage(workOf(asked), { contacts: new Map(), dialer: new Map(), intents: new Map() }, NOW)).toEqual({
      kind: 'skipped',
      told: null,
    });
  });
});

test('a task knows nothing of what is still to be read', () => {
  const answer = judged([hintOf('one', { source: 'replay' })]);
  if (answer.kind !== 'task') throw new Error('no task');
  expect(answer.task).toMatchObject({
    ...{ decision: null, readHash: null, phoneHash: null, failure: null, readFailure: null },
    ...{ against: [], listUnread: false, tooEarly: false, unasked: false, told: {} },
  });
});

describe('tags that are gone', () => {
  test.each([
    ['placed', 'place', 'removed'],
    ['not to be placed', 'none', 'none'],
  ] as const)('of a contact that was %s', (_, intent, said) => {
    const answer = judged([tagged(AT, [])], { intent });
    if (answer.kind !== 'task') throw new Error('no task');
    expect(answer.task.told.tags?.intent).toBe(said);
  });
});

describe('the claim is told', () => {
  test('of plain webhooks: when the newest was received, and how far clocks may differ', () => {
    const work = workOf(hintOf('one', { receivedAt: AT - 9 }), hintOf('one', { receivedAt: AT }));
    expect(itemOf(work)).toEqual({
      ...{ id: 'one', insert: true, noRuleMatches: false, heardAt: AT + SKEW_MS, row: null, echo: null },
    });
  });

  test('of a message that stands for later ones: when the last of them was received', () => {
    expect(itemOf(workOf(hintOf('one', { receivedAt: AT, newestAt: AT + 7 })))).toMatchObject({
      heardAt: AT + 7 + SKEW_MS,
    });
  });

  test.each(['replay', 'backstop', 'followup'] as const)('of a %s beside a webhook: no time', (source) => {
    expect(itemOf(workOf(hintOf('one'), hintOf('one', { source })))).toMatchObject({ heardAt: null });
  });

  test('of tags: when we must have written them to have caused these webhooks', () => {
    expect(itemOf(workOf(tagged(AT - 50), tagged(AT)))).toMatchObject({
      echo: { earliest: AT - ECHO_MS, latest: AT - 50 + SKEW_MS, readFrom: AT - TOGETHER_MS, priority: 1 },
    });
  });

  test('of tags that no route matches: that no read is due to a contact that is out, and that no row is needed', () => {
    expect(itemOf(workOf(tagged(AT, ['x'])))).toMatchObject({
      ...{ insert: false, noRuleMatches: true, echo: { priority: -1 } },
    });
  });

  test.each<[string, Partial<ContactChanged>[], string | null]>([
    ['of a page: its row', [{ searchHash: 'row' }], 'row'],
    [
      'of two pages: the later row',
      [
        { searchHash: 'row', receivedAt: 1 },
        { searchHash: 'new', receivedAt: 2 },
      ],
      'new',
    ],
    ['of a page and another message: none', [{ searchHash: 'row' }, {}], null],
    ['where CallTools is to be asked: none', [{ searchHash: 'row', verify: true }], null],
  ])('%s', (_, changes, row) => {
    const events = changes.map((one) => hintOf('one', { source: 'backstop', ...one }));
    expect(itemOf(workOf(...events)).row).toBe(row);
  });
});
