// What is remembered of a number after its batch, which other contacts change with it, and which are read next.

import { describe, expect, test } from 'vitest';
import { askFor } from '../../../workers/consumer/sync/ask.ts';
import { dialerCommit, siblingsOf } from '../../../workers/consumer/sync/settle.ts';
import { decisionOf, dialerRow, FAILURES, failedOf, jobsOf, resultOf, taskOf } from '../../support/batch-harness.ts';

const NOW = 500_000;
const LATER = NOW + 60_000;

type Remembered = Parameters<typeof jobsOf>[1];
function jobOf(task = taskOf(), remembered: Remembered = {}, phoneHash = 'p') {
  const job = jobsOf([task], remembered).get(phoneHash);
  if (!job) throw new Error('no job');
  return job;
}
const other = (intent: 'place' | 'out', priority = 1) => ({ intents: [{ contactId: 'two', intent, priority }] });
/** The number that a contact has left for another. */
const left = () =>
  jobOf(taskOf({ phoneHash: 'q' }), { rows: [dialerRow({ contactId: 'somebody' }), dialerRow({ phoneHash: 'q' })] });

describe('the row of a number', () => {
  const committed = (changes: Parameters<typeof resultOf>[1] = {}, job = jobOf()) =>
    dialerCommit(resultOf(job, changes), NOW);

  test('is certain after a write, and confirmed now', () => {
    expect(committed()).toEqual({
      phoneHash: 'p',
      contactId: 'one',
      callToolsId: 1,
      fingerprint: 'as written',
      untouched: false,
      mayBeInBucket: true,
      doubtUntil: 0,
      placing: null,
      hold: null,
      leftOut: null,
      noArea: true,
      verifiedAt: NOW,
    });
  });

  test('was confirmed by CallTools’ own word, not by our memory of it', () => {
    expect(committed({ kind: 'confirmed' }).verifiedAt).toBe(NOW);
    expect(committed({ kind: 'unchanged' }).verifiedAt).toBeNull();
    expect(committed({ kind: 'written', fingerprint: null }).verifiedAt).toBeNull();
  });

  test.each([
    ['written', false],
    ['moved', false],
    ['unchanged', true],
    ['confirmed', true],
    ['asked', true],
  ] as const)('that was %s leaves a fingerprint that others have forgotten as it is: %s', (kind, untouched) => {
    expect(committed({ kind }).untouched).toBe(untouched);
  });

  test('counts as held while a write that was given up may still take effect', () => {
    const observed = { callToolsId: 1, mayBeInBucket: false, moved: false, doNotContact: false, placing: null };
    expect(committed({ observed }).mayBeInBucket).toBe(false);
    expect(committed({ observed, doubtUntil: LATER })).toMatchObject({ mayBeInBucket: true, doubtUntil: LATER });
    expect(committed({ observed, doubtUntil: NOW }).mayBeInBucket).toBe(false);
  });

  test('belongs to the contact that it shows, and to nobody once its CallTools contact has moved away', () => {
    expect(committed().contactId).toBe('one');
    expect(committed({ kind: 'moved' }, left()).contactId).toBeNull();
    expect(committed({ kind: 'moved', doubtUntil: LATER }, left()).contactId).toBe('one');
  });

  test.each([
    ['said_no', true],
    ['taken_out_in_calltools', false],
  ] as const)('keeps a hold (%s) when its CallTools contact has moved away: %s', (reason, kept) => {
    const hold = { reason, route: 'cold', at: 1 };
    const held = committed({ kind: 'moved' }, { ...left(), hold });
    expect(held.hold).toEqual(kept ? hold : null);
  });

  test('belongs to the one who may have taken its CallTools contact along, where that failed', () => {
    expect(dialerCommit(failedOf(left(), FAILURES.transient), NOW).contactId).toBe('one');
  });

  test.each([
    ['has it', 'p'],
    ['has no number any more', null],
  ])('is another contact’s as before, where a write fails for a contact that %s', (_, phoneHash) => {
    const task = taskOf({ phoneHash, decision: decisionOf('out') });
    const job = jobOf(task, { ...other('out'), rows: [dialerRow({ contactId: 'somebody' })] });
    expect(dialerCommit(failedOf(job, FAILURES.transient), NOW).contactId).toBe('somebody');
  });

  test('is another contact’s as before, while that one is asked for or keeps it out', () => {
    const rows = [dialerRow({ contactId: 'somebody' })];
    const asked = jobOf(taskOf(), { ...other('place', 0), rows });
    expect(committed({ kind: 'asked' }, asked).contactId).toBe('somebody');
    expect(committed({}, jobOf(taskOf(), { ...other('out'), rows })).contactId).toBe('somebody');
  });

  test.each([
    ['nobody', 'none', null],
    ['the contact that has it', 'out', 'two'],
  ] as const)(
    'belongs to %s once its contact has left it and nothing in CallTools shows that one',
    (_, intent, owner) => {
      const intents = intent === 'none' ? [] : [{ contactId: 'two', intent, priority: 1 }];
      const rows = [dialerRow({ callToolsId: null, mayBeInBucket: false }), dialerRow({ phoneHash: 'q' })];
      const job = jobOf(taskOf({ phoneHash: 'q', decision: decisionOf('out') }), { intents, rows });
      const nothing = { callToolsId: null, mayBeInBucket: false, moved: false, doNotContact: false, placing: null };
      expect(committed({ observed: nothing }, job).contactId).toBe(owner);
      expect(committed({ observed: nothing, doubtUntil: LATER }, job).contactId).toBe('one');
      expect(committed({ observed: { ...nothing, mayBeInBucket: true } }, job).contactId).toBe('one');
      expect(committed({ observed: { ...nothing, callToolsId: 1 } }, job).contactId).toBe('one');
    },
  );

  test('that nobody had belongs to the contact in hand: there is no other to look for', () => {
    const job = jobOf(taskOf({ decision: decisionOf('out') }), { rows: [dialerRow({ contactId: null })] });
    expect(committed({}, job).contactId).toBe('one');
  });
});

