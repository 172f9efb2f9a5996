// What is remembered of a contact after its batch: where it is, why, and whether it is tried again.

import { describe, expect, test } from 'vitest';

import { decisionOf, dialerRow, FAILURES, failedOf, jobsOf, resultOf, taskOf } from '../../support/batch-harness.ts';
import { alone, CLAIMED_AT, LED, NOW, settled } from './settle-harness.ts';

describe('of several failures the one that may pass counts', () => {
  const { contact, transient, staleLabels, busy, throttled, setup } = FAILURES;

  test.each([
    ['a refusal and a time-out', [contact, transient], 'retry'],
    ['a refusal and a bucket that is gone', [contact, staleLabels], 'retry'],
    ['a refusal and a number that another batch holds', [contact, busy], 'busy'],
    ['a time-out and a number that another batch holds', [transient, busy], 'retry'],
    ['a refusal and a throttle', [contact, throttled], 'wait'],
    ['a time-out and a broken set-up', [transient, setup], 'wait'],
    ['a throttle and a broken set-up', [throttled, setup], 'wait'],
    ['nothing but refusals', [contact, contact], 'dead'],
  ])('%s', (_, failures, kind) => {
    const task = taskOf({ row: { phoneHash: 'p' }, phoneHash: 'q' });
    const jobs = [...jobsOf([task], { rows: [dialerRow(), dialerRow({ phoneHash: 'q' })] }).values()];
    for (const order of [failures, failures.toReversed()]) {
      const results = jobs.map((job, index) => failedOf(job, order[index] ?? contact));
      expect(settled(task, results).outcome.kind).toBe(kind);
    }
  });

  test('and a job of somebody else’s number does not', () => {
    const [mine, others] = [taskOf(), taskOf({ contactId: 'two', row: { phoneHash: 'q' }, phoneHash: 'q' })];
    const rows = [dialerRow(), dialerRow({ phoneHash: 'q', contactId: 'two' })];
    const jobs = jobsOf([mine, others], { rows });
    const results = [...jobs.values()].map((job) =>
      job.row.phoneHash === 'q' ? failedOf(job, contact) : resultOf(job),
    );
    expect(settled(mine, results).outcome).toMatchObject({ kind: 'done', state: 'placed' });
    expect(settled(others, results).outcome.kind).toBe('dead');
  });

  test('a contact that could not be read fails by that, whatever its numbers', () => {
    const task = taskOf({ decision: null, failure: FAILURES.contact });
    expect(settled(task, []).outcome).toMatchObject({ kind: 'dead', code: 'rejected' });
  });
});

describe('attempts', () => {
  const attempts = (failure: Parameters<typeof failedOf>[1] | null, before: number, down: string[] = []) => {
    const task = taskOf({ row: { attempts: before } });
    const results = [...jobsOf([task]).values()].map((job) => (failure ? failedOf(job, failure) : resultOf(job)));
    const { outcome, commit } = settled(task, results, down);
    return { kind: outcome.kind, attempts: commit.attempts };
  };

  test('are counted by a transient failure, and the last one makes a dead letter', () => {
    expect(attempts(FAILURES.transient, 2)).toEqual({ kind: 'retry', attempts: 3 });
    expect(attempts(FAILURES.transient, 6)).toEqual({ kind: 'retry', attempts: 7 });
    expect(attempts(FAILURES.transient, 7)).toEqual({ kind: 'dead', attempts: 0 });
  });

  test.each([['busy'], ['throttled'], ['setup']] as const)('are not used up by %s', (kind) => {
    expect(attempts(FAILURES[kind], 7)).toMatchObject({ attempts: 7 });
  });

  test('are not used up while the vendor as a whole is down, another vendor’s outage is no excuse', () => {
    expect(attempts(FAILURES.transient, 7, ['calltools'])).toEqual({ kind: 'wait', attempts: 7 });
    expect(attempts(FAILURES.transient, 7, ['gohighlevel'])).toMatchObject({ kind: 'dead' });
  });

  test('begin anew after a success and after a dead letter', () => {
    expect(attempts(null, 5)).toEqual({ kind: 'done', attempts: 0 });
    expect(attempts(FAILURES.contact, 5)).toEqual({ kind: 'dead', attempts: 0 });
  });
});

