// One write to CallTools and its echo: what may have happened is noted before, what did happen after.

import { wordHash } from '../domain/call-word.ts';
import { fail, mayHaveTakenEffect } from '../domain/failure.ts';
import type { DialerContact } from '../vendors/calltools-schema.ts';
import { bodyFor, dataOf } from './contact-body.ts';
import { isInNewLabel, type LabelIds } from './labels.ts';
import { noteNumbers } from './numbers.ts';
import { confirmPhone, misplaced, verifyWrite } from './read-back.ts';
import type { Desired, Dialer, Observed } from './session.ts';
import { refuseTakenOut, whereabouts } from './taken-out.ts';

/** One PATCH towards what is wanted: the contact after it, or null where CallTools has it no more. Throws VendorError. */
export async function change(
  id: number,
  target: Desired,
  ids: LabelIds,
  { callTools, settings }: Dialer,
  progress: Observed,
): Promise<DialerContact | null> {
  return writing(target, progress, () => callTools.update(id, bodyFor(target.wanted, ids, settings, true)));
}

/**
 * One PATCH of the data alone, for a contact that should be where it is wanted already; the answer shows whether it is. If somebody has
 * taken it out after a call, it must not come back by a change of its name. Results as those of `change`.
 */
export async function rewrite(
  id: number,
  target: Desired,
  ids: LabelIds,
  dialer: Dialer,
  progress: Observed,
): Promise<DialerContact | null> {
  if (target.placing === null || target.wanted.kind === 'out') return change(id, target, ids, dialer, progress);
  const written = await dialer.callTools.update(id, dataOf(target.wanted, dialer.settings));
  if (written === null) return null;
  progress.wrote = true;
  return bringBack(written, target, ids, dialer, progress);
}

/** Puts a contact that was just seen where it is wanted, unless it is there, or must stay out. Results as those of `change`. */
export async function bringBack(
  seen: DialerContact,
  target: Desired,
  ids: LabelIds,
  dialer: Dialer,
  progress: Observed,
): Promise<DialerContact | null> {
  const { wanted, placing } = target;
  await noteNumbers(seen, target, dialer);
  if (placing === null || wanted.kind === 'out') return change(seen.id, target, ids, dialer, progress);
  const contact = { ...seen, buckets: seen.buckets ?? (await dialer.callTools.bucketsOf(seen.id)) };
  if (isThere(contact, wanted, ids)) {
    progress.placing = { ...placing, ...whereabouts(wanted, ids), route: placing.route ?? target.route };
    progress.stayed = true;
    return contact;
  }
  await refuseTakenOut(contact, placing, whereabouts(wanted, ids), dialer.callTools);
  // Somebody may have given it another number by hand, at which it must not be dialed.
  await confirmPhone(contact, wanted.person.phone, dialer);
  return change(contact.id, target, ids, dialer, progress);
}

/** It is in the wanted bucket, and has the wanted tag, and no others of ours. Tags that are not shown are taken for right. */
export function isThere(
  { buckets, tags }: Pick<DialerContact, 'buckets' | 'tags'>,
  { bucket, tag }: { bucket: string; tag: string | null },
  ids: LabelIds,
): boolean {
  const wrongTags = tags === null ? [] : misplaced(tags, ids.tag, tag);
  return misplaced(buckets ?? [], ids.bucket, bucket).length + wrongTags.length === 0;
}

/** While a placing write is under way the contact may be in a bucket; after a clear refusal (or a 404) it is where it was. */
export async function writing<T>(target: Desired, progress: Observed, write: () => Promise<T>): Promise<T> {
  const { mayBeInBucket, placing } = progress;
  if (target.wanted.kind === 'place') {
    progress.mayBeInBucket = true;
    progress.placing ??= { at: target.now, route: target.route, bucket: null, tag: null, word: null };
  }
  try {
    const written = await write();
    if (written === null) Object.assign(progress, { mayBeInBucket, placing });
    else progress.wrote = true;
    return written;
  } catch (error) {
    if (!mayHaveTakenEffect(error)) Object.assign(progress, { mayBeInBucket, placing });
    throw error;
  }
}

/** Holds the echo of a write against what is wanted, repairs once, and notes where the contact is. Throws VendorError and MoreNumbers. */
export async function settled(
  contact: DialerContact,
  target: Desired,
  ids: LabelIds,
  dialer: Dialer,
  progress: Observed,
): Promise<void> {
  await noteNumbers(contact, target, dialer);
  refuseNewLabels(contact, ids);
  const confirmed = await verifyWrite(contact, target.wanted, ids, dialer);
  // An echo may have shown no number at all.
  if (confirmed !== contact) await noteNumbers(confirmed, target, dialer);
  const { wanted, now: at, route } = target;
  progress.mayBeInBucket = wanted.kind === 'place';
  if (wanted.kind === 'out') progress.placing = null;
  else if (!progress.stayed)
    progress.placing = { at, route, ...whereabouts(wanted, ids), word: await wordHash(contact.word) };
  progress.doNotContact ||= confirmed.doNotContact === true;
}

/** A bucket that was made since CallTools was asked for them may have a managed name: CallTools is asked anew. */
export function refuseNewLabels(contact: DialerContact, ids: LabelIds): void {
  if (isInNewLabel(contact, ids))
    fail({ kind: 'stale_labels', error: 'the contact is in a bucket that is not known yet' });
}
