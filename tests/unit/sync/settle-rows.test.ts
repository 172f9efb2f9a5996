// The row of a number after its batch: whom it shows, what it lacks, and what moves away with its CallTools contact.

import { describe, expect, test } from 'vitest';
import type { Combined, Hold, Placing } from '../../../workers/consumer/domain/decide.ts';
import { dialerCommit, siblingsOf } from '../../../workers/consumer/sync/settle.ts';
import type { Job, Result, Task } from '../../../workers/consumer/sync/work.ts';
import { decisionOf, dialerRow, jobsOf, resultOf, taskOf } from '../../support/batch-harness.ts';

const NOW = 500_000;
const OBSERVED = { callToolsId: 1, mayBeInBucket: true, moved: false, doNotContact: false, placing: null };
const NOWHERE = { ...OBSERVED, callToolsId: null, mayBeInBucket: false };
const OUT: Combined = { kind: 'out', doNotContact: false };
const PLACES_TWO: Combined = { kind: 'place', primary: 'two', priority: 1 };

/** The row of the number `p` after a job with these particulars. CallTools showed contact "shown" under it. */
function rowAfter(job: Partial<Job>, result: Partial<Result> = {}, row: Parameters<typeof dialerRow>[0] = {}) {
  const planned = jobsOf([taskOf()], { rows: [dialerRow({ contactId: 'shown', ...row })] }).get('p');
  if (!planned) throw new Error('no job');
  return dialerCommit(resultOf({ ...planned, ...job }, { observed: OBSERVED, ...result }), NOW);
}

const own = taskOf();
const leaver = taskOf({ contactId: 'leaver', phoneHash: 'q' });
const mute = taskOf({ contactId: 'mute', phoneHash: null, decision: decisionOf('none') });
const has = (contactId: string, phoneHash = 'p') => ({ contactId, phoneHash, intent: 'out' as const, priority: 0 });

describe('the contact that a number shows', () => {
  test.each<[string, Partial<Job>, Partial<Result>, string | null]>([
    ['is the primary one', { combined: PLACES_TWO }, {}, 'two'],
    ['is the primary one where its write failed', { combined: PLACES_TWO }, { kind: 'failed' }, 'two'],
    ['is the one before while the primary one is asked for', { combined: PLACES_TWO }, { kind: 'asked' }, 'shown'],
    ['is the one before where nobody is placed', { combined: OUT }, {}, 'shown'],
    ['is the one that may have taken it along', { combined: OUT, leftBy: leaver }, { kind: 'failed' }, 'leaver'],
    [
      'is one that left it, where the write failed',
      { combined: OUT, tasks: [own, leaver] },
      { kind: 'failed' },
      'leaver',
    ],
    [
      'is first the one whose CallTools contact may move',
      { combined: OUT, leftBy: leaver, tasks: [taskOf({ phoneHash: 'r' })] },
      { kind: 'failed' },
      'leaver',
    ],
    ['is the one before where one has it still', { combined: OUT, tasks: [own] }, { kind: 'failed' }, 'shown'],
    [
      'is the one before where one has no number any more',
      { combined: OUT, tasks: [mute] },
      { kind: 'failed' },
      'shown',
    ],
    ['is the one before where one left it and the write succeeded', { combined: OUT, tasks: [leaver] }, {}, 'shown'],
    ['is the one before where its CallTools contact has not moved', { combined: OUT, leftBy: leaver }, {}, 'shown'],
    ['is nobody once its CallTools contact has moved', { combined: OUT, leftBy: leaver }, { kind: 'moved' }, null],
    [
      'is nobody at the moment that a doubt ends',
      { combined: OUT, leftBy: leaver },
      { kind: 'moved', doubtUntil: NOW },
      null,
    ],
    [
      'is the one that takes it along while that is in doubt',
      { combined: OUT, leftBy: leaver },
      { kind: 'moved', doubtUntil: NOW + 1 },
      'leaver',
    ],
    [
      'is the one that has it, where nothing is left in CallTools',
      { combined: OUT, intents: [has('three')] },
      { observed: NOWHERE },
      'three',
    ],
    ['is nobody where nobody has it and nothing is left', { combined: OUT, intents: [] }, { observed: NOWHERE }, null],
    [
      'is nobody where one has another number of its CallTools contact',
      { combined: OUT, intents: [has('three', 'q')] },
      { observed: NOWHERE },
      null,
    ],
    [
      'is the one before where that has it still',
      { combined: OUT, intents: [has('three'), has('shown')] },
      { observed: NOWHERE },
      'shown',
    ],
    [
      'is the one before where that only has another number',
      { combined: OUT, intents: [has('three'), has('shown', 'q')] },
      { observed: NOWHERE },
      'three',
    ],
    [
      'is the one before where nothing was written',
      { combined: OUT, intents: [has('three')] },
      { kind: 'unchanged', observed: NOWHERE },
      'shown',
    ],
    [
      'is the one before at a doubt',
      { combined: OUT, intents: [has('three')] },
      { observed: NOWHERE, doubtUntil: NOW + 1 },
      'shown',
    ],
    [
      'is another one at the moment that a doubt ends',
      { combined: OUT, intents: [has('three')] },
      { observed: NOWHERE, doubtUntil: NOW },
      'three',
    ],
  ])('%s', (_, job, result, contactId) => {
    expect(rowAfter(job, result).contactId).toBe(contactId);
  });

  test('is the first in hand where there was none, and nobody where none is in hand', () => {
    expect(rowAfter({ combined: OUT, tasks: [own, leaver] }, {}, { contactId: null }).contactId).toBe('one');
    expect(rowAfter({ combined: OUT, tasks: [] }, {}, { contactId: null }).contactId).toBeNull();
  });
});

