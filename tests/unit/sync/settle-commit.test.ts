// The row of a contact after its batch: what it is tied to, what went wrong, and when it is read again.

import { describe, expect, test } from 'vitest';
import { READ_AGAIN } from '../../../workers/consumer/domain/looks.ts';
import { lookOf } from '../../../workers/consumer/sync/ask.ts';
import type { Task } from '../../../workers/consumer/sync/work.ts';
import { decisionOf, FAILURES, failedOf, jobsOf, resultOf, taskOf } from '../../support/batch-harness.ts';
import { alone, CLAIMED_AT, LED, NOW, settled } from './settle-harness.ts';

/** The same task, settled after its jobs were written or have failed. */
function ended(task: Task, failure?: Parameters<typeof failedOf>[1]) {
  const jobs = [...jobsOf([task]).values()];
  return settled(
    task,
    jobs.map((job) => (failure ? failedOf(job, failure) : resultOf(job))),
  );
}

describe('the number', () => {
  test.each([
    ['wants nothing, and that has taken effect', { decision: decisionOf('none') }, false, null],
    ['wants nothing, which failed', { decision: decisionOf('none') }, true, 'p'],
    ['has another number', { phoneHash: 'q' }, false, 'q'],
    ['has another number, which failed', { phoneHash: 'q' }, true, 'q'],
    ['has no number any more', { phoneHash: null, decision: decisionOf('out') }, false, null],
    ['has no number any more, which failed', { phoneHash: null, decision: decisionOf('out') }, true, 'p'],
    ['could not be read', { decision: null, phoneHash: null }, true, 'p'],
  ] as const)('of a contact that %s', (_, options, failed, phoneHash) => {
    const task = taskOf(options);
    const failure = failed ? FAILURES.transient : null;
    expect(settled({ ...task, failure }, []).commit.phoneHash).toBe(phoneHash);
  });

  test.each([
    ['said_no', 'none', 'said_no'],
    ['taken_out_in_calltools', 'none', undefined],
    ['said_no', 'place', undefined],
  ] as const)('that is held because of %s hands that on to a contact that wants %s', (reason, intent, held) => {
    const task = taskOf({ decision: decisionOf(intent) });
    const hold = { reason, since: 7, route: 'cold' };
    const results = [...jobsOf([task]).values()].map((job) => resultOf({ ...job, hold: hold as never }));
    expect(settled(task, results).commit.hold?.reason).toBe(held);
  });
});

describe('what went wrong', () => {
  const decision = decisionOf('none', { reason: 'not_permitted', condition: 'state' });

  test('is the error, or the condition that keeps the contact out', () => {
    expect(alone({ decision }).commit.error).toBe('state');
    expect(alone({ decision: decisionOf('out') }).commit.error).toBeNull();
    expect(ended(taskOf({ decision }), FAILURES.contact).commit.error).toBe(FAILURES.contact.error);
  });

  test('is no condition where another contact with the number is the reason', () => {
    const shared = { decision: decisionOf('place', { condition: 'state' }) };
    expect(alone(shared, { kind: 'asked' }, { intents: LED }).commit).toMatchObject({
      reason: 'shared_phone',
      error: null,
    });
  });

  test('waits the longer, the longer ago the work was asked for', () => {
    const waits = [0, 6 * 3_600_000].map((ageMs) => {
      const { outcome } = ended(taskOf({ hint: { receivedAt: NOW - ageMs } }), FAILURES.setup);
      return 'delaySeconds' in outcome ? outcome.delaySeconds : 0;
    });
    expect(waits[1]).toBeGreaterThan(2 * (waits[0] ?? 0));
  });
});

describe('a contact of which only a part was read', () => {
  const partly = (more: Partial<Task>) => ({ ...taskOf({ decision: decisionOf('out') }), ...more });

  test('is where that part puts it, and is read again', () => {
    const { outcome, commit } = ended(partly({ readFailure: FAILURES.transient }));
    expect(outcome.kind).toBe('retry');
    expect(commit).toMatchObject({ state: 'kept_out', reason: 'route', attempts: 1, readAt: null });
  });

  test('stays where it was if even that has failed', () => {
    const { commit } = ended(partly({ readFailure: FAILURES.transient }), FAILURES.transient);
    expect(commit).toMatchObject({ state: 'placed', reason: 'placed' });
  });

  test('counts as not read where a run is not to forget it', () => {
    expect(ended(partly({ unasked: true })).commit).toMatchObject({ readAt: null, keepsSearchHash: true });
    expect(ended(partly({})).commit).toMatchObject({ readAt: CLAIMED_AT, keepsSearchHash: false });
  });
});

describe('the next look', () => {
  const looked = (more: Partial<Task>) => {
    const end = ended({ ...taskOf({ readHash: 'row' }), ...more });
    return { asks: lookOf(end, NOW), commit: end.commit };
  };

  test('nobody is looked at where nothing contradicts', () => {
    expect(looked({}).asks).toEqual([]);
    expect(looked({}).commit).toMatchObject({ lookAt: null, looks: 0, searchHash: 'row' });
  });

  test.each([
    ['a webhook is contradicted', { against: [NOW - 1000] }],
    ['the read may have been too early', { tooEarly: true }],
  ])('where %s it is asked for, and no hash is kept', (_, more) => {
    const { asks, commit } = looked(more);
    expect(commit).toMatchObject({ looks: 1, searchHash: null });
    expect(asks).toEqual([{ contactId: 'one', delayMs: Number(commit.lookAt) - NOW, why: READ_AGAIN }]);
    expect(Number(commit.lookAt)).toBeGreaterThan(NOW);
  });

  test('that is planned is not asked for twice', () => {
    const row = { ...taskOf().row, lookAt: NOW + 3000, looks: 1 };
    expect(looked({ row, against: [NOW - 1000] }).asks).toEqual([]);
  });

  test('stays planned where the contact could not be settled', () => {
    const row = { ...taskOf().row, lookAt: NOW + 3000, looks: 1 };
    const end = ended({ ...taskOf(), row }, FAILURES.transient);
    expect(end.commit).toMatchObject({ lookAt: NOW + 3000, looks: 1 });
    expect(lookOf(end, NOW)).toEqual([]);
  });
});
