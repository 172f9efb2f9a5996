// Placing: a person's one CallTools contact ends in the wanted bucket, whatever was there before and however the answer looks.

import { describe, expect, test } from 'vitest';
import { bodyFor } from '../../../workers/consumer/dialer/write.ts';
import {
  apply,
  applyFailing,
  COLD,
  CONTACT,
  dialerStage,
  jsonAnswer,
  OTHER_PHONE,
  PHONE,
  place,
  WARM,
} from '../../support/vendor-harness.ts';

const NOTHING = { mayBeInBucket: false, moved: false, doNotContact: false, placing: null };
const PLACED = { mayBeInBucket: true, moved: false, doNotContact: false };

describe('a new person', () => {
  test('is created once, with all fields, in the bucket', async () => {
    const stage = dialerStage({}, { env: { CALLTOOLS_EXTERNAL_ID_FIELD: 'ghl_contact_id' } });
    const observed = await apply(stage, place(COLD, { email: 'dana@example.com' }));
    const [contact, ...more] = stage.vendor.contacts();
    expect(more).toEqual([]);
    expect(contact).toMatchObject({
      id: observed.callToolsId,
      phones: [PHONE],
      buckets: [COLD],
      doNotContact: false,
      fields: {
        first_name: 'Dana',
        last_name: 'Reyes',
        personal_email_address: 'dana@example.com',
        ghl_contact_id: CONTACT,
        mobile_phone_number: PHONE,
      },
    });
    expect(observed).toMatchObject(PLACED);
  });

  test('costs three calls: the labels, the look-up, the POST', async () => {
    const stage = dialerStage();
    await stage.dialer.labels.resolve({ bucket: COLD, tag: null });
    stage.vendor.calls.clear();
    await apply(stage, place());
    expect(stage.vendor.calls.list().map(({ method, path }) => `${method} ${path}`)).toEqual([
      ...['GET /api/contacts/', 'POST /api/contacts/'],
    ]);
  });

  test('gets the tag of its route along with the bucket', async () => {
    const stage = dialerStage({}, { managed: { buckets: [COLD], tags: ['ghl', 'sold'] } });
    await apply(stage, place(COLD, { tag: 'sold' }));
    expect(stage.vendor.contacts()).toMatchObject([{ buckets: [COLD], tags: ['sold'] }]);
  });
});

