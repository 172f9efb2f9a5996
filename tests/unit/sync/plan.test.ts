// Which numbers a batch works on, what each should hold, and whose data counts.

import { describe, expect, test } from 'vitest';
import type { Intent } from '../../../workers/consumer/domain/decide.ts';
import type { Task } from '../../../workers/consumer/sync/work.ts';
import { decisionOf, dialerRow, FAILURES, jobsOf, taskOf } from '../../support/batch-harness.ts';

const other = (intent: Intent, priority = 1) => [{ contactId: 'two', intent, priority }];
/** A contact that had the number `p` and now has `q`. */
const mover = (contactId = 'one') => taskOf({ contactId, phoneHash: 'q', decision: decisionOf('place') });
const BOTH = [dialerRow(), dialerRow({ phoneHash: 'q', contactId: null, callToolsId: null, mayBeInBucket: false })];

describe('a number is worked on', () => {
  test('where a contact in hand has it, had it, or is still shown under it', () => {
    const row = { phoneHash: 'p' };
    const rows = ['p', 'q', 'long ago', 'a stranger’s'].map((phoneHash) =>
      dialerRow({ phoneHash, contactId: phoneHash === 'long ago' ? 'one' : null }),
    );
    const jobs = jobsOf([taskOf({ row, phoneHash: 'q' })], { rows });
    expect([...jobs.keys()]).toEqual(['p', 'q', 'long ago']);
  });

  test('but not where another batch holds its lease', () => {
    expect(jobsOf([taskOf()], { rows: [dialerRow({ mine: false })] }).size).toBe(0);
  });

  test.each([
    ['could not be read', { decision: null }],
    ['was stopped after it was read', { failure: FAILURES.busy }],
  ])('and not for a contact that %s', (_, options) => {
    expect(jobsOf([taskOf(options)]).size).toBe(0);
  });
});

describe('what counts for a number', () => {
  test('is what was just read of a contact in hand, not what was remembered of it', () => {
    const remembered = [{ contactId: 'one', intent: 'place' as const, priority: 1 }];
    const job = jobsOf([taskOf({ decision: decisionOf('dnc') })], { intents: remembered }).get('p');
    expect(job?.wanted).toEqual({ kind: 'out', doNotContact: true });
  });

  test('is what is remembered of a contact that could not be read', () => {
    const unread = taskOf({ contactId: 'two', decision: null });
    const job = jobsOf([taskOf(), unread], { intents: other('out') }).get('p');
    expect(job?.wanted).toEqual({ kind: 'out', doNotContact: false });
  });

  test('is what every other contact with it wants: the strictest wins', () => {
    expect(jobsOf([taskOf()], { intents: other('out') }).get('p')?.wanted).toMatchObject({ kind: 'out' });
    expect(jobsOf([taskOf()], { intents: other('none') }).get('p')?.wanted).toMatchObject({ kind: 'place' });
  });

  test('is no longer the intent of a contact that has another number now', () => {
    const remembered = [{ contactId: 'one', intent: 'place' as const, priority: 1 }];
    const jobs = jobsOf([mover()], { rows: BOTH, intents: remembered });
    expect(jobs.get('p')).toMatchObject({ wanted: { kind: 'out' }, intents: [] });
    expect(jobs.get('q')?.wanted).toMatchObject({ kind: 'place', bucket: 'Cold Leads' });
  });
});

describe('a number that several contacts share', () => {
  test('shows the one whose route comes first in the rules, and of equals the lowest id', () => {
    const warm = decisionOf('place', { priority: 2, route: 'warm' });
    const two = taskOf({ contactId: 'two' });
    expect(jobsOf([taskOf({ decision: warm }), two]).get('p')?.wanted).toMatchObject({
      bucket: 'Cold Leads',
      person: { contactId: 'two' },
    });
    expect(jobsOf([two, taskOf()]).get('p')).toMatchObject({
      wanted: { person: { contactId: 'one' } },
      primaryInHand: true,
    });
  });

  test('is left to a leading contact that is not in hand: its data is not known here', () => {
    const job = jobsOf([taskOf()], { intents: other('place', 0) }).get('p');
    expect(job).toMatchObject({ wanted: null, combined: { kind: 'place', primary: 'two' } });
  });

  test('is withdrawn all the same where another one keeps it out', () => {
    expect(jobsOf([taskOf()], { intents: other('dnc') }).get('p')?.wanted).toEqual({ kind: 'out', doNotContact: true });
  });
});

describe('the number itself', () => {
  test('is known where a contact in hand has it', () => {
    expect(jobsOf([taskOf()]).get('p')?.e164).toBe('+13055550142');
  });

  test('and only by its hash where none has it any more', () => {
    expect(jobsOf([mover()], { rows: BOTH }).get('p')?.e164).toBeNull();
  });
});

describe('the CallTools contact of a number may go along to a new one', () => {
  const leftBy = (tasks: Parameters<typeof jobsOf>[0], intents = other('none')) =>
    jobsOf(tasks, { rows: BOTH, intents }).get('p')?.leftBy?.work.contactId ?? null;

  test('with the contact that has left it', () => {
    expect(leftBy([mover()])).toBe('one');
  });

  test.each<[string, Intent]>([
    ['is dialed under it', 'place'],
    ['is kept out under it', 'out'],
    ['asked not to be called under it', 'dnc'],
  ])('but stays where another contact %s', (_, intent) => {
    expect(leftBy([mover()], other(intent))).toBeNull();
  });

  test('and stays where the contact has no number any more', () => {
    expect(leftBy([taskOf({ phoneHash: null, decision: decisionOf('none', { phone: null }) })])).toBeNull();
  });

  test('of two that have left it, with the one that CallTools shows', () => {
    const row = { phoneHash: 'p' };
    const two = taskOf({ contactId: 'two', row, phoneHash: 'r' });
    expect(leftBy([two, mover()])).toBe('one');
    expect(leftBy([mover('three'), two])).toBe('three');
  });
});

