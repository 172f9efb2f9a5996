// The operator API's lists, and what acts on many, as types (see status.ts). No name, phone or email is in them.

import type { ContactLinks, DeadLetter } from './contacts.ts';
import type { LocatedRun } from './status.ts';

/** ISO 8601 in UTC. */
type Time = string;

/** Every list of `/api/v1`, a page at a time. `next` is the `cursor` of the next page; null after the last. */
export interface List<Item> {
  data: Item[];
  next: string | null;
}

/** One contact in a list. `GET /contacts/:id` says more. */
export interface ListedContact {
  contact_id: string;
  location_id: string;
  state: string;
  reason: string;
  /** The reason in a few words. */
  reason_text: string;
  /** The rule that matched at the last read. */
  route: string | null;
  /** The CallTools contact that has its number, as far as is known. */
  calltools_id: number | null;
  /** Since when its reason is what it is. */
  changed_at: Time;
  read_at: Time | null;
  updated_at: Time;
  links: ContactLinks;
}

/** `GET /api/v1/contacts`. The counts are of all contacts of the locations that are asked about, whatever else is filtered. */
export interface ContactList extends List<ListedContact> {
  /** Most first. */
  counts: { state: string; reason: string; reason_text: string; count: number }[];
  /** By the route that matched at the last read (null: none did), most first. `placed`: so many of them are in the dialer. */
  routes: { route: string | null; count: number; placed: number }[];
  /** They may be up to 30 s old. */
  counted_at: Time;
}

/** A contact that GoHighLevel has, and that no route has matched yet. */
export interface UnknownListed {
  contact_id: string;
  location_id: string;
  state: 'unknown';
  reason: null;
  reason_text: string;
  route: null;
  calltools_id: null;
  changed_at: null;
  read_at: null;
  updated_at: null;
  links: ContactLinks;
}
export type FoundContact = ListedContact | UnknownListed;

/** A location that could not be asked, and why. */
export interface UnreadLocation {
  location_id: string;
  error: string;
}

/** `POST /api/v1/contacts/find`. `note`: why nothing was found, for a person; null where something was. */
export interface FoundContacts extends List<FoundContact> {
  note: string | null;
  unread: UnreadLocation[];
}

/** `waiting`: for a person. `retrying`: replayed, and its end is not known yet. The others are over. */
export type LetterTab = 'waiting' | 'retrying' | 'discarded' | 'resolved';

/** `GET /api/v1/dead-letters`. Of those that wait the oldest comes first, of the others the newest. */
export type DeadLetterList = List<DeadLetter>;

/** Which dead letters an order is about; `{}`: all that wait. */
export interface LetterFilter {
  reason?: string | undefined;
  /** A part of the error, in any case. */
  error?: string | undefined;
  /** The whole error of a group, as `LetterGroup.error` has it. */
  same_error?: string | undefined;
  location?: string | undefined;
  ids?: string[] | undefined;
  /** Those that wait, unless it is `discarded`: then those whose contact is still failed. */
  status?: 'waiting' | 'discarded' | undefined;
}

/** Dead letters with one reason and one error. */
export interface LetterGroup {
  reason: string;
  /** With … in place of the contact's id, and of CallTools' id in a path. */
  error: string;
  count: number;
  /** How many of them can be retried. */
  replayable: number;
  oldest_dead_at: Time;
  newest_dead_at: Time;
  what: string;
  what_to_do: string;
  /** Ids of up to five of its contacts. */
  examples: string[];
  /** What `POST /api/v1/replays` and `POST /api/v1/discards` take for this group. */
  filter: LetterFilter;
}

/** How many letters there are, of the locations that are asked about. */
export type LetterCounts = Record<LetterTab, number>;

/** `GET /api/v1/dead-letters/groups`. The largest group comes first. */
export interface LetterGroups extends List<LetterGroup> {
  counts: LetterCounts;
  /** Contacts that have failed, and for which no letter waits or is retried: theirs were discarded. Null: there are none. */
  still_failed: { count: number; examples: string[]; filter: LetterFilter } | null;
}

/** `POST /api/v1/discards`. */
export interface ManyDiscarded {
  /** What was asked for. */
  filter: LetterFilter;
  discarded: number;
  /** Contacts of these letters that are failed, and for which no other letter waits. */
  still_failed: number;
  /** For a person. */
  note: string;
}

/** `GET /api/v1/replays/:replay`: what one order to replay many dead letters has come to. */
export interface Replay {
  id: string;
  /** What was asked for. */
  filter: LetterFilter;
  state: 'running' | 'done';
  /** How many letters it took: the sum of those below. */
  letters: number;
  /** Not sent yet. */
  waiting: number;
  /** Sent, and not ended yet. */
  retrying: number;
  fixed: number;
  failed_again: number;
  discarded: number;
  /** No longer counted: cleaned up, forgotten, or taken by a later replay. */
  gone: number;
  /** For a person, such as "98 fixed, 2 failed again." */
  note: string;
  created_at: Time;
  /** Null until the cron has seen that it is done. */
  finished_at: Time | null;
}

/** `POST /api/v1/replays`. `joined`: one with this filter was running already. */
export interface ReplayStarted extends Replay {
  joined: boolean;
}

/** `GET /api/v1/replays`: the newest order first. */
export type ReplayList = List<Replay>;

/** `GET /api/v1/runs`, newest first. */
export type RunList = List<LocatedRun>;

/** One contact that a run repaired, or that failed in it. `kind` is as in `Run.repaired`, or `failed`. */
export interface RunContact {
  contact_id: string;
  kind: string;
  at: Time;
  /** Where it is now, and why; null: it is no longer known here. */
  state: string | null;
  reason: string | null;
  /** The reason in a few words. */
  reason_text: string | null;
  links: ContactLinks;
}

/** `GET /api/v1/runs/:run/contacts`, newest first. `capped`: the run was about more contacts than the list can hold. */
export interface RunContacts extends List<RunContact> {
  capped: boolean;
}

/** The last change of a contact: when it came to be where it is, and why. */
export interface ActivityEntry {
  at: Time;
  contact_id: string;
  location_id: string;
  /** The contact's state. */
  outcome: string;
  reason: string;
  /** The reason in a few words, and in a sentence. */
  reason_text: string;
  explanation: string;
  route: string | null;
  /** What asked for that work, as in `KnownContact.history`; null: not recorded, or too long ago. */
  source: string | null;
  event_id: string | null;
  links: ContactLinks;
}

/** `GET /api/v1/activity`, newest first. A page may have fewer entries than `limit`, even none, and `next` all the same. */
export type Activity = List<ActivityEntry>;
