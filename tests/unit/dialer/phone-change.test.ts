// A person's new phone: their CallTools contact goes along where it can, and is never counted for two numbers.

import { describe, expect, test } from 'vitest';
import type { Placing } from '../../../workers/consumer/domain/decide.ts';
import { phoneHash } from '../../../workers/consumer/domain/phone.ts';
import {
  apply,
  applyFailing,
  COLD,
  dialerStage,
  GONE,
  LOCATION,
  OTHER_PHONE,
  OUT,
  PHONE,
  place,
} from '../../support/vendor-harness.ts';

const MOVED = place(COLD, { phone: OTHER_PHONE });

async function placed(account: Parameters<typeof dialerStage>[0] = {}) {
  const stage = dialerStage(account);
  const { callToolsId } = await apply(stage, place());
  if (callToolsId === null) throw new Error('placed');
  return { ...stage, id: callToolsId };
}

describe('a new phone', () => {
  test('keeps the person’s contact: it carries the new number, and no second one is made', async () => {
    const stage = await placed();
    expect(await apply(stage, MOVED, { previousContactId: stage.id })).toMatchObject({
      callToolsId: stage.id,
      mayBeInBucket: true,
      moved: true,
      doNotContact: false,
      wrote: true,
    });
    expect(stage.vendor.contacts()).toMatchObject([{ id: stage.id, phones: [OTHER_PHONE], buckets: [COLD] }]);
  });

  test('that another contact carries already is placed there, and nothing is moved', async () => {
    const stage = await placed();
    const { id } = stage.vendor.addContactByHand({ mobile_phone_number: OTHER_PHONE });
    expect(await apply(stage, MOVED, { previousContactId: stage.id })).toMatchObject({ callToolsId: id, moved: false });
    expect(stage.vendor.contacts().map(({ phones }) => phones)).toEqual([[PHONE], [OTHER_PHONE]]);
  });

  test('that the person’s contact has got by hand costs no look at it as an earlier one', async () => {
    const reads = async (previousPlacing: Placing | null) => {
      const stage = await placed();
      stage.vendor.editContactByHand(stage.id, { mobile_phone_number: OTHER_PHONE });
      const before = stage.vendor.calls.count({ method: 'GET' });
      const observed = await apply(stage, MOVED, { previousContactId: stage.id, previousPlacing });
      expect(observed).toMatchObject({ callToolsId: stage.id, mayBeInBucket: true });
      return stage.vendor.calls.count({ method: 'GET' }) - before;
    };
    expect(await reads({ at: 1, route: null, bucket: null, tag: null, word: null })).toBe(await reads(null));
  });

  const SOMEBODYS = '+13055550199';
  test.each([
    ['its former number', PHONE, [PHONE], true],
    ['another number that the person has left', SOMEBODYS, [PHONE, SOMEBODYS], true],
    ['no number at all', '', [PHONE], true],
    ['somebody else’s number', SOMEBODYS, [PHONE], false],
  ])(
    'takes the former contact along, where an earlier write is in doubt and it shows %s: %s',
    async (_, shown, left, moves) => {
      const stage = await placed();
      stage.vendor.editContactByHand(stage.id, { mobile_phone_number: shown });
      const previousNumbers = new Set(await Promise.all(left.map((phone) => phoneHash(LOCATION, phone))));
      const { callToolsId, moved } = await apply(stage, MOVED, { previousContactId: stage.id, previousNumbers });
      expect([moved, callToolsId === stage.id]).toEqual([moves, moves]);
      expect(stage.vendor.contacts().map(({ phones }) => phones)).toEqual(
        moves ? [[OTHER_PHONE]] : [[shown], [OTHER_PHONE]],
      );
    },
  );

  test('whose former contact was deleted gets a new contact, and nothing is moved', async () => {
    const stage = await placed();
    stage.vendor.deleteContact(stage.id);
    const observed = await apply(stage, MOVED, { previousContactId: stage.id });
    expect(observed).toMatchObject({ mayBeInBucket: true, moved: false });
    expect(stage.vendor.contacts()).toMatchObject([{ id: observed.callToolsId, phones: [OTHER_PHONE] }]);
  });

  test('that is refused leaves the contact with the former number, under that number only', async () => {
    const stage = await placed();
    const { failure, observed } = await applyFailing(stage, place(COLD, { phone: '+12222222222' }), {
      previousContactId: stage.id,
    });
    expect(failure).toMatchObject({ code: 'rejected' });
    expect(observed).toEqual({ ...GONE, callToolsId: null });
    await apply(stage, OUT, { e164: null, callToolsId: stage.id }, { mayBeInBucket: true });
    expect(stage.vendor.contacts()).toMatchObject([{ phones: [PHONE], buckets: [] }]);
  });

  test('that is refused, and whose former contact was deleted, leaves nothing behind', async () => {
    const stage = await placed();
    stage.vendor.deleteContact(stage.id);
    const { observed } = await applyFailing(stage, place(COLD, { phone: '+12222222222' }), {
      previousContactId: stage.id,
    });
    expect(observed).toEqual({ ...GONE, callToolsId: null });
  });

  test('that does not attach is not moved', async () => {
    const stage = await placed();
    stage.vendor.settings.phoneFields = ['other_phone_number', ...stage.vendor.settings.phoneFields.slice(1)];
    const { failure, observed } = await applyFailing(stage, MOVED, { previousContactId: stage.id });
    expect(failure).toMatchObject({ code: 'phone_not_attached' });
    expect(observed.moved).toBe(false);
  });

  test('is moved although the bucket id was out of date', async () => {
    const stage = await placed();
    stage.vendor.deleteBucket(COLD);
    const target = { previousContactId: stage.id };
    expect(await apply(stage, MOVED, target)).toMatchObject({ callToolsId: stage.id, moved: true });
    expect(stage.vendor.holds(COLD)).toEqual([OTHER_PHONE]);
  });
});

