// A location whose rules go by opportunities.

import type { GoHighLevelSettings } from '../../../sandbox/gohighlevel/settings.ts';
import type { ToldOpportunity } from '../../../shared/messages.ts';
import { backstopStage, phoneOf } from '../../support/consumer-harness.ts';

export const SILENT = { silent: true };
export const SALES = 'sales000000000000000';
/** New Lead, Contacted, Booked, Sold. */
export const stageId = (number: number) => `salesStage${number}`.padEnd(20, '0');
export const [NEW, CONTACTED, BOOKED] = [stageId(1), stageId(2), stageId(3)];

export const BOOKED_OUT = {
  name: 'booked',
  opportunity: { pipeline: 'Sales', stages: ['Booked'], status: ['open', 'won'] },
  bucket: null,
};
export const COLD = { name: 'cold', tags: ['cold lead'], bucket: 'Cold Leads' };
export const WON_OUT = { name: 'won', opportunity: { status: ['won'] }, bucket: null };
export const CONTACTED_IN = { name: 'contacted', opportunity: { stages: ['contacted'] }, bucket: 'Cold Leads' };

/** The routes, "cold lead" last. */
export function opportunityStage(routes: object[] = [BOOKED_OUT, COLD], ghl: Partial<GoHighLevelSettings> = {}) {
  const stage = backstopStage({ env: { SYNC_RULES: JSON.stringify({ routes }) }, ghl });
  let count = 0;
  return {
    ...stage,
    /** A lead with these opportunities, of which nothing was told. */
    async lead(stages: readonly string[] = [], tags = ['cold lead']): Promise<string> {
      stage.clock.at += 1;
      const { id } = await stage.ghl.addContact({ phone: phoneOf(count++), tags }, SILENT);
      for (const [n, pipelineStageId] of stages.entries())
        await stage.ghl.addOpportunity({ id: `${id}-${n}`, contactId: id, pipelineId: SALES, pipelineStageId }, SILENT);
      return id;
    },
    /** Its webhook is worked on. */
    async told(id: string, eventType = 'ContactUpdate'): Promise<void> {
      stage.clock.at += 10_000;
      stage.hint(id, { eventType, occurredAt: stage.clock.at });
      await stage.work();
    },
    /** Calls to GoHighLevel so far: contacts, opportunities of one, pipelines. */
    asked: () => [
      stage.ghl.calls.list().filter(({ path }) => path.startsWith('/contacts/') && path !== '/contacts/search').length,
      stage.ghl.calls.list().filter(({ query }) => query?.includes('contact_id=')).length,
      stage.ghl.calls.list().filter(({ path }) => path === '/opportunities/pipelines').length,
    ],
    row: (id: string) => ({
      ...stage.sqlite.rows(
        'SELECT state, reason, search_hash IS NULL AS unsettled FROM contacts WHERE contact_id = ?1',
        id,
      )[0],
    }),
  };
}

/** A contact with one opportunity, read long since; and a search that lags from now on. */
export async function laggingOpportunities(
  stageOfIt: string | null,
  { routes = [BOOKED_OUT, WON_OUT, COLD] as object[], lagMs = 6000 } = {},
) {
  const stage = opportunityStage(routes);
  const { ghl, clock } = stage;
  const id = await stage.lead(stageOfIt === null ? [] : [stageOfIt]);
  await stage.told(id);
  clock.advance(3_600_000);
  ghl.settings.searchLagMs = lagMs;
  const opportunity = `${id}-0`;
  return {
    ...stage,
    id,
    opportunity,
    move: (pipelineStageId: string) => ghl.editOpportunity(opportunity, { pipelineStageId }, SILENT),
    /** A webhook of this moment, or of an earlier one. */
    webhook(
      said: Partial<ToldOpportunity> = {},
      occurredAt: number | null = clock.at,
      eventType = 'OpportunityStageUpdate',
    ) {
      const whole = { id: opportunity, pipelineId: SALES, stageId: NEW, status: 'open', deleted: false, ...said };
      stage.hint(id, { eventType, occurredAt, receivedAt: occurredAt ?? clock.at, opportunity: whole });
    },
    /** Works off what is there now, and waits for nothing. */
    async now() {
      while (await stage.step());
    },
    reads: () => stage.asked()[1] ?? 0,
    lookAt: () => stage.sqlite.rows('SELECT look_at AS at FROM contacts')[0]?.at,
    remembered: () => stage.sqlite.rows('SELECT told FROM contacts')[0]?.told,
  };
}
