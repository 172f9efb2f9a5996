// Two numbers on one CallTools contact: what is remembered of the one because of the other, and which contacts are read.

import { describe, expect, test } from 'vitest';
import { askFor } from '../../../workers/consumer/sync/ask.ts';
import { dialerCommit, siblingsOf } from '../../../workers/consumer/sync/settle.ts';
import type { Job, Result } from '../../../workers/consumer/sync/work.ts';
import { decisionOf, dialerRow, FAILURES, failedOf, jobsOf, resultOf, taskOf } from '../../support/batch-harness.ts';

const NOW = 500_000;
const carriers = new Map([[1, ['p', 'q']]]);
const ROWS = [dialerRow({ carriers }), dialerRow({ phoneHash: 'q', contactId: 'two', carriers })];
const OBSERVED = { callToolsId: 1, mayBeInBucket: true, moved: false, doNotContact: false, placing: null };

/** The job of `p`: "one" has it, and "two" has `q`. */
function jobOf(changes: Partial<Job> = {}, intent: 'place' | 'out' = 'place'): Job {
  const two = taskOf({ contactId: 'two', row: { phoneHash: 'q' }, phoneHash: 'q', decision: decisionOf(intent) });
  const job = jobsOf([taskOf(), two], { rows: ROWS }).get('p');
  if (!job) throw new Error('no job');
  return { ...job, ...changes };
}
const observed = (more: object) => ({ observed: { ...OBSERVED, ...more } });

describe('the contact under the other number', () => {
  test.each([
    ['the CallTools contact that carries both', 1, 'placed'],
    ['one that is not known to carry it', 9, 'kept_out'],
    ['none', null, 'kept_out'],
  ])('with %s: %s is %s along with it', (_, callToolsId, state) => {
    expect(siblingsOf(resultOf(jobOf(), observed({ callToolsId })))).toEqual([
      { contactId: 'two', state, reason: 'shared_contact' },
    ]);
  });

  test('is held back with it, for the same reason', () => {
    const combined = { kind: 'out', doNotContact: false, hold: 'said_no' } as Job['combined'];
    expect(siblingsOf(resultOf(jobOf({ combined })))).toEqual([
      { contactId: 'two', state: 'kept_out', reason: 'said_no' },
    ]);
  });

  test('is not told where this one follows it', () => {
    expect(siblingsOf(resultOf(jobOf(), { kind: 'follows' }))).toEqual([]);
  });
});

describe('a number that follows another', () => {
  const committed = (more: object, job = jobOf()) =>
    dialerCommit(resultOf(job, { kind: 'follows', ...observed(more) }), NOW);

  test('is nobody’s while its CallTools contact is the other’s, and its own person’s where that was set aside', () => {
    expect(committed({ along: true }).contactId).toBeNull();
    expect(committed({ callToolsId: null }).contactId).toBeNull();
    expect(committed({}).contactId).toBe('one');
  });

  test('is confirmed where CallTools was asked what it holds', () => {
    const [task] = jobOf().tasks;
    const asked = task ? [{ ...task, work: { ...task.work, verify: true } }] : [];
    expect(committed({}, jobOf({ tasks: asked })).verifiedAt).toBe(NOW);
    expect(committed({}).verifiedAt).toBeNull();
  });

  test('asks for nobody', () => {
    expect(askFor(resultOf(jobOf({ next: 'two' }), { kind: 'follows' }), NOW)).toBeNull();
  });
});

describe('who is read next', () => {
  const combined = { ...jobOf().combined, kind: 'place', primary: 'two' } as Job['combined'];
  const led = (job: Partial<Job> = {}, more: object = {}): Result =>
    resultOf(jobOf({ combined, primaryInHand: false, ...job }), { kind: 'asked', ...observed(more) });
  const primaryRow = dialerRow({ phoneHash: 'q', contactId: 'two' });

  test.each([
    ['nobody, where CallTools shows the one that leads under the other number', { primaryRow }, {}, null],
    [
      'nobody, where that one is in hand',
      { primaryRow: { ...primaryRow, fingerprint: null }, primaryInHand: true },
      {},
      null,
    ],
    ['the one that leads, where its CallTools contact was lost', { primaryRow }, { primaryIsLost: true }, 'two'],
    [
      'the one that leads, where this contact was written before that was known',
      { primaryRow },
      { wrote: true },
      'two',
    ],
    ['the one that leads, where its number is not known', { primaryRow: null }, {}, 'two'],
  ])('%s', (_, job, more, contactId) => {
    expect(askFor(led(job, more), NOW)?.contactId ?? null).toBe(contactId);
  });

  test('the next one, unless this one failed', () => {
    expect(askFor(resultOf(jobOf({ next: 'three' })), NOW)).toEqual({ contactId: 'three', delayMs: 0 });
    expect(askFor(resultOf(jobOf({ next: 'three' }), { kind: 'failed' }), NOW)).toBeNull();
  });

  test('of such a number, the contact that keeps it out where CallTools refuses the write, and nobody where the next try may succeed', () => {
    const intents = [{ contactId: 'three', intent: 'out' as const, priority: 1, phoneHash: 'p' }];
    const job = jobOf({ e164: null, intents });
    expect(askFor(failedOf(job, FAILURES.contact), NOW)).toEqual({ contactId: 'three', delayMs: 0 });
    expect(askFor(failedOf(job, FAILURES.transient), NOW)).toBeNull();
    expect(askFor(resultOf(job), NOW)).toBeNull();
  });

  test.each([
    ['out', true],
    ['dnc', true],
    ['place', false],
    ['none', false],
  ] as const)(
    'of a number known by its hash only, that CallTools did not find: the contact that wants %s, %s',
    (intent, asked) => {
      const intents = [{ contactId: 'three', intent, priority: 1, phoneHash: 'p' }];
      const lost = resultOf(jobOf({ e164: null, intents }), observed({ unverified: true }));
      expect(askFor(lost, NOW)).toEqual(asked ? { contactId: 'three', delayMs: 0 } : null);
      expect(askFor({ ...lost, job: { ...lost.job, e164: '+13055550142' } }, NOW)).toBeNull();
      const elsewhere = intents.map((one) => ({ ...one, phoneHash: 'q' }));
      expect(askFor({ ...lost, job: { ...lost.job, intents: elsewhere } }, NOW)).toBeNull();
      const inHand = intents.map((one) => ({ ...one, contactId: 'one' }));
      expect(askFor({ ...lost, job: { ...lost.job, intents: inHand } }, NOW)).toBeNull();
    },
  );
});
