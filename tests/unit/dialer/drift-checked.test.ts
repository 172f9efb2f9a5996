// What a look at the remembered CallTools contact concludes, condition by condition.

import { describe, expect, test } from 'vitest';
import { checkDrift } from '../../../workers/consumer/dialer/drift.ts';
import type { LabelIds } from '../../../workers/consumer/dialer/labels.ts';
import type { Seen } from '../../../workers/consumer/dialer/numbers.ts';
import type { Desired, Dialer, Observed } from '../../../workers/consumer/dialer/session.ts';
import { TakenOut } from '../../../workers/consumer/dialer/taken-out.ts';
import type { Wanted } from '../../../workers/consumer/domain/decide.ts';
import type { DialerContact } from '../../../workers/consumer/vendors/calltools-schema.ts';
import {
  COLD,
  DNC,
  dialerStage,
  OTHER_PHONE,
  OUT,
  observed,
  PHONE,
  place,
  target,
  WARM,
} from '../../support/vendor-harness.ts';
import { NOON } from '../../support/virtual-clock.ts';

const { settings } = dialerStage();
const IN = place(COLD, { tag: 'vip' });

const contact = (changes: Partial<DialerContact> = {}): DialerContact => ({
  ...{ id: 5, doNotContact: false, buckets: [1], tags: [11], word: null, phones: [PHONE], dialable: [PHONE] },
  ...changes,
});

interface Stage {
  desired?: Partial<Desired>;
  known?: Partial<Observed>;
  others?: DialerContact[];
  bucketsOf?: number[];
  newest?: number;
}

async function checked(
  wanted: Wanted,
  there: DialerContact | null,
  { desired = {}, known = {}, others = [], bucketsOf = [1], newest = 99 }: Stage = {},
) {
  const seen = new Map<number, Seen>();
  const calls: string[] = [];
  let highest = newest;
  const dialer = {
    settings,
    numbers: { known: (id: number) => ([5, 8].includes(id) ? ['p', 'q'] : []), seen },
    labels: {
      resolve: async (needed: { bucket: string | null; tag: string | null }): Promise<LabelIds> => {
        calls.push(`labels ${needed.bucket} ${needed.tag}`);
        return {
          bucket: new Map([
            [COLD, [1]],
            [WARM, [3]],
          ]),
          tag: new Map([
            ['vip', [11]],
            ['old', [13]],
          ]),
          newest: { bucket: highest, tag: 99 },
        };
      },
      forget() {
        calls.push('forget');
        highest = 99;
      },
    },
    callTools: {
      get: async (id: number) => [there, ...others].find((one) => one?.id === id) ?? null,
      async bucketsOf() {
        calls.push('buckets');
        return bucketsOf;
      },
    },
  } as unknown as Dialer;
  const now = observed(known);
  // Numbers on the same contact are known to be without a wish of their own.
  const all = { callToolsId: 5, numbers: { has: () => true } as unknown as ReadonlySet<string>, ...desired };
  const answer = await checkDrift(await target(wanted, all), dialer, now).catch((error) => error);
  return { answer, calls, seen, observed: now };
}

test('nothing that is remembered is no contact', async () => {
  expect(await checked(IN, contact(), { desired: { callToolsId: null } })).toMatchObject({
    answer: 'drifted',
    calls: [],
  });
});

test('a contact that is gone has drifted, and its numbers are forgotten', async () => {
  const { answer, seen } = await checked(IN, null);
  expect([answer, seen.get(5)]).toEqual(['drifted', { hashes: [], whole: true }]);
});

describe('a contact that is to be dialed', () => {
  test.each<[string, Partial<DialerContact>, string]>([
    ['is as it should be', {}, 'in_sync'],
    ['is in further buckets and has further tags', { buckets: [1, 7], tags: [11, 77] }, 'in_sync'],
    ['is marked, as CallTools may do', { doNotContact: true }, 'in_sync'],
    ['is in no bucket', { buckets: [] }, 'left_bucket'],
    ['is in another bucket of ours too', { buckets: [1, 3] }, 'left_bucket'],
    ['lacks its tag', { tags: [] }, 'left_bucket'],
    ['has another tag of ours', { tags: [11, 13] }, 'left_bucket'],
    ['has another number', { phones: [OTHER_PHONE], dialable: [OTHER_PHONE] }, 'drifted'],
    ['has its number where nobody dials it', { phones: [PHONE], dialable: [OTHER_PHONE] }, 'drifted'],
    ['shows no list of numbers, and the field has it', { dialable: null }, 'in_sync'],
    ['shows a number beside it', { phones: [PHONE, OTHER_PHONE], dialable: [PHONE, OTHER_PHONE] }, 'in_sync'],
    ['has no number', { phones: [], dialable: [] }, 'drifted'],
    ['shows no tags', { tags: null }, 'drifted'],
  ])('%s: %s', async (_, changes, drift) => {
    expect((await checked(IN, contact(changes))).answer).toBe(drift);
  });

  test('that shows no buckets is looked for in them', async () => {
    const hidden = contact({ buckets: null });
    expect(await checked(IN, hidden)).toMatchObject({ answer: 'in_sync', calls: [`labels ${COLD} vip`, 'buckets'] });
    expect((await checked(IN, hidden, { bucketsOf: [] })).answer).toBe('left_bucket');
    expect((await checked(IN, contact())).calls).toEqual([`labels ${COLD} vip`]);
  });

  test('that has left its bucket after a call stays out', async () => {
    const placing = { at: NOON, route: 'cold', bucket: 1, tag: null, word: null };
    const word = { text: 'x', latestAt: NOON + 1, undated: false };
    expect((await checked(IN, contact({ buckets: [], word }), { desired: { placing } })).answer).toBeInstanceOf(
      TakenOut,
    );
    expect((await checked(IN, contact({ buckets: [1], word }), { desired: { placing } })).answer).toBe('in_sync');
  });
});

