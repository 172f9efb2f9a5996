// A new phone of a person whom CallTools has under an earlier one.

import { mayHaveTakenEffect } from '../domain/failure.ts';
import type { Found } from './find-by-phone.ts';
import { hashesOf } from './numbers.ts';
import { confirmPhone, readBack } from './read-back.ts';
import type { Session } from './session.ts';
import { place, writeData } from './write.ts';

/**
 * A phone change keeps the person's CallTools contact where it can; false where there is none to keep. The contact gets its number
 * first. It is put into a bucket only once the number is confirmed: somebody may have taken it out under the earlier number.
 */
export async function moveToNewPhone(found: Found, session: Session): Promise<boolean> {
  const { desired, observed } = session;
  const { previousContactId: id, previousPlacing } = desired;
  // An earlier write may have made a contact with the new number that cannot be looked for: only a POST finds it.
  const taken = found.kind === 'unsupported' && (desired.inDoubt || observed.mayBeInBucket);
  if (id === null || taken || !(await isTheirs(id, session))) return false;
  const { mayBeInBucket } = observed;
  // It may be in a bucket, and have the new number as soon as that is written.
  Object.assign(observed, { callToolsId: id, mayBeInBucket: true });
  try {
    const withNumber = await setPhone(id, session);
    const placed =
      withNumber && (await place(withNumber, { ...session, desired: { ...desired, placing: previousPlacing } }));
    if (placed) {
      await readBack(placed, session);
      return true;
    }
  } catch (error) {
    // Refused: it still carries the earlier number, and is not this phone's contact.
    if (!mayHaveTakenEffect(error) && !observed.moved) Object.assign(observed, { callToolsId: null, mayBeInBucket });
    throw error;
  }
  Object.assign(observed, { callToolsId: null, mayBeInBucket, moved: false });
  return false;
}

/** False where an earlier write has given it a number that is somebody else's by now: who has that number keeps it. */
async function isTheirs(id: number, { desired: { phoneHash, previousNumbers }, dialer }: Session): Promise<boolean> {
  if (!previousNumbers) return true;
  const contact = await dialer.callTools.get(id);
  const { hashes, unread } = await hashesOf(contact?.phones ?? [], dialer.settings);
  return hashes.length === 0 || unread || hashes.some((hash) => hash === phoneHash || previousNumbers.has(hash));
}

/** Gives it the new number and the data, and no bucket; null where CallTools no longer has it. */
async function setPhone(id: number, session: Session) {
  const written = await writeData(id, session);
  const withNumber = written && (await confirmPhone(written, session));
  session.observed.moved = withNumber !== null;
  return withNumber;
}