test('others with a number that nobody has any more are spared, unless who leaves it asks not to be called', () => {
  const spares = (intent: Intent, row = { phoneHash: 'p' }) =>
    jobsOf([taskOf({ row, phoneHash: 'q', decision: decisionOf(intent) })], { rows: BOTH }).get('p')?.sparesOthers;
  expect(spares('place')).toBe(true);
  expect(spares('dnc')).toBe(false);
  expect(spares('dnc', { phoneHash: 'q' })).toBe(true);
});

test.each([
  ['left it now', 'p', 'two'],
  ['left it long ago', 'r', null],
])(
  'a person who %s and asks not to be called: who is read next on another CallTools contact with the number',
  (_, had, next) => {
    const carriers = new Map([
      [1, ['p']],
      [2, ['p', 'q']],
    ]);
    const rows = [dialerRow({ carriers }), dialerRow({ phoneHash: 'q', contactId: 'two', callToolsId: 2 })];
    const leaver = taskOf({ row: { phoneHash: had }, phoneHash: 'r', decision: decisionOf('dnc') });
    const other = taskOf({ contactId: 'two', row: { phoneHash: 'q' }, phoneHash: 'q' });
    expect(jobsOf([leaver, other], { rows }).get('p')?.next).toBe(next);
  },
);

describe('a contact that asks not to be called has left one of the numbers of a CallTools contact', () => {
  test.each([
    ['is not placed under another of its numbers: the mark comes first', 1, true],
    ['does not concern who has a CallTools contact of their own', 2, false],
  ])('that %s', (_, callToolsId, marked) => {
    const carriers = new Map([[1, ['p', 'q']]]);
    const rows = [
      dialerRow({ contactId: 'leaver', carriers }),
      dialerRow({ phoneHash: 'q', contactId: 'two', callToolsId, carriers }),
    ];
    const leaver = taskOf({ contactId: 'leaver', phoneHash: 'r', decision: decisionOf('dnc') });
    const stays = taskOf({ contactId: 'two', phoneHash: 'q', row: { phoneHash: 'q' } });
    const job = jobsOf([leaver, stays], { rows }).get('q');
    expect([job?.marked, job?.wanted === null]).toEqual([marked, marked]);
  });
});

describe('two numbers on one CallTools contact that a call holds', () => {
  const carriers = new Map([[1, ['p', 'q']]]);
  const hold = { reason: 'said_no', route: 'warm', at: 1000 } as const;
  /** The contact with the number was held under the route "warm". */
  const heldOne = (contactId: string, phoneHash: string, route: 'cold' | 'warm') =>
    taskOf({
      contactId,
      phoneHash,
      row: { phoneHash, route: 'warm' },
      decision: decisionOf('place', { route, priority: route === 'cold' ? 1 : 2 }),
      hint: { eventType: 'ContactTagUpdate', receivedAt: 60_000 },
    });

  test.each([
    ['neither of its contacts has left its route', 'warm', 'warm', 'out'],
    ['only the contact with the other number has', 'warm', 'cold', 'out'],
    ['only its own contact has', 'cold', 'warm', 'out'],
    ['both have', 'cold', 'cold', 'place'],
  ] as const)('the first is held as long as either is: %s', (_, own, other, combined) => {
    const rows = [dialerRow({ carriers, hold }), dialerRow({ phoneHash: 'q', contactId: 'two', carriers, hold })];
    const tasks = [heldOne('one', 'p', own), heldOne('two', 'q', other)];
    expect(jobsOf(tasks, { rows }).get('p')?.combined.kind).toBe(combined);
  });
});

describe('a contact that has left the number asks not to be called', () => {
  const gone = decisionOf('none', { reason: 'deleted', phone: null });
  const left = (task: Parameters<typeof taskOf>[0], told: Task['told'] = {}) => ({
    ...taskOf({ row: { phoneHash: 'p' }, phoneHash: 'z', ...task }),
    told,
  });

  test.each<[string, Task, boolean]>([
    ['where it says so', left({ decision: decisionOf('dnc') }), true],
    ['not where it is dialed', left({}), false],
    ['not where it is kept out', left({ decision: decisionOf('out') }), false],
    [
      'where it said so before it was deleted',
      left({ decision: gone, phoneHash: null, row: { phoneHash: 'p', intent: 'dnc' } }),
      true,
    ],
    [
      'where a webhook said so before it was deleted',
      left({ decision: gone, phoneHash: null }, { dndAll: { on: true, at: 1 } } as never),
      true,
    ],
    ['not where it was only deleted', left({ decision: gone, phoneHash: null }), false],
    [
      'not where it was deleted and has the number still',
      left({
        decision: decisionOf('none', { reason: 'deleted' }),
        phoneHash: 'p',
        row: { phoneHash: 'p', intent: 'dnc' },
      }),
      false,
    ],
    [
      'not where it asked earlier, and no longer does',
      left({ decision: decisionOf('out'), row: { phoneHash: 'p', intent: 'dnc' } }),
      false,
    ],
  ])('%s', (_, task, asks) => {
    const job = jobsOf([task]).get('p');
    expect(job).toMatchObject({ combined: { kind: 'out', doNotContact: asks }, sparesOthers: !asks });
    const beside = taskOf({ contactId: 'two', phoneHash: 'q' });
    expect(jobsOf([task, beside]).get('p')?.sparesOthers).toBe(!asks);
  });
});
