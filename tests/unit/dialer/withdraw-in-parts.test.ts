// What CallTools refuses of a withdrawal keeps nothing else of it from taking effect: no bucket, no tag, no mark, and no other contact.

import { describe, expect, test } from 'vitest';
import { backstopStage, phoneOf } from '../../support/consumer-harness.ts';
import { intercept } from '../../support/intercept.ts';
import {
  apply,
  applyFailing,
  COLD,
  DNC,
  dialerStage,
  jsonAnswer,
  OUT,
  PHONE,
  place,
  target,
  WARM,
} from '../../support/vendor-harness.ts';
import { FORBIDDEN, fields, inAll, refusing } from './parts-harness.ts';

describe('a part that CallTools refuses', () => {
  test.each([
    ['by the field', () => fields('do_not_contact'), 'rejected'],
    ['as a whole', FORBIDDEN, 'refused'],
  ])('the mark, %s: the contact leaves its buckets and tags', async (_, answer, kind) => {
    const { stage, id, vendor } = inAll();
    stage.hooks.meddle = refusing(/do_not_contact/, answer);
    const { failure } = await applyFailing(stage, DNC, { callToolsId: id }, { mayBeInBucket: true });
    expect(failure).toMatchObject(kind === 'refused' ? { kind } : { code: kind });
    expect(vendor.contacts()).toMatchObject([{ buckets: [], tags: [], doNotContact: false }]);
  });

  test('buckets: it is marked and loses its tags, and stays a failure', async () => {
    const { stage, id, vendor } = inAll();
    stage.hooks.meddle = refusing(/remove_buckets|remove_contacts/, () => fields('remove_buckets'));
    const { failure, observed } = await applyFailing(stage, DNC, { callToolsId: id }, { mayBeInBucket: true });
    expect(failure).toMatchObject({ code: 'membership_not_applied' });
    expect(observed.mayBeInBucket).toBe(true);
    expect(vendor.contacts()).toMatchObject([{ buckets: [COLD, WARM], tags: [], doNotContact: true }]);
  });

  test('buckets on the contact’s side: they are left from their own', async () => {
    const { stage, id, vendor } = inAll();
    stage.hooks.meddle = refusing(/remove_buckets/, () => fields('remove_buckets'));
    expect(await apply(stage, DNC, { callToolsId: id }, { mayBeInBucket: true })).toMatchObject({
      mayBeInBucket: false,
      doNotContact: true,
    });
    expect(vendor.contacts()).toMatchObject([{ buckets: [], tags: [], doNotContact: true }]);
  });

  test('one of two buckets: the other is left', async () => {
    for (const [name, left] of [
      [COLD, WARM],
      [WARM, COLD],
    ] as const) {
      const { stage, id, vendor, bucket } = inAll();
      const named = new RegExp(`buckets/${bucket(name)}/|remove_buckets[^\\]]*${bucket(name)}`);
      stage.hooks.meddle = refusing(named, () => fields('remove_buckets'));
      await applyFailing(stage, DNC, { callToolsId: id });
      expect([vendor.holds(left), vendor.contacts()]).toMatchObject([[], [{ buckets: [name], doNotContact: true }]]);
    }
  });

  test('tags: the contact leaves its buckets', async () => {
    const { stage, id, vendor } = inAll();
    stage.hooks.meddle = refusing(/remove_tags/, FORBIDDEN);
    expect((await applyFailing(stage, OUT, { callToolsId: id })).failure).toMatchObject({ kind: 'refused' });
    expect(vendor.contacts()).toMatchObject([{ buckets: [], tags: ['a', 'b'] }]);
  });

  test('a bucket that is accepted and not left, nor from its own side: the rest is done', async () => {
    const { stage, id, vendor } = inAll({ bucketPatch: 'ignored', bucketSidePatch: 'ignored' });
    stage.hooks.meddle = refusing(/remove_buckets.*remove_tags|do_not_contact.*remove/, () =>
      jsonAnswer(400, { city: ['No.'] }),
    );
    await applyFailing(stage, DNC, { callToolsId: id });
    expect(vendor.contacts()).toMatchObject([{ tags: [], doNotContact: true }]);
  });
});

