// Rules that go by opportunities: the setting, what is done to deals, and where they lead, with nothing of the workers' code.

import type { GhlOpportunity } from '../../sandbox/gohighlevel/opportunities/opportunity.ts';

/** SYNC_RULES of the histories about deals. */
export const DEALS_SETTING = JSON.stringify({
  require: { not: { opportunity: { status: ['abandoned'] } } },
  routes: [
    { name: 'booked', opportunity: { pipeline: 'Sales', stages: ['Booked'] }, bucket: null },
    { name: 'contacted', opportunity: { stages: ['Contacted'] }, bucket: 'Hot Leads' },
    { name: 'won', opportunity: { status: ['won'] }, bucket: null },
    { name: 'cold', tags: ['cold lead'], bucket: 'Cold Leads' },
  ],
});

/** Stages of the sandbox's pipelines, by number. */
export const STAGES = [
  ['Sales', 'New Lead'],
  ['Sales', 'Contacted'],
  ['Sales', 'Booked'],
  ['Installation', 'Survey'],
] as const;
export const STATUSES = ['open', 'won', 'lost', 'abandoned'] as const;
/** Deals are numbered; what is done to one that does not exist does nothing. */
export const DEALS = 4;

/** What is done to a deal of the person, or to the deal of that number. `to`: it becomes another person's. */
export type DealAction = { do: 'deal'; person: number; deal: number; fates: number[][] } & (
  | { how: 'make' | 'move'; stage: number }
  | { how: 'end'; status: number }
  | { how: 'delete' }
  | { how: 'hand'; to: number }
);

type Deal = Pick<GhlOpportunity, 'pipelineId' | 'pipelineStageId' | 'status'>;

/** Where these deals and tags lead: the line of the rule set, and what it asks. */
export function judgeDeals(
  deals: readonly Deal[],
  tags: readonly string[],
): { rank: number; wish: 'place' | 'out' | 'none' } {
  const isIn = (pipeline: string, stage: string) =>
    deals.some((one) => one.pipelineId.startsWith(pipeline) && one.pipelineStageId.startsWith(stage));
  if (isIn('sales', 'salesStage3')) return { rank: 0, wish: 'out' };
  const isWon = deals.some(({ status }) => status === 'won');
  if (isWon) return { rank: 2, wish: 'out' };
  const rank = isIn('sales', 'salesStage2') ? 1 : tags.includes('cold lead') ? 3 : -1;
  const isPermitted = !deals.some(({ status }) => status === 'abandoned');
  return rank >= 0 && isPermitted ? { rank, wish: 'place' } : { rank: -1, wish: 'none' };
}
