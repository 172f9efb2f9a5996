// What becomes of a request. The two webhook routes decide it from the request alone; respond.ts acts on it.

import type { ContactChanged, Quarantined } from '../../shared/messages.ts';
import type { Scheme } from './keys.ts';
import type { Refusal } from './responses.ts';

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

/** Why a webhook does not concern us. It is answered with 202: a refusal would make GoHighLevel send it again. */
export type Ignored = 'other_location' | 'other_app' | 'other_type';

export function refused(refusal: Refusal, facts: Facts = {}): Decision {
  return { kind: 'refused', refusal, facts };
}