describe('a contact that is to be out', () => {
  test.each<[string, Wanted, Partial<DialerContact>, string]>([
    ['is out', OUT, { buckets: [7], tags: [77] }, 'in_sync'],
    ['is in a bucket of ours', OUT, { buckets: [3], tags: [] }, 'drifted'],
    ['has a tag of ours', OUT, { buckets: [], tags: [13] }, 'drifted'],
    ['shows no tags', OUT, { buckets: [], tags: null }, 'in_sync'],
    ['is not marked', DNC, { buckets: [], tags: [] }, 'drifted'],
    ['does not show whether it is marked', DNC, { buckets: [], tags: [], doNotContact: null }, 'drifted'],
    ['is marked', DNC, { buckets: [], tags: [], doNotContact: true }, 'in_sync'],
    ['is marked and need not be', OUT, { buckets: [], tags: [], doNotContact: true }, 'in_sync'],
    ['has been given another number', OUT, { phones: [OTHER_PHONE] }, 'reassigned'],
    ['has another number, and one that cannot be read', OUT, { phones: [OTHER_PHONE, 'x'] }, 'drifted'],
    ['has no number any more', OUT, { phones: [], buckets: [], tags: [] }, 'in_sync'],
    ['has its number where nobody dials it', OUT, { dialable: [OTHER_PHONE], buckets: [], tags: [] }, 'in_sync'],
  ])('%s', async (_, wanted, changes, drift) => {
    const { answer, calls } = await checked(wanted, contact(changes));
    expect([answer, calls]).toEqual([drift, ['labels null null']]);
  });
});

describe('what is known after it', () => {
  test.each<[string, Wanted, Partial<DialerContact>, Partial<Observed>, Partial<Observed>]>([
    ['it is in a bucket', OUT, { buckets: [3] }, {}, { mayBeInBucket: true, doNotContact: false }],
    ['it is in none', OUT, { buckets: [] }, {}, { mayBeInBucket: false }],
    [
      'it is in none by now, but a write may arrive',
      OUT,
      { buckets: [] },
      { mayBeInBucket: true },
      { mayBeInBucket: true },
    ],
    ['it is marked', IN, { doNotContact: true }, {}, { doNotContact: true }],
    ['it is not marked any more', IN, {}, { doNotContact: true }, { doNotContact: false }],
    ['it does not show whether it is marked', IN, { doNotContact: null }, {}, { doNotContact: false }],
  ])('%s', async (_, wanted, changes, known, expected) => {
    expect((await checked(wanted, contact(changes), { known })).observed).toMatchObject(expected);
  });
});

test('a contact in a bucket that is newer than our list has the list read again, once', async () => {
  const asked = [`labels ${COLD} vip`, 'forget', `labels ${COLD} vip`];
  expect((await checked(IN, contact({ buckets: [1, 7] }), { newest: 6 })).calls).toEqual(asked);
  expect((await checked(IN, contact({ buckets: [1, 7] }), { newest: 7 })).calls).toEqual([asked[0]]);
});

describe('other contacts that carried the number', () => {
  const other = (changes: Partial<DialerContact> = {}) => contact({ id: 8, buckets: [], tags: [], ...changes });
  const carriers = [5, 8, 9];

  test.each<[string, Wanted, Partial<DialerContact>, boolean]>([
    ['one of them is out', IN, {}, true],
    ['one is dialed beside ours', IN, { buckets: [3] }, false],
    ['one has a tag of ours', IN, { tags: [13] }, false],
    [
      'one in a bucket does not carry it any more',
      IN,
      { buckets: [3], phones: [OTHER_PHONE], dialable: [OTHER_PHONE] },
      true,
    ],
    ['one in a bucket may carry it', IN, { buckets: [3], phones: [OTHER_PHONE, 'x'], dialable: null }, true],
    ['one must be marked too', DNC, {}, false],
    ['one is marked too', DNC, { doNotContact: true }, true],
    ['one need not be marked', OUT, {}, true],
  ])('%s', async (_, wanted, changes, right) => {
    const ours = wanted.kind === 'place' ? contact() : contact({ buckets: [], tags: [], doNotContact: true });
    const { answer, seen } = await checked(wanted, ours, { desired: { carriers }, others: [other(changes)] });
    expect(answer === 'in_sync').toBe(right);
    // Its numbers are noted; a contact that never had several is not.
    expect([seen.has(8), seen.has(9)]).toEqual([true, false]);
  });

  test('one that is gone is no obstacle, and is forgotten', async () => {
    const { answer, seen } = await checked(IN, contact(), { desired: { carriers } });
    expect([answer, seen.get(8)]).toEqual(['in_sync', { hashes: [], whole: true }]);
  });
});
