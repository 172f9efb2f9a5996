// One write to CallTools and its echo: what may have happened is noted before, what did happen after.

import type { DialerContact } from './calltools-answer.ts';
import { bodyFor } from './contact-body.ts';
import type { Dialer, Progress, Target } from './dialer-target.ts';
import { confirmDialer } from './echo.ts';
import { fail, mayHaveTakenEffect } from './failure.ts';
import { isInNewLabel, type LabelIds } from './labels.ts';

/** One PATCH towards what is wanted: the contact after it, or null where CallTools has it no more. Throws VendorError. */
export async function change(
  id: number,
  target: Target,
  ids: LabelIds,
  { callTools, settings }: Dialer,
  progress: Progress,
): Promise<DialerContact | null> {
  return writing(target, progress, () => callTools.update(id, bodyFor(target.wanted, ids, settings, true)));
}

/** While a placing write is under way the contact may be in a bucket; after a clear refusal (or a 404) it is where it was. */
export async function writing<T>({ wanted }: Target, progress: Progress, write: () => Promise<T>): Promise<T> {
  const before = progress.held;
  if (wanted.kind === 'place') progress.held = true;
  try {
    const written = await write();
    if (written === null) progress.held = before;
    else progress.wrote = true;
    return written;
  } catch (error) {
    if (!mayHaveTakenEffect(error)) progress.held = before;
    throw error;
  }
}

/** Holds the echo of a write against what is wanted, repairs once, and notes where the contact is. Throws VendorError. */
export async function settled(
  contact: DialerContact,
  target: Target,
  ids: LabelIds,
  dialer: Dialer,
  progress: Progress,
): Promise<void> {
  refuseNewLabels(contact, ids);
  const confirmed = await confirmDialer(contact, target.wanted, ids, dialer);
  progress.held = target.wanted.kind === 'place';
  progress.doNotContact ||= confirmed.doNotContact === true;
}

/** A bucket that was made since CallTools was asked for them may have a managed name: CallTools is asked anew. */
export function refuseNewLabels(contact: DialerContact, ids: LabelIds): void {
  if (isInNewLabel(contact, ids))
    fail({ kind: 'stale_labels', error: 'the contact is in a bucket that is not known yet' });
}
