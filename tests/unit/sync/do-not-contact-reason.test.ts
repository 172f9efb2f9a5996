// An operator sees that CallTools will not dial a person, whatever came between.

import { expect, test } from 'vitest';
import { backstopStage, phoneOf } from '../../support/consumer-harness.ts';
import { jsonAnswer } from '../../support/vendor-harness.ts';

test('a contact that CallTools will not dial is reported as such, although a read of it has failed since', async () => {
  const stage = backstopStage();
  const [id = ''] = await stage.leads(1);
  stage.callTools.addContactByHand({ mobile_phone_number: phoneOf(0), do_not_contact: true });
  const told = async () => {
    stage.hint(id, { receivedAt: stage.clock.at + 10_000 });
    await stage.work();
    return stage.sqlite.rows('SELECT reason FROM contacts')[0]?.reason;
  };
  expect(await told()).toBe('do_not_contact_set');
  stage.hooks.contact = async () => jsonAnswer(403, { message: 'Forbidden' });
  expect(await told()).toBe('refused');
  stage.hooks.contact = async () => undefined;
  expect(await told()).toBe('do_not_contact_set');

  stage.callTools.calls.clear();
  expect(await told()).toBe('do_not_contact_set');
  expect(stage.callTools.calls.count()).toBe(0);
});
