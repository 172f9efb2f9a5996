// Webhooks that do not say what has changed, as those of workflows, and reads that come too early to show it.

import { describe, expect, test } from 'vitest';
import { phoneOf } from '../../support/consumer-harness.ts';
import { lagging, MINUTE, SILENT } from './lag-harness.ts';

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
