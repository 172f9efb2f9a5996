// A new phone of a person whom CallTools has under an earlier one.

import type { DialerContact } from './calltools-answer.ts';
import { bodyFor } from './contact-body.ts';
import { change, settled } from './dialer-change.ts';
import type { Dialer, Progress, Target } from './dialer-target.ts';
import { confirmPhone } from './echo.ts';
import { mayHaveTakenEffect } from './failure.ts';
import type { LabelIds } from './labels.ts';
import type { Found } from './lookup.ts';

const NO_LABELS: LabelIds = { bucket: new Map(), tag: new Map(), newest: { bucket: 0, tag: 0 } };

/**
 * A phone change keeps the person's CallTools contact where it can; false where there is none to keep. One that is in no bucket
 * gets its number first: if that does not take, it must not be dialed at the earlier one.
 */
export async function adopt(
  found: Found,
  target: Target,
  ids: LabelIds,
  dialer: Dialer,
  progress: Progress,
): Promise<boolean> {
  const { adoptable } = target;
  // What an earlier write may have made, and nobody can look for, has the number already: only a POST finds it.
  const taken = found.kind === 'unsupported' && (target.uncertain || progress.held);
  if (adoptable === null || taken) return false;
  progress.callToolsId = adoptable;
  let changed: DialerContact | null = null;
  try {
    if (!target.adoptableHeld) progress.adopted = await renumber(adoptable, target, dialer);
    if (target.adoptableHeld || progress.adopted) changed = await change(adoptable, target, ids, dialer, progress);
  } catch (error) {
    // Refused: it still carries the earlier number, and is not this phone's contact.
    if (!mayHaveTakenEffect(error) && !progress.adopted) progress.callToolsId = null;
    throw error;
  }
  if (changed === null) {
    progress.callToolsId = null;
    return false;
  }
  await settled(changed, target, ids, dialer, progress);
  progress.adopted = true;
  return true;
}

/** Gives it the target's number and data, and no bucket; false where CallTools has it no more. */
async function renumber(id: number, { wanted }: Target, { callTools, settings }: Dialer): Promise<boolean> {
  if (wanted.kind !== 'place') return true;
  const changed = await callTools.update(id, bodyFor(wanted, NO_LABELS, settings, false));
  if (changed === null) return false;
  await confirmPhone(changed, wanted.person.phone, { callTools, settings });
  return true;
}
