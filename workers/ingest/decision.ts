// What is to become of a request: decided by the two webhook routes from the request alone, acted upon in outcome.ts.

import type { ContactChanged, Quarantined } from '../../shared/messages.ts';
import type { Keyring, Scheme } from './keys.ts';
import type { Refusal } from './responses.ts';
import type { Settings } from './settings.ts';

/** What a decision depends on, besides the request. */
export interface RequestContext {
  settings: Settings;
  keyring: Keyring;
  /** Epoch ms. */
  now(): number;
}

/** Facts for the log line; the ids have been checked to be ids. */
export interface Facts {
  scheme?: Scheme | 'token';
  eventType?: string;
  locationId?: string | null;
  contactId?: string | null;
}

export type Decision =
  | { kind: 'refused'; refusal: Refusal; facts: Facts }
  | { kind: 'ignored'; why: Ignored; eventId: string; facts: Facts }
  | { kind: 'quarantined'; message: Quarantined; facts: Facts }
  | { kind: 'queued'; message: ContactChanged; facts: Facts };

/** Why a webhook is none of ours. A refusal would make GoHighLevel send it again, so it is answered with 202. */
export type Ignored = 'other_location' | 'other_app' | 'other_type';

export function refused(refusal: Refusal, facts: Facts = {}): Decision {
  return { kind: 'refused', refusal, facts };
}
