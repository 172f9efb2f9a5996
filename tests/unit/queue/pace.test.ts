// Hints for which a vendor has no slot left go back into the queue. They hold nothing up, and stand for all hints that came with them.

import { expect, test } from 'vitest';
import { NOON } from '../../support/virtual-clock.ts';
import { acked, createStage, hints, lead, several, useUp } from './queue-harness.ts';

test('a location whose vendor’s limit is used up holds no invocation: others stand behind it in the queue', async () => {
  const stage = createStage();
  const [slow, quick] = [await lead(stage, 'one'), await lead(stage, 'two', ['warm'])];
  useUp(stage);
  const { ends, done } = stage.deliver(hints([slow, quick]));
  await done;
  expect(acked(ends)).toHaveLength(2);
  expect(stage.sent).toMatchObject([{ contactId: slow.hint.contactId }]);
  expect(Math.max(0, ...stage.waits)).toBeLessThan(1000);
  expect(stage.vendors.two.callTools.holds('Warm')).toEqual([quick.phone]);
});

test('a copy that stands for several hints is as new as the newest: what was read before that is read again', async () => {
  const stage = createStage();
  const { hint, phone } = await lead(stage, 'one');
  await stage.deliver([hint]).done;
  const { contactId } = hint;
  await stage.vendors.one.ghl.editContact(contactId, { tags: ['customer'] });
  useUp(stage);
  const { ends, done } = stage.deliver([
    { ...hint, receivedAt: NOON - 100_000 },
    { ...hint, receivedAt: NOON + 1 },
  ]);
  await done;
  expect(acked(ends)).toHaveLength(2);
  expect(stage.sent).toMatchObject([{ contactId, receivedAt: NOON - 100_000, newestAt: NOON + 1 }]);
  useUp(stage, 0);
  expect(stage.vendors.one.callTools.holds('Cold Leads')).toEqual([phone]);
  await stage.deliver(stage.sent as object[]).done;
  expect(stage.vendors.one.callTools.holds('Cold Leads')).toEqual([]);
});

test('and not acknowledged for the others before it is sent', async () => {
  const stage = createStage({ EVENTS: { send: () => Promise.reject(new Error('over quota')) } });
  const { hint } = await lead(stage, 'one');
  useUp(stage);
  const { ends, done } = stage.deliver([hint, { ...hint, receivedAt: NOON + 1 }]);
  await done;
  expect([...ends.values()]).toEqual(['retry', 'retry']);
});

test('a message that has waited long for a vendor’s limit comes back more rarely, and at least once a minute', async () => {
  const stage = createStage();
  const leads = await several(stage, 'one', 3);
  useUp(stage, NOON + 20_000);
  const ages = [0, 120_000, 3_600_000];
  await stage.deliver(hints(leads).map((hint, n) => ({ ...hint, receivedAt: NOON - (ages[n] ?? 0) }))).done;
  const [fresh = 0, old = 0, oldest = 0] = stage.delays;
  expect(fresh).toBeLessThan(20);
  expect(old).toBeGreaterThanOrEqual(30);
  expect(oldest).toBeGreaterThanOrEqual(60);
  expect(oldest).toBeLessThanOrEqual(75);
});

test('hints that no rule matches and that come while a vendor is waited for are over, and are counted', async () => {
  const stage = createStage();
  const { hint } = await lead(stage, 'one');
  useUp(stage);
  const noRuleMatches = { ...hint, contactId: 'stranger', snapshot: { tags: ['newsletter'], dnd: false } };
  const { ends, done } = stage.deliver([hint, noRuleMatches]);
  await done;
  expect(acked(ends)).toHaveLength(2);
  expect(stage.sent).toHaveLength(1);
  const [hour] = stage.sqlite.rows('SELECT counts FROM hours');
  expect(JSON.parse(String(hour?.counts))).toEqual({ 'hint webhook': 1, 'outcome skipped': 1 });
});

test('only a vendor that has answered 429 has a pace that was learned from it', async () => {
  const stage = createStage();
  const { hint, phone } = await lead(stage, 'one');
  const learned = () =>
    stage.sqlite.rows('SELECT vendor FROM paces WHERE learned_rate IS NOT NULL').map(({ vendor }) => vendor);
  await stage.deliver([hint]).done;
  expect(stage.vendors.one.callTools.holds('Cold Leads')).toEqual([phone]);
  expect(learned()).toEqual([]);
  stage.vendors.one.ghl.faults.plan({ match: {}, do: { kind: 'throttle', seconds: 60 } });
  await stage.deliver([{ ...hint, receivedAt: NOON + 10_000 }]).done;
  expect(learned()).toEqual(['gohighlevel']);
});
