// Where a contact is after its batch, and why, where its number or its CallTools contact is shared, and where something failed.

import { describe, expect, test } from 'vitest';
import type { Combined } from '../../../workers/consumer/domain/decide.ts';
import type { Job, Result, Task } from '../../../workers/consumer/sync/work.ts';
import { decisionOf, dialerRow, FAILURES, failedOf, jobsOf, resultOf, taskOf } from '../../support/batch-harness.ts';
import { settled } from './settle-harness.ts';

const OBSERVED = { callToolsId: 1, mayBeInBucket: true, moved: false, doNotContact: false, placing: null };
const NOT_THERE = { ...OBSERVED, mayBeInBucket: false };

/** A contact that would be dialed, and the result of its number's job. */
function placeWhen(job: Partial<Job>, result: Partial<Result> = {}) {
  const task = taskOf();
  const planned = jobsOf([task]).get('p');
  if (!planned) throw new Error('no job');
  const { outcome } = settled(task, [resultOf({ ...planned, ...job }, result)]);
  if (outcome.kind !== 'done') throw new Error(outcome.kind);
  return [outcome.state, outcome.reason];
}

const OUT: Combined = { kind: 'out', doNotContact: false };
const TWO_LEADS: Combined = { kind: 'place', primary: 'two', priority: 0 };
const intent = (contactId: string, wants: 'place' | 'out', phoneHash: string) => ({
  contactId,
  intent: wants,
  priority: 1,
  phoneHash,
});
const here = dialerRow();
const there = dialerRow({ phoneHash: 'q', contactId: 'two' });

describe('a contact that would be dialed', () => {
  test.each<[string, Partial<Job>, Partial<Result>, string, string]>([
    ['leads', {}, {}, 'placed', 'placed'],
    ['is held because of a call', { combined: { ...OUT, hold: 'said_no' } }, {}, 'kept_out', 'said_no'],
    [
      'has a number that another contact keeps out',
      { combined: OUT, intents: [intent('one', 'place', 'p'), intent('two', 'out', 'p')] },
      {},
      'kept_out',
      'shared_phone',
    ],
    [
      'has a number beside one that another contact keeps out',
      { combined: OUT, intents: [intent('one', 'place', 'p'), intent('two', 'out', 'q')] },
      {},
      'kept_out',
      'shared_contact',
    ],
    ['follows one with its number', { combined: TWO_LEADS, primaryRow: here }, {}, 'placed', 'shared_phone'],
    ['follows one with another number', { combined: TWO_LEADS, primaryRow: there }, {}, 'placed', 'shared_contact'],
    [
      'follows one whose number is not known',
      { combined: TWO_LEADS, primaryRow: null },
      {},
      'placed',
      'shared_contact',
    ],
    [
      'follows one that is not in the dialer',
      { combined: TWO_LEADS, primaryRow: here },
      { kind: 'asked', observed: NOT_THERE },
      'kept_out',
      'shared_phone',
    ],
    [
      'is dialed along with one under another number',
      { combined: TWO_LEADS, primaryRow: there },
      { kind: 'follows', observed: { ...NOT_THERE, along: true } },
      'placed',
      'shared_contact',
    ],
    [
      'is not dialed along with one under another number',
      { combined: TWO_LEADS, primaryRow: there },
      { kind: 'follows', observed: { ...OBSERVED, along: false } },
      'kept_out',
      'shared_contact',
    ],
    [
      'follows one under another number, and it is not known whether it is dialed along',
      { combined: TWO_LEADS, primaryRow: there },
      { kind: 'follows', observed: OBSERVED },
      'kept_out',
      'shared_contact',
    ],
  ])('and %s', (_, job, result, state, reason) => {
    expect(placeWhen(job, result)).toEqual([state, reason]);
  });

  test('and whose number nobody has worked on is kept out', () => {
    expect(settled(taskOf(), []).outcome).toMatchObject({ kind: 'done', state: 'kept_out', reason: 'shared_phone' });
  });

  test('is where its new number is, not where the old one was', () => {
    const task = taskOf({ phoneHash: 'q' });
    const rows = [dialerRow(), dialerRow({ phoneHash: 'q', contactId: null })];
    const results = [...jobsOf([task], { rows }).values()].map((job) => resultOf(job));
    expect(results.map(({ job }) => [job.row.phoneHash, job.combined.kind])).toEqual([
      ['p', 'out'],
      ['q', 'place'],
    ]);
    expect(settled(task, results).outcome).toMatchObject({ state: 'placed', reason: 'placed' });
    expect(settled(task, results.toReversed()).outcome).toMatchObject({ state: 'placed', reason: 'placed' });
  });
});

describe('a contact whose work has failed', () => {
  const row = { state: 'pending', reason: 'before' } as const;
  const after = (more: Partial<Task>, failure?: Parameters<typeof failedOf>[1]) => {
    const task = { ...taskOf({ row }), ...more };
    const results = [...jobsOf([task]).values()].map((job) => (failure ? failedOf(job, failure) : resultOf(job)));
    const { outcome, commit } = settled(task, results);
    return [outcome.kind, commit.state, commit.reason];
  };

  test.each<[string, Partial<Task>, Parameters<typeof failedOf>[1] | undefined, string[]]>([
    ['is where it was', {}, FAILURES.transient, ['retry', 'pending', 'before']],
    [
      'is where its decision puts it where only the read failed',
      { readFailure: FAILURES.transient },
      undefined,
      ['retry', 'placed', 'placed'],
    ],
    [
      'is where it was where the read failed too',
      { readFailure: FAILURES.busy },
      FAILURES.transient,
      ['retry', 'pending', 'before'],
    ],
    ['is where it was where it was stopped', { failure: FAILURES.busy }, undefined, ['busy', 'pending', 'before']],
    [
      'fails for good by what could not be read',
      { readFailure: FAILURES.contact },
      undefined,
      ['dead', 'failed', 'rejected'],
    ],
    [
      'fails for good by what its answer does not show',
      { decision: decisionOf('out', { unread: ['contact.tags'] }) },
      undefined,
      ['dead', 'failed', 'unexpected_response'],
    ],
  ])('%s', (_, more, failure, expected) => {
    expect(after(more, failure)).toEqual(expected);
  });

  test('counts as an outage of the vendor that is down, and of no other', () => {
    const failing = (failure: Parameters<typeof failedOf>[1], down: string[]) =>
      settled(taskOf({ failure }), [], down).outcome.kind;
    expect(failing(FAILURES.transient, ['calltools'])).toBe('wait');
    expect(failing(FAILURES.transient, ['gohighlevel'])).toBe('retry');
    expect(failing(FAILURES.staleLabels, ['calltools', 'gohighlevel'])).toBe('retry');
  });
});

describe('the latest entry of its history', () => {
  const wrote = (which: boolean[]) => {
    const task = taskOf({ phoneHash: 'q' });
    const rows = [dialerRow(), dialerRow({ phoneHash: 'q', contactId: null })];
    const results = [...jobsOf([task], { rows }).values()].map((job, index) =>
      resultOf(job, { observed: { ...OBSERVED, ...(which[index] && { wrote: true }) } }),
    );
    return JSON.parse(settled(task, results).commit.history)[0].wrote === 1;
  };

  test('says that something was written where one of its numbers was', () => {
    expect(wrote([true, false])).toBe(true);
    expect(wrote([false, true])).toBe(true);
    expect(wrote([false, false])).toBe(false);
    expect(JSON.parse(settled(taskOf(), []).commit.history)[0]).not.toHaveProperty('wrote');
  });
});
