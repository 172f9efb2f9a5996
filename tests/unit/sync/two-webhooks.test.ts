// GoHighLevel sends two webhooks for a new lead, a moment apart. They cost what one costs, in whatever batches they come.

import { expect, test } from 'vitest';
import { phoneOf } from '../../support/consumer-harness.ts';
import { COLD, lagging, SILENT } from './lag-harness.ts';

/** A new lead, and its two webhooks, the second one after the first was worked off. */
async function newLead(order = ['ContactCreate', 'ContactTagUpdate']) {
  const stage = await lagging(0, false);
  const calls = () => stage.ghl.calls.count() + stage.callTools.calls.count();
  const { id } = await stage.lead();
  const [first = '', second = ''] = order;
  stage.webhook(id, { eventType: first, snapshot: COLD });
  await stage.now();
  const ofOne = calls();
  stage.clock.advance(100);
  return { ...stage, id, ofOne, second: { eventType: second, snapshot: COLD }, calls };
}

test.each([[['ContactCreate', 'ContactTagUpdate']], [['ContactTagUpdate', 'ContactCreate']]])(
  '%s: one read and one write in all',
  async (order) => {
    const stage = await newLead(order);
    stage.webhook(stage.id, stage.second);
    await stage.work();
    expect(stage.calls()).toBe(stage.ofOne);
    expect([stage.reads(), stage.dialed()]).toEqual([1, [phoneOf(0)]]);
  },
);

test('what has changed since the first is noticed by the second', async () => {
  const stage = await newLead();
  await stage.ghl.editContact(stage.id, { tags: ['cold lead', 'customer'] }, SILENT);
  stage.webhook(stage.id, { ...stage.second, snapshot: { tags: ['cold lead', 'customer'], dnd: false } });
  await stage.work();
  expect(stage.dialed()).toEqual([]);
});

test('a second one that says do-not-disturb takes out at once, whatever the read shows', async () => {
  const stage = await newLead();
  stage.webhook(stage.id, { ...stage.second, snapshot: { ...COLD, dnd: true } });
  await stage.now();
  expect(stage.dialed()).toEqual([]);
});

test('a first read that came too early is made up for by the second', async () => {
  const stage = await lagging(0, false);
  const { id } = await stage.ghl.addContact({ phone: phoneOf(0), tags: [] }, SILENT);
  // It does not say which tags there are: without any it would not be read.
  stage.webhook(id, { eventType: 'ContactCreate', snapshot: null });
  await stage.now();
  expect(stage.reads()).toBe(1);
  await stage.ghl.editContact(id, { tags: ['cold lead'] }, SILENT);
  stage.clock.advance(100);
  stage.webhook(id, { eventType: 'ContactTagUpdate', snapshot: COLD });
  await stage.now();
  expect(stage.dialed()).toEqual([phoneOf(0)]);
});
