// The job of a number whose CallTools contacts carry others too: which numbers count, what is dialed, and what is marked first.

import { describe, expect, test } from 'vitest';
import type { Intent, PhoneIntent } from '../../../workers/consumer/domain/decide.ts';
import type { Rules } from '../../../workers/consumer/domain/rules/conditions.ts';
import type { DialerRow } from '../../../workers/consumer/store/claim.ts';
import { planJobs } from '../../../workers/consumer/sync/plan.ts';
import type { Job, Task } from '../../../workers/consumer/sync/work.ts';
import { decisionOf, dialerRow, FAILURES, RULES, taskOf } from '../../support/batch-harness.ts';

interface Plan {
  tasks?: Task[];
  /** The row of `p`. */
  row?: Partial<DialerRow>;
  /** Other numbers, by hash. */
  others?: Record<string, Partial<DialerRow>>;
  /** What contacts that are not in hand want: one for each number, named after it. */
  wants?: Record<string, Intent>;
  rules?: Rules;
}

/** The job of the number `p`. */
function jobOf({ tasks = [taskOf()], row = {}, others = {}, wants = {}, rules = RULES }: Plan): Job {
  const rows = [
    dialerRow(row),
    ...Object.entries(others).map(([phoneHash, other]) =>
      dialerRow({ phoneHash, contactId: `with ${phoneHash}`, ...other }),
    ),
  ];
  const intents = new Map<string, PhoneIntent[]>(
    Object.entries(wants).map(([hash, intent]) => [hash, [{ contactId: `with ${hash}`, intent, priority: 1 }]]),
  );
  const dialer = new Map(rows.map((one) => [one.phoneHash, one]));
  const job = planJobs(tasks, { dialer, intents }, rules).find((one) => one.row.phoneHash === 'p');
  if (!job) throw new Error('no job');
  return job;
}

const on = (carriers: Record<number, string[]>, row: Partial<DialerRow> = {}): Partial<DialerRow> => ({
  carriers: new Map(Object.entries(carriers).map(([id, hashes]) => [Number(id), hashes])),
  ...row,
});
/** It has left `p` for `z`. */
const mover = (intent: Intent = 'place') =>
  taskOf({ row: { phoneHash: 'p' }, phoneHash: 'z', decision: decisionOf(intent) });
/** It had `q`, and asks not to be called. */
const leftQ = taskOf({ contactId: 'with q', row: { phoneHash: 'q' }, phoneHash: 'z', decision: decisionOf('dnc') });

describe('the numbers that count', () => {
  const both = on({ 1: ['p', 'q'], 2: ['p', 's'] });
  const others = {
    q: on({ 1: ['p', 'q'], 3: ['q', 't'] }),
    s: on({ 2: ['p', 's'] }, { callToolsId: 2 }),
    t: on({ 3: ['q', 't'] }),
  };

  test.each<[string, Plan, string[]]>([
    ['the number alone', {}, ['p']],
    ['those on any of its CallTools contacts', { row: both, others }, ['p', 'q', 's']],
    [
      'and on those of a number between that somebody wants',
      { row: both, others, wants: { q: 'out' } },
      ['p', 'q', 's', 't'],
    ],
    ['not of one between that nobody wants anything of', { row: both, others, wants: { q: 'none' } }, ['p', 'q', 's']],
    [
      'of a number that nobody has, those on the one that is remembered',
      { tasks: [mover()], row: both, others },
      ['p', 'q'],
    ],
    [
      'of such a number, those on all where none is remembered',
      { tasks: [mover()], row: { ...both, callToolsId: null }, others },
      ['p', 'q', 's'],
    ],
    [
      'of such a number, none where the remembered one carries it alone',
      { tasks: [mover()], row: { ...both, callToolsId: 9 }, others },
      ['p'],
    ],
    [
      'of such a number, those behind one that somebody wants',
      { tasks: [mover()], row: both, others, wants: { q: 'place' } },
      ['p', 'q', 't'],
    ],
    [
      'of a number that is somebody’s again, all',
      { tasks: [mover()], row: both, others, wants: { p: 'place' } },
      ['p', 'q', 's'],
    ],
  ])('are %s', (_, plan, numbers) => {
    const job = jobOf(plan);
    expect([...job.numbers].sort()).toEqual(numbers);
    const rows = Object.keys(plan.others ?? {});
    expect(job.linked.map(({ phoneHash }) => phoneHash).sort()).toEqual(
      rows.filter((hash) => numbers.includes(hash)).sort(),
    );
  });

  test('without a row have no row, and count all the same', () => {
    const job = jobOf({ row: on({ 1: ['p', 'q'] }), wants: { q: 'out' } });
    expect(job.linked).toEqual([]);
    expect(job.combined).toMatchObject({ kind: 'out' });
  });
});

