// The search for opportunities lags behind their webhooks: what a webhook says against dialing takes effect at once, and holds until a
// read is surely newer.

import { describe, expect, test } from 'vitest';
import type { ContactChanged, ToldOpportunity } from '../../../shared/messages.ts';
import { phoneOf } from '../../support/consumer-harness.ts';
import {
  BOOKED,
  COLD,
  CONTACTED,
  CONTACTED_IN,
  laggingOpportunities as lagging,
  NEW,
  SALES,
  SILENT,
} from './opportunities-harness.ts';

const HELD = { state: 'kept_out', reason: 'webhook_said_out' };
const OUT = { state: 'kept_out', reason: 'route' };
const PLACED = { state: 'placed', reason: 'placed' };
const MINUTE = 60_000;

type Lagging = Awaited<ReturnType<typeof lagging>>;

const outs: [string, string | null, object[] | undefined, (stage: Lagging) => Promise<void>, object][] = [
  [
    'moved to a stage that keeps out',
    NEW,
    undefined,
    async ({ move, webhook }) => {
      await move(BOOKED);
      webhook({ stageId: BOOKED });
    },
    OUT,
  ],
  [
    'won',
    NEW,
    undefined,
    async ({ ghl, opportunity, webhook }) => {
      await ghl.editOpportunity(opportunity, { status: 'won' }, SILENT);
      webhook({ status: 'won' });
    },
    OUT,
  ],
  [
    'created in a stage that keeps out',
    null,
    undefined,
    async ({ ghl, id, opportunity, webhook }) => {
      await ghl.addOpportunity({ id: opportunity, contactId: id, pipelineId: SALES, pipelineStageId: BOOKED }, SILENT);
      webhook({ stageId: BOOKED });
    },
    OUT,
  ],
  [
    'moved out of the stage that places',
    CONTACTED,
    [CONTACTED_IN],
    async ({ move, webhook }) => {
      await move(NEW);
      webhook({ stageId: NEW });
    },
    { state: 'kept_out', reason: 'no_route' },
  ],
  [
    'deleted, and with it the stage that places',
    CONTACTED,
    [CONTACTED_IN],
    async ({ ghl, opportunity, webhook }) => {
      await ghl.deleteOpportunity(opportunity, SILENT);
      webhook({ stageId: CONTACTED, deleted: true });
    },
    { state: 'kept_out', reason: 'no_route' },
  ],
];

test.each(outs)(
  '%s: the contact is out at once, and the reason is settled within seconds',
  async (_, from, routes, change, then) => {
    const stage = await lagging(from, { routes });
    expect(stage.dialed()).toEqual([phoneOf(0)]);
    await change(stage);
    const before = { at: stage.clock.at, reads: stage.reads() };
    await stage.now();
    expect(stage.dialed()).toEqual([]);
    expect(stage.row(stage.id)).toMatchObject(HELD);
    await stage.work();
    expect(stage.row(stage.id)).toMatchObject({ ...then, unsettled: 0 });
    expect(stage.lookAt()).toBeNull();
    expect(stage.clock.at - before.at).toBeLessThan(15_000);
    expect(stage.reads() - before.reads).toBeLessThanOrEqual(3);
  },
);

test('it stays out while the search lags for minutes, whatever else has the contact read, with few reads', async () => {
  const stage = await lagging(NEW, { lagMs: 100_000 });
  await stage.move(BOOKED);
  stage.webhook({ stageId: BOOKED });
  await stage.now();
  const before = stage.reads();
  for (const source of ['workflow', 'followup', 'backstop', 'replay'] as const) {
    stage.hint(stage.id, { source, eventType: 'Anything' });
    await stage.now();
    expect(stage.dialed(), source).toEqual([]);
    expect(stage.row(stage.id)).toMatchObject(HELD);
  }
  const since = stage.clock.at;
  await stage.work();
  expect(stage.row(stage.id)).toMatchObject(OUT);
  expect(stage.reads() - before).toBeLessThanOrEqual(4 + 5);
  expect(stage.clock.at - since).toBeLessThan(4 * MINUTE);
});

test('a read that is surely newer is believed, and nothing is asked after that', async () => {
  const stage = await lagging(NEW);
  stage.webhook({ stageId: BOOKED });
  await stage.work();
  expect(stage.row(stage.id)).toMatchObject({ ...PLACED, unsettled: 0 });
  expect(stage.remembered()).toBeNull();
  expect(stage.lookAt()).toBeNull();
});

test('moved back out of such a stage: nobody is placed by a webhook alone, and the contact is placed within seconds', async () => {
  const stage = await lagging(BOOKED);
  await stage.move(NEW);
  stage.webhook({ stageId: NEW });
  const before = stage.clock.at;
  await stage.now();
  expect(stage.dialed()).toEqual([]);
  await stage.work();
  expect(stage.dialed()).toEqual([phoneOf(0)]);
  expect(stage.clock.at - before).toBeLessThan(15_000);
});

test.each([
  ['the search shows the same', NEW, 0, { stageId: BOOKED }, BOOKED],
  ['it leads to the same', NEW, 6000, { stageId: CONTACTED }, CONTACTED],
])('a webhook costs one read where %s', async (_, from, lagMs, said, to) => {
  const stage = await lagging(from, { lagMs });
  await stage.move(to);
  stage.webhook(said);
  const before = stage.reads();
  await stage.work();
  expect(stage.reads() - before).toBe(1);
  expect(stage.lookAt()).toBeNull();
});

