// Webhooks of one moment come in any order and in any number: the newest counts, and a contradicted contact has one chain of looks.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ContactChanged } from '../../../shared/messages.ts';
import { MINUTE_MS } from '../../../shared/time.ts';
import { phoneOf } from '../../support/consumer-harness.ts';
import { COLD, lagging, NONE, SILENT } from './lag-harness.ts';

const OFF = { eventType: 'ContactDndUpdate', snapshot: COLD };
/** The cron sends what a batch could not, or did not live to. */
async function minutesLater(stage: Awaited<ReturnType<typeof lagging>>): Promise<void> {
  stage.clock.advance(2 * MINUTE_MS);
  await stage.minute();
  await stage.work();
}

const ON = { eventType: 'ContactDndUpdate', snapshot: { ...COLD, dnd: true } };

describe('two webhooks of one moment', () => {
  test.each([false, true])(
    'created without tags and tagged a second later: placed within seconds (swapped: %s)',
    async (swapped) => {
      const stage = await lagging(5000, false);
      const at = stage.clock.at;
      const { id } = await stage.ghl.addContact({ phone: phoneOf(0), tags: [] }, SILENT);
      stage.clock.advance(1000);
      await stage.ghl.editContact(id, { tags: ['cold lead'] }, SILENT);
      const told = [
        { eventType: 'ContactCreate', snapshot: NONE, occurredAt: at },
        { eventType: 'ContactTagUpdate', snapshot: COLD, occurredAt: at + 1000 },
      ];
      for (const said of swapped ? told.toReversed() : told) {
        stage.webhook(id, said);
        await stage.now();
      }
      await stage.work();
      expect(stage.dialed()).toEqual([phoneOf(0)]);
      expect(stage.clock.at - at).toBeLessThan(20_000);
    },
  );

  test('a contact that was never placed is placed at once by a read that shows its tag, whatever its first webhook said', async () => {
    const stage = await lagging(0, false);
    const { id } = await stage.lead();
    stage.webhook(id, { eventType: 'ContactCreate', snapshot: NONE });
    stage.webhook(id, { eventType: 'ContactUpdate', snapshot: null });
    await stage.now();
    expect(stage.dialed()).toEqual([phoneOf(0)]);
    await stage.work();
    expect(stage.dialed()).toEqual([phoneOf(0)]);
  });

  test.each([
    ['on, then off', [ON, OFF], false, false, true],
    ['on, then off', [ON, OFF], false, true, true],
    ['off, then on', [OFF, ON], true, false, false],
    ['off, then on', [OFF, ON], true, true, false],
  ])('DND %s: the newer one counts (%#)', async (_, [first, second], inTheEnd, swapped, dialed) => {
    const stage = await lagging(0);
    if (inTheEnd) {
      await stage.ghl.setDnd(stage.id, { dnd: true }, SILENT);
      await stage.ghl.setDnd(stage.id, { dnd: false }, SILENT);
    }
    stage.ghl.settings.readLagMs = 6000;
    const at = stage.clock.at;
    if (inTheEnd) await stage.ghl.setDnd(stage.id, { dnd: true }, SILENT);
    const told = [
      { ...first, occurredAt: at },
      { ...second, occurredAt: at + 2000 },
    ] as { eventType: string; occurredAt: number; snapshot: ContactChanged['snapshot'] }[];
    for (const said of swapped ? told.toReversed() : told) {
      stage.webhook(stage.id, said);
      await stage.now();
    }
    expect(stage.dialed()).toEqual(dialed ? [phoneOf(0)] : []);
    await stage.work();
    expect(stage.dialed()).toEqual(dialed ? [phoneOf(0)] : []);
    expect(stage.marked()).toBe(!dialed);
  });

  test.each([
    ['of the same time', { ...OFF, occurredAt: 0 }],
    ['without a time of its own', { ...OFF, occurredAt: null }],
    ['about tags without a time of its own', { eventType: 'ContactTagUpdate', snapshot: COLD, occurredAt: null }],
  ])('a webhook %s does not outweigh one against dialing', async (_, later) => {
    const stage = await lagging(0);
    const at = stage.clock.at;
    const before = later.eventType === 'ContactTagUpdate' ? { eventType: 'ContactTagUpdate', snapshot: NONE } : ON;
    stage.webhook(stage.id, { ...before, occurredAt: at });
    await stage.now();
    stage.clock.advance(100);
    stage.webhook(stage.id, { ...later, occurredAt: later.occurredAt === null ? null : at });
    await stage.now();
    expect(stage.dialed()).toEqual([]);
  });

  test('an ordinary webhook does not end a DND of the call channel, of which it knows nothing', async () => {
    const stage = await lagging(6000);
    await stage.ghl.setDnd(stage.id, { call: 'active' }, SILENT);
    stage.webhook(stage.id, ON);
    await stage.now();
    stage.clock.advance(1000);
    stage.webhook(stage.id, { eventType: 'ContactTagUpdate', snapshot: COLD });
    await stage.now();
    expect(stage.dialed()).toEqual([]);
  });

  test('an event of the same moment as a deletion does not bring the contact back; one of later does', async () => {
    const stage = await lagging(0);
    const at = stage.clock.at;
    stage.webhook(stage.id, { eventType: 'ContactDelete', occurredAt: at });
    await stage.now();
    stage.webhook(stage.id, { eventType: 'ContactUpdate', snapshot: COLD, occurredAt: at + 20 });
    await stage.now();
    expect(stage.dialed()).toEqual([]);
    stage.clock.advance(20_000);
    stage.webhook(stage.id, { eventType: 'ContactCreate', snapshot: COLD });
    await stage.now();
    expect(stage.dialed()).toEqual([phoneOf(0)]);
  });

  test('property: whatever the order and the batches, the newest word on tags decides while reads lag', async () => {
    const events = fc.uniqueArray(fc.record({ after: fc.integer({ min: 1, max: 4000 }), cold: fc.boolean() }), {
      selector: ({ after }) => after,
      minLength: 1,
      maxLength: 5,
    });
    await fc.assert(
      fc.asyncProperty(events, fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }), async (said, together) => {
        const stage = await lagging(30_000);
        const at = stage.clock.at;
        const newest = said.toSorted((a, b) => b.after - a.after)[0];
        for (const [index, { after, cold }] of said.entries()) {
          const snapshot = cold ? COLD : NONE;
          stage.webhook(stage.id, { eventType: 'ContactTagUpdate', snapshot, occurredAt: at + after });
          if (!together[index]) await stage.now();
        }
        await stage.now();
        expect(stage.dialed()).toEqual(newest?.cold ? [phoneOf(0)] : []);
      }),
      { numRuns: 40 },
    );
  });
});

