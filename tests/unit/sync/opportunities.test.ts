// Rules that ask for opportunities: who is asked for them, when, and what follows from an answer or from none.

import { describe, expect, test } from 'vitest';
import type { Fault } from '../../../sandbox/faults.ts';
import { phoneOf } from '../../support/consumer-harness.ts';
import {
  BOOKED,
  BOOKED_OUT,
  COLD,
  CONTACTED,
  CONTACTED_IN,
  NEW,
  opportunityStage,
  SILENT,
  stageId,
} from './opportunities-harness.ts';

const PLACED = { state: 'placed', reason: 'placed' };
const OUT = { state: 'kept_out', reason: 'route' };
const DOUBT = { state: 'kept_out', reason: 'rule_in_doubt' };

describe('a contact', () => {
  test.each([
    ['without opportunities', [], PLACED],
    ['in another stage', [NEW], PLACED],
    ['in the stage', [BOOKED], OUT],
    ['with several, one of them in the stage', [NEW, BOOKED, CONTACTED], OUT],
  ])('%s is placed or kept out by them', async (_name, stages, expected) => {
    const stage = opportunityStage();
    const id = await stage.lead(stages);
    await stage.told(id);
    expect(stage.row(id)).toMatchObject(expected);
    expect(stage.asked()).toEqual([1, 1, 1]);
  });

  test('is placed by them, and keeping out wins', async () => {
    const stage = opportunityStage([CONTACTED_IN, BOOKED_OUT]);
    const inside = await stage.lead([CONTACTED]);
    const both = await stage.lead([CONTACTED, BOOKED]);
    await stage.told(inside);
    await stage.told(both);
    expect([stage.row(inside), stage.row(both)]).toMatchObject([PLACED, OUT]);
  });

  test('is asked for its opportunities only where the outcome depends on them', async () => {
    const stage = opportunityStage([{ name: 'customer', tags: ['customer'], bucket: null }, CONTACTED_IN]);
    const customer = await stage.lead([CONTACTED], ['customer']);
    const blocked = await stage.lead([CONTACTED]);
    await stage.ghl.setDnd(blocked, { call: 'active' }, SILENT);
    const numberless = await stage.lead([CONTACTED]);
    await stage.ghl.editContact(numberless, { phone: '' }, SILENT);
    const gone = await stage.lead([CONTACTED]);
    await stage.ghl.deleteContact(gone, SILENT);
    for (const id of [customer, blocked, numberless, gone]) await stage.told(id);
    expect(stage.asked()[1]).toBe(0);
    const last = await stage.lead([CONTACTED]);
    await stage.told(last);
    expect(stage.asked()[1]).toBe(1);
    expect(stage.row(last)).toMatchObject(PLACED);
  });
});

describe('a webhook about an opportunity', () => {
  test.each(['OpportunityStageUpdate', 'OpportunityDelete'])('%s makes its contact be read', async (eventType) => {
    const stage = opportunityStage();
    const id = await stage.lead([NEW]);
    await stage.told(id);
    await stage.ghl.editOpportunity(`${id}-0`, { pipelineStageId: BOOKED }, SILENT);
    await stage.told(id, eventType);
    expect(stage.row(id)).toMatchObject(OUT);
    expect(stage.dialed()).toEqual([]);
    await stage.ghl.deleteOpportunity(`${id}-0`, SILENT);
    await stage.told(id, 'OpportunityDelete');
    expect(stage.dialed()).toEqual([phoneOf(0)]);
    expect(stage.asked()).toEqual([3, 3, 1]);
  });

  test('and the ones that come along with it cost one read together', async () => {
    const stage = opportunityStage();
    const id = await stage.lead([BOOKED]);
    for (const eventType of ['OpportunityStageUpdate', 'OpportunityUpdate', 'OpportunityStatusUpdate'])
      stage.hint(id, { eventType, occurredAt: stage.clock.at });
    await stage.work();
    expect(stage.asked()).toEqual([1, 1, 1]);
  });
});

