// A webhook of which a part cannot be read: what it says against dialing counts, and nothing else does.

import { describe, expect, test } from 'vitest';
import { toldBy } from '../../../workers/consumer/domain/told.ts';
import { EVENT_TYPES, readAppWebhook } from '../../../workers/ingest/payload.ts';
import { hintOf, RULES } from '../../support/batch-harness.ts';
import { COLD, type Lagging, lagging, SILENT } from './lag-harness.ts';

const NOTHING = { tags: [], dnd: false, deleted: false };

describe('the signs against dialing', () => {
  test.each<[string, Record<string, unknown>, object]>([
    ['DND without tags', { dnd: true }, { dnd: true }],
    ['DND beside an unreadable tag', { tags: [null], dnd: 'true' }, { dnd: true }],
    ['a shut call channel', { tags: {}, dndSettings: { Call: { status: 'active' } } }, { dnd: true }],
    ['a channel that nobody knows', { tags: [{}], dndSettings: { All: { status: 'permanent' } } }, { dnd: true }],
    ['DND outside an odd wrapping', { data: 'text', dnd: true }, { dnd: true }],
    [
      'DND in one layer of tags that differ',
      { tags: ['a'], data: { tags: ['b'], dnd: true } },
      { tags: ['b', 'a'], dnd: true },
    ],
    ['tags as objects', { tags: [{ name: 'Customer' }] }, { tags: ['Customer'] }],
    ['tags in an odd text', { tags: 'x;customer' }, { tags: ['x;customer', 'x', 'customer'] }],
    ['tags as flags', { tags: { Customer: 'true', VIP: 'false' } }, { tags: ['Customer', 'false'] }],
    ['a deletion', { tags: ['cold lead'], deleted: true }, { tags: ['cold lead'], deleted: true }],
    ['a deletion that cannot be read', { contact: { isDeleted: { at: 1 } } }, { deleted: true }],
  ])('%s', (_, body, said) => {
    const { snapshot, against } = readAppWebhook({ type: 'ContactUpdate', ...body });
    expect({ snapshot, against }).toEqual({ snapshot: null, against: { ...NOTHING, ...said } });
  });

  test.each([{}, { tags: [null] }, { dnd: false }, { data: 'text', dndSettings: { SMS: { status: 'active' } } }])(
    'are not there in %j',
    (body) => {
      expect(readAppWebhook({ type: 'ContactUpdate', ...body })).toMatchObject({ snapshot: null, against: null });
    },
  );

  test('are no more than fit into a message', () => {
    const tags = Array.from({ length: 3000 }, (_, at) => `a tag of some length, number ${at}`);
    const { snapshot, against } = readAppWebhook({ type: 'ContactUpdate', tags, dnd: true });
    expect(snapshot).toBeNull();
    expect(against?.dnd).toBe(true);
    expect(against?.tags.join('').length).toBeLessThanOrEqual(20_000);
  });

  test.each(EVENT_TYPES.filter((type) => type !== 'ContactDelete'))(
    'of %s never say that somebody is dialed',
    (eventType) => {
      const against = { tags: ['cold lead'], dnd: false, deleted: false };
      expect(toldBy(hintOf('one', { eventType, occurredAt: 5, against }), RULES)).toEqual({ there: 5 });
    },
  );
});

describe('a read that is behind such a webhook', () => {
  const cases: [string, (stage: Lagging) => Promise<unknown>, Record<string, unknown>][] = [
    ['DND without tags', ({ ghl, id }) => ghl.setDnd(id, { dnd: true }, SILENT), { dnd: true }],
    [
      'a call channel shut, tags that cannot be read',
      ({ ghl, id }) => ghl.setDnd(id, { call: 'active' }, SILENT),
      { tags: [null], dndSettings: { call: { status: 'active' } } },
    ],
    [
      'a tag of an odd form that keeps out',
      ({ ghl, id }) => ghl.editContact(id, { tags: ['customer'] }, SILENT),
      { tags: [{ name: 'customer' }] },
    ],
    ['a deletion', ({ ghl, id }) => ghl.deleteContact(id, SILENT), { ...COLD, deleted: true }],
  ];

  test.each(cases)('does not put it back: %s', async (_, change, body) => {
    const stage = await lagging(6000);
    await change(stage);
    const { snapshot, against } = readAppWebhook({ type: 'ContactUpdate', ...body });
    stage.webhook(stage.id, { eventType: 'ContactUpdate', snapshot, ...(against && { against }) });
    await stage.now();
    expect(stage.dialed()).toEqual([]);
    expect(stage.row()).toMatchObject({ state: 'kept_out', reason: 'webhook_said_out' });
    await stage.work();
    expect(stage.dialed()).toEqual([]);
    expect(stage.row()).toMatchObject({ state: 'kept_out', lookAt: null });
  });

  test('is believed in the end, where the webhook was wrong', async () => {
    const stage = await lagging(0);
    stage.webhook(stage.id, { eventType: 'ContactUpdate', against: { tags: ['customer'], dnd: true, deleted: true } });
    await stage.now();
    expect(stage.dialed()).toEqual([]);
    await stage.work();
    expect(stage.dialed()).toHaveLength(1);
    expect(stage.marked()).toBe(false);
  });
});
