// A new phone of a person whom CallTools has under an earlier one.

import { mayHaveTakenEffect } from '../domain/failure.ts';
import type { DialerContact } from '../vendors/calltools-schema.ts';
import { dataOf } from './contact-body.ts';
import type { Found } from './find-by-phone.ts';
import type { LabelIds } from './labels.ts';
import { confirmPhone } from './read-back.ts';
import type { Desired, Dialer, Observed } from './session.ts';
import { bringBack, settled } from './write.ts';

/**
 * A phone change keeps the person's CallTools contact where it can; false where there is none to keep. The contact gets its number
 * first. It is put into a bucket only once the number is confirmed: somebody may have taken it out under the earlier number.
 */
export async function moveToNewPhone(
  found: Found,
  target: Desired,
  ids: LabelIds,
  dialer: Dialer,
  progress: Observed,
): Promise<boolean> {
  const { previousContactId } = target;
  // What an earlier write may have made, and nobody can look for, has the number already: only a POST finds it.
  const taken = found.kind === 'unsupported' && (target.inDoubt || progress.mayBeInBucket);
  if (previousContactId === null || taken) return false;
  const { mayBeInBucket } = progress;
  // It may be in a bucket, and have the new number as soon as that is written.
  Object.assign(progress, { callToolsId: previousContactId, mayBeInBucket: true });
  const moving: Desired = { ...target, placing: target.previousPlacing };
  let changed: DialerContact | null = null;
  try {
    const renumbered = await setPhone(previousContactId, target, dialer, progress);
    progress.moved = renumbered !== null;
    changed = renumbered && (await bringBack(renumbered, moving, ids, dialer, progress));
  } catch (error) {
    // Refused: it still carries the earlier number, and is not this phone's contact.
    if (!mayHaveTakenEffect(error) && !progress.moved) Object.assign(progress, { callToolsId: null, mayBeInBucket });
    throw error;
  }
  if (changed === null) {
    Object.assign(progress, { callToolsId: null, mayBeInBucket, moved: false });
    return false;
  }
  await settled(changed, target, ids, dialer, progress);
  progress.moved = true;
  return true;
}

/** Gives it the target's number and data, and no bucket; null where CallTools no longer has it. */
async function setPhone(
  id: number,
  { wanted }: Desired,
  { callTools, settings }: Dialer,
  progress: Observed,
): Promise<DialerContact | null> {
  const changed = await callTools.update(id, dataOf(wanted, settings));
  if (changed) progress.wrote = true;
  return changed && wanted.kind === 'place'
    ? confirmPhone(changed, wanted.person.phone, { callTools, settings })
    : changed;
}
