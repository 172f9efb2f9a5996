// What one write to CallTools says, and what is known after it.

import { describe, expect, test } from 'vitest';
import { inNone, isOut } from '../../../workers/consumer/dialer/duplicates.ts';
import type { LabelIds } from '../../../workers/consumer/dialer/labels.ts';
import { misplaced } from '../../../workers/consumer/dialer/read-back.ts';
import { type Observed, placingFor, type Session } from '../../../workers/consumer/dialer/session.ts';
import { whereabouts } from '../../../workers/consumer/dialer/taken-out.ts';
import { bodyFor, dataOf, isThere, recorded } from '../../../workers/consumer/dialer/write.ts';
import { type Failure, VendorError } from '../../../workers/consumer/domain/failure.ts';
import type { DialerContact } from '../../../workers/consumer/vendors/calltools-schema.ts';
import {
  COLD,
  CONTACT,
  DNC,
  dialerStage,
  OUT,
  observed,
  PHONE,
  place,
  target,
  WARM,
} from '../../support/vendor-harness.ts';
import { NOON } from '../../support/virtual-clock.ts';

const NEWEST = { bucket: 99, tag: 99 };
/** There are two buckets of the name `COLD`. */
const IDS: LabelIds = {
  bucket: new Map([
    [COLD, [1, 2]],
    [WARM, [3]],
  ]),
  tag: new Map([
    ['vip', [11, 12]],
    ['old', [13]],
  ]),
  newest: NEWEST,
};
const NO_TAGS: LabelIds = { ...IDS, tag: new Map() };

const contact = (changes: Partial<DialerContact> = {}): DialerContact => ({
  ...{ id: 1, doNotContact: false, buckets: [], tags: [], word: null, phones: [PHONE], dialable: [PHONE] },
  ...changes,
});

describe('the body', () => {
  const { settings } = dialerStage({}, { env: { CALLTOOLS_EXTERNAL_ID_FIELD: 'crm_id' } });
  const person = { first_name: 'Dana', last_name: 'Reyes', [settings.CALLTOOLS_PHONE_FIELD]: PHONE, crm_id: CONTACT };

  test('of a change names what is to be there, and takes out everything else that is ours', () => {
    expect(bodyFor(place(COLD, { tag: 'vip' }), IDS, settings, true)).toEqual({
      ...person,
      ...{ add_buckets: [1], remove_buckets: [2, 3], add_tags: [11], remove_tags: [12, 13] },
    });
    expect(bodyFor(place(WARM), IDS, settings, true)).toEqual({
      ...person,
      ...{ add_buckets: [3], remove_buckets: [1, 2], remove_tags: [11, 12, 13] },
    });
  });

  test('of a new contact removes nothing', () => {
    expect(bodyFor(place(COLD, { tag: 'vip' }), IDS, settings, false)).toEqual({
      ...person,
      ...{ add_buckets: [1], add_tags: [11] },
    });
  });

  test('of a withdrawal has no data', () => {
    expect(bodyFor(OUT, IDS, settings, true)).toEqual({ remove_buckets: [1, 2, 3], remove_tags: [11, 12, 13] });
    expect(bodyFor(DNC, NO_TAGS, settings, true)).toEqual({ remove_buckets: [1, 2, 3], do_not_contact: true });
  });

  test('of data alone has no labels', () => {
    expect(dataOf(place(COLD, { tag: 'vip' }), settings)).toEqual(person);
  });

  test('has an email, and the id in GoHighLevel, only where there is one and a field for it', () => {
    const wanted = place(COLD, { email: 'dana@example.com' });
    const field = settings.CALLTOOLS_EMAIL_FIELD ?? '';
    expect(dataOf(wanted, settings)).toEqual({ ...person, [field]: 'dana@example.com' });
    expect(dataOf(place(COLD, { email: '' }), settings)).toEqual(person);
    expect(dataOf(wanted, dialerStage().settings)).not.toHaveProperty('crm_id');
  });
});

