// Does CallTools still hold what we last wrote? We ask it, because people move contacts by hand and nobody tells us.

import type { DialerContact } from '../vendors/calltools-schema.ts';
import { inNone, isOut } from './duplicates.ts';
import { isInNewLabel } from './labels.ts';
import { carriesNumber, hashesOf, noteGone, noteNumbers } from './numbers.ts';
import { misplaced } from './read-back.ts';
import type { Desired, Dialer, Observed, Session } from './session.ts';
import { refuseTakenOut } from './taken-out.ts';
import { isThere } from './write.ts';

/**
 * `reassigned`: the contact has been given another number, so it is no longer ours to keep out. `left_bucket`: it is not in its bucket, and
 * may be put back. `drifted`: anything else that is not as wanted.
 */
export type Drift = 'in_sync' | 'drifted' | 'left_bucket' | 'reassigned';

/**
 * Compares the contact that we remember with what is wanted: its number, our buckets and tags, do-not-contact. Its name
 * and address are not compared: people correct those in CallTools, and GoHighLevel's next change overwrites them.
 * Throws TakenOut where somebody has taken the contact out after a call since it was put into its bucket. Throws VendorError,
 * and MoreNumbers (numbers.ts); `observed` then says what has become known.
 */
export async function checkDrift(desired: Desired, dialer: Dialer, observed: Observed): Promise<Drift> {
  const { callToolsId, wanted } = desired;
  const { callTools, labels } = dialer;
  if (callToolsId === null) return 'drifted';
  const needed = wanted.kind === 'place' ? wanted : { bucket: null, tag: null };
  let ids = await labels.resolve(needed);
  const contact = await callTools.get(callToolsId);
  if (contact === null) {
    noteGone(callToolsId, dialer);
    return 'drifted';
  }
  await noteNumbers(contact, desired, dialer);
  if (isInNewLabel(contact, ids)) {
    labels.forget(ids);
    ids = await labels.resolve(needed);
  }
  return compare(contact, { desired, observed, ids, dialer });
}

async function compare(contact: DialerContact, session: Session): Promise<Drift> {
  const { desired, observed, ids, dialer } = session;
  const { wanted, phoneHash, placing } = desired;
  const spelled = wanted.kind === 'place' ? (contact.dialable ?? contact.phones) : contact.phones;
  const { hashes, unread } = await hashesOf(spelled, dialer.settings);
  const carries = hashes.includes(phoneHash);
  // A number that cannot be read may be this one: the contact is then ours to keep out.
  if (wanted.kind === 'out' && hashes.length > 0 && !carries && !unread) return 'reassigned';

  const buckets = contact.buckets ?? (await dialer.callTools.bucketsOf(contact.id));
  observed.doNotContact = contact.doNotContact === true;
  observed.mayBeInBucket ||= !inNone(buckets, ids.bucket);
  const place = wanted.kind === 'place' ? wanted : null;
  const right =
    (place === null || carries) &&
    misplaced(buckets, ids.bucket, place?.bucket ?? null).length === 0 &&
    misplaced(contact.tags ?? [], ids.tag, place?.tag ?? null).length === 0 &&
    (wanted.kind === 'place' || !wanted.doNotContact || contact.doNotContact === true) &&
    (await othersAreOut(session));
  if (right) return 'in_sync';
  if (place === null || isThere({ ...contact, buckets }, place, ids)) return 'drifted';
  await refuseTakenOut({ ...contact, buckets }, placing, session);
  return 'left_bucket';
}

/** Other CallTools contacts that were known to carry the number beside others: none of them is dialed beside ours. */
async function othersAreOut({ desired, ids, dialer }: Session): Promise<boolean> {
  const { callToolsId, phoneHash, wanted, carriers = [] } = desired;
  const doNotContact = wanted.kind === 'out' && wanted.doNotContact;
  let out = true;
  for (const id of carriers) {
    if (id === callToolsId) continue;
    const other = await dialer.callTools.get(id);
    if (other === null) {
      noteGone(id, dialer);
      continue;
    }
    await noteNumbers(other, desired, dialer);
    const carried = await carriesNumber(other, phoneHash, dialer.settings);
    if (carried === 'yes' && !isOut(other, doNotContact, ids)) out = false;
  }
  return out;
}
