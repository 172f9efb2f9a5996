// What a job wants of CallTools, and from which number its CallTools contact may come.

import { describe, expect, test } from 'vitest';
import type { Observed } from '../../../workers/consumer/dialer/session.ts';
import type { Combined, Placing } from '../../../workers/consumer/domain/decide.ts';
import type { DialerRow } from '../../../workers/consumer/store/claim.ts';
import { type Attempt, type BatchContext, desiredOf, leftFor } from '../../../workers/consumer/sync/attempt.ts';
import type { Job } from '../../../workers/consumer/sync/work.ts';
import { dialerRow, jobsOf, RULES, taskOf } from '../../support/batch-harness.ts';
import { observed } from '../../support/vendor-harness.ts';

const OUT: Combined = { kind: 'out', doNotContact: false };

/** The job of a number whose contact is to be dialed. */
function jobOf(row: Partial<DialerRow> = {}, changes: Partial<Job> = {}): Job {
  const job = jobsOf([taskOf()], { rows: [dialerRow(row)] }).get('p');
  if (!job) throw new Error('no job');
  return { ...job, ...changes };
}

describe('the number that the contact has left for this one', () => {
  const toHere = taskOf({ phoneHash: 'p' });
  const left = (name: string, row: Partial<DialerRow> = {}, leftBy = toHere) => jobOf(row, { leftBy, e164: name });
  const none = { callToolsId: null, mayBeInBucket: false };

  test.each<[string, Job[], string | undefined]>([
    ['none', [jobOf()], undefined],
    ['one', [left('a')], 'a'],
    ['one without a CallTools contact', [left('a', none)], 'a'],
    [
      'one that has a CallTools contact before one that has none',
      [left('a', none), left('b', { mayBeInBucket: false })],
      'b',
    ],
    ['one that is in a bucket before one that is not', [left('a', { mayBeInBucket: false }), left('b')], 'b'],
    ['the first of two like that', [left('a'), left('b')], 'a'],
    ['not one that was left for another number', [left('a', {}, taskOf({ phoneHash: 'r' }))], undefined],
    ['not one that another contact has left', [left('a', {}, taskOf({ contactId: 'two', phoneHash: 'p' }))], undefined],
  ])('is %s', (_, jobs, name) => {
    expect(leftFor(jobOf(), jobs)?.e164).toBe(name);
    expect(leftFor(jobOf({}, { combined: OUT }), jobs)).toBeUndefined();
  });
});

describe('what a job wants of CallTools', () => {
  const placing = (at: number, route: string | null = 'cold'): Placing => ({
    at,
    route,
    bucket: 1,
    tag: null,
    word: null,
  });
  const q = dialerRow({ phoneHash: 'q', callToolsId: 2, placing: placing(2) });

  interface Wants {
    job?: Job;
    known?: Partial<Observed>;
    left?: Job;
  }
  const desired = ({ job = jobOf(), known = {}, left }: Wants) => {
    const batch = { rules: RULES, now: () => 5000 } as BatchContext;
    const attempt: Attempt = { job, observed: observed(known), left, batch };
    return desiredOf(attempt, job.wanted ?? OUT);
  };

  test.each<[string, Wants, object]>([
    ['is about the contact that is remembered', {}, { callToolsId: 1, inDoubt: false, doubtMs: 0, route: 'cold' }],
    ['is about the one that was written', { known: { wrote: true, callToolsId: 9 } }, { callToolsId: 9 }],
    ['is not about one that was only seen', { known: { callToolsId: 9 } }, { callToolsId: 1 }],
    ['is about the remembered one where that was written away', { known: { wrote: true } }, { callToolsId: 1 }],
    ['is in doubt after a batch that died', { job: jobOf({ inDoubt: true }) }, { inDoubt: true }],
    [
      'is so no more once it was written',
      { job: jobOf({ inDoubt: true }), known: { wrote: true, callToolsId: 1 } },
      { inDoubt: false },
    ],
    [
      'is so still where nothing is left of what was written',
      { job: jobOf({ inDoubt: true }), known: { wrote: true } },
      { inDoubt: true },
    ],
    ['says how long a write may take effect', { job: jobOf({ doubtUntil: 5700 }) }, { doubtMs: 700 }],
    ['says that none may any more', { job: jobOf({ doubtUntil: 4000 }) }, { doubtMs: 0 }],
    ['says when it was put into its bucket', { job: jobOf({ placing: placing(1) }) }, { placing: placing(1) }],
    ['not so of another route', { job: jobOf({ placing: placing(1, 'warm') }) }, { placing: null }],
    [
      'says so of another number of its CallTools contact',
      { job: jobOf({}, { linked: [q], carriers: [2] }) },
      { placing: placing(2) },
    ],
    ['its own first', { job: jobOf({ placing: placing(1) }, { linked: [q], carriers: [2] }) }, { placing: placing(1) }],
    ['not of a number that is elsewhere', { job: jobOf({}, { linked: [q], carriers: [3] }) }, { placing: null }],
    [
      'not of a number without a CallTools contact',
      { job: jobOf({}, { linked: [{ ...q, callToolsId: null }], carriers: [2] }) },
      { placing: null },
    ],
    ['has no earlier contact', {}, { previousContactId: null, previousPlacing: null }],
    [
      'has the contact under the number that was left',
      { left: jobOf({ callToolsId: 7, placing: placing(7) }, { numbers: new Set(['r']) }) },
      { previousContactId: 7, previousPlacing: placing(7), numbers: new Set(['p', 'r']) },
    ],
    [
      'has none where that number had none',
      { left: jobOf({ callToolsId: null }) },
      { previousContactId: null, numbers: new Set(['p']) },
    ],
  ])('%s', (_, wants, expected) => {
    expect(desired(wants)).toMatchObject(expected);
  });
});