describe('a new phone for a contact that is in no bucket', () => {
  async function withdrawn() {
    const stage = await placed();
    await apply(stage, OUT, { callToolsId: stage.id }, { mayBeInBucket: true });
    const held: string[] = [];
    stage.hooks.meddle = async (request, handle) => {
      const answer = await handle(request);
      held.push(...stage.vendor.holds(COLD));
      return answer;
    };
    return { ...stage, held };
  }

  test('is there before the contact is placed: it is never dialed at the former one', async () => {
    const stage = await withdrawn();
    // CallTools drops the number of the first write.
    const [phones, meddle] = [stage.vendor.settings.phoneFields, stage.hooks.meddle];
    stage.vendor.settings.phoneFields = ['other_phone_number'];
    stage.hooks.meddle = async (request, handle) => {
      const answer = await meddle(request, handle);
      if (request.method === 'PATCH') stage.vendor.settings.phoneFields = phones;
      return answer;
    };
    expect(await apply(stage, MOVED, { previousContactId: stage.id })).toMatchObject({
      callToolsId: stage.id,
      mayBeInBucket: true,
    });
    expect(new Set(stage.held)).toEqual(new Set([OTHER_PHONE]));
  });

  test('that does not attach leaves it in no bucket', async () => {
    const stage = await withdrawn();
    stage.vendor.settings.phoneFields = ['other_phone_number', ...stage.vendor.settings.phoneFields.slice(1)];
    const { failure, observed } = await applyFailing(stage, MOVED, { previousContactId: stage.id });
    expect(failure).toMatchObject({ code: 'phone_not_attached' });
    expect(observed).toMatchObject({ callToolsId: null, mayBeInBucket: false });
    expect(stage.held).toEqual([]);
  });
});

describe.each([
  ['took effect', 'after-reset'],
  ['did not take effect', 'reset'],
] as const)('a move whose answer was lost and which %s', (_, kind) => {
  test('is made good by the next try, which knows that it was moved', async () => {
    const stage = await placed();
    stage.vendor.faults.plan({ match: { method: 'PATCH' }, times: 1, do: { kind } });
    const target = { previousContactId: stage.id };
    const { observed } = await applyFailing(stage, MOVED, target);
    expect(observed).toMatchObject({ callToolsId: stage.id, mayBeInBucket: true, moved: false });
    const again = { ...target, callToolsId: observed.callToolsId, inDoubt: true };
    expect(await apply(stage, MOVED, again, observed)).toMatchObject({ callToolsId: stage.id, moved: true });
    expect(stage.vendor.contacts()).toMatchObject([{ phones: [OTHER_PHONE], buckets: [COLD] }]);
  });

  test('never makes the withdrawal of the former number take the new one out', async () => {
    const stage = await placed();
    stage.vendor.faults.plan({ match: { method: 'PATCH' }, times: 1, do: { kind } });
    await applyFailing(stage, MOVED, { previousContactId: stage.id });
    await apply(stage, OUT, { e164: null, callToolsId: stage.id, inDoubt: true }, { mayBeInBucket: true });
    expect(stage.vendor.contacts()).toMatchObject(
      kind === 'reset' ? [{ phones: [PHONE], buckets: [] }] : [{ phones: [OTHER_PHONE], buckets: [COLD] }],
    );
  });
});

test('where nobody can look, a new number that an earlier write may have taken is not given to a second contact', async () => {
  const stage = dialerStage({ phoneFilter: 'ignored' }, { env: { CALLTOOLS_PHONE_LOOKUP: 'off' } });
  const [old, lost] = [PHONE, OTHER_PHONE].map(
    (phone) => stage.vendor.addContactByHand({ mobile_phone_number: phone, buckets: [COLD] }).id,
  );
  const moved = { inDoubt: true, previousContactId: old ?? null };
  expect(await apply(stage, MOVED, moved)).toMatchObject({ callToolsId: lost, moved: false });
  expect(stage.vendor.contacts().map(({ phones }) => phones)).toEqual([[PHONE], [OTHER_PHONE]]);
});