describe('one chain of looks', () => {
  test('copies of a contradicted webhook, together and one after the other, cost its reads once', async () => {
    const alone = await lagging(0);
    alone.webhook(alone.id, { eventType: 'ContactDelete' });
    const before = alone.reads();
    await alone.work();
    const looks = alone.reads() - before - 1;

    const stage = await lagging(0);
    const at = stage.clock.at;
    const reads = stage.reads();
    for (let copy = 0; copy < 4; copy++) {
      for (let twice = 0; twice < 2; twice++) stage.webhook(stage.id, { eventType: 'ContactDelete', occurredAt: at });
      await stage.now();
    }
    expect(stage.queues.events).toHaveLength(1);
    const own = stage.reads() - reads;
    await stage.work();
    expect(stage.reads() - reads - own).toBe(looks);
  });

  test('a look that nothing asks for any more reads nothing', async () => {
    const stage = await lagging(0, false);
    const { id } = await stage.lead();
    stage.webhook(id, { eventType: 'ContactTagUpdate', snapshot: { tags: ['customer'], dnd: false } });
    await stage.now();
    stage.clock.advance(100);
    stage.webhook(id, { eventType: 'ContactTagUpdate', snapshot: COLD });
    await stage.now();
    const reads = stage.reads();
    await stage.work();
    expect(stage.reads()).toBe(reads);
    expect(stage.dialed()).toEqual([phoneOf(0)]);
  });

  test('the looks go on where a worker died before it had asked for one', async () => {
    const stage = await lagging(6000);
    await stage.ghl.deleteContact(stage.id, SILENT);
    stage.webhook(stage.id, { eventType: 'ContactDelete' });
    let died = () => {};
    const death = new Promise<void>((resolve) => {
      died = resolve;
    });
    stage.hooks.send = () => {
      died();
      return new Promise(() => {});
    };
    await stage.deliver('events', stage.queues.events, death);
    expect(stage.row()).toMatchObject({ reason: 'webhook_said_out', lookAt: expect.any(Number) });
    stage.hooks.send = async () => {};
    await stage.work();
    await minutesLater(stage);
    expect(stage.row()).toMatchObject({ reason: 'deleted', lookAt: null });
  });
});

