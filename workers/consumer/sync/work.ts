// What one batch works on: contacts, and their phones.

import type { Told } from '../../../shared/messages.ts';
import type { Observed } from '../dialer/session.ts';
import type { Combined, Decision, Hold, PhoneIntent, Wanted } from '../domain/decide.ts';
import type { Failure } from '../domain/failure.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { Claimed, ContactRow, DialerRow } from '../store/claim.ts';
import type { Work } from './coalesce.ts';

/** How the work on one contact ended. */
export interface Ended {
  work: Work;
  outcome: Outcome;
  /** What webhooks said of a contact that is skipped; to be remembered. */
  told?: Told;
}

/** A contact that this batch holds the lease of, and what is known of it so far. */
export interface Task {
  work: Work;
  row: ContactRow;
  /** What webhooks have said of it, including those in hand, that no read has overtaken. */
  told: Told;
  /** Times of the webhooks that the read contradicts. */
  against: number[];
  /** The decision is in doubt because a list could not be read. */
  listUnread: boolean;
  /** A webhook told of a change, and the read shows nothing new: it may have come too early. */
  tooEarly: boolean;
  /** Null until GoHighLevel has been read, and where that failed. */
  decision: Decision | null;
  /** When it was decided, epoch ms. */
  decidedAt?: number;
  /** Hash of what was read, to be compared with rows of the contact list (domain/fingerprint.ts); null where nothing was read. */
  readHash: string | null;
  /** Hash of the phone that it has now; null where it has none. */
  phoneHash: string | null;
  /** What stopped it. */
  failure: Failure | null;
  /** It could not be read, and `decision` is what webhooks say against dialing, or what a hold says. */
  readFailure: Failure | null;
  /** It was not read: a hold keeps it out whatever GoHighLevel says, and `decision` is what is remembered. */
  unasked: boolean;
}

/** An intent, and the number that the contact has. */
export interface NumberIntent extends PhoneIntent {
  phoneHash: string;
}

/** One phone's share of the batch. */
export interface Job {
  row: DialerRow;
  /** Contacts in hand that have or had this phone; never empty. */
  tasks: Task[];
  /** The numbers whose intents count: this one, and those on the same CallTools contact. */
  numbers: ReadonlySet<string>;
  /** The rows of the other numbers. */
  linked: DialerRow[];
  /** Intents of all contacts with one of these numbers, as of now. */
  intents: NumberIntent[];
  combined: Combined;
  /** Stored with the number, whether it keeps the number out at the moment or not. */
  hold: Hold | null;
  /** The row of the primary contact's number; null where no contact is to be placed. */
  primaryRow: DialerRow | null;
  /** The primary contact is worked on in this batch. */
  primaryInHand: boolean;
  /** The brake holds it back: see brake.ts. */
  braked?: boolean;
  /** This batch marks its CallTools contact for a contact that has left another of its numbers. It is placed only after that. */
  marked: boolean;
  /** Null where another contact's data belongs there: then that contact is asked for. */
  wanted: Wanted | null;
  /** See `Desired`. */
  dialed: ReadonlyMap<string, boolean> | null;
  /** Nobody has the number, and this batch marks nothing for a contact that has just left it. */
  sparesOthers: boolean;
  /** CallTools contacts that are known to carry the number beside others, and must be taken out with it. */
  carriers: number[];
  /** Null where no contact in hand still has the number, so that only its hash is known. */
  e164: string | null;
  /** The contact in hand that has left this number for another one; if several have, the one that CallTools shows. Its CallTools contact may move too. */
  leftBy: Task | null;
  /** The primary contact of this number once a contact that has left it is marked do-not-contact; null where there is no such mark. */
  next: string | null;
}

/** What is remembered of phones, for all that the batch has claimed. */
export interface Phones {
  dialer: Map<string, DialerRow>;
  intents: Map<string, PhoneIntent[]>;
}

/** Phones with the labels as they were when the last of them was claimed. */
export type ClaimedPhones = Phones & Pick<Claimed, 'labels'>;

/** How a job ended. `observed` is right even where it failed half-way. */
export interface Result {
  job: Job;
  /**
   * `confirmed`: unchanged, and CallTools itself says so. `asked`: another contact is primary, and must be read for this phone.
   * `follows`: the same, but CallTools already shows that contact under another number. `moved`: its CallTools contact has another
   * number now.
   */
  kind: 'written' | 'unchanged' | 'confirmed' | 'asked' | 'follows' | 'moved' | 'failed';
  observed: Observed;
  /** Hash of the state that CallTools provably holds, or held when it was last written to; null where neither is known. */
  fingerprint: string | null;
  /** Epoch ms: until then a write that was given up, now or earlier, may still take effect. */
  doubtUntil: number;
  failure: Failure | null;
  /** CallTools did not hold what we last wrote: it was changed there. */
  drifted: boolean;
}
