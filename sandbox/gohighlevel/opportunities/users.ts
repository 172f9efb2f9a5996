// What users do with opportunities. Each change fires its webhooks, and is seen later by the search.

import { randomId, type World } from '../../world.ts';
import type { Loudness } from '../editor.ts';
import { createReadCopy } from '../read-copy.ts';
import type { GoHighLevelSettings } from '../settings.ts';
import type { WebhookSender } from '../webhook-sender.ts';
import {
  type GhlOpportunity,
  type OpportunityInput,
  type OpportunityPatch,
  opportunityEvents,
  showInWebhook,
} from './opportunity.ts';

/** Each throws where an opportunity or its contact is not there. */
export interface OpportunityUsers {
  addOpportunity(input: OpportunityInput, how?: Loudness): Promise<GhlOpportunity>;
  editOpportunity(id: string, patch: OpportunityPatch, how?: Loudness): Promise<GhlOpportunity>;
  deleteOpportunity(id: string, how?: Loudness): Promise<void>;
  opportunities(): GhlOpportunity[];
}

/** The opportunities of a location, and what the search knows of them. */
export interface Opportunities extends OpportunityUsers {
  /** As the search shows them at present, in no order. */
  visible(): GhlOpportunity[];
  restore(saved: readonly GhlOpportunity[]): void;
}

interface Options {
  settings: Pick<GoHighLevelSettings, 'searchLagMs'>;
  webhooks: WebhookSender;
  world: World;
  /** Whether there is such a contact. What becomes of the opportunities of a deleted one is not documented: here they go with it. */
  hasContact(id: string): boolean;
  onChange(): void;
}

/** A location without opportunities. */
export function createOpportunities({ settings, webhooks, world, hasContact, onChange }: Options): Opportunities {
  const known = new Map<string, GhlOpportunity>();
  const copy = createReadCopy<GhlOpportunity>();
  const timestamp = () => new Date(world.now()).toISOString();
  const isThere = ({ contactId }: GhlOpportunity) => hasContact(contactId);

  function opportunity(id: string): GhlOpportunity {
    const found = known.get(id);
    if (!found) throw new Error(`the sandbox's GoHighLevel has no opportunity ${id}`);
    return found;
  }

  function save(before: GhlOpportunity | null, after: GhlOpportunity | null, { silent = false }: Loudness = {}): void {
    const one = after ?? before;
    if (one === null) return;
    if (!hasContact(one.contactId)) throw new Error(`the sandbox's GoHighLevel has no contact ${one.contactId}`);
    if (after) known.set(one.id, after);
    else known.delete(one.id);
    copy.note(one.id, after, world.now() + settings.searchLagMs);
    onChange();
    if (!silent) for (const type of opportunityEvents(before, after)) webhooks.sendFields(type, showInWebhook(one));
  }

  return {
    async addOpportunity(input, how) {
      const at = timestamp();
      const fresh = { id: randomId(world.random), name: 'Opportunity', status: 'open', monetaryValue: 0 };
      const one = { ...fresh, assignedTo: null, source: '', createdAt: at, updatedAt: at, ...input };
      if (known.has(one.id)) throw new Error(`the sandbox's GoHighLevel already has an opportunity ${one.id}`);
      save(null, one, how);
      return structuredClone(one);
    },

    async editOpportunity(id, patch, how) {
      const before = opportunity(id);
      const after = { ...before, ...patch, updatedAt: timestamp() };
      save(before, after, how);
      return structuredClone(after);
    },

    async deleteOpportunity(id, how) {
      save(opportunity(id), null, how);
    },

    opportunities: () => structuredClone([...known.values()].filter(isThere)),
    visible: () =>
      copy
        .ids()
        .flatMap((id) => copy.read(id, world.now()) ?? [])
        .filter(isThere),

    restore(saved) {
      known.clear();
      copy.clear();
      for (const one of structuredClone([...saved])) {
        known.set(one.id, one);
        copy.note(one.id, one, world.now());
      }
    },
  };
}