test('a withdrawal that is refused only as a whole is done', async () => {
  const { stage, id, vendor } = inAll();
  stage.hooks.meddle = refusing(/remove_buckets.*remove_tags/, () => jsonAnswer(400, { city: ['No.'] }));
  await apply(stage, DNC, { callToolsId: id });
  expect(vendor.contacts()).toMatchObject([{ buckets: [], tags: [], doNotContact: true }]);
});

test('a part of a placement is never sent alone', async () => {
  const { stage, id, vendor } = inAll();
  stage.hooks.meddle = refusing(/add_buckets|remove_buckets/, () => fields('remove_buckets'));
  await applyFailing(stage, place(COLD), { callToolsId: id });
  expect(vendor.contacts()).toMatchObject([{ buckets: [COLD, WARM], tags: ['a', 'b'], doNotContact: false }]);
});

describe('a contact that cannot be taken out keeps no other of its number in a bucket', () => {
  const ANSWERS = [
    ['403', FORBIDDEN],
    ['400', () => jsonAnswer(400, { status: ['"x" is not a valid choice.'] })],
    ['500', () => jsonAnswer(500, {})],
  ] as const;

  /** Two of one number. */
  function two(account: Parameters<typeof dialerStage>[0] = {}) {
    const stage = dialerStage(account);
    const ids = [COLD, WARM].map(
      (bucket) => stage.vendor.addContactByHand({ mobile_phone_number: PHONE, buckets: [bucket] }).id,
    );
    const states = (other: number | undefined) => stage.vendor.contacts().filter(({ id }) => id === other);
    return { stage, ids, states };
  }

  for (const [status, answer] of ANSWERS)
    for (const place of [0, 1])
      for (const known of [true, false])
        test(`${status}, number ${place}, ${known ? 'remembered' : 'looked up'}`, async () => {
          const { stage, ids, states } = two();
          stage.hooks.meddle = refusing(new RegExp(`/contacts/${ids[place]}/`), answer);
          const callToolsId = known ? (ids[0] ?? null) : null;
          const { observed } = await applyFailing(stage, DNC, { callToolsId }, { mayBeInBucket: true });
          expect(states(ids[1 - place])).toMatchObject([{ buckets: [], doNotContact: true }]);
          if (!known) expect(observed).toMatchObject({ callToolsId: null, mayBeInBucket: true });
        });

  for (const [status, answer] of ANSWERS)
    test.each(['remembered', 'looked up', 'by its hash'])(`that cannot be read, ${status}: %s`, async (how) => {
      const { stage, ids, states } = two({ listRowsOmitPhones: true });
      stage.hooks.meddle = async (request, handle) =>
        new URL(request.url).pathname === `/api/contacts/${ids[0]}/` ? answer() : handle(request);
      const hash = how === 'by its hash';
      const desired = await target(DNC, {
        callToolsId: how === 'looked up' ? null : (ids[0] ?? null),
        inDoubt: how === 'remembered',
        carriers: hash ? ids : [],
        ...(hash && { e164: null }),
      });
      await applyFailing(stage, DNC, desired, { mayBeInBucket: true });
      expect(states(ids[1])).toMatchObject([{ buckets: [], doNotContact: true }]);
    });

  test('nobody is placed while one of them cannot be read', async () => {
    const { stage, ids } = two({ listRowsOmitPhones: true });
    stage.hooks.meddle = async (request, handle) =>
      new URL(request.url).pathname === `/api/contacts/${ids[0]}/` ? FORBIDDEN() : handle(request);
    await applyFailing(stage, place(COLD));
    expect(stage.vendor.calls.count({ method: 'PATCH' })).toBe(0);
  });

  test('one that may yet succeed is tried again, although another is refused for good', async () => {
    const { stage, ids } = two();
    stage.hooks.meddle = async (request, handle) => {
      if (request.method !== 'PATCH') return handle(request);
      return request.url.includes(`/contacts/${ids[0]}/`) ? fields('do_not_contact') : jsonAnswer(500, {});
    };
    expect((await applyFailing(stage, DNC)).failure).toMatchObject({ kind: 'transient' });
  });
});

