// A person has had several numbers: the CallTools contact of the last one goes along to the next, whatever the earlier ones left behind.

import { expect, test } from 'vitest';
import { type BackstopStage, backstopStage, phoneOf } from '../../support/consumer-harness.ts';

const SILENT = { silent: true };

function editor(stage: BackstopStage, id: string) {
  return async (edit: Parameters<BackstopStage['ghl']['editContact']>[1]) => {
    await stage.ghl.editContact(id, edit, SILENT);
    stage.hint(id, { receivedAt: stage.clock.at + 10_000 });
    await stage.work();
  };
}

// Which number is looked at first depends on its hash: of four some go either way.
test.each([0, 1, 2, 3])('under a number of long ago CallTools never had anybody (%i)', async (n) => {
  const stage = backstopStage();
  const { id } = await stage.ghl.addContact({ phone: phoneOf(n), tags: ['customer'] }, SILENT);
  const edit = editor(stage, id);
  await edit({});
  await edit({ phone: phoneOf(n + 10) });
  await edit({ tags: ['cold lead'] });
  await edit({ phone: phoneOf(n + 20) });
  expect(stage.callTools.contacts()).toMatchObject([{ phones: [phoneOf(n + 20)], buckets: ['Cold Leads'] }]);
});

test.each([0, 1, 2, 3])('under a number of long ago CallTools has a contact that is out (%i)', async (n) => {
  const stage = backstopStage();
  const { id } = await stage.ghl.addContact({ phone: phoneOf(n), tags: ['cold lead'] }, SILENT);
  const edit = editor(stage, id);
  await edit({});
  const made = stage.callTools.addContactByHand({ mobile_phone_number: phoneOf(n + 10) });
  await edit({ phone: phoneOf(n + 10) });
  await edit({ phone: phoneOf(n + 20) });
  const dialed = stage.callTools.contacts().filter(({ buckets }) => buckets.length > 0);
  expect(dialed).toMatchObject([{ id: made.id, phones: [phoneOf(n + 20)] }]);
});

test.each([0, 1])('of two who leave one number at once, it goes along with whom it shows (%i)', async (first) => {
  const stage = backstopStage();
  // Of two contacts with one number the lower id leads.
  const [shown, other] = ['aaaaaaaaaaaaaaaaaaaa', 'zzzzzzzzzzzzzzzzzzzz'];
  for (const id of [shown, other]) await stage.ghl.addContact({ id, phone: phoneOf(0), tags: ['cold lead'] }, SILENT);
  for (const id of [shown, other]) stage.hint(id);
  await stage.work();
  const [shared] = stage.callTools.contacts();

  await stage.ghl.editContact(shown, { phone: phoneOf(1) }, SILENT);
  await stage.ghl.editContact(other, { phone: phoneOf(2) }, SILENT);
  for (const id of first === 0 ? [shown, other] : [other, shown])
    stage.hint(id, { receivedAt: stage.clock.at + 10_000 });
  await stage.work();
  expect(stage.callTools.contacts()).toHaveLength(2);
  expect(stage.callTools.contacts().find(({ id }) => id === shared?.id)).toMatchObject({ phones: [phoneOf(1)] });
});