describe('a person whom CallTools has', () => {
  test('by the remembered id: one PATCH; where it comes back, a second one once the first has shown its numbers', async () => {
    const stage = dialerStage();
    const { callToolsId, placing } = await apply(stage, place());
    const patch = `PATCH /api/contacts/${callToolsId}/`;
    for (const [known, patches] of [
      [placing, [patch]],
      [null, [patch, patch]],
    ] as const) {
      stage.vendor.calls.clear();
      expect(await apply(stage, place(), { callToolsId, placing: known })).toMatchObject({ ...PLACED, callToolsId });
      expect(stage.vendor.calls.list().map(({ method, path }) => `${method} ${path}`)).toEqual(patches);
    }
  });

  test('by phone, in any field: that contact is taken, and no second one made', async () => {
    const stage = dialerStage();
    const { id } = stage.vendor.addContactByHand({ home_phone_number: PHONE, city: 'Miami' });
    expect(await apply(stage, place())).toMatchObject({ ...PLACED, callToolsId: id });
    expect(stage.vendor.contacts()).toMatchObject([
      { id, buckets: [COLD], fields: { first_name: 'Dana', city: 'Miami', mobile_phone_number: PHONE } },
    ]);
  });

  test('by phone, and the PATCH fails for a moment: its id is known from then on', async () => {
    const stage = dialerStage();
    const { id } = stage.vendor.addContactByHand({ mobile_phone_number: PHONE });
    stage.vendor.faults.plan({ match: { method: 'PATCH' }, times: 1, do: { kind: 'html500' } });
    const { failure, observed } = await applyFailing(stage, place());
    expect(failure).toMatchObject({ kind: 'transient' });
    expect(observed).toMatchObject({ callToolsId: id, mayBeInBucket: true });
  });

  test('of several with the phone the oldest is taken, and the others are not dialed beside it', async () => {
    const stage = dialerStage();
    const ids = [1, 2, 3].map(() => stage.vendor.addContactByHand({ mobile_phone_number: PHONE, buckets: [COLD] }).id);
    expect(await apply(stage, place())).toMatchObject({ callToolsId: ids[0] });
    expect(stage.vendor.contacts().map(({ buckets }) => buckets)).toEqual([[COLD], [], []]);
  });

  test('of several with the phone the one that is in a bucket of ours is taken, though one made by hand is older', async () => {
    const stage = dialerStage();
    const [, ours] = [[], [COLD]].map((buckets) =>
      stage.vendor.addContactByHand({ mobile_phone_number: PHONE, buckets }),
    );
    expect(await apply(stage, place())).toMatchObject({ callToolsId: ours?.id });
    expect(stage.vendor.contacts().map(({ buckets }) => buckets)).toEqual([[], [COLD]]);
  });

  test.each([0, 1])(
    'of several with the phone the one that may not be dialed is taken, so that no other is dialed in its place (%i)',
    async (marked) => {
      const stage = dialerStage();
      const ids = [0, 1].map(
        (n) => stage.vendor.addContactByHand({ mobile_phone_number: PHONE, do_not_contact: n === marked }).id,
      );
      stage.vendor.putInBucketByHand(ids[1 - marked] ?? 0, COLD);
      expect(await apply(stage, place())).toMatchObject({ callToolsId: ids[marked], doNotContact: true });
      const dialed = stage.vendor.contacts().filter(({ buckets, doNotContact }) => buckets.length > 0 && !doNotContact);
      expect(dialed).toEqual([]);
    },
  );

  test('moves from another managed bucket and tag; those that no route names are left alone', async () => {
    const stage = dialerStage({}, { managed: { buckets: [COLD, WARM], tags: ['a', 'b'] } });
    const byHand = { buckets: [WARM, 'By hand'], tags: ['a', 'by hand'] };
    stage.vendor.addContactByHand({ mobile_phone_number: PHONE, ...byHand });
    await apply(stage, place(COLD, { tag: 'b' }));
    const [contact] = stage.vendor.contacts();
    expect(contact?.buckets.toSorted()).toEqual(['By hand', COLD]);
    expect(contact?.tags.toSorted()).toEqual(['b', 'by hand']);
    expect(stage.vendor.calls.count({ method: 'PATCH' })).toBe(1);
  });

  test('a field that GoHighLevel does not have is not overwritten', async () => {
    const stage = dialerStage();
    stage.vendor.addContactByHand({
      mobile_phone_number: PHONE,
      city: 'Miami',
      personal_email_address: 'old@example.com',
    });
    await apply(stage, place());
    expect(stage.vendor.contacts()[0]?.fields).toMatchObject({
      city: 'Miami',
      personal_email_address: 'old@example.com',
    });
  });

  test('do-not-contact that CallTools has is never cleared, and is reported', async () => {
    const stage = dialerStage();
    const { id } = stage.vendor.addContactByHand({ mobile_phone_number: PHONE, do_not_contact: true });
    expect(await apply(stage, place())).toMatchObject({ mayBeInBucket: true, doNotContact: true });
    expect(await apply(stage, place(), { callToolsId: id })).toMatchObject({ mayBeInBucket: true, doNotContact: true });
    expect(stage.vendor.contacts()).toMatchObject([{ doNotContact: true, buckets: [COLD] }]);
  });

  test('deleted in CallTools: looked up and created anew, once', async () => {
    const stage = dialerStage();
    const { callToolsId } = await apply(stage, place());
    stage.vendor.deleteContact(callToolsId ?? 0);
    const again = await apply(stage, place(), { callToolsId });
    expect(again.callToolsId).not.toBe(callToolsId);
    expect(stage.vendor.contacts()).toMatchObject([{ id: again.callToolsId, buckets: [COLD] }]);
    expect(stage.vendor.calls.count({ method: 'POST', path: '/api/contacts/' })).toBe(2);
  });

  test('deleted there, but back under another id: that one is found', async () => {
    const stage = dialerStage();
    const { id } = stage.vendor.addContactByHand({ mobile_phone_number: PHONE });
    expect(await apply(stage, place(), { callToolsId: 999_999 })).toMatchObject({ callToolsId: id });
    expect(stage.vendor.contacts()).toHaveLength(1);
  });
});

