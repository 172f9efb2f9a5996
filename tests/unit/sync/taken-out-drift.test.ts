// A contact that was taken out without a newer call has drifted, and is put back.

import { beforeEach, describe, expect, test } from 'vitest';
import { phoneOf } from '../../support/consumer-harness.ts';
import { IN, OUT, RULES, type TakenOutStage, takenOutStage } from './taken-out-harness.ts';

let stage: TakenOutStage;
beforeEach(async () => {
  stage = await takenOutStage();
});

describe('without a newer call it is drift', () => {
  test('no call at all: it is put back', async () => {
    stage.callTools.takeOutByHand(stage.callToolsId());
    expect(await stage.nextNight()).toMatchObject({ repaired: { drifted: 1 } });
    expect([stage.dialed(), stage.reasons()]).toEqual([[phoneOf(0)], [IN]]);
  });

  test('a call from before we ever placed it, whatever was said in it', async () => {
    const [other = ''] = await stage.leads(1, 1);
    const { id: made } = stage.callTools.addContactByHand({ mobile_phone_number: phoneOf(1) });
    stage.callTools.call(made, { disposition: 'Not interested', fields: { last_call_outbound: 'long ago' } });
    await stage.webhook(other);
    expect(stage.dialed()).toHaveLength(2);
    stage.callTools.takeOutByHand(made);
    await stage.nextNight();
    expect(stage.dialed()).toHaveLength(2);
  });

  test('a change of its data puts it back too, by one more call', async () => {
    stage.callTools.takeOutByHand(stage.callToolsId());
    await stage.rename();
    stage.callTools.calls.clear();
    await stage.webhook();
    expect(stage.dialed()).toEqual([phoneOf(0)]);
    expect(stage.callTools.calls.count({ method: 'PATCH' })).toBe(2);
  });

  test('a change of the data of a contact that is in its place is one call, and names no bucket', async () => {
    stage.callTools.call(stage.callToolsId(), { disposition: 'Callback' });
    await stage.rename();
    stage.callTools.calls.clear();
    await stage.webhook();
    const calls = stage.callTools.calls.list();
    expect(calls).toMatchObject([{ method: 'PATCH' }]);
    expect([stage.dialed(), stage.reasons()]).toEqual([[phoneOf(0)], [IN]]);
  });

  test('a call before a change of the data still counts for a contact that is taken out after it', async () => {
    stage.callTools.call(stage.callToolsId(), { disposition: 'Not interested' });
    await stage.rename();
    await stage.webhook();
    stage.callTools.takeOutByHand(stage.callToolsId());
    await stage.nextNight();
    expect([stage.dialed(), stage.reasons()]).toEqual([[], [OUT]]);
  });
});

test.each([
  ['was called', true],
  ['was not called', false],
])(
  'where nobody can be looked for, a POST that finds a contact which %s puts it back only if it may',
  async (_, called) => {
    stage = await takenOutStage({ CALLTOOLS_PHONE_LOOKUP: 'off' });
    // Merged by hand: the number is on another contact now.
    stage.callTools.deleteContact(stage.callToolsId());
    const { id: other } = stage.callTools.addContactByHand({ mobile_phone_number: phoneOf(0) });
    if (called) stage.callTools.call(other, { disposition: 'No' });
    await stage.nextNight();
    expect(stage.callTools.contacts()).toHaveLength(1);
    expect([stage.dialed(), stage.reasons()]).toEqual(called ? [[], [OUT]] : [[phoneOf(0)], [IN]]);
  },
);

test('another bucket for the same route moves a contact that was called and is in its place', async () => {
  stage.callTools.call(stage.callToolsId(), { disposition: 'Callback' });
  const routes = RULES.routes.map((route) => (route.name === 'cold' ? { ...route, bucket: 'Cold 2026' } : route));
  stage.reconfigure({ SYNC_RULES: JSON.stringify({ routes }) });
  await stage.webhook();
  expect([stage.callTools.holds('Cold 2026'), stage.reasons()]).toEqual([[phoneOf(0)], [IN]]);
});