describe('labels', () => {
  test.each<[string, number[], string | null, { id: number; add: boolean }[]]>([
    ['none is wanted, and none is there', [7], null, []],
    ['the wanted one is there', [1, 7], COLD, []],
    ['the wanted one is missing', [7], COLD, [{ id: 1, add: true }]],
    [
      'only the second of the name is there',
      [2],
      COLD,
      [
        { id: 1, add: true },
        { id: 2, add: false },
      ],
    ],
    ['both of the name are there', [1, 2], COLD, [{ id: 2, add: false }]],
    ['one is there that is not wanted', [3], null, [{ id: 3, add: false }]],
    [
      'one is there in place of another',
      [3],
      COLD,
      [
        { id: 1, add: true },
        { id: 3, add: false },
      ],
    ],
  ])('that are wrong, where %s', (_, present, wanted, wrong) => {
    expect(misplaced(present, IDS.bucket, wanted)).toMatchObject(wrong);
    expect(misplaced(present, IDS.bucket, wanted)).toHaveLength(wrong.length);
  });

  test.each<[boolean, string, Pick<DialerContact, 'buckets' | 'tags'>, string | null]>([
    [true, 'bucket and tag are right', { buckets: [1], tags: [11] }, 'vip'],
    [true, 'no tag is wanted, and it has none of ours', { buckets: [1, 7], tags: [77] }, null],
    [true, 'tags are not shown', { buckets: [1], tags: null }, 'vip'],
    [false, 'buckets are not shown', { buckets: null, tags: [11] }, 'vip'],
    [false, 'the tag is missing', { buckets: [1], tags: [] }, 'vip'],
    [false, 'it has another tag of ours', { buckets: [1], tags: [11, 13] }, 'vip'],
    [false, 'it is in another bucket of ours', { buckets: [1, 3], tags: [11] }, 'vip'],
    [false, 'it is in no bucket', { buckets: [], tags: [11] }, 'vip'],
    [false, 'both are missing', { buckets: [], tags: [] }, 'vip'],
  ])('%j: it is there where %s', (there, _, shown, tag) => {
    expect(isThere(shown, { bucket: COLD, tag }, IDS)).toBe(there);
  });

  test.each<[boolean, string, Partial<DialerContact>, boolean, LabelIds]>([
    [true, 'it has no label of ours', { buckets: [7], tags: [77] }, false, IDS],
    [false, 'it has a tag of ours', { tags: [13] }, false, IDS],
    [false, 'it is in a bucket of ours', { buckets: [2] }, false, IDS],
    [false, 'its buckets are not shown', { buckets: null }, false, IDS],
    [false, 'its tags are not shown', { tags: null }, false, IDS],
    [true, 'its tags are not shown, and none is ours', { tags: null }, false, NO_TAGS],
    [false, 'it is not marked and must be', {}, true, IDS],
    [false, 'the mark is not shown and it must have it', { doNotContact: null }, true, IDS],
    [true, 'it is marked', { doNotContact: true }, true, IDS],
    [true, 'it is marked and need not be', { doNotContact: true }, false, IDS],
  ])('%j: it is out where %s', (out, _, changes, doNotContact, ids) => {
    expect(isOut(contact(changes), doNotContact, ids)).toBe(out);
  });

  test('that are not shown may be ours', () => {
    expect([inNone(null, IDS.bucket), inNone([], IDS.bucket), inNone([7, 2], IDS.bucket)]).toEqual([
      false,
      true,
      false,
    ]);
    expect(inNone(null, new Map())).toBe(false);
  });

  test('are remembered by the first id of their names', () => {
    expect(whereabouts({ bucket: COLD, tag: 'vip' }, IDS)).toEqual({ bucket: 1, tag: 11 });
    expect(whereabouts({ bucket: COLD, tag: null }, IDS)).toEqual({ bucket: 1, tag: null });
    expect(whereabouts({ bucket: 'x', tag: 'y' }, IDS)).toEqual({ bucket: null, tag: null });
  });
});

test('what is remembered of the earlier number counts for its contact only, and after that of the new number', async () => {
  const [own, earlier] = [1, 2].map((at) => ({ at, route: null, bucket: null, tag: null, word: null }));
  if (!own || !earlier) throw new Error('two');
  const desired = await target(place(), { previousContactId: 7, previousPlacing: earlier });
  expect([placingFor(7, desired), placingFor(8, desired)]).toEqual([earlier, null]);
  expect([7, 8].map((id) => placingFor(id, { ...desired, placing: own }))).toEqual([own, own]);
});

describe('a write that is under way', () => {
  const PLACING = { at: NOON, route: 'cold', bucket: null, tag: null, word: null };
  const EARLIER = { at: 1, route: 'warm', bucket: 3, tag: null, word: 'x' };
  const error = (failure: Failure) => () => Promise.reject(new VendorError(failure));
  const REJECTED = error({ kind: 'contact', code: 'rejected', error: 'city' });
  const LOST = error({ kind: 'transient', vendor: 'calltools', error: 'no answer' });

  async function outcome(send: () => Promise<unknown>, wanted = place(), before: Partial<Observed> = {}) {
    const known = observed(before);
    const during: Observed[] = [];
    const session = { desired: await target(wanted), observed: known } as Session;
    const thrown = await recorded(session, () => {
      during.push({ ...known });
      return send();
    }).then(
      () => false,
      () => true,
    );
    return { during: during[0], after: known, thrown };
  }
  const done = async () => contact();

  test('may have put it into its bucket, and did so once it is answered', async () => {
    const answer = await outcome(done);
    expect(answer.during).toMatchObject({ mayBeInBucket: true, placing: PLACING });
    expect(answer.during?.wrote).toBeUndefined();
    expect(answer.after).toMatchObject({ mayBeInBucket: true, placing: PLACING, wrote: true });
  });

  test('leaves what is remembered of an earlier placement', async () => {
    expect((await outcome(done, place(), { placing: EARLIER })).after.placing).toBe(EARLIER);
  });

  test.each<[string, () => Promise<unknown>, boolean]>([
    ['refused', REJECTED, true],
    ['answered by "not found"', async () => null, false],
  ])('that is %s leaves it where it was', async (_, send, throws) => {
    const answer = await outcome(send, place(), { mayBeInBucket: false });
    expect(answer).toMatchObject({ thrown: throws, after: { mayBeInBucket: false, placing: null } });
    expect(answer.after.wrote).toBeUndefined();
    expect((await outcome(send, place(), { mayBeInBucket: true, placing: EARLIER })).after).toMatchObject({
      ...{ mayBeInBucket: true, placing: EARLIER },
    });
  });

  test('that is not answered may have taken effect', async () => {
    const answer = await outcome(LOST);
    expect(answer).toMatchObject({ thrown: true, after: { mayBeInBucket: true, placing: PLACING } });
    expect(answer.after.wrote).toBeUndefined();
  });

  test('puts nobody anywhere where it is a withdrawal', async () => {
    const answer = await outcome(done, OUT);
    expect(answer.during).toMatchObject({ mayBeInBucket: false, placing: null });
    expect(answer.after).toMatchObject({ mayBeInBucket: false, placing: null, wrote: true });
  });
});