describe('a number is kept out', () => {
  const together = { row: on({ 1: ['p', 'q'] }), others: { q: on({ 1: ['p', 'q'] }) } };

  test.each<[string, Plan, object]>([
    ['not by a contact that would be dialed', { wants: { q: 'place' } }, { kind: 'place', bucket: 'Cold Leads' }],
    ['by a contact that is kept out', { wants: { q: 'out' } }, { kind: 'out', doNotContact: false }],
    ['by a contact that asks not to be called', { wants: { q: 'dnc' } }, { kind: 'out', doNotContact: true }],
    [
      'by what was read of it, not what was remembered',
      {
        wants: { q: 'place' },
        tasks: [
          taskOf(),
          taskOf({ contactId: 'with q', row: { phoneHash: 'q' }, phoneHash: 'q', decision: decisionOf('out') }),
        ],
      },
      { kind: 'out', doNotContact: false },
    ],
    [
      'not by what is remembered of a contact that was read',
      {
        wants: { q: 'dnc' },
        tasks: [taskOf(), taskOf({ contactId: 'with q', row: { phoneHash: 'q' }, phoneHash: 'q' })],
      },
      { kind: 'place' },
    ],
    [
      'by what is remembered where it was stopped',
      {
        wants: { q: 'out' },
        tasks: [
          taskOf(),
          taskOf({ contactId: 'with q', row: { phoneHash: 'q' }, phoneHash: 'q', failure: FAILURES.busy }),
        ],
      },
      { kind: 'out', doNotContact: false },
    ],
  ])('by the other number of its CallTools contact: %s', (_, plan, wanted) => {
    expect(jobOf({ ...together, ...plan }).wanted).toMatchObject(wanted);
  });

  test('by a hold on either number, and stores its own', () => {
    const hold = { reason: 'said_no', route: 'cold', at: 1 } as const;
    const held = (row: Partial<DialerRow>, q: Partial<DialerRow>) => {
      const job = jobOf({
        row: { ...together.row, ...row },
        others: { q: { ...together.others.q, ...q } },
        wants: { q: 'place' },
      });
      return [job.hold, job.combined.kind];
    };
    expect(held({}, {})).toEqual([null, 'place']);
    expect(held({ hold }, {})).toEqual([hold, 'out']);
    expect(held({}, { hold })).toEqual([null, 'out']);
  });
});

describe('a mark for a contact that has left another number comes first', () => {
  const stays = taskOf();
  const marked = (row: Partial<DialerRow>, q: Partial<DialerRow>, tasks = [stays, leftQ]) => {
    const job = jobOf({ tasks, row, others: { q: { ...q } } });
    return [job.marked, job.wanted === null];
  };
  const shared = on({ 1: ['p', 'q'] });

  test.each<[string, Partial<DialerRow>, Partial<DialerRow>, Task[] | undefined, boolean]>([
    ['both are on one CallTools contact', shared, shared, undefined, true],
    ['the number has none of its own yet', { ...shared, callToolsId: null }, shared, undefined, true],
    ['the number has another one', { ...shared, callToolsId: 2 }, shared, undefined, false],
    ['the other number has none', shared, { ...shared, callToolsId: null }, undefined, false],
    ['neither has one', { ...shared, callToolsId: null }, { ...shared, callToolsId: null }, undefined, false],
    [
      'the one of the other number does not carry this one',
      on({ 2: ['p', 'q'] }, { callToolsId: null }),
      shared,
      undefined,
      false,
    ],
    ['nobody has left the other number', shared, shared, [stays], false],
    [
      'a contact has left it that would be dialed',
      shared,
      shared,
      [stays, taskOf({ contactId: 'with q', row: { phoneHash: 'q' }, phoneHash: 'z' })],
      false,
    ],
    [
      'a contact asks not to be called that has the other number still',
      shared,
      shared,
      [stays, { ...leftQ, phoneHash: 'q' }],
      false,
    ],
    [
      'a contact that has it asks not to be called',
      shared,
      { ...shared, contactId: null },
      [taskOf({ decision: decisionOf('dnc') })],
      false,
    ],
  ])('where %s', (_, row, q, tasks, is) => {
    expect(marked(row, q, tasks)).toEqual([is, is]);
  });

  test('but what is out stays out', () => {
    const out = taskOf({ decision: decisionOf('out') });
    const job = jobOf({ tasks: [out, leftQ], row: shared, others: { q: shared } });
    expect(job).toMatchObject({ marked: true, wanted: { kind: 'out', doNotContact: false }, leftBy: null });
  });
});

