// What a contact's row remembers of the work on it.

import { describe, expect, test } from 'vitest';
import { endsOf, historyAfter } from '../../../workers/consumer/domain/history.ts';

const AT = 500_000;
const EARLIER = [
  { at: 1, outcome: 'done', reason: 'placed', eventId: 'e-0', source: 'webhook', because: 'of tag "x"' },
];
const worked = (more: object = {}) => ({
  row: { history: JSON.stringify(EARLIER), attempts: 0 },
  work: { latest: { eventId: 'e-1', source: 'webhook' }, events: [{ receivedAt: AT - 900 }] as const },
  decision: { reason: 'placed', because: 'of tag "cold lead"' },
  decidedAt: AT - 100,
  ...more,
});
const ended = { at: AT, outcome: 'done', reason: 'placed', readAt: (AT - 400) as number | null, wrote: true };

describe('the newest entry', () => {
  test('says how long before it the work was asked for, read and decided, and what was written because of what', () => {
    expect(endsOf(historyAfter(worked(), ended))[0]).toEqual({
      ...{ at: AT, outcome: 'done', reason: 'placed', eventId: 'e-1', source: 'webhook' },
      ...{ received: 900, read: 400, decided: 100, wrote: 1, because: 'of tag "cold lead"' },
    });
  });

  test('leaves out what there was not: a read, a write, an earlier try', () => {
    const [end] = endsOf(historyAfter(worked(), { ...ended, readAt: null, wrote: false }));
    expect(Object.keys(end ?? {}).sort()).toEqual(
      ['at', 'because', 'eventId', 'outcome', 'reason', 'received', 'source'].sort(),
    );
    expect(endsOf(historyAfter(worked({ row: { history: '[]', attempts: 1 } }), ended))[0]?.tries).toBe(2);
  });

  test('never says that something will have been', () => {
    const [end] = endsOf(historyAfter(worked({ decidedAt: AT + 5 }), { ...ended, readAt: AT + 5 }));
    expect(end).toMatchObject({ read: 0, decided: 0 });
  });

  test.each([
    ['failed', { outcome: 'dead' }, {}],
    ['ended for another reason than the decision’s', { reason: 'shared_phone' }, {}],
    ['was not decided', {}, { decision: null }],
  ])('of work that %s says not because of what', (_, end, task) => {
    expect(endsOf(historyAfter(worked(task), { ...ended, ...end }))[0]).not.toHaveProperty('because');
  });
});

test.each([
  ['done', undefined],
  ['retry', 'of tag "x"'],
  ['dead', 'of tag "x"'],
])('after work that ended as %s the entry before it says because of: %s', (outcome, because) => {
  const ends = endsOf(historyAfter(worked(), { ...ended, outcome }));
  expect(ends).toHaveLength(2);
  expect(ends[1]?.because).toBe(because);
});

test.each(['wait', 'busy'])('work that must %s adds nothing', (outcome) => {
  expect(historyAfter(worked(), { ...ended, outcome })).toBe(JSON.stringify(EARLIER));
});

test('no more than ten entries are kept, and those of another form are not shown', () => {
  let history = '[]';
  for (let n = 0; n < 12; n++) history = historyAfter(worked({ row: { history, attempts: 0 } }), { ...ended, at: n });
  expect(endsOf(history).map(({ at }) => at)).toEqual([11, 10, 9, 8, 7, 6, 5, 4, 3, 2]);
  for (const odd of ['', '{}', '[{"at":"x"}]', 'nonsense']) expect(endsOf(odd)).toEqual([]);
});
