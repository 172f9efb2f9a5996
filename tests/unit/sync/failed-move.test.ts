// A person's number changes while CallTools is in trouble: the old number is not dialed in the end.

import { expect, test } from 'vitest';
import { backstopStage, phoneOf } from '../../support/consumer-harness.ts';

const SILENT = { silent: true };

test('a CallTools contact whose move to a new number failed is taken out under its old one', async () => {
  const stage = backstopStage({ env: { CALLTOOLS_PHONE_LOOKUP: 'off' } });
  const { ghl, callTools } = stage;
  // Of two contacts with one number the lower id leads.
  const mover = 'zzzzzzzzzzzzzzzzzzzz';
  const leader = 'aaaaaaaaaaaaaaaaaaaa';
  await ghl.addContact({ id: mover, phone: phoneOf(0), tags: ['cold lead'] }, SILENT);
  stage.hint(mover);
  await stage.work();

  callTools.faults.plan({ match: { method: 'PATCH' }, times: 1, do: { kind: 'not-json' } });
  await ghl.editContact(mover, { phone: phoneOf(1) }, SILENT);
  stage.hint(mover);
  await stage.step();
  callTools.faults.plan({ match: { method: 'GET' }, times: 1, do: { kind: 'not-json' } });
  await ghl.addContact({ id: leader, phone: phoneOf(1), tags: ['cold lead'] }, SILENT);
  stage.hint(leader);
  await stage.step();

  const [again] = stage.queues.events.filter(({ body }) => 'contactId' in body && body.contactId === mover);
  if (!again) throw new Error('the move is to be tried again');
  await stage.deliver('events', [again]);
  await stage.work();
  expect(stage.dialed()).toEqual([phoneOf(1)]);
});

test('a write in doubt that brings an old number back after the move is undone, on the same contact', async () => {
  const stage = backstopStage();
  const { ghl, callTools } = stage;
  const { id } = await ghl.addContact({ phone: phoneOf(0), tags: ['cold lead'] }, SILENT);
  stage.hint(id);
  await stage.work();
  const [held] = callTools.contacts();
  stage.sqlite.rows('UPDATE dialer SET doubt_until = ?1', stage.clock.at + 60_000);

  await ghl.editContact(id, { phone: phoneOf(1) }, SILENT);
  stage.hint(id, { receivedAt: stage.clock.at + 1 });
  await stage.step();
  expect(stage.dialed()).toEqual([phoneOf(1)]);
  callTools.editContactByHand(held?.id ?? 0, { mobile_phone_number: phoneOf(0) });
  await stage.work();
  expect(callTools.contacts()).toMatchObject([{ id: held?.id, phones: [phoneOf(1)] }]);
  expect(stage.dialed()).toEqual([phoneOf(1)]);
});

test('a contact that becomes primary again, when the other leaves the number, is shown as it is now, not as it was before', async () => {
  const routes = [
    { name: 'hot', tags: ['hot'], bucket: 'Hot Leads' },
    { name: 'cold', tags: ['cold lead'], bucket: 'Cold Leads' },
  ];
  const stage = backstopStage({ env: { SYNC_RULES: JSON.stringify({ routes }) } });
  const { ghl, callTools } = stage;
  const [leaver, stayer] = ['aaaaaaaaaaaaaaaaaaaa', 'zzzzzzzzzzzzzzzzzzzz'];
  await ghl.addContact({ id: leaver, phone: phoneOf(0), tags: ['cold lead'] }, SILENT);
  await ghl.addContact({ id: stayer, phone: phoneOf(0), tags: ['hot'] }, SILENT);
  for (const id of [leaver, stayer]) stage.hint(id);
  await stage.work();
  expect(callTools.holds('Hot Leads')).toEqual([phoneOf(0)]);

  await ghl.editContact(leaver, { phone: phoneOf(1) }, SILENT);
  await ghl.editContact(stayer, { tags: ['cold lead'] }, SILENT);
  stage.hint(stayer, { receivedAt: stage.clock.at + 1 });
  await stage.work();
  expect(callTools.holds('Hot Leads')).toEqual([]);
  expect(callTools.holds('Cold Leads').toSorted()).toEqual([phoneOf(0), phoneOf(1)]);
});

test('a contact that went along with one person, while an earlier write was in doubt, is not taken from there by another', async () => {
  const stage = backstopStage();
  const { ghl, callTools } = stage;
  // Of two contacts with one number the lower id leads.
  const [leader, other] = ['aaaaaaaaaaaaaaaaaaaa', 'zzzzzzzzzzzzzzzzzzzz'];
  for (const id of [leader, other]) await ghl.addContact({ id, phone: phoneOf(0), tags: ['cold lead'] }, SILENT);
  for (const id of [leader, other]) stage.hint(id);
  await stage.work();
  const [shared] = callTools.contacts();
  stage.sqlite.rows('UPDATE dialer SET doubt_until = ?1', stage.clock.at + 60_000);

  callTools.faults.plan({ match: { method: 'POST', path: '/api/contacts/' }, do: { kind: 'status', status: 500 } });
  await ghl.editContact(leader, { phone: phoneOf(1) }, SILENT);
  stage.hint(leader, { receivedAt: stage.clock.at + 1 });
  await stage.step();
  await ghl.editContact(other, { phone: phoneOf(2) }, SILENT);
  stage.hint(other, { receivedAt: stage.clock.at + 1 });
  await stage.step();
  expect(stage.dialed()).toEqual([phoneOf(2)]);

  callTools.faults.clear();
  await stage.work();
  expect(stage.dialed().toSorted()).toEqual([phoneOf(1), phoneOf(2)]);
  expect(callTools.contacts().find(({ id }) => id === shared?.id)).toMatchObject({ phones: [phoneOf(2)] });
});

test.each([
  ['at once', true],
  ['after that', false],
])(
  'of a worker that died after it had moved a contact, the number is another lead’s who is looked at %s: both are dialed',
  async (_, atOnce) => {
    const stage = backstopStage();
    const { ghl, callTools } = stage;
    const [first, second] = ['aaaaaaaaaaaaaaaaaaaa', 'zzzzzzzzzzzzzzzzzzzz'];
    await ghl.addContact({ id: first, phone: phoneOf(0), tags: ['cold lead'] }, SILENT);
    stage.hint(first);
    await stage.work();
    // It has moved to the number that the lead had for a moment, and nothing was committed.
    callTools.editContactByHand(callTools.contacts()[0]?.id ?? 0, { mobile_phone_number: phoneOf(1) });
    stage.sqlite.rows('UPDATE dialer SET unsettled = 1');

    await ghl.editContact(first, { phone: phoneOf(2) }, SILENT);
    await ghl.addContact({ id: second, phone: phoneOf(1), tags: ['cold lead'] }, SILENT);
    stage.hint(second, { receivedAt: stage.clock.at + 10_000 });
    if (!atOnce) await stage.work();
    stage.hint(first, { receivedAt: stage.clock.at + 10_000 });
    await stage.work();
    expect(stage.dialed().toSorted()).toEqual([phoneOf(1), phoneOf(2)]);
  },
);
