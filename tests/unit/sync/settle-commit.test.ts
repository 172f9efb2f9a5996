// The row of a contact after its batch: what it is tied to, what went wrong, and when it is read again.

import { describe, expect, test } from 'vitest';
import { READ_AGAIN } from '../../../workers/consumer/domain/looks.ts';
import { lookOf } from '../../../workers/consumer/sync/ask.ts';
import type { Task } from '../../../workers/consumer/sync/work.ts';
import { decisionOf, dialerRow, FAILURES, failedOf, jobsOf, resultOf, taskOf } from '../../support/batch-harness.ts';
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

describe('which look is planned', () => {
  const lookOfTask = (more: Partial<Task>, row: Partial<Task['row']> = {}) =>
    ended({ ...taskOf({ row, readHash: 'row' }), ...more }).commit;
  const against = [NOW - 1000];

  test.each<[string, Partial<Task>, number | null]>([
    ['none where all is known', {}, null],
    ['one for a list that could not be read', { listUnread: true }, 30_000],
    ['the same where the read may have been too early too', { listUnread: true, tooEarly: true }, 30_000],
    ['one where reads have caught up', { tooEarly: true }, 10_000],
    ['a first one soon where a webhook is contradicted', { against }, 3000],
    ['the same where a list could not be read', { against, listUnread: true }, 3000],
    ['the same where the read may have been too early', { against, tooEarly: true }, 3000],
    ['none where the contact was not read', { against, unasked: true }, null],
  ])('%s', (_, more, delayMs) => {
    expect(lookOfTask(more).lookAt).toBe(delayMs === null ? null : NOW + delayMs);
  });

  test('the one that is planned stays where the contact was not read', () => {
    const planned = { lookAt: NOW + 77, looks: 2 };
    for (const more of [{ unasked: true }, { decision: null }, { readFailure: FAILURES.contact }])
      expect(lookOfTask(more, planned)).toMatchObject(planned);
    expect(lookOfTask({}, planned)).toMatchObject({ lookAt: null, looks: 0 });
    expect(ended(taskOf({ row: planned }), FAILURES.contact).commit).toMatchObject({ lookAt: null, looks: 0 });
  });
});

describe('the hash of the list’s row', () => {
  const backstop = { source: 'backstop' } as const;

  test('is stored only where the contact is done and is not read again', () => {
    expect(alone({ readHash: 'row' }).commit.searchHash).toBe('row');
    expect(ended({ ...taskOf({ readHash: 'row' }), tooEarly: true }).commit.searchHash).toBeNull();
    expect(ended(taskOf({ readHash: 'row' }), FAILURES.transient).commit.searchHash).toBeNull();
  });

  test('is kept only where a run asked without one of its own, and has read the same', () => {
    const keeps = (
      readHash: string | null,
      stored: string | null,
      searchHash: string | null,
      hint: object = backstop,
    ) => {
      const task = taskOf({ row: { searchHash: stored }, readHash, hint });
      return ended({ ...task, work: { ...task.work, searchHash } }).commit.keepsSearchHash;
    };
    expect(keeps('row', 'row', null)).toBe(true);
    expect(keeps('row', 'row', 'row')).toBe(false);
    expect(keeps('row', 'other', null)).toBe(false);
    expect(keeps(null, null, null)).toBe(false);
    expect(keeps('row', 'row', null, {})).toBe(false);
  });
});

describe('the row keeps', () => {
  test('whether the work is over', () => {
    expect(alone({}).commit.done).toBe(true);
    expect(ended(taskOf(), FAILURES.transient).commit.done).toBe(false);
    expect(ended(taskOf(), FAILURES.contact).commit.done).toBe(false);
  });

  test('what webhooks have told', () => {
    expect(ended({ ...taskOf(), told: { gone: 7 } }).commit.told).toBe('{"gone":7}');
    expect(alone({}).commit.told).toBeNull();
  });

  test.each<[string, Parameters<typeof failedOf>[1] | undefined, number]>([
    ['are counted where one failed', FAILURES.transient, 4],
    ['are not where one did not come about', FAILURES.busy, 3],
    ['end with the last', FAILURES.contact, 0],
    ['end with a success', undefined, 0],
  ])('the number of tries: they %s', (_, failure, attempts) => {
    expect(ended(taskOf({ row: { attempts: 3 } }), failure).commit.attempts).toBe(attempts);
  });

  test('the hold of a call on the number that the contact has lost, and no other', () => {
    const said = { reason: 'said_no', route: 'cold', at: 1 } as const;
    const rows = [dialerRow(), dialerRow({ phoneHash: 'q' })];
    const lost = taskOf({ decision: decisionOf('none'), phoneHash: null });
    const heldOn = (hash: string, row: Partial<Task['row']> = {}) => {
      const task = { ...lost, row: { ...lost.row, ...row } };
      const results = [...jobsOf([task], { rows }).values()].map((job) =>
        resultOf({ ...job, hold: job.row.phoneHash === hash ? said : null }),
      );
      return [settled(task, results), settled(task, results.toReversed())].map(({ commit }) => commit.hold);
    };
    expect(heldOn('p')).toEqual([said, said]);
    expect(heldOn('q')).toEqual([null, null]);
    expect(heldOn('p', { phoneHash: null })).toEqual([null, null]);
    expect(settled(lost, []).commit.hold).toBeNull();
  });
});
