// A withdrawal that fails for good while a write that was given up may still arrive.

import { expect, test } from 'vitest';
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