describe('what CallTools refuses', () => {
  test.each([
    ['not known', {}],
    ['remembered as out', { callToolsId: true }],
  ])('a refused phone is a dead letter, and a contact %s is as little in the dialer as before', async (_, known) => {
    const stage = dialerStage();
    const id = stage.vendor.addContactByHand({ mobile_phone_number: PHONE }).id;
    const wanted = place(COLD, { phone: '+12222222222' });
    const remembered = 'callToolsId' in known ? { callToolsId: id } : {};
    const { failure, observed } = await applyFailing(stage, wanted, remembered);
    expect(failure).toMatchObject({ kind: 'contact', code: 'rejected' });
    expect(observed).toEqual({ ...NOTHING, callToolsId: remembered.callToolsId ?? null });
  });

  test('what was in the dialer before a refusal still is', async () => {
    const stage = dialerStage();
    const { callToolsId } = await apply(stage, place());
    const wanted = place(WARM, { phone: '+12222222222' });
    expect((await applyFailing(stage, wanted, { callToolsId }, { mayBeInBucket: true })).observed.mayBeInBucket).toBe(
      true,
    );
  });

  test('a clear refusal after a write in doubt and a look-up that found nobody leaves no doubt', async () => {
    const stage = dialerStage();
    const wanted = place(COLD, { phone: '+12222222222' });
    const { observed } = await applyFailing(stage, wanted, { inDoubt: true }, { mayBeInBucket: true });
    expect(observed).toEqual({ ...NOTHING, callToolsId: null });
  });

  test('a bucket id that is out of date is looked up anew once, and the contact placed', async () => {
    const stage = dialerStage();
    await apply(stage, place());
    stage.vendor.deleteBucket(COLD);
    stage.vendor.calls.clear();
    const { callToolsId } = await apply(stage, place(COLD, { phone: OTHER_PHONE }));
    expect(callToolsId).not.toBeNull();
    expect(stage.vendor.holds(COLD)).toEqual([OTHER_PHONE]);
    expect(stage.vendor.calls.count({ method: 'GET', path: '/api/buckets/' })).toBeGreaterThan(0);
  });

  test('an id that CallTools refuses even when fresh is a dead letter, not an endless return', async () => {
    const stage = dialerStage();
    stage.hooks.meddle = async (request, handle) =>
      request.method === 'POST' && request.url.endsWith('/contacts/')
        ? jsonAnswer(400, { add_buckets: ['Not yours.'] })
        : handle(request);
    const { failure } = await applyFailing(stage, place());
    expect(failure).toMatchObject({
      kind: 'contact',
      code: 'membership_not_applied',
      error: expect.stringContaining('Not yours'),
    });
    expect(stage.vendor.calls.count({ method: 'GET', path: '/api/buckets/' })).toBeLessThanOrEqual(3);
  });
});

test('a body never says do_not_contact: false, and holds no empty value', () => {
  const { settings } = dialerStage();
  const ids = {
    bucket: new Map<string, [number, ...number[]]>([
      [COLD, [1, 3]],
      [WARM, [2]],
    ]),
    tag: new Map(),
    newest: { bucket: 3, tag: 0 },
  };
  const bodies = [
    place(),
    { kind: 'out', doNotContact: false } as const,
    { kind: 'out', doNotContact: true } as const,
  ].flatMap((wanted) => [bodyFor(wanted, ids, settings, true), bodyFor(wanted, ids, settings, false)]);
  for (const body of bodies) {
    expect([undefined, true]).toContain(body.do_not_contact);
    for (const value of Object.values(body)) expect([undefined, null, '']).not.toContain(value);
  }
  expect(bodies[0]).toEqual({
    first_name: 'Dana',
    last_name: 'Reyes',
    mobile_phone_number: PHONE,
    add_buckets: [1],
    remove_buckets: [3, 2],
  });
  expect(bodies[1]).toEqual({ first_name: 'Dana', last_name: 'Reyes', mobile_phone_number: PHONE, add_buckets: [1] });
  expect(bodies[2]).toEqual({ remove_buckets: [1, 3, 2] });
});