describe('what moves away with a CallTools contact', () => {
  const placing: Placing = { at: 1, route: 'cold', bucket: 1, tag: null, word: null };
  const hold: Hold = { reason: 'taken_out_in_calltools', route: 'cold', at: 1 };
  const said: Hold = { ...hold, reason: 'said_no' };
  const observed = { ...OBSERVED, placing };

  test.each<[string, Partial<Result>, Hold, object]>([
    ['all but the hold of a call', { kind: 'moved' }, hold, { placing: null, hold: null }],
    ['not the hold of a call', { kind: 'moved' }, said, { placing: null, hold: said }],
    ['all at the moment that a doubt ends', { kind: 'moved', doubtUntil: NOW }, hold, { placing: null, hold: null }],
    ['nothing while a write is in doubt', { kind: 'moved', doubtUntil: NOW + 1 }, hold, { placing, hold }],
    ['nothing where it stays', { kind: 'written' }, hold, { placing, hold }],
    ['nothing where it stays unchanged', { kind: 'unchanged' }, hold, { placing, hold }],
  ])('is %s', (_, result, held, expected) => {
    expect(rowAfter({ hold: held }, { observed, ...result })).toMatchObject(expected);
  });
});

describe('what a number lacks', () => {
  const lacking = { leftOut: ['email'], noArea: true };
  const whole = { leftOut: null, noArea: false };

  test.each<[string, Partial<Result>, object]>([
    ['stays where its CallTools contact was not written', {}, lacking],
    ['is nothing where it is in no bucket', { observed: { ...OBSERVED, mayBeInBucket: false } }, whole],
    ['is nothing where it has no CallTools contact', { observed: { ...OBSERVED, callToolsId: null } }, whole],
    [
      'stays where it may be in a bucket because of a doubt',
      { observed: { ...OBSERVED, mayBeInBucket: false }, doubtUntil: NOW + 1 },
      lacking,
    ],
  ])('%s', (_, result, expected) => {
    expect(rowAfter({}, { kind: 'unchanged', ...result }, lacking)).toMatchObject(expected);
  });
});

test.each<[Result['kind'], string | null, boolean]>([
  ['unchanged', 'as written', true],
  ['unchanged', null, false],
  ['written', 'as written', false],
  ['moved', 'as written', false],
])(
  'a row that was %s with the fingerprint %s leaves one that was cleared as it is: %s',
  (kind, fingerprint, untouched) => {
    expect(rowAfter({}, { kind, fingerprint }).untouched).toBe(untouched);
  },
);

test.each<[Result['kind'], string | null, boolean[], boolean]>([
  ['written', 'as written', [false], true],
  ['written', null, [false], false],
  ['confirmed', 'as written', [false], true],
  ['confirmed', null, [true], false],
  ['unchanged', 'as written', [true], false],
  ['failed', 'as written', [true], false],
  ['follows', null, [true, false], true],
  ['follows', null, [false, true], true],
  ['follows', 'as written', [false, false], false],
])(
  'a number that was %s with the fingerprint %s, verified for %j: confirmed now: %s',
  (kind, fingerprint, verify, now) => {
    const tasks = verify.map((asks): Task => ({ ...own, work: { ...own.work, verify: asks } }));
    expect(rowAfter({ tasks }, { kind, fingerprint }).verifiedAt).toBe(now ? NOW : null);
  },
);

describe('other contacts with the number', () => {
  const place = (contactId: string, phoneHash = 'p') => ({ ...has(contactId, phoneHash), intent: 'place' as const });
  const carriers = new Map([
    [1, ['p', 'q']],
    [2, ['p', 'r']],
  ]);
  const siblings = (job: Partial<Job>, result: Partial<Result> = {}) => {
    const planned = jobsOf([own], { rows: [dialerRow({ carriers })] }).get('p');
    if (!planned) throw new Error('no job');
    const intents = [place('one'), place('two'), place('three', 'q'), place('four', 'r'), has('five')];
    return siblingsOf(resultOf({ ...planned, intents, ...job }, { observed: OBSERVED, ...result })).map(
      ({ contactId, state, reason }) => `${contactId} ${state} ${reason}`,
    );
  };

  test.each<[string, Partial<Job>, Partial<Result>, string[]]>([
    [
      'are placed where it is',
      {},
      {},
      ['two placed shared_phone', 'three placed shared_contact', 'four kept_out shared_contact'],
    ],
    [
      'are placed where it is in no CallTools contact',
      {},
      { observed: NOWHERE },
      ['two placed shared_phone', 'three kept_out shared_contact', 'four kept_out shared_contact'],
    ],
    [
      'are kept out where it is',
      { combined: OUT },
      {},
      ['two kept_out shared_phone', 'three kept_out shared_contact', 'four kept_out shared_contact'],
    ],
    [
      'are held where it is',
      { combined: { ...OUT, hold: 'said_no' } },
      {},
      ['two kept_out said_no', 'three kept_out said_no', 'four kept_out said_no'],
    ],
    [
      'are not told where they are in hand',
      { tasks: [own, taskOf({ contactId: 'two' }), taskOf({ contactId: 'four' })] },
      {},
      ['three placed shared_contact'],
    ],
  ])('%s', (_, job, result, expected) => {
    expect(siblings(job, result)).toEqual(expected);
  });

  test.each(['failed', 'asked', 'follows', 'moved'] as const)('are not told where it was %s', (kind) => {
    expect(siblings({}, { kind })).toEqual([]);
  });
});