test.each([
  ['that names its tags', COLD],
  ['that says nothing else', null],
])('a deletion %s holds where the webhook of the creation comes after it', async (_, snapshot) => {
  const stage = await lagging(0, false);
  const { id } = await stage.lead();
  const at = stage.clock.at;
  stage.clock.advance(2000);
  stage.ghl.settings.readLagMs = 6000;
  await stage.ghl.deleteContact(id, SILENT);
  stage.webhook(id, { eventType: 'ContactDelete', snapshot });
  await stage.now();
  stage.webhook(id, { eventType: 'ContactCreate', snapshot: COLD, occurredAt: at });
  await stage.now();
  expect(stage.dialed()).toEqual([]);
  await stage.work();
  expect(stage.dialed()).toEqual([]);
  expect(stage.row(id)).toMatchObject({ state: 'kept_out', reason: 'deleted' });
});

test('a deletion of a contact that was never to be dialed causes no read and no row', async () => {
  const stage = await lagging(0, false);
  stage.webhook('unknown', { eventType: 'ContactDelete', snapshot: NONE });
  await stage.work();
  expect(stage.reads()).toBe(0);
  expect(stage.row('unknown')).toEqual({});
});

test('the looks go on where a queue did not take the next one', async () => {
  const stage = await lagging(20_000);
  await stage.ghl.deleteContact(stage.id, SILENT);
  stage.webhook(stage.id, { eventType: 'ContactDelete' });
  await stage.now();
  stage.clock.advance(4000);
  let refused = 0;
  stage.hooks.send = async () => {
    if (refused++ === 0) throw new Error('Network connection lost.');
  };
  await stage.work();
  expect(refused).toBe(1);
  expect(stage.row()).toMatchObject({ reason: 'webhook_said_out', lookAt: expect.any(Number) });
  await minutesLater(stage);
  expect(stage.row()).toMatchObject({ reason: 'deleted', lookAt: null });
});

test('webhooks of one time that say otherwise are looked at again until a read is surely newer', async () => {
  const stage = await lagging(0, false);
  const { id } = await stage.ghl.addContact({ phone: phoneOf(0), tags: [] }, SILENT);
  const at = stage.clock.at;
  stage.ghl.settings.readLagMs = 5000;
  await stage.ghl.editContact(id, { tags: ['cold lead'] }, SILENT);
  stage.webhook(id, { eventType: 'ContactTagUpdate', snapshot: COLD, occurredAt: at });
  stage.webhook(id, { eventType: 'ContactCreate', snapshot: NONE, occurredAt: at });
  await stage.work();
  expect(stage.dialed()).toEqual([phoneOf(0)]);
});

test('where nothing contradicts there is one read, no message, and no statement more', async () => {
  const costs = async (snapshot: ContactChanged['snapshot']) => {
    const stage = await lagging(0, false);
    const { id } = await stage.lead();
    stage.hint(id, { eventType: 'ContactCreate', snapshot, occurredAt: snapshot && stage.clock.at });
    await stage.now();
    expect(stage.dialed()).toEqual([phoneOf(0)]);
    return { reads: stage.reads(), messages: stage.queues.events.length, statements: stage.statements.length };
  };
  expect(await costs(COLD)).toEqual(await costs(null));
  expect(await costs(COLD)).toMatchObject({ reads: 1, messages: 0 });
});