describe('a number that nobody has any more', () => {
  const row = on({ 1: ['p', 'q'], 2: ['p', 's'] });
  const others = { q: on({ 1: ['p', 'q'] }), s: on({ 2: ['p', 's'] }, { callToolsId: 2 }) };

  test('says of each number beside it whether it is dialed', () => {
    const dialed = (wants: Record<string, Intent>, tasks = [mover()]) => {
      const job = jobOf({ tasks, row, others, wants });
      return job.dialed && Object.fromEntries(job.dialed);
    };
    expect(dialed({ q: 'place', s: 'out' })).toEqual({ p: false, q: true, s: false });
    expect(dialed({ q: 'none', s: 'place' })).toEqual({ p: false, q: false, s: true });
    expect(dialed({ q: 'place' }, [taskOf()])).toBeNull();
  });

  test('is taken out of the other CallTools contacts where it has none of its own', () => {
    expect(jobOf({ tasks: [mover()], row, others }).carriers).toEqual([]);
    expect(jobOf({ tasks: [mover()], row: { ...row, callToolsId: null }, others }).carriers).toEqual([1, 2]);
    expect(jobOf({ row, others }).carriers).toEqual([1, 2]);
  });

  test.each<[string, Plan, string | null]>([
    ['may give its CallTools contact to the contact that left it', {}, 'one'],
    ['not where that is somebody’s under another number', { wants: { q: 'place' } }, null],
    ['not where somebody is kept out under another number', { wants: { q: 'out' } }, null],
    ['where nobody wants anything of the other number', { wants: { q: 'none' } }, 'one'],
    ['not where the contact asks not to be called', { tasks: [mover('dnc')] }, null],
    ['not to a contact that has the number', { tasks: [taskOf({ decision: decisionOf('none') })] }, null],
    ['not where another is marked', { tasks: [mover(), leftQ] }, null],
  ])('%s', (_, plan, contactId) => {
    expect(jobOf({ tasks: [mover()], row, others, ...plan }).leftBy?.work.contactId ?? null).toBe(contactId);
  });
});

describe('the primary contact', () => {
  const row = on({ 1: ['p', 'q'] });
  const others = { q: on({ 1: ['p', 'q'] }) };

  test('is known by the row of its number, in hand or not', () => {
    const warm = taskOf({ decision: decisionOf('place', { priority: 2, route: 'warm' }) });
    expect(jobOf({ tasks: [warm], row, others, wants: { q: 'place' } })).toMatchObject({
      primaryRow: { phoneHash: 'q' },
      primaryInHand: false,
      wanted: null,
    });
    expect(jobOf({ row, others, wants: { q: 'none' } })).toMatchObject({
      primaryRow: { phoneHash: 'p' },
      primaryInHand: true,
    });
    expect(jobOf({ tasks: [warm], row, wants: { q: 'place' } })).toMatchObject({
      primaryRow: null,
      primaryInHand: false,
    });
    expect(jobOf({ tasks: [taskOf({ decision: decisionOf('out') })] })).toMatchObject({
      primaryRow: null,
      primaryInHand: false,
    });
  });

  test('is shown with the bucket and the tag of its route, where that still has a bucket', () => {
    const routes = (changes: object): Rules => ({ routes: RULES.routes.map((route) => ({ ...route, ...changes })) });
    expect(jobOf({ rules: routes({ calltoolsTag: 'new' }) }).wanted).toMatchObject({
      bucket: 'Cold Leads',
      tag: 'new',
    });
    expect(jobOf({}).wanted).toMatchObject({
      kind: 'place',
      bucket: 'Cold Leads',
      tag: null,
      person: { contactId: 'one' },
    });
    expect(jobOf({ rules: routes({ bucket: null }) }).wanted).toBeNull();
    expect(jobOf({ rules: { routes: [] } }).wanted).toBeNull();
    expect(jobOf({ tasks: [taskOf({ decision: decisionOf('place', { person: null }) })] }).wanted).toBeNull();
  });

  test('is named as the next one only where this batch marks a contact that has left the number', () => {
    const leaver = mover('dnc');
    expect(jobOf({ tasks: [leaver], row, others, wants: { q: 'place' } }).next).toBe('with q');
    expect(jobOf({ tasks: [leaver], row, others, wants: { p: 'place' } }).next).toBe('with p');
    expect(jobOf({ tasks: [leaver], row, others, wants: { q: 'out' } }).next).toBeNull();
    expect(jobOf({ tasks: [mover()], row, others, wants: { q: 'place' } }).next).toBeNull();
  });
});
