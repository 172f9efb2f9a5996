// The pipeline's dead-letter routes as functions. The schemas read what the script needs of each answer.

import * as v from 'valibot';
import type * as api from '../../shared/api/contacts.ts';
import type { Address } from '../operator/address.ts';
import { createCaller } from '../operator/call.ts';
import { contactPath } from '../operator/contact-path.ts';

/** A dead letter, as far as the script needs it. */
export type Letter = Pick<
  api.DeadLetter,
  'id' | 'status' | 'reason' | 'error' | 'location_id' | 'contact_id' | 'replayable' | 'dead_at' | 'died_again'
>;
/** How many letters have one reason, and what to do. */
export type Reason = api.DeadLetterReason;
/** One page of letters. */
export type Page = Omit<api.DeadLetters, 'dead_letters'> & { dead_letters: Letter[] };
/** What became of one letter. */
export type Outcome = api.LetterOutcome;
/** `updated_at` is missing where only dead letters of the contact are known. */
export type Contact = Pick<api.Contact, 'state' | 'reason' | 'explanation'> & { updated_at?: string };
export interface Outcomes {
  outcomes: Outcome[];
  /** For the person. */
  note: string | null;
}

const DiedAgain = v.object({ id: v.string(), reason: v.string(), error: v.string(), dead_at: v.string() });
const Letter: v.GenericSchema<unknown, Letter> = v.object({
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
const Reason: v.GenericSchema<unknown, Reason> = v.object({
  reason: v.string(),
  count: v.number(),
  oldest_dead_at: v.string(),
  what: v.string(),
  what_to_do: v.string(),
});
const Page: v.GenericSchema<unknown, Page> = v.object({
  dead_letters: v.array(Letter),
  total: v.number(),
  by_reason: v.array(Reason),
  next: v.nullable(v.string()),
});
const Outcome: v.GenericSchema<unknown, Outcome> = v.object({
  id: v.string(),
  outcome: v.picklist(['replayed', 'discarded', 'not_waiting', 'not_replayable', 'not_found', 'send_failed']),
});
const Outcomes: v.GenericSchema<unknown, Outcomes> = v.object({
  outcomes: v.array(Outcome),
  note: v.nullish(v.string(), null),
});
const Contact: v.GenericSchema<unknown, Contact> = v.object({
  state: v.string(),
  reason: v.nullable(v.string()),
  explanation: v.string(),
  updated_at: v.exactOptional(v.string()),
});

/** Ids that one request takes. */
export const MAX_IDS = 100;

/** Each throws a Sentence where the pipeline cannot be asked or refuses. */
export interface Api {
  list(query: Record<string, string>): Promise<Page>;
  /** At most MAX_IDS ids. */
  act(action: 'replay' | 'discard', ids: string[]): Promise<Outcomes>;
  /** Throws a Refused where the contact is not known. */
  contact(id: string, location: string | null): Promise<Contact>;
  retry(id: string, location: string | null): Promise<void>;
}

/** The calls of `npm run replay`. They throw Sentence. */
export function createApi(address: Address): Api {
  const call = createCaller(address);
  return {
    list: (query) => call(Page, `/dead-letters?${new URLSearchParams(query)}`),
    act: (action, ids) => call(Outcomes, `/dead-letters/${action}`, { body: { ids } }),
    contact: (id, location) => call(Contact, contactPath(id, '', location)),
    retry: async (id, location) => void (await call(v.object({}), contactPath(id, 'retry', location), { body: {} })),
  };
}
