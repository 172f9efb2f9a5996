// One request: what handling it may touch, and what becomes of it. The webhook routes decide that; respond.ts acts on it.

import type { Role } from '../../shared/ingest-status.ts';
import type { Log } from '../../shared/log.ts';
import type { CallsHint, ContactChanged, Quarantined } from '../../shared/messages.ts';
import type { Env, World } from './env.ts';
import type { Keyring, Scheme } from './keys.ts';
import type { Refusal } from './responses.ts';
import type { Settings } from './settings.ts';

/** What handling a request may touch. */
export interface RequestContext {
  env: Env;
  world: World;
  log: Log;
  settings: Settings;
  keyring: Keyring;
  /** Who asks on an operator's route, once the token is checked. */
  role?: Role;
  /** When the request arrived, epoch ms. */
  startedAt: number;
  /** Work that goes on after the answer. */
  waitUntil(promise: Promise<unknown>): void;
}

/** Facts for the log line; the ids have been checked to be ids. */
export interface Facts {
  scheme?: Scheme | 'token';
  eventType?: string;
  locationId?: string | null;
  contactId?: string | null;
}

/** What becomes of a request. */
export type Decision =
  | { kind: 'refused'; refusal: Refusal; facts: Facts }
  | { kind: 'ignored'; why: Ignored; eventId: string; facts: Facts }
  /** `hint`: sent beside it, where the contact can be read all the same. */
  | { kind: 'quarantined'; message: Quarantined; hint: ContactChanged | null; facts: Facts }
  | { kind: 'queued'; message: ContactChanged | CallsHint; facts: Facts };

/** Why a webhook does not concern us. It is answered with 202: a refusal would make GoHighLevel send it again. */
export type Ignored = 'other_location' | 'other_app' | 'other_type' | 'no_contact';

/** The decision to turn a request away. */
export function refused(refusal: Refusal, facts: Facts = {}): Decision {
  return { kind: 'refused', refusal, facts };
}
