// A withdrawal that fails for good while a write that was given up may still arrive.

import { describe, expect, test } from 'vitest';
import { backstopStage, phoneOf } from '../../support/consumer-harness.ts';

const SILENT = { silent: true };

test('a withdrawal that is given up while an earlier write may still arrive is looked at once more when it has', async () => {
  const stage = backstopStage();
  const { ghl, callTools } = stage;
  const [id = ''] = await stage.leads(1);
  stage.hint(id);
  await stage.work();
  const [held] = callTools.contacts();
  stage.sqlite.rows('UPDATE dialer SET doubt_until = ?1', stage.clock.at + 60_000);

  const twin = callTools.addContactByHand({ mobile_phone_number: phoneOf(0), buckets: ['Cold Leads'] });
  const refusal = { kind: 'status', status: 400, body: { city: ['is not a valid choice'] } } as const;
  callTools.faults.plan({ match: { path: `/api/contacts/${twin.id}/`, method: 'PATCH' }, do: refusal });
  callTools.faults.plan({ match: { path: /^\/api\/buckets\/\d+\/$/, method: 'PATCH' }, do: refusal });
  await ghl.editContact(id, { tags: ['customer'] }, SILENT);
  stage.hint(id, { receivedAt: stage.clock.at + 1 });
  await stage.step();
  expect({ ...stage.sqlite.rows('SELECT state, reason FROM contacts')[0] }).toEqual({
    state: 'failed',
    reason: 'rejected',
  });
  callTools.putInBucketByHand(held?.id ?? 0, 'Cold Leads');
  await stage.work();
  expect(callTools.contacts().map(({ buckets }) => buckets)).toEqual([[], ['Cold Leads']]);
});

describe('a number that another contact has, which asks not to be called, is not settled by its hash alone', () => {
  const [GONE, STAYS] = ['gggggggggggggggggggg', 'ssssssssssssssssssss'] as const;

  /** Both have the number. CallTools has it outside of our buckets, unmarked, and we do not know that. */
  async function unknown(lookup: 'off' | 'contacts') {
    const stage = backstopStage({ env: { CALLTOOLS_PHONE_LOOKUP: lookup } });
    const { ghl, callTools, sqlite } = stage;
    const look = async (id: string) => {
      stage.hint(id, { receivedAt: stage.clock.at + 10_000 });
      await stage.work();
    };
    await ghl.addContact({ id: GONE, phone: phoneOf(0), tags: ['cold lead'] }, SILENT);
    await look(GONE);
    await ghl.addContact({ id: STAYS, phone: phoneOf(0), tags: [], dnd: true }, SILENT);
    await look(STAYS);
    const [{ id = 0 } = {}] = callTools.contacts();
    callTools.editContactByHand(id, { do_not_contact: false });
    sqlite.rows('UPDATE dialer SET calltools_id = NULL, fingerprint = NULL, held = 1');
    await ghl.deleteContact(GONE, SILENT);
    const stateOf = () =>
      sqlite.rows('SELECT state, reason FROM contacts WHERE contact_id = ?1', STAYS).map((row) => ({ ...row }));
    return { stage, look, stateOf };
  }

  test('it is looked up for that contact, and marked', async () => {
    const { stage, look } = await unknown('contacts');
    await look(GONE);
    expect(stage.callTools.contacts()).toMatchObject([{ buckets: [], doNotContact: true }]);
  });

  test('where nothing can be looked up, that contact is a failed one until a person has looked', async () => {
    const { look, stateOf } = await unknown('off');
    for (const id of [GONE, STAYS, GONE, STAYS]) {
      await look(id);
      expect(stateOf()).toEqual([{ state: 'failed', reason: 'lookup_unsupported' }]);
    }
  });
});

describe('a number that was never looked up, while its contact cannot be read', () => {
  const READ = { path: /^\/contacts\/\w+$/, method: 'GET' };

  /** CallTools has the number in our bucket, by hand. Nothing was written yet, and the contact cannot be read just now. */
  async function unread() {
    const stage = backstopStage();
    const { ghl, callTools } = stage;
    const { id } = await ghl.addContact({ phone: phoneOf(0), tags: ['cold lead'] }, SILENT);
    callTools.faults.plan({ match: {}, times: 1, do: { kind: 'throttle', seconds: 60 } });
    stage.hint(id);
    await stage.step();
    callTools.addContactByHand({ mobile_phone_number: phoneOf(0), buckets: ['Cold Leads'] });
    ghl.faults.plan({ match: READ, times: 1, do: { kind: 'status', status: 500, body: {} } });
    return { stage, id };
  }

  test.each([
    { what: 'asks not to be called', dnd: true, tags: ['cold lead'], doNotContact: true },
    { what: 'is a customer', dnd: false, tags: ['customer'], doNotContact: false },
  ])('is looked up once it can be read: the contact $what', async ({ dnd, tags, doNotContact }) => {
    const { stage, id } = await unread();
    await stage.ghl.editContact(id, { tags }, SILENT);
    if (dnd) await stage.ghl.setDnd(id, { dnd }, SILENT);
    const eventType = dnd ? 'ContactDndUpdate' : 'ContactTagUpdate';
    stage.clock.advance(90_000);
    stage.hint(id, { eventType, occurredAt: stage.clock.at, snapshot: { tags, dnd } });
    await stage.work();
    expect(stage.callTools.contacts()).toMatchObject([{ buckets: [], doNotContact }]);
  });
});
