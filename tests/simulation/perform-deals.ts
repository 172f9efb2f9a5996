// Carrying out what is done to deals, and whether the pipeline has heard of it.

import type { GoHighLevel } from '../../sandbox/gohighlevel.ts';
import { type DealAction, STAGES, STATUSES } from './deals.ts';

/** Deals of a history, and what was heard of them. */
export type Deals = ReturnType<typeof createDeals>;

export function createDeals(gohighlevel: GoHighLevel) {
  /** The last change of each deal, until one of its webhooks is acknowledged: whose it is or was, and the webhooks. */
  const unheard = new Map<string, { contactIds: string[]; webhookIds: string[] }>();
  /** Nobody tells of these: another contact has their deal now. */
  const lost = new Set<string>();

  /** How often each deal was made: one of a contact that is gone is never seen again. */
  const made = new Map<number, number>();
  function idOf({ deal, how }: DealAction): string {
    const id = () => `deal-${deal}-${made.get(deal) ?? 0}`;
    const isThere = gohighlevel.opportunities().some((one) => one.id === id());
    if (how === 'make' && !isThere) made.set(deal, (made.get(deal) ?? 0) + 1);
    return id();
  }

  /** The change; undefined where there is nothing to do. */
  function change(id: string, action: DealAction, people: ReadonlyMap<number, string>): Promise<unknown> | undefined {
    const isThere = gohighlevel.opportunities().some((one) => one.id === id);
    if ((action.how === 'make') === isThere) return undefined;
    switch (action.how) {
      case 'make': {
        const contactId = people.get(action.person);
        return contactId === undefined
          ? undefined
          : gohighlevel.addOpportunity({ id, contactId, ...placeOf(gohighlevel, action.stage) });
      }
      case 'move':
        return gohighlevel.editOpportunity(id, placeOf(gohighlevel, action.stage));
      case 'end':
        return gohighlevel.editOpportunity(id, { status: STATUSES[action.status] ?? 'open' });
      case 'delete':
        return gohighlevel.deleteOpportunity(id);
      case 'hand': {
        const contactId = people.get(action.to);
        return contactId === undefined ? undefined : gohighlevel.editOpportunity(id, { contactId });
      }
    }
  }

  return {
    /** Carries it out; its webhooks are under way when this returns. */
    async perform(action: DealAction, people: ReadonlyMap<number, string>): Promise<void> {
      const id = idOf(action);
      const owner = () => gohighlevel.opportunities().find((one) => one.id === id)?.contactId;
      const [before, sent] = [owner(), gohighlevel.deliveries.length];
      const done = change(id, action, people);
      const after = owner();
      if (before !== undefined && after !== undefined && before !== after) lost.add(before);
      const webhookIds = gohighlevel.deliveries.slice(sent).map(({ webhookId }) => webhookId);
      const contactIds = [before, after].filter((one) => one !== undefined);
      if (webhookIds.length > 0) unheard.set(id, { contactIds, webhookIds });
      await done;
    },

    /** The webhook was acknowledged. */
    heard(webhookId: string): void {
      for (const [id, { webhookIds }] of unheard) if (webhookIds.includes(webhookId)) unheard.delete(id);
    },

    /** The pipeline was told where all deals of the contact stand. */
    isHeard: (contactId: string) =>
      !lost.has(contactId) && ![...unheard.values()].some(({ contactIds }) => contactIds.includes(contactId)),
  };
}

function placeOf({ settings }: GoHighLevel, number: number): { pipelineId: string; pipelineStageId: string } {
  const [pipeline, stage] = STAGES[number] ?? STAGES[0];
  const found = settings.pipelines.find(({ name }) => name === pipeline);
  const at = found?.stages.find(({ name }) => name === stage);
  return { pipelineId: found?.id ?? '', pipelineStageId: at?.id ?? '' };
}
