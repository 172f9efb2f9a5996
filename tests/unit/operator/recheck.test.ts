// Check again: an operator has a contact read again now, in both systems, whatever its state.

import { expect, test } from 'vitest';
import { openSqlite } from '../../../sandbox/d1-sqlite.ts';
import { backstopStage } from '../../support/consumer-harness.ts';
import { ask, expectProblem, LOCATION, operatorDeps, seedContact } from '../../support/operator-harness.ts';

test.each(['pending', 'placed', 'kept_out', 'failed'])(
  'a contact that is %s is read again, and CallTools is asked too',
  async (state) => {
    const db = openSqlite().bind(async (act) => act());
    await seedContact(db, 'c1', { state });
    const { deps, sent } = operatorDeps(db);
    const answer = await ask('/contacts/c1/recheck', deps, {});
    expect([answer.status, await answer.json()]).toMatchObject([
      202,
      { data: { contact_id: 'c1', location_id: LOCATION, status: 'queued' } },
    ]);
    expect(sent).toMatchObject([
      { contactId: 'c1', locationId: LOCATION, source: 'operator', snapshot: null, verify: true },
    ]);
  },
);

test('a contact that is not known is refused, and nothing is sent', async () => {
  const { deps, sent } = operatorDeps(openSqlite().bind(async (act) => act()));
  await expectProblem(await ask('/contacts/c1/recheck', deps, {}), 404, /no contact of this id here/);
  expect(sent).toEqual([]);
});

test('what somebody changed in CallTools by hand is corrected', async () => {
  const stage = backstopStage();
  const [id = ''] = await stage.leads(1);
  await stage.night();
  const [held] = stage.callTools.contacts();
  stage.callTools.takeOutByHand(held?.id ?? 0);
  const answer = await stage.fetch('POST', `/contacts/${id}/recheck`);
  expect(answer.status).toBe(202);
  await stage.work();
  expect(stage.callTools.contacts().map(({ buckets }) => buckets.length)).toEqual([1]);
});
