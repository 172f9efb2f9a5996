// GoHighLevel's reads lag behind its webhooks, and tags alone do not tell which route counts: what webhooks say of tags counts all the same.

import { expect, test } from 'vitest';
import { phoneOf } from '../../support/consumer-harness.ts';
import { COLD, type Lagging, lagging, NONE, SILENT } from './lag-harness.ts';

const PARTNERS = { name: 'partners', tags: ['cold lead'], source: ['partner'], bucket: 'Partners' };
const CUSTOMERS = { name: 'customers', words: ['customer'], bucket: null };
const COLD_LEADS = { name: 'cold', tags: ['cold lead'], bucket: 'Cold Leads' };
const FROM_WEB = { name: 'web', tags: ['cold lead'], source: ['web'], bucket: 'Cold Leads' };
const HOT = { name: 'hot', tags: ['hot lead'], source: ['web'], bucket: 'Hot Leads' };
const BOOKED = { name: 'booked', opportunity: { status: ['won'] }, bucket: null };

const outs: [string, object[], string[], string][] = [
  ['a customer', [PARTNERS, CUSTOMERS, COLD_LEADS], ['cold lead', 'customer'], 'route'],
  ['without its tag', [FROM_WEB], [], 'no_route'],
  ['without its tag, among routes that keep out by more', [BOOKED, COLD_LEADS], [], 'no_route'],
];

test.each(outs)('%s: it is out at once, and the reason is settled within seconds', async (_, routes, tags, reason) => {
  const stage = await lagging(6000, true, routes);
  await stage.ghl.editContact(stage.id, { tags }, SILENT);
  stage.webhook(stage.id, { eventType: 'ContactTagUpdate', snapshot: { tags, dnd: false } });
  await stage.now();
  expect(stage.dialed()).toEqual([]);
  expect(stage.row()).toMatchObject({ state: 'kept_out', reason: 'webhook_said_out' });
  const before = stage.clock.at;
  await stage.work();
  expect(stage.clock.at - before).toBeLessThan(60_000);
  expect(stage.row()).toMatchObject({ state: 'kept_out', reason, lookAt: null });
});

test('a tag that places beside more is read again until a read shows it', async () => {
  const stage = await lagging(0, false, [FROM_WEB]);
  const { id } = await stage.ghl.addContact({ phone: phoneOf(0), tags: [], source: 'web' }, SILENT);
  stage.webhook(id, { eventType: 'ContactCreate', snapshot: NONE });
  await stage.work();
  stage.clock.advance(600_000);
  stage.ghl.settings.readLagMs = 6000;
  await stage.ghl.editContact(id, { tags: ['cold lead'] }, SILENT);
  stage.webhook(id, { eventType: 'ContactTagUpdate', snapshot: COLD });
  const before = stage.clock.at;
  await stage.now();
  expect(stage.dialed()).toEqual([]);
  await stage.work();
  expect(stage.dialed()).toEqual([phoneOf(0)]);
  expect(stage.clock.at - before).toBeLessThan(20_000);
});

/** The contact gets the tag of another route, and its webhook comes. */
async function becomesHot(stage: Lagging, tags = ['hot lead']): Promise<void> {
  await stage.ghl.editContact(stage.id, { tags }, SILENT);
  stage.webhook(stage.id, { eventType: 'ContactTagUpdate', snapshot: { tags, dnd: false } });
  await stage.now();
}

test('a tag that leads elsewhere: what it rules out ends at once, and the rest is read again', async () => {
  const stage = await lagging(6000, true, [HOT, FROM_WEB]);
  await becomesHot(stage);
  expect([stage.dialed(), stage.callTools.holds('Hot Leads')]).toEqual([[], []]);
  expect(stage.row()).toMatchObject({ state: 'kept_out', reason: 'webhook_said_out' });
  await stage.work();
  expect([stage.dialed(), stage.callTools.holds('Hot Leads')]).toEqual([[], [phoneOf(0)]]);
});

test('while the contact cannot be read: the route that placed it is ruled out, and so it is out', async () => {
  const stage = await lagging(6000, true, [HOT, FROM_WEB]);
  stage.hooks.contact = async () => new Response('{}', { status: 503 });
  await becomesHot(stage);
  expect(stage.dialed()).toEqual([]);
});

test('where the read shows the same, there is one read, and no other look', async () => {
  const stage = await lagging(0, true, [HOT, FROM_WEB]);
  const before = stage.reads();
  await becomesHot(stage, ['cold lead', 'hot lead']);
  expect([stage.callTools.holds('Hot Leads'), stage.reads() - before]).toEqual([[phoneOf(0)], 1]);
  await stage.work();
  expect(stage.reads() - before).toBe(1);
});

test('a customer that an earlier route places by more than tags stays where it is, and is read once', async () => {
  const stage = await lagging(0, true, [FROM_WEB, CUSTOMERS]);
  const tags = ['cold lead', 'customer'];
  await stage.ghl.editContact(stage.id, { tags }, SILENT);
  const [reads, writes] = [stage.reads(), stage.callTools.calls.count({ method: 'PATCH' })];
  stage.webhook(stage.id, { eventType: 'ContactTagUpdate', snapshot: { tags, dnd: false } });
  await stage.work();
  expect(stage.dialed()).toEqual([phoneOf(0)]);
  expect(stage.row()).toMatchObject({ reason: 'placed', lookAt: null });
  expect([stage.reads() - reads, stage.callTools.calls.count({ method: 'PATCH' }) - writes]).toEqual([1, 0]);
});

test('webhooks that were sent before the last read and say the same again cost nothing', async () => {
  const stage = await lagging(0, true, [FROM_WEB, CUSTOMERS]);
  const said = (at: number) => ({ eventType: 'ContactUpdate', snapshot: COLD, occurredAt: at, receivedAt: at });
  const sent = stage.clock.at;
  stage.webhook(stage.id, said(sent));
  stage.clock.advance(10_000);
  await stage.work();
  const reads = stage.reads();
  stage.webhook(stage.id, said(sent));
  stage.webhook(stage.id, said(sent + 1));
  await stage.work();
  expect(stage.reads()).toBe(reads);
});
