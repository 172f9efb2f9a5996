// What a backstop run is told that the work on a contact has repaired.

import { describe, expect, test } from 'vitest';
import type { Result } from '../../../workers/consumer/sync/work.ts';
import {
  contactRow,
  decisionOf,
  dialerRow,
  FAILURES,
  failedOf,
  jobsOf,
  resultOf,
  taskOf,
} from '../../support/batch-harness.ts';
import { alone, LED, settled } from './settle-harness.ts';

describe('what a run is told that it has repaired', () => {
  const hint = { source: 'backstop' } as const;
  const repaired = (
    options: Parameters<typeof taskOf>[0],
    changes: Partial<Result> = {},
    row: Parameters<typeof dialerRow>[0] = {},
  ) => {
    const { outcome } = alone({ hint, ...options }, changes, { rows: [dialerRow(row)] });
    return outcome.kind === 'done' ? (outcome.repaired ?? null) : outcome.kind;
  };

  test('nothing where nothing was written, or a webhook asked', () => {
    const observed = { callToolsId: 1, mayBeInBucket: true, moved: false, doNotContact: false, placing: null };
    expect(repaired({}, { kind: 'unchanged', observed })).toBeNull();
    expect(repaired({ hint: {} })).toBeNull();
  });

  test.each([
    ['somebody had changed it in CallTools', {}, { drifted: true }, {}, 'drifted'],
    ['it was deleted', { decision: decisionOf('none', { reason: 'deleted' }) }, {}, {}, 'gone'],
    ['it had to go', { decision: decisionOf('out') }, {}, {}, 'withdrawn'],
    ['it was not in the dialer', {}, {}, { mayBeInBucket: false }, 'missing'],
    ['its data was old', {}, {}, {}, 'outdated'],
    ['it was in another bucket', { row: { route: 'warm' } }, {}, {}, 'misplaced'],
  ] as const)('where %s', (_, options, changes, row, repair) => {
    expect(repaired(options, changes, row)).toBe(repair);
  });

  test('a contact that left its number to one that is dialed there, and is dialed nowhere itself, was withdrawn', () => {
    const options = { hint, phoneHash: null, decision: decisionOf('none'), row: { phoneHash: 'p' } };
    expect(alone(options, {}, { intents: LED }).outcome).toMatchObject({ repaired: 'withdrawn' });
  });

  test('a contact that took its CallTools contact along to a new number was not missing', () => {
    const task = taskOf({ hint, row: contactRow({ phoneHash: 'p' }), phoneHash: 'q' });
    const rows = [dialerRow(), dialerRow({ phoneHash: 'q', contactId: null, mayBeInBucket: false })];
    const results = [...jobsOf([task], { rows }).values()].map((job) => resultOf(job));
    expect(settled(task, results).outcome).toMatchObject({ repaired: 'outdated' });
  });

  test.each<[string, (string | null)[], string]>([
    ['was in its bucket under the old number', ['one', null], 'outdated'],
    ['left a number that was in no bucket', [null, null], 'missing'],
    ['is in a bucket under the new number already', [null, 'one'], 'outdated'],
  ])('a contact with a new number that %s', (_, [old, fresh], repair) => {
    const task = taskOf({ hint, phoneHash: 'q' });
    const rows = [
      dialerRow({ mayBeInBucket: old !== null }),
      dialerRow({ phoneHash: 'q', contactId: fresh ?? null, mayBeInBucket: fresh !== null }),
    ];
    const results = [...jobsOf([task], { rows }).values()].map((job) => resultOf(job));
    expect(settled(task, results).outcome).toMatchObject({ repaired: repair });
    const byAnother = results.map((result) => ({ ...result, job: { ...result.job, leftBy: taskOf() } }));
    expect(settled(task, byAnother).outcome).toMatchObject({ repaired: fresh === null ? 'missing' : repair });
  });

  test('a write that only one of its numbers needed counts, and drift of any of them', () => {
    const task = taskOf({ hint, phoneHash: 'q' });
    const rows = [dialerRow(), dialerRow({ phoneHash: 'q', contactId: null })];
    const untouched = { callToolsId: 1, mayBeInBucket: true, moved: false, doNotContact: false, placing: null };
    const jobs = [...jobsOf([task], { rows }).values()];
    const settledWith = (old: Partial<Result>, fresh: Partial<Result>) => {
      const { outcome } = settled(
        task,
        jobs.map((job, index) => resultOf(job, index === 0 ? old : fresh)),
      );
      return outcome.kind === 'done' ? (outcome.repaired ?? null) : outcome.kind;
    };
    expect(settledWith({ observed: untouched }, {})).toBe('outdated');
    expect(settledWith({}, { observed: untouched })).toBe('withdrawn');
    expect(settledWith({ observed: untouched }, { observed: untouched })).toBeNull();
    expect(settledWith({ drifted: true }, {})).toBe('drifted');
    expect(settledWith({}, { drifted: true })).toBe('drifted');
    expect(settledWith({ observed: untouched, drifted: true }, {})).toBe('outdated');
  });

  test('nothing where the work failed after a write', () => {
    const task = taskOf({ hint });
    const results = [...jobsOf([task]).values()].map((job) => failedOf(job, FAILURES.contact));
    expect(settled(task, results).commit).toMatchObject({ repaired: null, ofRun: true });
  });

  test('the repair is stored with the contact, for the run', () => {
    expect(alone({ hint }).commit).toMatchObject({ repaired: 'outdated', ofRun: true });
    expect(alone({}).commit).toMatchObject({ repaired: null, ofRun: false });
    expect(alone({ hint, failure: FAILURES.transient }).commit).toMatchObject({ repaired: null, ofRun: false });
  });

  test.each<
    [string, { leftOut?: string[]; before?: string[]; fingerprint?: string | null; drifted?: boolean }, string | null]
  >([
    ['the same field again', {}, null],
    ['no field any more', { leftOut: [] }, 'outdated'],
    ['one field less', { before: ['email', 'city'] }, 'outdated'],
    ['another field', { leftOut: ['city'] }, 'outdated'],
    ['one of two fields again', { leftOut: ['email', 'city'], before: ['email', 'state'] }, 'outdated'],
    ['a field more', { leftOut: ['email', 'city'] }, 'outdated'],
    ['no field, as before', { leftOut: [], before: [] }, 'outdated'],
    ['the same field of new data', { fingerprint: 'new' }, 'outdated'],
    ['the same field, and it is not known what CallTools holds', { fingerprint: null }, 'outdated'],
    ['the same field, of a contact that somebody had changed', { drifted: true }, 'drifted'],
  ])('where CallTools refuses %s', (_, { leftOut = ['email'], before = ['email'], ...changes }, repair) => {
    const observed = { callToolsId: 1, mayBeInBucket: true, moved: false, doNotContact: false, placing: null };
    const result = { observed: { ...observed, wrote: true, leftOut }, ...changes };
    expect(repaired({}, result, { leftOut: before })).toBe(repair);
    const unknown = repaired({}, { ...result, fingerprint: null }, { leftOut: before, fingerprint: null });
    expect(unknown).toBe(changes.drifted ? 'drifted' : 'outdated');
  });
});
