// Taking out: a withdrawal leaves the person in no managed bucket, on no contact of that number.

import { describe, expect, test } from 'vitest';
import {
  apply,
  applyFailing,
  COLD,
  DNC,
  dialerStage,
  GONE,
  jsonAnswer,
  OUT,
  PHONE,
  place,
  WARM,
} from '../../support/vendor-harness.ts';

describe('a withdrawal', () => {
  test('removes the contact from every managed bucket and tag, and from no other', async () => {
    const stage = dialerStage({}, { managed: { buckets: [COLD, WARM], tags: ['a', 'b'] } });
    const byHand = { buckets: [COLD, WARM, 'By hand'], tags: ['a', 'b', 'by hand'] };
    const { id } = stage.vendor.addContactByHand({ mobile_phone_number: PHONE, first_name: 'Dana', ...byHand });
    expect(await apply(stage, OUT, { callToolsId: id }, { mayBeInBucket: true })).toEqual({
      ...GONE,
      wrote: true,
      callToolsId: id,
    });
    expect(stage.vendor.contacts()).toMatchObject([
      { buckets: ['By hand'], tags: ['by hand'], phones: [PHONE], doNotContact: false, fields: { first_name: 'Dana' } },
    ]);
  });

  test('concerns every contact that carries the number, more than five of them too', async () => {
    const stage = dialerStage();
    const ids = Array.from(
      { length: 7 },
      () => stage.vendor.addContactByHand({ mobile_phone_number: PHONE, buckets: [COLD] }).id,
    );
    expect(await apply(stage, OUT)).toEqual({ ...GONE, wrote: true, callToolsId: ids[0] });
    expect(stage.vendor.holds(COLD)).toEqual([]);
  });

  test('concerns duplicates of a known contact, and marks them too', async () => {
    const stage = dialerStage();
    const [known] = [1, 2].map(() => stage.vendor.addContactByHand({ mobile_phone_number: PHONE, buckets: [COLD] }).id);
    const wanted = { kind: 'out', doNotContact: true } as const;
    await apply(stage, wanted, { callToolsId: known ?? null }, { mayBeInBucket: true });
    expect(stage.vendor.contacts()).toMatchObject(Array(2).fill({ buckets: [], doNotContact: true }));
  });

  test('that fails half-way looks for all of them again', async () => {
    const stage = dialerStage();
    for (let n = 0; n < 3; n++) stage.vendor.addContactByHand({ mobile_phone_number: PHONE, buckets: [COLD] });
    let patches = 0;
    stage.hooks.meddle = async (request, handle) =>
      request.method === 'PATCH' && ++patches === 2 ? Promise.reject(new TypeError('fetch failed')) : handle(request);
    const { observed } = await applyFailing(stage, OUT);
    expect(observed).toMatchObject({ callToolsId: null, mayBeInBucket: true });
    await apply(stage, OUT, { callToolsId: observed.callToolsId, inDoubt: true }, observed);
    expect(stage.vendor.holds(COLD)).toEqual([]);
  });

  test('of a person whom CallTools does not have makes nothing', async () => {
    for (const wanted of [OUT, DNC]) {
      const stage = dialerStage();
      expect(await apply(stage, wanted)).toEqual({ ...GONE, callToolsId: null });
      expect(stage.vendor.contacts()).toEqual([]);
      expect(stage.vendor.calls.count({ method: 'POST' })).toBe(0);
    }
  });

  test('of a person who is out already writes nothing', async () => {
    const stage = dialerStage();
    const { id } = stage.vendor.addContactByHand({
      mobile_phone_number: PHONE,
      do_not_contact: true,
      buckets: ['By hand'],
    });
    stage.vendor.putInBucketByHand(stage.vendor.addContactByHand({}).id, COLD);
    for (const wanted of [OUT, DNC])
      expect(await apply(stage, wanted)).toEqual({ ...GONE, callToolsId: id, doNotContact: true });
    expect(stage.vendor.calls.count({ method: 'PATCH' })).toBe(0);
  });

  test('of a person who is in no bucket, but has a managed tag, takes the tag', async () => {
    const stage = dialerStage({}, { managed: { buckets: [COLD], tags: ['a'] } });
    stage.vendor.addContactByHand({ mobile_phone_number: PHONE, tags: ['a', 'by hand'] });
    await apply(stage, OUT);
    expect(stage.vendor.contacts()).toMatchObject([{ tags: ['by hand'] }]);
  });

  test.each([
    ['deleted in CallTools, of which we were certain, is no longer held', false],
    ['that vanished, of which we were not certain, may still be held', true],
  ])('of a contact %s, although the look-up fails', async (_, inDoubt) => {
    const stage = dialerStage();
    const { id } = stage.vendor.addContactByHand({ mobile_phone_number: PHONE });
    stage.hooks.meddle = async (request, handle) => {
      if (request.method === 'PATCH') return jsonAnswer(404, { detail: 'Not found.' });
      return request.url.includes('phone_number=') ? new Response('', { status: 500 }) : handle(request);
    };
    const { observed } = await applyFailing(stage, OUT, { callToolsId: id, inDoubt }, { mayBeInBucket: true });
    expect(observed).toMatchObject({ callToolsId: null, mayBeInBucket: inDoubt });
  });

  test('of a contact deleted in CallTools is done', async () => {
    const stage = dialerStage();
    expect(await apply(stage, OUT, { callToolsId: 999_999 }, { mayBeInBucket: true })).toEqual({
      ...GONE,
      callToolsId: null,
    });
  });

  test('of a contact deleted there and made anew by hand finds that one', async () => {
    const stage = dialerStage();
    const { id } = stage.vendor.addContactByHand({ mobile_phone_number: PHONE, buckets: [COLD] });
    expect(await apply(stage, OUT, { callToolsId: 999_999 }, { mayBeInBucket: true })).toEqual({
      ...GONE,
      wrote: true,
      callToolsId: id,
    });
    expect(stage.vendor.holds(COLD)).toEqual([]);
  });

  test('with a bucket id that is out of date is done with the fresh one', async () => {
    const stage = dialerStage();
    const { callToolsId } = await apply(stage, place());
    stage.vendor.deleteBucket(WARM);
    stage.vendor.deleteBucket(COLD);
    stage.vendor.putInBucketByHand(callToolsId ?? 0, COLD);
    expect(await apply(stage, OUT, { callToolsId }, { mayBeInBucket: true })).toMatchObject({ mayBeInBucket: false });
    expect(stage.vendor.holds(COLD)).toEqual([]);
  });

  test('that cannot be carried out is a failure, and the contact counts as held', async () => {
    const stage = dialerStage({ bucketPatch: 'ignored', bucketSidePatch: 'ignored' });
    stage.vendor.addContactByHand({ mobile_phone_number: PHONE, buckets: [COLD] });
    const { failure, observed } = await applyFailing(stage, OUT);
    expect(failure).toMatchObject({
      code: 'membership_not_applied',
      error: expect.stringContaining(`still in bucket "${COLD}"`),
    });
    expect(observed.mayBeInBucket).toBe(true);
  });
});