describe('a contact that failed', () => {
  test.each(['contact', 'transient', 'setup', 'busy'] as const)(
    '(%s) is looked at by the next run: no row of the list counts as settled',
    (kind) => {
      const task = taskOf({ row: { searchHash: 'row' }, readHash: 'row', hint: { source: 'backstop' } });
      const results = [...jobsOf([task]).values()].map((job) => failedOf(job, FAILURES[kind]));
      expect(settled(task, results).commit).toMatchObject({ searchHash: null, keepsSearchHash: false });
    },
  );

  test.each(['transient', 'setup', 'busy'] as const)('for a moment (%s) stays as it was known', (kind) => {
    const task = taskOf({ row: { state: 'kept_out', reason: 'route' } });
    const results = [...jobsOf([task]).values()].map((job) => failedOf(job, FAILURES[kind]));
    expect(settled(task, results).commit).toMatchObject({ done: false, state: 'kept_out', reason: 'route' });
  });

  test('for good is failed, by the code of its letter', () => {
    const task = taskOf();
    const results = [...jobsOf([task]).values()].map((job) => failedOf(job, FAILURES.contact));
    expect(settled(task, results).commit).toMatchObject({ done: false, state: 'failed', reason: 'rejected' });
  });

  test('keeps its intent where it could not be read: others with its number go by it', () => {
    const row = { intent: 'dnc', priority: 0, route: 'customer', phoneHash: 'p' } as const;
    const { commit } = settled(taskOf({ decision: null, failure: FAILURES.transient, row }), []);
    expect(commit).toMatchObject({ ...row, readAt: null });
  });

  test('after it was read has the intent that was read, and stays tied to a number that it may still be dialed under', () => {
    const row = { intent: 'place', phoneHash: 'p' } as const;
    const task = taskOf({ decision: decisionOf('none'), row });
    const results = [...jobsOf([task]).values()].map((job) => failedOf(job, FAILURES.transient));
    expect(settled(task, results).commit).toMatchObject({ intent: 'none', phoneHash: 'p' });
  });
});

