// The operator API's answers about contacts and dead letters, as types (see status.ts).

/** ISO 8601 in UTC. */
type Time = string;

/** `waiting`: for a person. The others are over: `resolved` means that its contact has succeeded since. */
export type DeadLetterStatus = 'waiting' | 'replayed' | 'discarded' | 'resolved';

/** Something that could not be done. `reason` is a code; `GET /dead-letters` explains each under `by_reason`. */
export interface DeadLetter {
  id: string;
  status: DeadLetterStatus;
  reason: string;
  error: string;
  location_id: string | null;
  contact_id: string | null;
  replayable: boolean;
  attempts: number;
  replays: number;
  received_at: Time;
  dead_at: Time;
  replayed_at: Time | null;
  settled_at: Time | null;
  /** Another letter of the same contact, later than the last replay. */
  died_again: { id: string; reason: string; error: string; dead_at: Time } | null;
  /** The queue message, without what it said of the contact. */
  message: unknown;
}

/** How many letters have this reason, and what a person can do about it. */
export interface DeadLetterReason {
  reason: string;
  count: number;
  oldest_dead_at: Time;
  what: string;
  what_to_do: string;
}

/** `GET /dead-letters`. `total` and `by_reason` count all that the filter matches, not only this page. */
export interface DeadLetters {
  dead_letters: DeadLetter[];
  total: number;
  by_reason: DeadLetterReason[];
  /** The `cursor` of the next page. */
  next: string | null;
}

/** What became of one letter. `not_waiting`: it was replayed, discarded or resolved before. */
export interface LetterOutcome {
  id: string;
  outcome: 'replayed' | 'discarded' | 'not_waiting' | 'not_replayable' | 'not_found' | 'send_failed';
}

/** `POST /dead-letters/replay`. */
export interface Replayed {
  outcomes: LetterOutcome[];
}

/** `POST /dead-letters/discard`. */
export interface Discarded {
  outcomes: LetterOutcome[];
  still_failed: { contact_id: string; location_id: string; reason: string }[];
  /** For a person. */
  note: string | null;
}

/** What CallTools is believed to hold under one number of a contact. */
export interface DialerState {
  number: 'present' | 'earlier';
  calltools_id: number | null;
  in_a_bucket: boolean;
  shows_contact_id: string | null;
  verified_at: Time | null;
  hold: { reason: string; route: string; since: Time } | null;
}

/** Where a person finds the contact in the vendors' own pages. Null: the address is not known. */
export interface ContactLinks {
  gohighlevel: string | null;
  calltools: string | null;
}

/** `written`: CallTools holds what it should. `decided`: it was found that nothing is to be dialed. */
export type TimelineStep = 'received' | 'read' | 'decided' | 'written' | 'failed' | 'call' | 'replayed' | 'operator';

/** Something that happened to a contact, in words for a person. */
export interface TimelineEntry {
  at: Time;
  step: TimelineStep;
  text: string;
  /** Which try it was; null where tries are not counted. */
  attempts: number | null;
}

interface AnyContact {
  contact_id: string;
  location_id: string;
  state: string;
  reason: string | null;
  /** Why it is being called, or is not: one sentence, without a value of the contact. */
  sentence: string;
  links: ContactLinks;
  /** Newest first, from what is stored about the latest work, calls, dead letters and actions. */
  timeline: TimelineEntry[];
  explanation: string;
  what_to_do: string;
  calltools_id: number | null;
  dialer: DialerState[];
  /** Ids of other contacts. */
  same_phone: string[];
  same_calltools_contact: string[];
  duplicate_labels: { kind: string; name: string; used_id: number | null; other_ids: number[] }[];
  dead_letters: DeadLetter[];
  /** Its latest calls that were noted in CallTools, newest first; none where CALL_RESULTS was never set. */
  calls: NotedCall[];
}

/** What an agent noted of a call. */
export interface NotedCall {
  /** Null: the account's list has no such disposition. */
  disposition: string | null;
  called_at: Time | null;
  seen_at: Time;
  /** It keeps the person out of the dialer, or did until a change of route or an operator ended that. */
  hold: boolean;
  /** Since when all numbers of the CallTools contact are held because of it. */
  held_at: Time | null;
  /** That hold has ended: a change of route or an operator has ended it. */
  released: boolean;
  /** What it causes to be written to the GoHighLevel contact. */
  writes: CallWriteState[];
}

/** A write that a call causes. `dropped`: nothing is to be written any more. `failed`: a dead letter waits. */
export interface CallWriteState {
  step: 'tags' | 'dnd' | 'workflow' | 'note';
  state: 'waiting' | 'done' | 'dropped' | 'failed';
  /** Since when. */
  at: Time;
}

/** One attempt at a contact, and how it ended. */
export interface HistoryEntry {
  at: Time;
  outcome: string;
  reason: string;
  source: string;
  event_id: string;
}

/** A contact that the pipeline has worked on, or is about to. */
export interface KnownContact extends AnyContact {
  reason: string;
  route: string | null;
  /** What the rules want: `place`, `out`, `dnc` or `none`. */
  wish: string;
  attempts: number;
  /** Of the rules: the condition that keeps it out, for the reasons `not_permitted` and `rule_in_doubt`. */
  condition: string | null;
  error: string | null;
  /** Fields that CallTools refused, by its own names: the contact is in the dialer without them. */
  left_out: string[];
  lease: { until: Time } | null;
  read_at: Time | null;
  read_again_at: Time | null;
  created_at: Time;
  updated_at: Time;
  /** Newest first. */
  history: HistoryEntry[];
}

/** Only its dead letters are known. */
export interface UnknownContact extends AnyContact {
  state: 'unknown';
  reason: null;
}

/** `GET /contacts/:id`. */
export type Contact = KnownContact | UnknownContact;

/** `POST /contacts/:id/forget`. */
export interface Forgotten {
  contact_id: string;
  location_id: string;
  forgotten: { contacts: number; numbers: number; dead_letters: number };
  /** Its contacts in CallTools, which stay there. */
  calltools_ids: number[];
  note: string;
}

/** `POST /contacts/:id/place`. `placed`: it is in the dialer already. */
export interface Placed {
  contact_id: string;
  location_id: string;
  status: 'queued' | 'placed';
}

/** `POST /contacts/:id/recheck`. */
export interface Rechecked {
  contact_id: string;
  location_id: string;
  status: 'queued';
  note: string;
}

/** `POST /contacts/:id/retry`. */
export interface Retried {
  contact_id: string;
  location_id: string;
  outcome: 'retried';
  /** Ids of the letters that were replayed with it. */
  dead_letters: string[];
  note: string;
}

/** One field of CallTools, as the next write would leave it. */
export interface FieldPreview {
  field: string;
  /** What would be sent; null: nothing. Where the outcome is `cleared`, an empty text, an empty list or null empties the field. */
  value: string | number | boolean | string[] | null;
  /** Where it comes from, in the words of the settings. */
  from: string;
  /** `kept`: nothing is sent. `dropped`: the account has no such field. `refused`: CallTools would not take the value, so it is left out. */
  outcome: 'written' | 'default' | 'cleared' | 'kept' | 'dropped' | 'refused';
  /** Why, for a person. */
  note: string | null;
}

/** `GET /contacts/:id/fields`, with values: for the operator's eyes only. */
export interface ContactFields {
  contact_id: string;
  location_id: string;
  /** Whether the rules place it: only then are fields written. */
  placed: boolean;
  explanation: string;
  fields: FieldPreview[];
  /** What could not be found out. */
  notes: string[];
}
