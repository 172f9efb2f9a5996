// Which of several failures of one piece of work counts.

import { expect, test } from 'vitest';
import { type Failure, worstOf } from '../../../workers/consumer/domain/failure.ts';

const error = 'why';
const FAILURES = {
  setup: { kind: 'setup', vendor: 'calltools', error },
  throttled: { kind: 'throttled', vendor: 'calltools', retryAfterMs: 1000, error },
  unanswered: { kind: 'transient', vendor: 'calltools', error, unanswered: true },
  transient: { kind: 'transient', vendor: 'calltools', error },
  busy: { kind: 'busy', error },
  stale: { kind: 'stale_labels', error },
  refused: { kind: 'refused', vendor: 'calltools', error, sign: 'record' },
  contact: { kind: 'contact', code: 'rejected', error },
} satisfies Record<string, Failure>;
type Name = keyof typeof FAILURES;

test.each<[Name, Name, string]>([
  ['setup', 'throttled', 'nobody can succeed before a person fixes it'],
  ['throttled', 'transient', 'no call before the vendor says so'],
  ['unanswered', 'transient', 'it leaves a write in doubt'],
  ['transient', 'busy', 'it uses up an attempt, so that the work comes to an end'],
  ['stale', 'transient', 'with new labels more may be done at once'],
  ['busy', 'contact', 'what was not reached may yet be done'],
  ['refused', 'contact', 'whom it concerns is not known yet'],
])('%s counts before %s: %s', (first, second) => {
  const pair = [FAILURES[first], FAILURES[second]];
  expect([worstOf(pair), worstOf(pair.toReversed())]).toEqual([FAILURES[first], FAILURES[first]]);
});

test('of none there is none', () => {
  expect(worstOf([])).toBeNull();
});
