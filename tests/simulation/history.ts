// A history: everything that happens to a small world, written down so that it can be run again, printed and cut down.

import type { CallToolsSettings } from '../../sandbox/calltools/settings.ts';
import type { RateLimit } from '../../sandbox/faults.ts';
import type { CallResults, DispositionName } from './agents-calls.ts';
import type { AskedAction } from './asked.ts';
import type { DealAction } from './deals.ts';
import type { Fault } from './faults.ts';
import type { FieldAction, Fields } from './fields.ts';
import type { Forms, OddForm } from './forms.ts';
import type { Kill } from './isolates.ts';
import type { RuleSetName } from './rule-sets.ts';

/** How each webhook of an action travels: the delays (ms) of its copies; none means that it is lost. */
export type Fates = number[][];
/** A copy's travelling time where nothing is to be said of it. */
export const USUAL: Fates = [[30]];

/** People are numbered; what is done to one who does not exist (any more) does nothing. `phone` is an index of `PHONES`. */
export type Action =
  | { do: 'create'; person: number; phone: number; tags: string[]; dnd: boolean; fates: Fates }
  | { do: 'retag'; person: number; tags: string[]; fates: Fates }
  | { do: 'rename'; person: number; fates: Fates }
  | { do: 'rephone'; person: number; phone: number; fates: Fates }
  | { do: 'dnd'; person: number; all?: boolean; call?: DndStatus; sms?: DndStatus; fates: Fates }
  | { do: 'delete'; person: number; fates: Fates }
  | { do: 'merge'; person: number; into: number; fates: Fates }
  /** A CSV import: this many new people to dial, each with their own number. */
  | { do: 'import'; count: number }
  /** GoHighLevel's manual Resend of a webhook sent `back` webhooks ago. */
  | { do: 'resend'; back: number }
  | { do: 'backstop'; by: 'cron' | 'trigger' }
  | ({ do: 'fault' } & Fault)
  | ({ do: 'kill'; worker: 'consumer' | 'ingest' } & Kill)
  | { do: 'jump'; ms: number }
  | RefusalAction
  /** By hand in CallTools. */
  | { do: 'delete-bucket'; bucket: string }
  /** One more bucket of this name, differently spelled perhaps; contacts with these numbers are put into it. */
  | { do: 'twin-bucket'; bucket: string; phones: number[] }
  /**
   * An agent calls the person at this number, and hears a "no"; after `afterMs` the contact is taken out, at once by an automation
   * or later by hand. Null: it is not taken out.
   */
  | { do: 'say-no'; phone: number; afterMs: number | null; noted: 'usual' | 'undated' | 'unreadable' }
  /**
   * An agent calls the person who is dialed at this number, or else anybody who is dialed, and notes this. The row of the record appears later, with an id of then
   * (`lateId`) or of the call. A call that goes on ends after `hangUpAfterMs`.
   */
  | {
      do: 'agent-call';
      phone: number;
      disposition: DispositionName;
      rowAfterMs: number;
      lateId: boolean;
      hangUpAfterMs: number;
    }
  /** Somebody changes what the row says that is so many rows back in the record, or removes it (null). */
  | { do: 'edit-row'; back: number; to: DispositionName | null }
  /** Agents call a person who is not ours, so often. */
  | { do: 'call-others'; count: number; gapMs: number; disposition: DispositionName }
  /** An operator says that the person may be dialed again. */
  | { do: 'place-again'; person: number }
  /** An operator confirms what the brake holds back. */
  | { do: 'confirm' }
  /** By hand in CallTools, to contacts of ours with this number; `bucket` is where `put-in` puts them. */
  | { do: 'by-hand'; edit: HandEdit; phone: number; bucket: string }
  /** From now on this person's tags are told in a form that cannot be read for certain. */
  | ({ do: 'odd-form'; person: number } & OddForm)
  | FieldAction
  | AskedAction
  | DealAction
  | Blend;

