// A contact that a call, an agent or a manager took out of the dialer stays out: nobody who has just said no is dialed again because of us.

import { type CallWord, wordHash } from '../domain/call-word.ts';
import type { Placing } from '../domain/decide.ts';
import type { Rules } from '../domain/rules/conditions.ts';
import type { DialerRow } from '../store/claim.ts';
import type { DialerContact } from '../vendors/calltools-schema.ts';
import type { LabelIds } from './labels.ts';
import type { Session } from './session.ts';

/** Thrown where a person was about to be put back, and must stay out. */
export class TakenOut extends Error {
  /** As it was seen; null where the person has another number now, and this is the contact under the earlier one. */
  readonly contact: DialerContact | null;
  constructor(contact: DialerContact | null) {
    super('taken out in CallTools after a call');
    this.contact = contact;
  }
}

/**
 * What is remembered of putting a number into its bucket, as long as its route is the same. A batch that died may have put it there
 * without a trace. A route that SYNC_RULES no longer has tells nothing of GoHighLevel.
 */
export function placingOf(row: DialerRow, route: string | null, { routes }: Rules): Placing | null {
  const placing = lastPlacing(row);
  const before = placing?.route ?? null;
  const changed = before !== null && before !== route && routes.some(({ name }) => name === before);
  return changed ? null : placing;
}

/** The same, even if the route has changed. */
export function lastPlacing({ placing, inDoubt, updatedAt }: DialerRow): Placing | null {
  return placing ?? (inDoubt ? { at: updatedAt, route: null, bucket: null, tag: null, word: null } : null);
}

/** The clocks of CallTools and of a worker may differ by this much, and a time without seconds is rounded down. */
const SKEW_MS = 60_000;

/** There was a call, or a new disposition, since the contact was put into its bucket. In doubt there was. */
export async function isNewer(word: CallWord, { at, word: before }: Placing): Promise<boolean> {
  if (before !== null) return (await wordHash(word)) !== before;
  return word.undated || (word.latestAt !== null && word.latestAt > at - SKEW_MS);
}

/** Where the contact should be: ids of its bucket and tag. */
export interface Whereabouts {
  bucket: number | null;
  tag: number | null;
}

/**
 * Throws TakenOut where we had put the contact into a bucket, it is no longer there, and there was a call since. Without such a call it
 * was moved by hand, and may be put back. A contact whose answer shows no calls is read. Returns the contact, with its calls where those
 * were needed.
 */
export async function refuseTakenOut(
  contact: DialerContact,
  placing: Placing | null,
  { desired, ids, dialer }: Session,
): Promise<DialerContact> {
  const { wanted, callToolsId, previousContactId } = desired;
  if (wanted.kind === 'out' || placing === null) return contact;
  // What is remembered is not of this contact, which was never called: somebody has made it in the place of another.
  const isOther = contact.id !== callToolsId && contact.id !== previousContactId;
  const isCalled = async (word: CallWord) => (word.text !== '' || !isOther) && isNewer(word, placing);
  if (contact.word !== null && !(await isCalled(contact.word))) return contact;
  const known = placing.bucket !== null || placing.tag !== null;
  const { bucket, tag } = known ? placing : whereabouts(wanted, ids);
  const buckets = contact.buckets ?? (await dialer.callTools.bucketsOf(contact.id));
  const left = bucket !== null && !buckets.includes(bucket);
  const untagged = tag !== null && contact.tags !== null && !contact.tags.includes(tag);
  if (!left && !untagged) return contact;
  const word = contact.word ?? (await dialer.callTools.get(contact.id))?.word ?? null;
  const judged = { ...contact, buckets, word };
  if (word !== null && (await isCalled(word))) throw new TakenOut(judged);
  return judged;
}

/** The ids of the bucket and the tag that a contact is to have. */
export function whereabouts({ bucket, tag }: { bucket: string; tag: string | null }, ids: LabelIds): Whereabouts {
  return { bucket: ids.bucket.get(bucket)?.[0] ?? null, tag: tag === null ? null : (ids.tag.get(tag)?.[0] ?? null) };
}
