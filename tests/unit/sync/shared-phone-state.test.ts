// What is said of a contact whose number another one leads.

import { expect, test } from 'vitest';
import { backstopStage, phoneOf } from '../../support/consumer-harness.ts';

const SILENT = { silent: true };
// Of two contacts with one number the lower id leads.
const [LEADER, OTHER] = ['aaaaaaaaaaaaaaaaaaaa', 'zzzzzzzzzzzzzzzzzzzz'] as const;

test('it is not placed while CallTools refuses the leader, and is once that one is there', async () => {
  const stage = backstopStage();
  const { ghl, callTools } = stage;
  const other = () => ({ ...stage.sqlite.rows('SELECT state, reason FROM contacts WHERE contact_id = ?1', OTHER)[0] });
  const refusal = { kind: 'status', status: 400, body: { city: ['is not a valid choice'] } } as const;
  callTools.faults.plan({ match: { method: 'POST', path: '/api/contacts/' }, do: refusal });
  for (const id of [LEADER, OTHER]) {
    await ghl.addContact({ id, phone: phoneOf(0), tags: ['cold lead'] }, SILENT);
    stage.hint(id);
    await stage.work();
  }
  expect(stage.dialed()).toEqual([]);
  expect(other()).toEqual({ state: 'kept_out', reason: 'shared_phone' });

  callTools.faults.clear();
  stage.hint(LEADER, { source: 'replay' });
  await stage.work();
  expect(stage.dialed()).toEqual([phoneOf(0)]);
  expect(other()).toEqual({ state: 'placed', reason: 'shared_phone' });
});