describe('other contacts with the number', () => {
  test('are placed, or kept out, along with it', () => {
    expect(siblingsOf(resultOf(jobOf(taskOf(), other('place', 2))))).toEqual([
      { contactId: 'two', state: 'placed', reason: 'shared_phone' },
    ]);
    const out = jobOf(taskOf({ decision: decisionOf('out') }), other('place'));
    expect(siblingsOf(resultOf(out))).toEqual([{ contactId: 'two', state: 'kept_out', reason: 'shared_phone' }]);
  });

  test('that want nothing of the dialer keep their own reason', () => {
    expect(siblingsOf(resultOf(jobOf(taskOf(), other('out'))))).toEqual([]);
  });

  test.each(['asked', 'moved'] as const)('are not told where it was %s', (kind) => {
    expect(siblingsOf(resultOf(jobOf(taskOf(), other('place', 2)), { kind }))).toEqual([]);
  });

  test('do not change with a failure', () => {
    expect(siblingsOf(failedOf(jobOf(taskOf(), other('place', 2)), FAILURES.transient))).toEqual([]);
  });
});

describe('the contact that is read next', () => {
  const led = (row: Parameters<typeof dialerRow>[0]) =>
    resultOf(jobOf(taskOf(), { ...other('place', 0), rows: [dialerRow(row)] }), { kind: 'asked' });

  test('the contact that leads the number, at once', () => {
    expect(askFor(led({}), NOW)).toEqual({ contactId: 'two', delayMs: 0 });
  });

  test.each([
    ['CallTools shows somebody else', { contactId: 'one' }],
    ['it is not held', { contactId: 'two', mayBeInBucket: false }],
    ['what CallTools holds is not known', { contactId: 'two', fingerprint: null }],
  ])('where %s', (_, row) => {
    expect(askFor(led(row), NOW)).toEqual({ contactId: 'two', delayMs: 0 });
  });

  test('nobody where CallTools shows that one already, or this batch marks the CallTools contact first', () => {
    expect(askFor(led({ contactId: 'two' }), NOW)).toBeNull();
    const { job, ...result } = led({});
    expect(askFor({ ...result, job: { ...job, marked: true } }, NOW)).toBeNull();
  });

  test('the contact that leads all the same, where the one that CallTools showed is lost', () => {
    const shown = led({ contactId: 'two' });
    const lost = { ...shown, observed: { ...shown.observed, primaryIsLost: true } };
    expect(askFor(lost, NOW)).toEqual({ contactId: 'two', delayMs: 0 });
  });

  test('the same contact once more when a write in doubt must have arrived, done or refused', () => {
    const doubtUntil = LATER;
    const asked = { contactId: 'one', delayMs: LATER - NOW + 1000 };
    expect(askFor(resultOf(jobOf(), { doubtUntil }), NOW)).toEqual(asked);
    expect(askFor({ ...failedOf(jobOf(), FAILURES.contact), doubtUntil }, NOW)).toEqual(asked);
  });

  test('nobody where it comes back by itself, or nothing is in doubt', () => {
    expect(askFor({ ...failedOf(jobOf(), FAILURES.transient), doubtUntil: LATER }, NOW)).toBeNull();
    expect(askFor(resultOf(jobOf(), { doubtUntil: NOW }), NOW)).toBeNull();
    expect(askFor(resultOf(jobOf()), NOW)).toBeNull();
  });
});
