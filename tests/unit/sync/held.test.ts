// What takes effect without a read of GoHighLevel: a no in a call, and what webhooks say against dialing.

import { describe, expect, test } from 'vitest';
import type { Told } from '../../../shared/messages.ts';
import type { DialerRow } from '../../../workers/consumer/store/claim.ts';
import { leaveUnread, urgentWithoutRead, withoutRead } from '../../../workers/consumer/sync/held.ts';
import type { Task } from '../../../workers/consumer/sync/work.ts';
import { dialerRow, FAILURES, RULES, taskOf } from '../../support/batch-harness.ts';

const SAID_NO = { reason: 'said_no', route: 'cold', at: 1 } as const;
const OUT: Told = { tags: { at: 1, priority: 0, intent: 'out' } };
const HELD = { ms: 7000, why: 'gohighlevel asked to slow down', passes: true };

/** A placed contact whose read is still to come. */
const unread = (changes: Partial<Task> = {}, hint: Parameters<typeof taskOf>[0] = {}): Task => ({
  ...taskOf({ decision: null, readHash: 'earlier', ...hint }),
  phoneHash: null,
  ...changes,
});
const byCall = (changes: Partial<Task> = {}) => unread(changes, { hint: { source: 'call' } });
const numbers = (...rows: Partial<DialerRow>[]) =>
  new Map(rows.map(dialerRow).map((row) => [row.phoneHash, row] as const));

describe('a contact that could not be read', () => {
  const left = (task: Task, hold: DialerRow['hold'] = null) => {
    leaveUnread(task, FAILURES.transient, numbers({ hold }), RULES, null);
    return task;
  };

  test('fails, where nothing is against dialing', () => {
    expect(left(unread())).toMatchObject({
      decision: null,
      failure: FAILURES.transient,
      readFailure: null,
      unasked: false,
      phoneHash: null,
    });
  });

  test('is out by what webhooks say, under the number that is remembered, and is tried again', () => {
    expect(left(unread({ told: OUT }))).toMatchObject({
      decision: { intent: 'out', reason: 'webhook_said_out', route: 'customer' },
      failure: null,
      readFailure: FAILURES.transient,
      readHash: null,
      phoneHash: 'p',
      unasked: false,
    });
  });

  test('is held by a no in a call, and is tried again', () => {
    expect(left(unread(), SAID_NO)).toMatchObject({
      decision: { intent: 'place', reason: 'placed', route: 'cold' },
      failure: null,
      readFailure: FAILURES.transient,
      readHash: null,
      phoneHash: 'p',
      unasked: true,
    });
  });

  test('is out by webhooks, where a call said no too', () => {
    expect(left(unread({ told: OUT }), SAID_NO)).toMatchObject({ decision: { intent: 'out' }, unasked: false });
  });
});

describe('while GoHighLevel must not be called, it is urgent', () => {
  const isUrgent = (task: Task, ...rows: Partial<DialerRow>[]) =>
    urgentWithoutRead([task], numbers(...rows), RULES, null).includes(task);
  const OUTSIDE = { mayBeInBucket: false };

  test.each<[boolean, string, Task, Partial<DialerRow>[]]>([
    [true, 'a call said no, wherever the number is', byCall(), [{ hold: SAID_NO, ...OUTSIDE }]],
    [true, 'a call said no, and the number may be in a bucket', byCall(), [{ hold: SAID_NO }]],
    [false, 'a call asks, and no hold stands', byCall(), [{}]],
    [true, 'a webhook keeps a contact out that may be dialed', unread({ told: OUT }), [{}]],
    [true, 'a webhook asks for one that is held and may be dialed', unread(), [{ hold: SAID_NO }]],
    [true, 'the number is in doubt', unread({ told: OUT }), [{ ...OUTSIDE, inDoubt: true }]],
    [true, 'an earlier number may be dialed', unread({ told: OUT }), [OUTSIDE, { phoneHash: 'q' }]],
    [true, 'a number that it has by now may be dialed', unread({ told: OUT }), [{ contactId: 'two' }]],
    [false, 'it is held, and nobody can dial it', unread(), [{ hold: SAID_NO, ...OUTSIDE }]],
    [false, 'a webhook keeps a contact out that nobody can dial', unread({ told: OUT }), [OUTSIDE]],
    [false, 'nothing is against dialing', unread(), [{}]],
    [false, 'only somebody else’s number may be dialed', unread({ told: OUT }), [{ phoneHash: 'q', contactId: 'two' }]],
  ])('%s where %s', (urgent, _, task, rows) => {
    expect(isUrgent(task, ...rows)).toBe(urgent);
  });
});

describe('what is still to be read', () => {
  const read = (task: Task, held: typeof HELD | null, hold: DialerRow['hold'] = SAID_NO) =>
    withoutRead([task], numbers({ hold }), RULES, null, held).includes(task);

  test('a call that said no needs no read', () => {
    const task = byCall();
    expect(read(task, null)).toBe(false);
    expect(task).toMatchObject({ decision: { intent: 'place', route: 'cold' }, phoneHash: 'p', readHash: null });
    expect(task).toMatchObject({ unasked: true, failure: null, readFailure: null });
  });

  test('nor does it wait for GoHighLevel', () => {
    const task = byCall();
    expect(read(task, HELD)).toBe(false);
    expect(task).toMatchObject({ decision: { intent: 'place' }, readFailure: null });
  });

  test.each([
    ['a webhook about a contact that is held', unread(), SAID_NO],
    ['a call whose hold is gone', byCall(), null],
    ['a webhook against dialing', unread({ told: OUT }), null],
  ])('%s is read', (_, task, hold) => {
    expect(read(task, null, hold)).toBe(true);
    expect(task).toMatchObject({ decision: null, failure: null, readFailure: null, unasked: false });
  });

  test('while GoHighLevel must not be called nobody is read, and what else asks comes back when it may', () => {
    const [held, out, plain] = [unread(), unread({ told: OUT }), unread()];
    const waits = { kind: 'busy', error: HELD.why, forMs: HELD.ms };
    expect([read(held, HELD), read(out, HELD, null), read(plain, HELD, null)]).toEqual([false, false, false]);
    expect(held).toMatchObject({ decision: { intent: 'place' }, failure: null, readFailure: waits });
    expect(out).toMatchObject({ decision: { intent: 'out' }, failure: null, readFailure: waits });
    expect(plain).toMatchObject({ decision: null, failure: waits, readFailure: null });
  });
});
