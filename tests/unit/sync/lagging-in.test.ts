// GoHighLevel's reads lag behind its webhooks: a read that contradicts a webhook that says in is repeated.

import { describe, expect, test } from 'vitest';
import { phoneMark } from '../../../shared/phone-mark.ts';
import { phoneOf } from '../../support/consumer-harness.ts';
import { COLD, lagging, MINUTE, SILENT } from './lag-harness.ts';

describe('a webhook that says in, and a read that does not show it yet', () => {
  test('a new contact that cannot be found yet is placed within seconds', async () => {
    const stage = await lagging(4000, false);
    const { id } = await stage.lead();
    stage.webhook(id, { eventType: 'ContactCreate', snapshot: COLD });
    stage.webhook(id, { eventType: 'ContactTagUpdate', snapshot: COLD });
    const before = stage.clock.at;
    await stage.now();
    expect(stage.row(id)).toMatchObject({ state: 'kept_out', reason: 'deleted' });
    await stage.work();
    expect(stage.dialed()).toEqual([phoneOf(0)]);
    expect(stage.clock.at - before).toBeLessThan(15_000);
    expect(stage.reads()).toBe(3);
  });

  test.each([
    ['a workflow', { source: 'workflow', eventType: 'WorkflowWebhook', occurredAt: null } as const],
    ['one whose tags cannot be read', { eventType: 'ContactCreate' }],
  ])('a webhook that says no more than that it is there is enough: %s', async (_, said) => {
    const stage = await lagging(4000, false);
    const { id } = await stage.lead();
    stage.webhook(id, said);
    await stage.work();
    expect(stage.dialed()).toEqual([phoneOf(0)]);
  });

  test('a read against dialing acts at once, and the contact comes back when it is newer', async () => {
    const stage = await lagging(0, false);
    const { id } = await stage.ghl.addContact({ phone: phoneOf(0), tags: ['cold lead', 'customer'] }, SILENT);
    stage.clock.advance(10 * MINUTE);
    stage.ghl.settings.readLagMs = 6000;
    await stage.ghl.editContact(id, { tags: ['cold lead'] }, SILENT);
    stage.webhook(id, { eventType: 'ContactTagUpdate', snapshot: COLD });
    await stage.now();
    expect(stage.row(id)).toMatchObject({ state: 'kept_out', reason: 'route' });
    await stage.work();
    expect(stage.dialed()).toEqual([phoneOf(0)]);
  });

  test('DND that is off by the webhook and on by the read keeps it out until a newer read', async () => {
    const stage = await lagging(0, false);
    const { id } = await stage.lead();
    await stage.ghl.setDnd(id, { dnd: true }, SILENT);
    stage.clock.advance(10 * MINUTE);
    stage.ghl.settings.readLagMs = 6000;
    await stage.ghl.setDnd(id, { dnd: false }, SILENT);
    stage.webhook(id, { eventType: 'ContactDndUpdate', snapshot: COLD });
    await stage.now();
    expect(stage.dialed()).toEqual([]);
    await stage.work();
    expect(stage.dialed()).toEqual([phoneOf(0)]);
  });

  test('an ordinary webhook knows nothing of the call channel: nothing contradicts', async () => {
    const stage = await lagging(0, false);
    const { id } = await stage.lead();
    await stage.ghl.setDnd(id, { call: 'active' }, SILENT);
    stage.webhook(id, { eventType: 'ContactTagUpdate', snapshot: COLD });
    await stage.work();
    expect(stage.reads()).toBe(1);
    expect(stage.row(id)).toMatchObject({ reason: 'dnd', lookAt: null });
  });

  test('a contact that stays away is read a few times, and then believed to be gone', async () => {
    const stage = await lagging(0, false);
    stage.webhook('nobody', { eventType: 'ContactCreate', snapshot: COLD });
    const before = stage.clock.at;
    await stage.work();
    expect(stage.reads()).toBe(5);
    expect(stage.clock.at - before).toBeLessThan(3 * MINUTE);
    expect(stage.row('nobody')).toMatchObject({ state: 'kept_out', reason: 'deleted', lookAt: null });
  });
});

describe('a phone that a webhook tells, and a read does not show yet', () => {
  const told = (phone: string) => {
    const mark = phoneMark(phone);
    return { eventType: 'ContactUpdate', snapshot: { ...COLD, ...(mark !== null && { phone: mark }) } };
  };

  test.each([
    ['another number', phoneOf(5), [phoneOf(5)]],
    ['none any more', '', []],
  ])('%s: it is read again within seconds', async (_, phone, dialed) => {
    const stage = await lagging(6000);
    await stage.ghl.editContact(stage.id, { phone }, SILENT);
    stage.clock.advance(1000);
    stage.webhook(stage.id, told(phone));
    const before = stage.clock.at;
    await stage.work();
    expect(stage.dialed()).toEqual(dialed);
    expect(stage.clock.at - before).toBeLessThan(20_000);
  });

  test('the first one of a contact: it is placed within seconds', async () => {
    const stage = await lagging(0, false);
    const { id } = await stage.ghl.addContact({ phone: '', tags: ['cold lead'] }, SILENT);
    stage.webhook(id, { eventType: 'ContactCreate', snapshot: { ...COLD, phone: 'none' } });
    await stage.work();
    stage.clock.advance(10 * MINUTE);
    stage.ghl.settings.readLagMs = 6000;
    await stage.ghl.editContact(id, { phone: phoneOf(0) }, SILENT);
    stage.webhook(id, told(phoneOf(0)));
    await stage.work();
    expect(stage.dialed()).toEqual([phoneOf(0)]);
  });

  test('one that the read shows costs no other read, nor does the second webhook of a new contact', async () => {
    const stage = await lagging(0, false);
    const { id } = await stage.lead();
    const at = stage.clock.at;
    for (const eventType of ['ContactTagUpdate', 'ContactCreate']) {
      stage.webhook(id, { ...told(phoneOf(0)), eventType, occurredAt: at, receivedAt: at });
      stage.clock.advance(1000);
      await stage.now();
    }
    expect([stage.dialed(), stage.reads()]).toEqual([[phoneOf(0)], 1]);
    stage.clock.advance(10 * MINUTE);
    stage.webhook(id, told(phoneOf(0)));
    await stage.work();
    expect(stage.reads()).toBe(2);
  });
});