describe('do not contact', () => {
  test('is set along with the withdrawal, and reported', async () => {
    const stage = dialerStage();
    const { callToolsId } = await apply(stage, place());
    expect(await apply(stage, DNC, { callToolsId }, { mayBeInBucket: true })).toEqual({
      ...GONE,
      wrote: true,
      callToolsId,
      doNotContact: true,
    });
    expect(stage.vendor.contacts()).toMatchObject([{ buckets: [], doNotContact: true }]);
    expect(stage.vendor.calls.count({ method: 'PATCH' })).toBe(1);
  });

  test('is set on every contact that carries the number, in a bucket or not', async () => {
    const stage = dialerStage();
    for (const buckets of [[COLD], []]) stage.vendor.addContactByHand({ mobile_phone_number: PHONE, buckets });
    await apply(stage, DNC);
    expect(stage.vendor.contacts().map(({ doNotContact }) => doNotContact)).toEqual([true, true]);
  });

  test('is not lifted by placing the person again', async () => {
    const stage = dialerStage();
    const { callToolsId } = await apply(stage, place());
    await apply(stage, DNC, { callToolsId });
    expect(await apply(stage, place(), { callToolsId })).toMatchObject({ mayBeInBucket: true, doNotContact: true });
    expect(stage.vendor.contacts()).toMatchObject([{ buckets: [COLD], doNotContact: true }]);
  });
});

test('a contact that vanishes while it is taken out is worth another try', async () => {
  const stage = dialerStage();
  stage.vendor.addContactByHand({ mobile_phone_number: PHONE, buckets: [COLD] });
  stage.hooks.meddle = async (request, handle) =>
    request.method === 'PATCH' ? jsonAnswer(404, { detail: 'Not found.' }) : handle(request);
  expect((await applyFailing(stage, OUT)).failure).toMatchObject({ kind: 'transient' });
});