describe('in the whole pipeline', () => {
  const DND = { dnd: true };

  /** A lead in the dialer, who then asks not to be called. */
  async function asked(meet: Parameters<typeof intercept>[1]) {
    const stage = backstopStage();
    const [id = ''] = await stage.leads(1);
    stage.hint(id);
    await stage.work();
    stage.clock.advance(60_000);
    intercept(stage.callTools, meet);
    await stage.ghl.setDnd(id, DND, { silent: true });
    stage.hint(id);
    await stage.work();
    const state = stage.sqlite.rows('SELECT state, reason FROM contacts').map((row) => ({ ...row }));
    return { stage, state };
  }

  test('what is refused is a failed contact, and what is not has taken effect', async () => {
    const { stage, state } = await asked(async (request) => {
      const isRefused = request.method === 'PATCH' && (await request.text()).includes('do_not_contact');
      return isRefused ? fields('do_not_contact') : undefined;
    });
    expect([stage.dialed(), state]).toEqual([[], [{ state: 'failed', reason: 'rejected' }]]);
  });

  test('three people are out at once, although CallTools fails over each mark', async () => {
    const stage = backstopStage();
    const ids = await stage.leads(3);
    for (const id of ids) stage.hint(id);
    await stage.work();
    stage.clock.advance(60_000);
    intercept(stage.callTools, async (request) => {
      const isServed = request.method !== 'PATCH' || !(await request.text()).includes('do_not_contact');
      return isServed ? undefined : jsonAnswer(500, {});
    });
    for (const id of ids) await stage.ghl.setDnd(id, DND, { silent: true });
    for (const id of ids) stage.hint(id);
    await stage.step();
    expect(stage.dialed()).toEqual([]);
  });

  test('what fails again and again is a failed contact, and all else has taken effect', async () => {
    const { stage, state } = await asked(async (request) => {
      const isServed = request.method !== 'PATCH' || !(await request.text()).includes('do_not_contact');
      return isServed ? undefined : jsonAnswer(500, {});
    });
    expect([stage.dialed(), state]).toEqual([[], [{ state: 'failed', reason: 'exhausted' }]]);
  });

  test('of two buckets of one name, one that no write may name is left from its own side', async () => {
    const stage = backstopStage();
    const [id = ''] = await stage.leads(1);
    stage.hint(id);
    await stage.work();
    const twin = stage.callTools.addLabelByHand('buckets', 'cold leads');
    stage.callTools.putInBucketByHand(stage.callTools.contacts()[0]?.id ?? 0, twin);
    stage.clock.advance(60_000);
    intercept(stage.callTools, async (request) => {
      const isOne = request.method === 'PATCH' && request.url.includes('/contacts/');
      return isOne && (await request.text()).includes(`${twin}`) ? fields('remove_buckets') : undefined;
    });
    await stage.ghl.setDnd(id, DND, { silent: true });
    stage.hint(id);
    await stage.work();
    expect(stage.callTools.contacts()).toMatchObject([{ buckets: [], doNotContact: true }]);
    expect(stage.sqlite.rows('SELECT state FROM contacts').map((row) => ({ ...row }))).toEqual([{ state: 'kept_out' }]);
  });

  test('a contact by hand is out, although the one that we had placed is refused for good', async () => {
    const stage = backstopStage();
    const [id = ''] = await stage.leads(1);
    stage.hint(id);
    await stage.work();
    const [own] = stage.callTools.contacts();
    const twin = stage.callTools.addContactByHand({ mobile_phone_number: phoneOf(0), buckets: [COLD] });
    stage.clock.advance(60_000);
    intercept(stage.callTools, ({ method, url }) =>
      method === 'PATCH' && url.includes(`/contacts/${own?.id}/`) ? jsonAnswer(500, {}) : undefined,
    );
    await stage.ghl.setDnd(id, DND, { silent: true });
    stage.hint(id);
    await stage.step();
    expect(stage.callTools.contacts().find((contact) => contact.id === twin.id)).toMatchObject({
      buckets: [],
      doNotContact: true,
    });
  });
});
