// The pipeline's dead-letter routes as functions.

import * as v from 'valibot';
import type { Address } from '../operator/address.ts';
import { createCaller } from '../operator/call.ts';

const DiedAgain = v.object({ id: v.string(), reason: v.string(), error: v.string(), dead_at: v.string() });
const Letter = v.object({
  id: v.string(),
  status: v.picklist(['waiting', 'replayed', 'discarded', 'resolved']),
  reason: v.string(),
  error: v.string(),
  location_id: v.nullable(v.string()),
  contact_id: v.nullable(v.string()),
  replayable: v.boolean(),
  dead_at: v.string(),
  died_again: v.nullable(DiedAgain),
});
const Reason = v.object({
  reason: v.string(),
  count: v.number(),
  oldest_dead_at: v.string(),
  what: v.string(),
  what_to_do: v.string(),
});
const Page = v.object({
  dead_letters: v.array(Letter),
  total: v.number(),
  by_reason: v.array(Reason),
  next: v.nullable(v.string()),
});
const Outcome = v.object({
  id: v.string(),
  outcome: v.picklist(['replayed', 'discarded', 'not_waiting', 'not_replayable', 'not_found', 'send_failed']),
});
const Outcomes = v.object({ outcomes: v.array(Outcome), note: v.nullish(v.string(), null) });
/** Only a contact of which more is known than a letter has a time. */
const Contact = v.object({
  state: v.string(),
  reason: v.nullable(v.string()),
  explanation: v.string(),
  updated_at: v.optional(v.string()),
});

export type Letter = v.InferOutput<typeof Letter>;
export type Reason = v.InferOutput<typeof Reason>;
export type Page = v.InferOutput<typeof Page>;
export type Outcome = v.InferOutput<typeof Outcome>;
export type Contact = v.InferOutput<typeof Contact>;

/** Ids that one request takes. */
export const MAX_IDS = 100;

export interface Api {
  list(query: Record<string, string>): Promise<Page>;
  /** At most MAX_IDS ids. `note` is for the person. */
  settle(action: 'replay' | 'discard', ids: string[]): Promise<{ outcomes: Outcome[]; note: string | null }>;
  /** How a contact stands. Throws a Refused where it is not known. */
  contact(id: string, location: string | null): Promise<Contact>;
  retry(id: string, location: string | null): Promise<void>;
}

export function createApi(address: Address): Api {
  const call = createCaller(address);
  return {
    list: (query) => call(Page, `/dead-letters?${new URLSearchParams(query)}`),
    settle: (action, ids) => call(Outcomes, `/dead-letters/${action}`, { body: { ids } }),
    contact: (id, location) => call(Contact, pathOf(id, '', location)),
    retry: async (id, location) => void (await call(v.object({}), pathOf(id, '/retry', location), { body: {} })),
  };
}

function pathOf(contactId: string, action: string, location: string | null): string {
  const query = location === null ? '' : `?${new URLSearchParams({ location })}`;
  return `/contacts/${encodeURIComponent(contactId)}${action}${query}`;
}