/** From now on a vendor refuses what concerns one record. */
export type RefusalAction =
  /**
   * Every call about this person's contact; with `part`, every write to it that has this part of a withdrawal in it, by a complaint about
   * its field if `complains`.
   */
  | {
      do: 'refuse';
      vendor: 'gohighlevel' | 'calltools';
      person: number;
      status: number;
      part?: Part;
      complains?: boolean;
    }
  /**
   * A second CallTools contact with this person's number is in a bucket, made by hand. CallTools refuses every call to the address of one
   * of the two: the one that we know, or the one that we do not.
   */
  | { do: 'refuse-one-of-two'; person: number; bucket: string; status: number; refused: 'known' | 'unknown' };

/** What a withdrawal consists of: the do-not-contact mark, leaving buckets, and losing tags. */
export type Part = 'mark' | 'buckets' | 'tags';

/**
 * By hand in CallTools, to one contact with the number `phone`: `add` gives it the number `other` too, `remove` takes that away, `merge`
 * merges a contact with that number into it. `make` makes a new contact that carries both.
 */
export interface Blend {
  do: 'blend';
  how: 'add' | 'remove' | 'merge' | 'make';
  phone: number;
  other: number;
}

/** `unmark` clears do-not-contact, `remove` deletes the contact. */
export type HandEdit = 'take-out' | 'put-in' | 'unmark' | 'remove';

export type DndStatus = 'active' | 'inactive' | 'permanent';

export interface Step {
  /** Ms since the step before. */
  gap: number;
  act: Action;
}

/** The accounts and settings of a history. */
export interface Setup {
  rules: RuleSetName;
  callTools: Partial<CallToolsSettings>;
  phoneLookup: 'contacts' | 'phonenumbers' | 'off';
  searchLagMs: number;
  /** Of each change, before GoHighLevel's GET shows it; without it at once. */
  readLagMs?: { min: number; max: number };
  searchHidesCallDnd: boolean;
  missingContactStatus: 400 | 404;
  pageSize: number;
  /** VERIFY_WITHIN_DAYS. */
  verifyDays: number;
  signature: 'hmac' | 'ed25519';
  /** Numbers that CallTools has from the start, of people whom nobody put into a bucket. */
  byHand: number[];
  /** MAX_NEW_PLACEMENTS is set. */
  brake?: number;
  /** Nothing goes wrong but one long outage: then nothing may be given up. */
  onlyOutage: boolean;
  /** People are called. */
  calls?: true;
  /** CALL_RESULTS is set. */
  callResults?: CallResults;
  /** The contact list shows opportunities. */
  listShowsDeals?: boolean;
  /** Who gives odd answers: a vendor about one record, or about everybody. Left out where nobody does. */
  odd?: 'record' | 'vendor';
  /** Fields are mapped beyond those that are by default. */
  fields?: Fields;
  /** Set where hundreds come at once: then the vendors' limits are looked at too. */
  flood: { callToolsLimit: RateLimit | null } | null;
  /** Odd forms in which the vendors tell of things; null for none. */
  forms: Forms | null;
}

export interface History {
  /** Of everything that the history does not say: latencies, the order of deliveries, jitter. */
  seed: number;
  setup: Setup;
  steps: Step[];
}

/** Few, so that people share them. The last three are none: no number, one that cannot be dialed, and one in prose. */
export const PHONES = ['+13055550142', '+13055550143', '+13055550144', '', '12', 'Do not call 305-555-0142'];
/** Index of the number in prose, which only odd histories have. */
export const PROSE = 5;
export const PEOPLE = 5;

/** The history in lines for a person. */
export function describe({ seed, setup, steps }: History): string {
  let at = 0;
  const lines = steps.map(({ gap, act: { do: verb, ...rest } }) => {
    at += gap;
    return `  +${(at / 1000).toFixed(3)} s  ${verb} ${JSON.stringify(rest)}`;
  });
  return [`seed ${seed}, ${JSON.stringify(setup)}`, ...lines].join('\n');
}