describe('a contact that is done', () => {
  test('was read no earlier than its claim: what came in since is read again', () => {
    expect(alone({}).commit.readAt).toBe(CLAIMED_AT);
  });

  test('is not tied to a number on which it has no say', () => {
    expect(alone({ decision: decisionOf('none') }).commit.phoneHash).toBeNull();
    expect(alone({ decision: decisionOf('out') }).commit.phoneHash).toBe('p');
    expect(alone({ decision: decisionOf('dnc') }).commit.phoneHash).toBe('p');
  });

  test('counts among others with its number by the place of its route in the rules, by none where it has none', () => {
    expect(alone({ decision: decisionOf('place', { priority: 2, route: 'warm' }) }).commit).toMatchObject({
      priority: 2,
    });
    expect(alone({ decision: decisionOf('dnc') }).commit).toMatchObject({ intent: 'dnc', priority: 0, route: null });
  });

  test('has the row’s hash that was read, or keeps the one that a run found unchanged', () => {
    expect(alone({ readHash: 'row' }).commit).toMatchObject({ searchHash: 'row', keepsSearchHash: false });
    const asked = { row: { searchHash: 'row' }, readHash: 'row' };
    expect(alone({ ...asked, hint: { source: 'backstop' } }).commit.keepsSearchHash).toBe(true);
    expect(alone(asked).commit.keepsSearchHash).toBe(false);
    expect(alone({ ...asked, readHash: 'another', hint: { source: 'backstop' } }).commit.keepsSearchHash).toBe(false);
  });

  test('counts for the run that asked, a webhook for none', () => {
    expect(alone({ hint: { source: 'backstop' } }).commit.ofRun).toBe(true);
    expect(alone({}).commit.ofRun).toBe(false);
  });

  test.each([
    ['out', 'kept_out', 'route'],
    ['dnc', 'kept_out', 'dnd'],
    ['none', 'kept_out', 'no_route'],
    ['place', 'placed', 'placed'],
  ] as const)('and wants %s, is %s because of %s', (intent, state, reason) => {
    expect(alone({ decision: decisionOf(intent) }).outcome).toMatchObject({ kind: 'done', state, reason });
  });

  test('has its last ten outcomes, newest first, by what caused them', () => {
    const history = JSON.stringify(Array.from({ length: 10 }, (_, n) => ({ at: 100 - n })));
    const told = JSON.parse(alone({ row: { history } }).commit.history);
    expect(told).toHaveLength(10);
    expect(told[0]).toMatchObject({ at: NOW, reason: 'placed', eventId: 'e-one', source: 'webhook', outcome: 'done' });
    expect(told.slice(1)).toEqual(JSON.parse(history).slice(0, 9));
  });

  test('an entry says how long before it the work was asked for, read and decided, which try it was and what was written', () => {
    const task = taskOf({ row: { attempts: 2 }, decision: { ...decisionOf('place'), because: 'of tag "cold lead"' } });
    const results = [...jobsOf([task]).values()].map((job) => resultOf(job));
    const { commit } = settled({ ...task, decidedAt: NOW - 50 }, results);
    const [end] = JSON.parse(commit.history);
    expect(end).toMatchObject({ read: NOW - Number(commit.readAt), decided: 50, wrote: 1, tries: 3 });
    expect(end).toMatchObject({ received: NOW - task.work.events[0].receivedAt, because: 'of tag "cold lead"' });
  });

  test('only the latest entry says because of what, and ten entries stay about 2 KB', () => {
    let history = '[]';
    for (let n = 0; n < 12; n++) {
      const decision = { ...decisionOf('place'), because: 'x'.repeat(120) };
      const task = { ...taskOf({ row: { history, attempts: 1 }, decision }), decidedAt: NOW - 50 };
      history = settled(
        task,
        [...jobsOf([task]).values()].map((job) => resultOf(job)),
      ).commit.history;
    }
    expect(history.match(/because/g)).toHaveLength(1);
    expect(history.length).toBeLessThan(2300);
  });

  test.each([
    ['transient', 1],
    ['contact', 1],
    ['setup', 0],
    ['busy', 0],
  ] as const)('a failure (%s) adds so many entries: %i', (kind, added) => {
    const task = taskOf();
    const results = [...jobsOf([task]).values()].map((job) => failedOf(job, FAILURES[kind]));
    expect(JSON.parse(settled(task, results).commit.history)).toHaveLength(added);
  });
});

describe('a contact that would be dialed and shares its number', () => {
  const keptOut = [{ contactId: 'two', intent: 'out' as const, priority: 0 }];
  const held = (is: boolean) => ({
    callToolsId: 1,
    mayBeInBucket: is,
    moved: false,
    doNotContact: false,
    placing: null,
  });

  test('with one that keeps it out, is kept out', () => {
    expect(alone({}, {}, { intents: keptOut }).outcome).toMatchObject({ state: 'kept_out', reason: 'shared_phone' });
  });

  test('with one that leads, is placed as far as CallTools holds the number', () => {
    const asked = (is: boolean) => alone({}, { kind: 'asked', observed: held(is) }, { intents: LED }).outcome;
    expect(asked(true)).toMatchObject({ state: 'placed', reason: 'shared_phone' });
    expect(asked(false)).toMatchObject({ state: 'kept_out', reason: 'shared_phone' });
  });
});

describe('a contact that CallTools may not dial', () => {
  const marked = { callToolsId: 1, mayBeInBucket: true, moved: false, doNotContact: true, placing: null };
  const reason = 'do_not_contact_set';

  test('is said to be, when it is seen', () => {
    expect(alone({}, { observed: marked }).outcome).toMatchObject({ state: 'placed', reason });
  });

  test('stays so while nobody looks, and no longer once CallTools says otherwise', () => {
    const row = { reason };
    expect(alone({ row }, { kind: 'unchanged' }).outcome).toMatchObject({ reason });
    expect(alone({}, { kind: 'unchanged', observed: marked }).outcome).toMatchObject({ reason: 'placed' });
    expect(alone({ row }, { kind: 'confirmed' }).outcome).toMatchObject({ reason: 'placed' });
  });
});