describe('where opportunities cannot be had', () => {
  test('for now: the contact is tried again, and nothing follows', async () => {
    const stage = opportunityStage();
    const id = await stage.lead([NEW]);
    await stage.told(id);
    stage.ghl.faults.plan({ match: { path: '/opportunities/search' }, times: 2, do: { kind: 'html500' } });
    await stage.ghl.editOpportunity(`${id}-0`, { pipelineStageId: BOOKED }, SILENT);
    stage.clock.at += 10_000;
    stage.hint(id, { eventType: 'OpportunityStageUpdate' });
    await stage.step();
    expect(stage.dialed()).toEqual([phoneOf(0)]);
    await stage.work();
    expect(stage.row(id)).toMatchObject(OUT);
    expect(stage.asked()[1]).toBe(4);
  });

  test.each([
    [[BOOKED_OUT, { name: 'cold', tags: ['cold lead'], bucket: 'Cold Leads' }], OUT],
    [[CONTACTED_IN], DOUBT],
  ])(
    'because the scope is missing: nobody is dialed by them, and all are read again (%#)',
    async (routes, expected) => {
      const stage = opportunityStage(routes);
      const id = await stage.lead([CONTACTED]);
      await stage.told(id);
      expect(stage.row(id)).toMatchObject({ ...PLACED, unsettled: 0 });
      stage.ghl.settings.scopes = ['contacts.readonly'];
      await stage.told(id);
      expect(stage.row(id)).toMatchObject({ ...expected, unsettled: 1 });
      expect(stage.dialed()).toEqual([]);
      stage.ghl.settings.scopes = ['contacts.readonly', 'opportunities.readonly'];
      await stage.night();
      expect(stage.row(id)).toMatchObject({ ...PLACED, unsettled: 0 });
    },
  );

  test.each<Fault>([{ kind: 'html500' }, { kind: 'status', status: 422, body: { message: 'contact_id is odd' } }])(
    'a tag that keeps out whatever they are counts at once: %j',
    async (fault) => {
      const customer = { name: 'customer', tags: ['customer'], bucket: null };
      const stage = opportunityStage([BOOKED_OUT, customer, COLD]);
      const id = await stage.lead([NEW]);
      await stage.told(id);
      expect(stage.dialed()).toEqual([phoneOf(0)]);
      const asked = stage.asked()[1];
      stage.ghl.faults.plan({ match: { path: '/opportunities/search' }, do: fault });
      await stage.ghl.editContact(id, { tags: ['cold lead', 'customer'] }, SILENT);
      await stage.told(id);
      expect(stage.dialed()).toEqual([]);
      expect(stage.row(id)).toMatchObject(OUT);
      expect(stage.asked()[1]).toBe(asked);
    },
  );

  test('of which one cannot be read: it is in doubt', async () => {
    const odd = (page: { opportunities: Record<string, unknown>[] }) => ({
      ...page,
      opportunities: page.opportunities.map((one) => ({ ...one, pipelineStageId: 7 })),
    });
    const stage = opportunityStage([CONTACTED_IN], { reshapeOpportunities: odd });
    const id = await stage.lead([CONTACTED]);
    await stage.told(id);
    expect(stage.row(id)).toMatchObject({ ...DOUBT, unsettled: 1 });
  });
});

describe('pipelines and stages', () => {
  test('are looked up once, and not at all where no rule names one', async () => {
    const stage = opportunityStage();
    for (let n = 0; n < 3; n++) await stage.told(await stage.lead([NEW]));
    expect(stage.asked()).toEqual([3, 3, 1]);
    const byStatus = opportunityStage([{ name: 'won', opportunity: { status: ['won'] }, bucket: null }]);
    await byStatus.told(await byStatus.lead([NEW]));
    expect(byStatus.asked()).toEqual([1, 1, 0]);
    expect(byStatus.sqlite.rows('SELECT * FROM account_lists')).toEqual([]);
  });

  test('that are unknown are looked up again, no sooner than in ten minutes', async () => {
    const stage = opportunityStage([{ ...CONTACTED_IN, opportunity: { stages: ['Visited'] } }]);
    const id = await stage.lead([CONTACTED]);
    await stage.told(id);
    expect(stage.row(id)).toMatchObject(DOUBT);
    const [sales] = structuredClone(stage.ghl.settings.pipelines);
    if (sales?.stages[1]) sales.stages[1].name = 'Visited';
    stage.ghl.settings.pipelines = sales ? [sales] : [];
    await stage.told(id);
    expect(stage.asked()[2]).toBe(1);
    stage.clock.at += 600_000;
    await stage.told(id);
    expect(stage.row(id)).toMatchObject(PLACED);
    expect(stage.asked()[2]).toBe(2);
  });

  test('that are newer than what is remembered are looked up at once', async () => {
    const stage = opportunityStage([{ ...BOOKED_OUT, opportunity: { stages: ['Booked'] } }, COLD]);
    await stage.told(await stage.lead([NEW]));
    const anew = stageId(77);
    stage.ghl.settings.pipelines = stage.ghl.settings.pipelines.map((one) => ({
      ...one,
      stages: [...one.stages, { id: anew, name: 'Booked', position: 9 }],
    }));
    const before = stage.asked()[2] ?? 0;
    const id = await stage.lead([anew]);
    await stage.told(id);
    expect(stage.row(id)).toMatchObject({ state: 'kept_out', reason: 'route' });
    expect((stage.asked()[2] ?? 0) - before).toBe(1);
  });

  test('that are renamed keep nobody in the dialer after the night that notices', async () => {
    const stage = opportunityStage([CONTACTED_IN]);
    const id = await stage.lead([CONTACTED]);
    await stage.told(id);
    await stage.night();
    expect(stage.dialed()).toEqual([phoneOf(0)]);
    stage.ghl.settings.pipelines = stage.ghl.settings.pipelines.map((one) => ({
      ...one,
      stages: one.stages.map((each) => ({ ...each, name: `${each.name} (old)` })),
    }));
    stage.clock.at += 600_000;
    await stage.night();
    expect(stage.row(id)).toMatchObject(DOUBT);
    expect(stage.dialed()).toEqual([]);
  });

  test('may be named by their ids, whatever they are called', async () => {
    const stage = opportunityStage([{ ...CONTACTED_IN, opportunity: { stages: [stageId(2)] } }]);
    const id = await stage.lead([CONTACTED]);
    await stage.told(id);
    expect(stage.row(id)).toMatchObject(PLACED);
  });
});