test('a webhook that comes after a read that did not show it takes effect, and its copies cost nothing', async () => {
  const stage = await lagging(NEW, { lagMs: 100_000 });
  await stage.move(BOOKED);
  const since = stage.clock.at;
  stage.clock.advance(10_000);
  stage.hint(stage.id);
  await stage.now();
  expect(stage.row(stage.id)).toMatchObject(PLACED);
  stage.webhook({ stageId: NEW }, since - 1);
  await stage.now();
  stage.webhook({ stageId: BOOKED }, since);
  await stage.now();
  expect(stage.dialed()).toEqual([]);
  expect(stage.row(stage.id)).toMatchObject(HELD);
  // The first look comes after 3 s and the next 10 s later, so none is due now.
  stage.clock.advance(3001);
  await stage.now();
  const reads = stage.reads();
  for (const eventType of ['OpportunityStageUpdate', 'OpportunityUpdate'])
    stage.webhook({ stageId: BOOKED }, since, eventType);
  await stage.now();
  expect(stage.reads()).toBe(reads);
});

const orders: [string, [Partial<ToldOpportunity>, number | null][], object][] = [
  [
    'the newest by its time, last',
    [
      [{ stageId: NEW }, 1000],
      [{ stageId: BOOKED }, 2000],
    ],
    HELD,
  ],
  [
    'the newest by its time, first',
    [
      [{ stageId: BOOKED }, 2000],
      [{ stageId: NEW }, 1000],
    ],
    HELD,
  ],
  [
    'the newest by its time, though an earlier one is against',
    [
      [{ stageId: NEW }, 2000],
      [{ stageId: BOOKED }, 1000],
    ],
    PLACED,
  ],
  [
    'of two with the same time the one against, last',
    [
      [{ stageId: NEW }, 2000],
      [{ stageId: BOOKED }, 2000],
    ],
    HELD,
  ],
  [
    'of two with the same time the one against, first',
    [
      [{ stageId: BOOKED }, 2000],
      [{ deleted: true }, 2000],
    ],
    HELD,
  ],
  [
    'one without a time, beside a newer one that is for it',
    [
      [{ stageId: BOOKED }, 1000],
      [{ stageId: NEW }, null],
    ],
    HELD,
  ],
  [
    'one that does not say the stage, beside an earlier one',
    [
      [{ stageId: BOOKED }, 1000],
      [{ stageId: null }, 2000],
    ],
    HELD,
  ],
  [
    'each for its own opportunity',
    [
      [{ stageId: BOOKED }, 1000],
      [{ id: 'another', stageId: NEW }, 2000],
    ],
    HELD,
  ],
];
describe.each([
  ['in one batch', false],
  ['one after the other', true],
])('of several webhooks %s counts', (_, apart) => {
  test.each(orders)('%s', async (_name, said, expected) => {
    const stage = await lagging(NEW, { lagMs: 3_600_000 });
    const from = stage.clock.at;
    stage.clock.advance(5000);
    for (const [what, at] of said) {
      stage.webhook(what, at === null ? null : from + at);
      if (apart) await stage.now();
    }
    await stage.now();
    expect(stage.row(stage.id)).toMatchObject(expected);
    expect(stage.dialed()).toEqual(expected === HELD ? [] : [phoneOf(0)]);
  });
});

test.each([
  ['the search', '/opportunities/search'],
  ['the contact', '/contacts/'],
])('%s cannot be read: a stage that keeps out takes effect all the same', async (_, path) => {
  const stage = await lagging(NEW, {
    routes: [{ name: 'won', opportunity: { status: ['won'] }, bucket: null }, COLD],
    lagMs: 0,
  });
  stage.ghl.faults.plan({ match: { path }, times: 50, do: { kind: 'html500' } });
  stage.webhook({ status: 'won' });
  await stage.step();
  expect(stage.dialed()).toEqual([]);
});

test('a copy that stands for several webhooks says what they said, and is about the contact itself', async () => {
  const stage = await lagging(NEW, { lagMs: 3_600_000 });
  const other = await stage.lead();
  stage.ghl.faults.plan({ match: { path: `/contacts/${other}` }, times: 1, do: { kind: 'throttle', seconds: 50 } });
  stage.hint(other);
  await stage.step();
  stage.webhook({ stageId: BOOKED });
  stage.hint(stage.id, { occurredAt: stage.clock.at, receivedAt: stage.clock.at + 1 });
  stage.webhook({ stageId: BOOKED }, stage.clock.at, 'OpportunityUpdate');
  await stage.step();
  // GoHighLevel may not be read, and what says out takes effect all the same.
  expect(stage.dialed()).toEqual([]);
  const copies = stage.queues.events
    .map(({ body }) => body as ContactChanged)
    .filter((one) => one.contactId === stage.id);
  expect(copies.map(({ eventType }) => eventType)).toEqual(['ContactUpdate']);
  stage.clock.advance(MINUTE);
  await stage.now();
  expect(stage.row(stage.id)).toMatchObject(HELD);
});
