// What does CallTools hold, asked of CallTools itself: people move contacts by hand, and nobody tells us.

import type { Placing, Wanted } from '../domain/decide.ts';
import { inNone, isOut } from './duplicates.ts';
import { isInNewLabel, type LabelIds } from './labels.ts';
import { hashesOf, noteGone, noteNumbers } from './numbers.ts';
import { misplaced } from './read-back.ts';
import type { Dialer, Observed } from './session.ts';
import { refuseTakenOut, whereabouts } from './taken-out.ts';
import { isThere } from './write.ts';

/**
 * `elsewhere`: the contact has been given another number, and is nothing of ours to keep out any more. `outside`: it is not in its bucket,
 * and may be put back. `otherwise`: anything else that is not as wanted.
 */
export type Held = 'as_wanted' | 'otherwise' | 'outside' | 'elsewhere';

/** What we remember of a number, and what is wanted for it. */
export interface Remembered {
  callToolsId: number | null;
  phoneHash: string;
  /** Null where another contact's data belongs there. */
  wanted: Wanted | null;
  /** The numbers whose wishes count together. */
  numbers: ReadonlySet<string>;
  /** CallTools contacts that are known to carry the number beside others. */
  carriers: number[];
}

/**
 * Throws TakenOut where somebody has taken the contact out after a call since it was put into its bucket (`placing`).
 *
 * Compares the contact that we remember with what is wanted: its number, our buckets and tags, do-not-contact. Its name
 * and address are not looked at: people correct those in CallTools, and GoHighLevel's next change overwrites them.
 * Throws VendorError, and MoreNumbers (numbers.ts); `progress` then says what has become known.
 */
export async function confirm(
  remembered: Remembered,
  placing: Placing | null,
  dialer: Dialer,
  progress: Observed,
): Promise<Held> {
  const { callToolsId, phoneHash, wanted, numbers } = remembered;
  const { callTools, labels, settings } = dialer;
  if (callToolsId === null || wanted === null) return 'otherwise';
  const needed = wanted.kind === 'place' ? wanted : { bucket: null, tag: null };
  let ids = await labels.resolve(needed);
  const contact = await callTools.get(callToolsId);
  if (contact === null) {
    noteGone(callToolsId, dialer);
    return 'otherwise';
  }
  await noteNumbers(contact, { wanted, phoneHash, numbers }, dialer);
  if (isInNewLabel(contact, ids)) {
    labels.forget(ids);
    ids = await labels.resolve(needed);
  }

  const spelled = wanted.kind === 'place' ? (contact.dialable ?? contact.phones) : contact.phones;
  const { hashes, unread } = await hashesOf(spelled, settings);
  const carries = hashes.includes(phoneHash);
  // A number that cannot be read may be this one: the contact is then ours to keep out.
  if (wanted.kind === 'out' && hashes.length > 0 && !carries && !unread) return 'elsewhere';

  const buckets = contact.buckets ?? (await callTools.bucketsOf(contact.id));
  progress.doNotContact = contact.doNotContact === true;
  progress.mayBeInBucket ||= !inNone(buckets, ids.bucket);
  const place = wanted.kind === 'place' ? wanted : null;
  const right =
    (place === null || carries) &&
    misplaced(buckets, ids.bucket, place?.bucket ?? null).length === 0 &&
    misplaced(contact.tags ?? [], ids.tag, place?.tag ?? null).length === 0 &&
    (wanted.kind === 'place' || !wanted.doNotContact || contact.doNotContact === true) &&
    (await othersAreOut(remembered, wanted, ids, dialer));
  if (right) return 'as_wanted';
  if (place === null || isThere({ ...contact, buckets }, place, ids)) return 'otherwise';
  await refuseTakenOut({ ...contact, buckets }, placing, whereabouts(place, ids), callTools);
  return 'outside';
}

/** Other CallTools contacts that were known to carry the number beside others: none of them is dialed beside ours. */
async function othersAreOut(
  { callToolsId, phoneHash, numbers, carriers }: Remembered,
  wanted: Wanted,
  ids: LabelIds,
  dialer: Dialer,
): Promise<boolean> {
  const doNotContact = wanted.kind === 'out' && wanted.doNotContact;
  let out = true;
  for (const id of carriers) {
    if (id === callToolsId) continue;
    const other = await dialer.callTools.get(id);
    if (other === null) noteGone(id, dialer);
    else await noteNumbers(other, { wanted, phoneHash, numbers }, dialer);
    const carries = other !== null && (await hashesOf(other.phones, dialer.settings)).hashes.includes(phoneHash);
    if (carries && !isOut(other, doNotContact, ids)) out = false;
  }
  return out;
}
