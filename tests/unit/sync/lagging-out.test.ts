// GoHighLevel's reads lag behind its webhooks: a webhook that says out takes effect at once, and holds until a read is surely newer.

import { describe, expect, test } from 'vitest';
import type { ContactChanged } from '../../../shared/messages.ts';
import { READ_AGAIN } from '../../../workers/consumer/domain/looks.ts';
import { phoneOf } from '../../support/consumer-harness.ts';
import { COLD, type Lagging, lagging, MINUTE, NONE, OUT_CASES, SILENT } from './lag-harness.ts';

describe('a webhook that says out, and a read that does not show it yet', () => {
  test.each(OUT_CASES)('%s: it is out at once, and the reason is settled within seconds', async (_, change, reason) => {
    const stage = await lagging(6000);
    await change(stage);
    const before = stage.clock.at;
    await stage.now();
    expect(stage.dialed()).toEqual([]);
    expect(stage.row()).toMatchObject({ state: 'kept_out', reason: 'webhook_said_out' });
    expect(stage.marked(), 'the mark is never undone, so it waits until both agree').toBe(false);
    await stage.work();
    expect(stage.row()).toMatchObject({ state: 'kept_out', reason, lookAt: null });
    expect(stage.marked()).toBe(reason === 'dnd');
    expect(stage.clock.at - before).toBeLessThan(15_000);
    expect(stage.dialed()).toEqual([]);
  });

  const questions: [string, Partial<ContactChanged>][] = [
    ['a followup', { source: 'followup', eventType: 'SharedPhone' }],
    ['the backstop', { source: 'backstop', eventType: 'Backstop', searchHash: 'row' }],
    ['a verification', { source: 'backstop', eventType: 'BackstopVerify', verify: true }],
    ['a replay', { source: 'replay', eventType: 'Replay' }],
    ['a workflow', { source: 'workflow', eventType: 'WorkflowWebhook' }],
    ['a copy of an earlier webhook', { source: 'webhook', eventType: 'ContactUpdate', snapshot: COLD }],
  ];
  test.each(questions)('it stays out, whatever else has it read: %s', async (_, question) => {
    const stage = await lagging(6000);
    const earlier = stage.clock.at - 1;
    for (const [, change] of OUT_CASES.slice(0, 1)) await change(stage);
    await stage.now();
    const occurredAt = question.snapshot ? earlier : null;
    stage.hint(stage.id, { ...question, occurredAt, receivedAt: stage.clock.at + 1 });
    const reads = stage.reads();
    await stage.now();
    expect(stage.reads()).toBe(reads + 1);
    expect(stage.dialed()).toEqual([]);
  });

  test('it comes back once a read is surely newer: the webhook was older than what had been read', async () => {
    const stage = await lagging(0);
    const reads = stage.reads();
    stage.webhook(stage.id, { eventType: 'ContactDndUpdate', snapshot: { ...COLD, dnd: true } });
    const before = stage.clock.at;
    await stage.now();
    expect(stage.dialed()).toEqual([]);
    await stage.work();
    expect(stage.dialed()).toEqual([phoneOf(0)]);
    expect(stage.marked()).toBe(false);
    expect(stage.row()).toMatchObject({ state: 'placed', reason: 'placed', lookAt: null });
    expect(stage.clock.at - before).toBeLessThan(3 * MINUTE);
    expect(stage.reads() - reads).toBe(5);
  });

  test('a contact that shares the number with it is not dialed either', async () => {
    const stage = await lagging(0);
    const twin = await stage.ghl.addContact({ phone: phoneOf(0), tags: [] }, SILENT);
    stage.clock.advance(10_000);
    stage.hint(twin.id, { eventType: 'ContactUpdate', snapshot: null });
    await stage.work();
    stage.ghl.settings.readLagMs = 6000;
    await stage.ghl.editContact(twin.id, { tags: ['customer'] }, SILENT);
    stage.webhook(twin.id, { eventType: 'ContactTagUpdate', snapshot: { tags: ['customer'], dnd: false } });
    await stage.now();
    expect(stage.dialed()).toEqual([]);
  });

  test('a webhook that is so old that every read is newer changes nothing, and costs nothing more', async () => {
    const stage = await lagging(0);
    const reads = stage.reads();
    const occurredAt = stage.clock.at - 6 * MINUTE;
    stage.webhook(stage.id, { eventType: 'ContactDelete', occurredAt });
    await stage.work();
    expect(stage.dialed()).toEqual([phoneOf(0)]);
    expect(stage.reads() - reads).toBe(1);
  });

  const troubles: [string, Response][] = [
    ['GoHighLevel fails', new Response('Server Error', { status: 500 })],
    ['GoHighLevel refuses this contact', Response.json({ message: 'no', statusCode: 403 }, { status: 403 })],
  ];
  test.each(troubles)('it takes effect although the contact cannot be read: %s', async (_, answer) => {
    for (const [, change] of OUT_CASES) {
      const stage = await lagging(0);
      stage.hooks.contact = async () => answer.clone();
      await change(stage);
      await stage.now();
      expect(stage.dialed()).toEqual([]);
      expect(stage.marked()).toBe(false);
      expect(stage.row()).not.toMatchObject({ state: 'placed', reason: 'placed' });
      expect(stage.readAt()).toBeLessThan(stage.clock.at - MINUTE);
    }
  });

  test.each([
    ['do-not-disturb', async ({ ghl, id }: Lagging) => ghl.setDnd(id, { dnd: true }, SILENT)],
    ['a customer', async ({ ghl, id }: Lagging) => ghl.editContact(id, { tags: ['customer'] }, SILENT)],
  ])('it takes back nothing that a read showed, while the contact cannot be read: %s', async (_, change) => {
    for (const said of [{ eventType: 'ContactTagUpdate', snapshot: NONE }, { eventType: 'ContactDelete' }] as const) {
      const stage = await lagging(0);
      await change(stage);
      stage.webhook(stage.id, { eventType: 'ContactUpdate' });
      await stage.work();
      stage.hooks.contact = async (id) => (id === stage.id ? new Response('Server Error', { status: 500 }) : undefined);
      stage.webhook(stage.id, said);
      await stage.now();
      const other = await stage.lead();
      stage.webhook(other.id, { eventType: 'ContactCreate', snapshot: COLD });
      await stage.now();
      expect(stage.dialed()).toEqual([]);
      expect(stage.row(other.id)).toMatchObject({ state: 'kept_out', reason: 'shared_phone' });
    }
  });

  test('a contact that cannot be read counts as a failure of GoHighLevel, though what was said of it takes effect', async () => {
    const stage = await lagging(0);
    stage.hooks.contact = async () => new Response('Server Error', { status: 500 });
    stage.webhook(stage.id, { eventType: 'ContactDelete' });
    await stage.now();
    const [circuit] = stage.sqlite.rows(`SELECT failures FROM circuits WHERE vendor = 'gohighlevel'`);
    expect(circuit?.failures).toBe(1);
  });

  test('the tag is missed also where only a run has placed the contact, and the next run looks at it', async () => {
    const stage = await lagging(0, false);
    const { id } = await stage.lead();
    stage.hint(id, { source: 'replay', eventType: 'Replay' });
    await stage.work();
    expect(stage.dialed()).toEqual([phoneOf(0)]);
    expect(stage.searchHash(id)).not.toBeNull();
    stage.clock.advance(10_000);
    stage.webhook(id, { eventType: 'ContactTagUpdate', snapshot: NONE });
    await stage.now();
    expect(stage.dialed()).toEqual([]);
    expect(stage.searchHash(id)).toBeNull();
  });

  test('a contact that cannot be read and of which nobody says that it must not be dialed stays where it is', async () => {
    const stage = await lagging(0);
    stage.hooks.contact = async () => new Response('Server Error', { status: 500 });
    stage.webhook(stage.id, { eventType: 'ContactUpdate', snapshot: COLD });
    await stage.now();
    expect(stage.dialed()).toEqual([phoneOf(0)]);
  });

  test('what it said survives waiting for a vendor in trouble', async () => {
    const stage = await lagging(30 * MINUTE);
    const until = stage.clock.at + 5 * MINUTE;
    stage.sqlite.rows(
      `INSERT OR REPLACE INTO circuits (location_id, vendor, throttled_until, updated_at)
       SELECT location_id, 'calltools', ?1, 0 FROM contacts LIMIT 1`,
      stage.clock.at + MINUTE,
    );
    await OUT_CASES[1]?.[1](stage);
    stage.webhook(stage.id, { eventType: 'ContactUpdate', snapshot: null, eventId: 'another' });
    await stage.now();
    expect(stage.dialed()).toEqual([phoneOf(0)]);
    while (stage.dialed().length > 0 && stage.clock.at < until) {
      stage.clock.advance(5000);
      await stage.now();
    }
    expect(stage.row()).toMatchObject({ reason: 'webhook_said_out' });
  });

  test('a workflow that only says that a contact is there is remembered too, though nothing is read', async () => {
    const stage = await lagging(0, false);
    const { id } = await stage.ghl.addContact({ phone: phoneOf(0), tags: [] }, SILENT);
    stage.webhook(id, { eventType: 'ContactUpdate' });
    await stage.work();
    stage.clock.advance(10 * MINUTE);
    const reads = stage.reads();
    stage.webhook(id, { source: 'workflow', eventType: 'workflow', occurredAt: null, snapshot: NONE });
    await stage.work();
    expect(stage.reads()).toBe(reads);
    stage.hooks.contact = async () => Response.json({ message: 'Contact not found' }, { status: 404 });
    stage.hint(id, { source: 'replay', eventType: 'Replay' });
    await stage.now();
    stage.hooks.contact = async () => undefined;
    await stage.work();
    expect(stage.row(id).reason).toBe('no_route');
  });

  test('a look that is no longer due says nothing, so nothing is written of what was said', async () => {
    const stage = await lagging(0);
    stage.hint(stage.id, { source: 'followup', eventType: READ_AGAIN });
    const [reads, before] = [stage.reads(), stage.statements.length];
    await stage.now();
    expect(stage.reads()).toBe(reads);
    expect(stage.statements.slice(before).filter((sql) => sql.includes('SET told = '))).toEqual([]);
  });

  test('what it said survives waiting together with a look that is no longer due', async () => {
    const stage = await lagging(0);
    const until = stage.clock.at + MINUTE;
    stage.sqlite.rows(
      `INSERT OR REPLACE INTO circuits (location_id, vendor, throttled_until, updated_at)
       SELECT location_id, 'calltools', ?1, 0 FROM contacts LIMIT 1`,
      until,
    );
    await OUT_CASES[0]?.[1](stage);
    stage.hint(stage.id, { source: 'followup', eventType: READ_AGAIN, receivedAt: stage.clock.at + 1 });
    await stage.now();
    expect(stage.dialed()).toEqual([phoneOf(0)]);
    await stage.work();
    expect([stage.dialed(), stage.row().reason]).toEqual([[], 'deleted']);
  });

  test('a webhook about a contact that is kept out is remembered too, though nothing is read', async () => {
    const stage = await lagging(0, false);
    const { id } = await stage.ghl.addContact({ phone: phoneOf(0), tags: ['customer'] }, SILENT);
    stage.webhook(id, { eventType: 'ContactCreate', snapshot: { tags: ['customer'], dnd: false } });
    await stage.work();
    await stage.ghl.editContact(id, { tags: [] }, SILENT);
    stage.clock.advance(10 * MINUTE);
    stage.webhook(id, { eventType: 'ContactTagUpdate', snapshot: NONE });
    await stage.work();
    stage.ghl.settings.readLagMs = 6000;
    const tagged = stage.clock.at;
    stage.clock.advance(1000);
    await stage.ghl.editContact(id, { tags: ['cold lead'] }, SILENT);
    stage.ghl.settings.readLagMs = 9000;
    stage.clock.advance(1000);
    await stage.ghl.editContact(id, { tags: [] }, SILENT);
    const reads = stage.reads();
    stage.webhook(id, { eventType: 'ContactTagUpdate', snapshot: NONE });
    await stage.now();
    expect(stage.reads(), 'no route, and it is not in the dialer').toBe(reads);
    stage.clock.advance(6000);
    stage.webhook(id, { eventType: 'ContactTagUpdate', snapshot: COLD, occurredAt: tagged + 1000 });
    await stage.work();
    expect(stage.dialed()).toEqual([]);
  });
});
