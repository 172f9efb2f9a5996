// Webhooks that do not say what has changed, as those of workflows, and reads that come too early to show it.

import { describe, expect, test } from 'vitest';
import { readAppWebhook } from '../../../workers/ingest/payload.ts';
import { phoneOf } from '../../support/consumer-harness.ts';
import { COLD, lagging, MINUTE, SILENT } from './lag-harness.ts';

describe('a webhook that does not say what has changed, and a read that shows no change', () => {
  const BARE = { eventType: 'ContactUpdate', source: 'workflow', occurredAt: null, snapshot: null } as const;

  /** Calls were just blocked, and reads do not show it yet. */
  async function blocked() {
    const stage = await lagging(6000);
    await stage.ghl.setDnd(stage.id, { call: 'active' }, SILENT);
    return stage;
  }

  test.each(['workflow', 'webhook'] as const)(
    'the contact is read once more, when reads have caught up: %s',
    async (source) => {
      const stage = await blocked();
      stage.clock.advance(1000);
      stage.webhook(stage.id, { ...BARE, source });
      await stage.now();
      expect(stage.dialed()).toEqual([phoneOf(0)]);
      stage.clock.advance(10_500);
      await stage.now();
      expect(stage.dialed()).toEqual([]);
      expect(stage.marked()).toBe(true);
    },
  );

  test.each([{}, { dndSettings: null }])(
    'the contact is read once more after DND that tells no channel: %j',
    async (fields) => {
      const stage = await blocked();
      stage.clock.advance(1000);
      const eventType = 'ContactDndUpdate';
      const { snapshot, against } = readAppWebhook({ type: eventType, tags: ['cold lead'], dnd: false, ...fields });
      stage.webhook(stage.id, { eventType, snapshot, ...(against && { against }) });
      await stage.now();
      expect(stage.dialed()).toEqual([phoneOf(0)]);
      stage.clock.advance(10_500);
      await stage.now();
      expect(stage.dialed()).toEqual([]);
      expect(stage.marked()).toBe(true);
    },
  );

  describe('a ContactUpdate that shows the same tags', () => {
    const CUSTOMER = { name: 'customer', bucket: null };
    const COLD_LEAD = { name: 'cold', bucket: 'Cold Leads', tags: ['cold lead'] };
    const SAME = { eventType: 'ContactUpdate', snapshot: COLD };

    test.each<[string, object[]]>([
      ['a route asks for the source', [{ ...COLD_LEAD, source: ['web'] }]],
      ['a route that keeps out does', [{ ...CUSTOMER, source: ['partner'] }, COLD_LEAD]],
      ['a route asks that it is not one', [{ ...COLD_LEAD, not: { source: ['partner'] } }]],
    ])('is read once more where %s', async (_, routes) => {
      const stage = await lagging(6000, true, routes);
      await stage.ghl.editContact(stage.id, { source: 'partner' }, SILENT);
      stage.clock.advance(1000);
      stage.webhook(stage.id, SAME);
      await stage.now();
      expect(stage.dialed()).toEqual([phoneOf(0)]);
      stage.clock.advance(10_500);
      await stage.now();
      expect(stage.dialed()).toEqual([]);
    });

    test.each<[string, object[]]>([
      ['by tags', [{ ...CUSTOMER, tags: ['customer'] }, COLD_LEAD]],
      ['by tags and the day', [{ ...COLD_LEAD, addedWithinDays: 30 }]],
    ])('is read once where the rules go %s alone', async (_, routes) => {
      const stage = await lagging(0, true, routes);
      const reads = stage.reads();
      stage.webhook(stage.id, SAME);
      await stage.work();
      stage.clock.advance(10 * MINUTE);
      await stage.work();
      expect(stage.reads()).toBe(reads + 1);
      expect(stage.row()).toMatchObject({ lookAt: null });
    });
  });

  test('where nothing that matters has changed, that is one read more and no other call', async () => {
    const stage = await lagging(0);
    const before = [stage.reads(), stage.writes()];
    stage.webhook(stage.id, BARE);
    await stage.work();
    stage.clock.advance(10 * MINUTE);
    await stage.work();
    expect([stage.reads(), stage.writes()]).toEqual([(before[0] ?? 0) + 2, before[1]]);
    expect(stage.row()).toMatchObject({ state: 'placed', lookAt: null });
    expect(stage.searchHash(stage.id)).not.toBeNull();
  });

  test('a second one within the lag does not end the look', async () => {
    const stage = await blocked();
    for (const eventId of ['one', 'two']) {
      stage.clock.advance(1000);
      stage.webhook(stage.id, { ...BARE, eventId });
      await stage.now();
    }
    expect(stage.dialed()).toEqual([phoneOf(0)]);
    stage.clock.advance(10_500);
    await stage.now();
    expect(stage.dialed()).toEqual([]);
  });

  test('one that shows the change, or comes late, costs no read more', async () => {
    const stage = await lagging(0);
    await stage.ghl.editContact(stage.id, { firstName: 'Other' }, SILENT);
    stage.webhook(stage.id, BARE);
    await stage.now();
    const reads = stage.reads();
    stage.clock.advance(MINUTE);
    stage.webhook(stage.id, { ...BARE, receivedAt: stage.clock.at - MINUTE / 2 });
    await stage.now();
    stage.clock.advance(MINUTE);
    await stage.now();
    expect(stage.reads()).toBe(reads + 1);
  });
});
