// Placing where CallTools cannot be searched by phone: only the POST finds an existing contact.

import { describe, expect, test } from 'vitest';
import { phoneHash } from '../../../workers/consumer/domain/phone.ts';
import {
  apply,
  applyFailing,
  COLD,
  dialerStage,
  jsonAnswer,
  LOCATION,
  OTHER_PHONE,
  PHONE,
  place,
  WARM,
} from '../../support/vendor-harness.ts';

const PLACED = { mayBeInBucket: true, moved: false, doNotContact: false };

describe('an account that cannot be searched by phone', () => {
  const ignoring = { phoneFilter: 'ignored' } as const;

  test('merges on POST: the contact named is checked, then written', async () => {
    const stage = dialerStage(ignoring);
    stage.vendor.addContactByHand({ mobile_phone_number: OTHER_PHONE });
    for (let n = 0; n < 25; n++) stage.vendor.addContactByHand({});
    const { id } = stage.vendor.addContactByHand({ mobile_phone_number: PHONE, buckets: [WARM] });
    expect(await apply(stage, place())).toMatchObject({ ...PLACED, callToolsId: id });
    expect([stage.vendor.holds(COLD), stage.vendor.holds(WARM)]).toEqual([[PHONE], []]);
  });

  test('gets a number that was never placed with one POST, which puts it into its bucket', async () => {
    const stage = dialerStage(ignoring);
    stage.unsupported.add('contacts').add('phonenumbers');
    expect(await apply(stage, place())).toMatchObject(PLACED);
    expect(stage.vendor.holds(COLD)).toEqual([PHONE]);
    expect(['POST', 'PATCH'].map((method) => stage.vendor.calls.count({ method, path: '/api/contacts' }))).toEqual([
      1, 0,
    ]);
  });

  test('keeps a contact that a person has merged into another in its bucket: that one is found there', async () => {
    const stage = dialerStage({ ...ignoring, duplicateMode: 'create' });
    stage.unsupported.add('contacts').add('phonenumbers');
    const { callToolsId } = await apply(stage, place());
    const { id } = stage.vendor.addContactByHand({ mobile_phone_number: OTHER_PHONE });
    stage.vendor.mergeContactsByHand(id, callToolsId ?? 0);
    const numbers = new Set(await Promise.all([PHONE, OTHER_PHONE].map((phone) => phoneHash(LOCATION, phone))));
    expect(await apply(stage, place(), { callToolsId, numbers }, { mayBeInBucket: true })).toMatchObject({
      ...PLACED,
      callToolsId: id,
    });
    expect(stage.vendor.contacts()).toHaveLength(1);
  });

  test('of several duplicates named, the one that carries the number is taken', async () => {
    const stage = dialerStage(ignoring);
    const stranger = stage.vendor.addContactByHand({ mobile_phone_number: OTHER_PHONE });
    const { id } = stage.vendor.addContactByHand({ mobile_phone_number: PHONE });
    stage.hooks.meddle = async (request, handle) =>
      request.method === 'POST' && request.url.endsWith('/contacts/')
        ? jsonAnswer(200, { duplicate_contacts: [id, stranger.id], duplicate_action: 'MERGE' })
        : handle(request);
    stage.unsupported.add('contacts').add('phonenumbers');
    expect(await apply(stage, place())).toMatchObject({ ...PLACED, callToolsId: id });
    expect(stage.vendor.holds(COLD)).toEqual([PHONE]);
  });

  test('of several that carry it, the oldest', async () => {
    const stage = dialerStage(ignoring);
    const ids = [1, 2].map(() => stage.vendor.addContactByHand({ mobile_phone_number: PHONE }).id);
    stage.hooks.meddle = async (request, handle) =>
      request.method === 'POST' && request.url.endsWith('/contacts/')
        ? jsonAnswer(200, { duplicate_contacts: ids.toReversed() })
        : handle(request);
    stage.unsupported.add('contacts').add('phonenumbers');
    expect(await apply(stage, place())).toMatchObject({ callToolsId: ids[0] });
  });

  test('and the others are not dialed beside it, though the POST has put one of them into the bucket', async () => {
    const stage = dialerStage(ignoring);
    const ids = [[WARM], []].map(
      (buckets) => stage.vendor.addContactByHand({ mobile_phone_number: PHONE, buckets }).id,
    );
    stage.hooks.meddle = async (request, handle) => {
      if (request.method !== 'POST' || !request.url.endsWith('/contacts/')) return handle(request);
      stage.vendor.putInBucketByHand(ids[1] ?? 0, COLD);
      return jsonAnswer(200, { duplicate_contacts: ids, duplicate_action: 'MERGE' });
    };
    stage.unsupported.add('contacts').add('phonenumbers');
    await apply(stage, place());
    expect([stage.vendor.holds(COLD), stage.vendor.holds(WARM)]).toEqual([[PHONE], []]);
  });

  test('named duplicates of which none carries the number are strangers: a person looks', async () => {
    const stage = dialerStage(ignoring);
    const stranger = stage.vendor.addContactByHand({ mobile_phone_number: OTHER_PHONE });
    stage.hooks.meddle = async (request, handle) =>
      request.method === 'POST' && request.url.endsWith('/contacts/')
        ? jsonAnswer(200, { duplicate_contacts: [stranger.id, 999_999] })
        : handle(request);
    const { failure, observed } = await applyFailing(stage, place());
    expect(failure).toMatchObject({ kind: 'contact', code: 'unexpected_response' });
    expect(observed).toMatchObject({ callToolsId: null, mayBeInBucket: true });
    expect(stage.vendor.contacts()).toMatchObject([{ buckets: [], phones: [OTHER_PHONE] }]);
  });

  test('after a write of unknown end nothing is posted again: a person looks', async () => {
    const stage = dialerStage(ignoring);
    stage.vendor.addContactByHand({ mobile_phone_number: OTHER_PHONE });
    const { failure } = await applyFailing(stage, place(), { inDoubt: true });
    expect(failure).toMatchObject({ kind: 'contact', code: 'lookup_unsupported' });
    expect(stage.vendor.contacts()).toHaveLength(1);
  });

  test('with the look-up switched off the account merges, so the POST may be repeated', async () => {
    const stage = dialerStage(ignoring, { env: { CALLTOOLS_PHONE_LOOKUP: 'off' } });
    const { id } = stage.vendor.addContactByHand({ mobile_phone_number: PHONE });
    expect(await apply(stage, place(), { inDoubt: true })).toMatchObject({ ...PLACED, callToolsId: id });
    expect(stage.vendor.contacts()).toHaveLength(1);
  });
});
