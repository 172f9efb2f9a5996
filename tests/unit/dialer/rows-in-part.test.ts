// Rows of a list that show some of a contact's numbers: a number that is not shown is no number that is not there.

import { describe, expect, test } from 'vitest';
import {
  apply,
  applyFailing,
  COLD,
  DNC,
  dialerStage,
  jsonAnswer,
  OTHER_PHONE,
  OUT,
  PHONE,
  place,
} from '../../support/vendor-harness.ts';

const BEHIND = { mobile_phone_number: OTHER_PHONE, home_phone_number: PHONE };

/** An account whose rows show the mobile number alone. */
const stageOf = (account: Parameters<typeof dialerStage>[0] = {}) =>
  dialerStage({ listRowsKeepMainPhone: true, ...account });

/** The same, where the key's role may not read the second choice of a search. */
function contactsAlone(account: Parameters<typeof dialerStage>[0] = {}) {
  const stage = stageOf(account);
  stage.hooks.meddle = async (request, handle) =>
    request.url.includes('/phonenumbers/') ? jsonAnswer(403, {}) : handle(request);
  return stage;
}

describe('a search by phone', () => {
  test('finds the contact whose row shows another of its numbers, and the filter is not taken for broken', async () => {
    const { vendor, dialer, unsupported } = stageOf();
    const { id } = vendor.addContactByHand(BEHIND);
    expect(await dialer.lookup(PHONE)).toMatchObject({ kind: 'found', contacts: [{ id }] });
    expect(unsupported.size).toBe(0);
    expect(vendor.calls.count()).toBe(2);
  });

  test('shows all numbers of the contact, although its row shows the one that was looked for', async () => {
    const { vendor, dialer } = stageOf();
    vendor.addContactByHand({ mobile_phone_number: PHONE, home_phone_number: OTHER_PHONE });
    expect(await dialer.lookup(PHONE)).toMatchObject({ contacts: [{ dialable: [PHONE, OTHER_PHONE] }] });
  });

  test('that ignores the number costs one look at a stranger', async () => {
    const { vendor, dialer, unsupported } = stageOf({ phoneFilter: 'ignored' });
    for (let n = 0; n < 21; n++) vendor.addContactByHand({ mobile_phone_number: OTHER_PHONE });
    expect(await dialer.lookup(PHONE)).toEqual({ kind: 'unsupported' });
    expect(unsupported).toEqual(new Set(['contacts', 'phonenumbers']));
    expect(vendor.calls.list().filter(({ path }) => /\d/.test(path))).toHaveLength(2);
  });

  test('lets a refusal be marked on a contact that was made by hand', async () => {
    const stage = contactsAlone();
    const { id } = stage.vendor.addContactByHand(BEHIND);
    expect(await apply(stage, DNC)).toMatchObject({ callToolsId: id, doNotContact: true });
  });

  test('spares an account that does not merge a second contact', async () => {
    const stage = contactsAlone({ duplicateMode: 'create' });
    stage.vendor.addContactByHand(BEHIND);
    await apply(stage, place()).catch(() => {});
    expect(stage.vendor.contacts()).toHaveLength(1);
  });
});

describe('among the members of our buckets', () => {
  const former = { e164: null, inDoubt: true } as const;

  /** So many newer members, and this one. A hundred are read one by one. */
  function crowd(numbers: Record<string, string>, others = 100) {
    const stage = stageOf();
    stage.vendor.addContactByHand({ ...numbers, buckets: [COLD] });
    for (let n = 0; n < others; n++)
      stage.vendor.addContactByHand({ mobile_phone_number: `+1305555${2000 + n}`, buckets: [COLD] });
    return stage;
  }

  test('a number that a row hides is found', async () => {
    const stage = stageOf();
    const { id } = stage.vendor.addContactByHand({ ...BEHIND, buckets: [COLD] });
    expect(await apply(stage, OUT, former)).toMatchObject({ callToolsId: id, mayBeInBucket: false });
    expect(stage.vendor.holds(COLD)).toEqual([]);
  });

  test('of which there are too many to read, a number that a row shows is found', async () => {
    const stage = crowd({ mobile_phone_number: PHONE });
    expect(await apply(stage, OUT, former)).toMatchObject({ mayBeInBucket: false });
    expect(stage.vendor.holds(COLD)).not.toContain(PHONE);
  });

  test('the hundredth is still read', async () => {
    expect(await apply(crowd(BEHIND, 99), OUT, former)).toMatchObject({ mayBeInBucket: false });
  });

  test('of which there are too many to read, a number that no row shows is left to a person', async () => {
    const { failure } = await applyFailing(crowd(BEHIND), OUT, former);
    expect(failure).toMatchObject({ kind: 'contact', code: 'untraceable' });
  });

  test('no member is read whose row shows the list of its numbers', async () => {
    const stage = dialerStage({ listRowsOmitPhones: false });
    for (let n = 0; n < 9; n++)
      stage.vendor.addContactByHand({ mobile_phone_number: `+1305555${2000 + n}`, buckets: [COLD] });
    stage.vendor.calls.clear();
    await apply(stage, OUT, former);
    expect(stage.vendor.calls.list().filter(({ path }) => /contacts\/\d/.test(path))).toEqual([]);
  });
});
