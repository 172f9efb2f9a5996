// Work on one phone number: what CallTools should hold under it, what is learned on the way, and what is needed to get there.

import type { Settings } from '../config/settings.ts';
import type { Placing, Wanted } from '../domain/decide.ts';
import type { FieldPlan } from '../domain/fields/field-map.ts';
import type { CallTools } from '../vendors/calltools.ts';
import type { Echoes } from './echo.ts';
import type { Lookup } from './find-by-phone.ts';
import type { SearchMembers } from './find-in-buckets.ts';
import type { LabelIds, Labels } from './labels.ts';
import type { Numbers } from './numbers.ts';

/** What CallTools should hold under one number, and what is remembered of it. */
export interface Desired {
  /** Null where only the hash is known: the number is no longer any contact's. */
  e164: string | null;
  phoneHash: string;
  wanted: Wanted;
  /** Numbers whose intents count in `wanted`; this one alone where they are not given. */
  numbers?: ReadonlySet<string>;
  /** For a number that nobody has: the numbers beside it on any CallTools contact, and whether somebody is to be dialed under each. */
  dialed?: ReadonlyMap<string, boolean> | null;
  /** A contact on which somebody is to be dialed under another number is left alone, although it carries this one. */
  sparesOthers?: boolean;
  /** CallTools contacts that are known to carry this number beside others. */
  carriers?: readonly number[];
  /** CallTools' id as remembered. */
  callToolsId: number | null;
  /** An earlier write may have happened without our knowing its outcome. */
  inDoubt: boolean;
  /** For so long a write that was given up may still take effect: what cannot be found now may appear yet. */
  doubtMs?: number;
  /** CallTools contact of the same person under an earlier phone, which may be given the new one. */
  previousContactId: number | null;
  /** The numbers that contact may carry, where an earlier write may have changed them without our knowing; null where none has. */
  previousNumbers?: ReadonlySet<string> | null;
  /** Name of the route that places the number; null where none does. */
  route: string | null;
  /** Epoch ms. */
  now: number;
  /** We have put the number into its bucket, or may have, under this route. If it has left the bucket, it may have to stay out. */
  placing: Placing | null;
  /** The same for the contact of `previousContactId`. */
  previousPlacing: Placing | null;
}

/** What has become known so far; stays valid where a step throws. */
export interface Observed {
  callToolsId: number | null;
  /** The contact is in a bucket, or may be. */
  mayBeInBucket: boolean;
  /** The contact of `previousContactId` provably carries this phone now. */
  moved: boolean;
  /** CallTools has do_not_contact set on it. */
  doNotContact: boolean;
  /** Something was written for it, whether it changed anything or not. */
  wrote?: boolean;
  /** Nothing could be looked up: that CallTools does not hold it is an assumption. */
  unverified?: boolean;
  /** What is to be remembered of putting it into its bucket. */
  placing: Placing | null;
  /** It was where it is wanted before anything was written. */
  stayed?: boolean;
  /** It was taken out in CallTools after a call, and has been left out. */
  takenOut?: boolean;
  /** It is dialed with another number of its CallTools contact. */
  along?: boolean;
  /** CallTools no longer has the contact that is remembered for the primary contact's number. */
  primaryIsLost?: boolean;
  /** Optional fields that CallTools has refused in this job, by the account's names: they are left out of what is sent. */
  leftOut?: string[];
}

/** What is needed to work on CallTools, for a whole batch. */
export interface Dialer {
  callTools: CallTools;
  labels: Labels;
  lookup: Lookup;
  members: SearchMembers;
  numbers: Numbers;
  /** What CallTools has kept of the fields that this batch has sent. */
  echoes: Echoes;
  settings: Settings;
  /** Whose values the batch writes. */
  plan: FieldPlan;
}

/** One phone while it is worked on. Every step takes it; only `observed` changes. */
export interface Session {
  readonly desired: Desired;
  readonly observed: Observed;
  /** CallTools' ids of the managed buckets and tags. */
  readonly ids: LabelIds;
  readonly dialer: Dialer;
}

/** What is remembered of putting the contact of this id into its bucket. It may be the one under the earlier number. */
export function placingFor(id: number, { placing, previousContactId, previousPlacing }: Desired): Placing | null {
  return id === previousContactId ? (placing ?? previousPlacing) : placing;
}
