// Making CallTools hold what is wanted under one phone: find, write, read the echo, repair once. Running it twice changes nothing.

import { fail, mayHaveTakenEffect, VendorError } from '../domain/failure.ts';
import type { CallTools, Created } from '../vendors/calltools.ts';
import type { DialerContact } from '../vendors/calltools-schema.ts';
import { bodyFor, dataOf } from './contact-body.ts';
import { inNone, isOut, withdraw, withdrawDuplicates } from './duplicates.ts';
import { find } from './find.ts';
import { type Found, hasPhone } from './find-by-phone.ts';
import type { LabelIds } from './labels.ts';
import { hashesOf, noteGone, noteNumbers } from './numbers.ts';
import { moveToNewPhone } from './phone-change.ts';
import type { Desired, Dialer, Observed } from './session.ts';
import { refuseTakenOut, TakenOut, whereabouts } from './taken-out.ts';
import { change, isThere, refuseNewLabels, rewrite, settled, writing } from './write.ts';

/**
 * Applies `wanted`. Throws VendorError, and MoreNumbers (numbers.ts); `progress` then says how far it came. A remembered bucket id that CallTools no
 * longer knows is looked up anew once.
 */
export async function upsert(target: Desired, dialer: Dialer, progress: Observed): Promise<void> {
  try {
    await bring(target, dialer, progress);
  } catch (error) {
    if (!(error instanceof TakenOut)) throw error;
    await leaveOut(error.contact, target, dialer, progress);
  }
}

/** Leaves a contact out that was taken out, and takes it out of whatever else of ours it is in. Throws VendorError. */
export async function leaveOut(
  contact: DialerContact | null,
  target: Desired,
  dialer: Dialer,
  progress: Observed,
): Promise<void> {
  const out: Desired = {
    ...target,
    wanted: { kind: 'out', doNotContact: false },
    placing: null,
    previousPlacing: null,
  };
  Object.assign(progress, { takenOut: true, placing: null });
  if (contact === null) return bring({ ...out, previousContactId: null }, dialer, progress);
  progress.callToolsId = contact.id;
  progress.doNotContact ||= contact.doNotContact === true;
  const ids = await dialer.labels.resolve({ bucket: null, tag: null });
  progress.mayBeInBucket = !isOut(contact, false, ids);
  // Nobody is dialed at the number by way of another contact either.
  if (!progress.mayBeInBucket) return withdrawDuplicates(contact, out, ids, dialer);
  await bring({ ...out, callToolsId: contact.id, inDoubt: false, previousContactId: null }, dialer, progress);
}

async function bring(target: Desired, dialer: Dialer, progress: Observed): Promise<void> {
  const { labels } = dialer;
  const needed = target.wanted.kind === 'place' ? target.wanted : { bucket: null, tag: null };
  const ids = await labels.resolve(needed);
  try {
    await apply(target, ids, dialer, progress);
  } catch (error) {
    if (!isStale(error)) throw error;
    labels.forget(ids);
    const asked = await labels.resolve(needed);
    // Once is enough: a list may lag behind the contact.
    const fresh = { ...asked, newest: { bucket: Number.POSITIVE_INFINITY, tag: Number.POSITIVE_INFINITY } };
    try {
      await apply({ ...target, callToolsId: progress.callToolsId }, fresh, dialer, progress);
    } catch (again) {
      if (!isStale(again)) throw again;
      fail({ kind: 'contact', code: 'membership_not_applied', error: again.message });
    }
  }
}

function isStale(error: unknown): error is VendorError {
  return error instanceof VendorError && error.failure.kind === 'stale_labels';
}

async function apply(target: Desired, ids: LabelIds, dialer: Dialer, progress: Observed): Promise<void> {
  if (await applyKnown(target, ids, dialer, progress)) return;

  // Unknown, or gone from CallTools: look it up by phone before anything is created.
  const found = await find(target, ids, dialer, progress);
  if (found.kind === 'found') {
    if (!found.contacts.some(({ id }) => id === target.previousContactId)) await lookAtEarlier(target, ids, dialer);
    return existing(found.contacts, target, ids, dialer, progress);
  }
  if (found.kind === 'absent') progress.mayBeInBucket = false;
  if (target.wanted.kind === 'out') {
    if (found.kind === 'unsupported') progress.unverified = true;
    return;
  }
  const { doubtMs = 0 } = target;
  if (doubtMs > 0)
    fail({ kind: 'busy', error: 'an earlier write may still arrive at CallTools', forMs: doubtMs + 1000 });
  if (await moveToNewPhone(found, target, ids, dialer, progress)) return;
  // Where it cannot be looked for, a POST may find a contact that was taken out: the POST must not put it back.
  if (found.kind === 'unsupported' && target.placing !== null) await createOutside(target, ids, dialer, progress);
  else await create(target, ids, dialer, progress);
}

/** Without its number it cannot be looked up: what CallTools says to lack must not be in a bucket either. */
async function mustBeGone(id: number, e164: string | null, callTools: CallTools): Promise<void> {
  if (e164 !== null || (await callTools.linksOf(id)).length === 0) return;
  const error = 'CallTools says that the contact is gone, but a bucket holds it';
  fail({ kind: 'transient', vendor: 'calltools', error });
}

/** False where no contact is remembered, or CallTools no longer has it. */
async function applyKnown(target: Desired, ids: LabelIds, dialer: Dialer, progress: Observed): Promise<boolean> {
  const { known, seen } = await remembered(target, dialer);
  progress.callToolsId = known;
  if (known === null) return false;
  if (known !== target.previousContactId) await lookAtEarlier(target, ids, dialer);
  const of = forContact(known, target);
  const changed = await (seen ? bringSeen(seen, of, ids, dialer, progress) : rewrite(known, of, ids, dialer, progress));
  if (changed === null) {
    noteGone(known, dialer);
    progress.callToolsId = null;
    if (!target.inDoubt) progress.mayBeInBucket = false;
    return false;
  }
  await settled(changed, target, ids, dialer, progress);
  if (target.wanted.kind === 'out') await withdrawDuplicates(changed, target, ids, dialer);
  // An earlier try may have moved it to this phone without learning that it did.
  if (known === target.previousContactId) progress.moved = true;
  return true;
}

/**
 * The remembered id. Where it is not certain it is believed only if the contact does not carry another number; `seen` is the contact
 * then.
 */
async function remembered(
  target: Desired,
  dialer: Dialer,
): Promise<{ known: number | null; seen: DialerContact | null }> {
  const { callToolsId, inDoubt, e164, phoneHash, wanted } = target;
  const certain = !inDoubt && e164 !== null;
  if (callToolsId === null || certain) return { known: callToolsId, seen: null };
  const contact = await dialer.callTools.get(callToolsId);
  if (contact === null) {
    await mustBeGone(callToolsId, e164, dialer.callTools);
    noteGone(callToolsId, dialer);
    return { known: null, seen: null };
  }
  await noteNumbers(contact, target, dialer);
  const { hashes, unread } = await hashesOf(contact.phones, dialer.settings);
  // A number that cannot be read may be this one, which is reason enough to take the contact out.
  const ours = hashes.includes(phoneHash) || (unread && wanted.kind === 'out');
  return hashes.length === 0 || ours ? { known: callToolsId, seen: contact } : { known: null, seen: null };
}

/** What a contact of this id is to be compared with: it may be the one under the earlier number. */
function forContact(id: number, target: Desired): Desired {
  return id === target.previousContactId ? { ...target, placing: target.placing ?? target.previousPlacing } : target;
}

/** The person has another contact under the new number: if the one under the earlier number was taken out, that one stays out too. */
async function lookAtEarlier(target: Desired, ids: LabelIds, { callTools }: Dialer): Promise<void> {
  const { wanted, previousContactId, previousPlacing } = target;
  if (wanted.kind === 'out' || previousContactId === null || previousPlacing === null) return;
  const earlier = await callTools.get(previousContactId);
  try {
    if (earlier) await refuseTakenOut(earlier, previousPlacing, whereabouts(wanted, ids), callTools);
  } catch (error) {
    throw error instanceof TakenOut ? new TakenOut(null) : error;
  }
}

/** A write for a contact that was just read. Results as those of `change`. */
async function bringSeen(
  seen: DialerContact,
  target: Desired,
  ids: LabelIds,
  dialer: Dialer,
  progress: Observed,
): Promise<DialerContact | null> {
  const { wanted, placing } = target;
  if (placing === null || wanted.kind === 'out') return change(seen.id, target, ids, dialer, progress);
  if (isThere(seen, wanted, ids)) return rewrite(seen.id, target, ids, dialer, progress);
  await refuseTakenOut(seen, placing, whereabouts(wanted, ids), dialer.callTools);
  return change(seen.id, target, ids, dialer, progress);
}

/**
 * Contacts that carry the number already: one that may not be dialed is kept, so that the number is not dialed by way of another; else
 * one that is in a bucket of ours; else the oldest, which may be made by hand. A withdrawal concerns them all.
 */
async function existing(
  contacts: DialerContact[],
  target: Desired,
  ids: LabelIds,
  dialer: Dialer,
  progress: Observed,
): Promise<void> {
  const { wanted } = target;
  const inside = contacts.find(({ buckets }) => buckets !== null && !inNone(buckets, ids.bucket));
  const first = contacts.find(({ doNotContact }) => doNotContact) ?? inside ?? contacts[0];
  if (!first) return;
  for (const contact of contacts) await noteNumbers(contact, target, dialer);
  if (wanted.kind === 'place') {
    for (const contact of inside ? [] : contacts)
      await refuseTakenOut(contact, forContact(contact.id, target).placing, whereabouts(wanted, ids), dialer.callTools);
    const others = contacts.filter((contact) => contact !== first);
    await withdraw(others, target, ids, dialer);
  }
  // Where several are to go, none is remembered until all are out: another try must look for them all again.
  if (wanted.kind === 'place' || contacts.length === 1) progress.callToolsId = first.id;
  for (const contact of wanted.kind === 'out' ? contacts : [first]) {
    progress.doNotContact ||= contact.doNotContact === true;
    progress.mayBeInBucket = !inNone(contact.buckets, ids.bucket);
    refuseNewLabels(contact, ids);
    if (wanted.kind === 'out' && isOut(contact, wanted.doNotContact, ids)) continue;
    const changed = await bringSeen(contact, forContact(contact.id, target), ids, dialer, progress);
    if (changed === null)
      fail({ kind: 'transient', vendor: 'calltools', error: 'the contact vanished while it was being changed' });
    await settled(changed, target, ids, dialer, progress);
  }
  progress.callToolsId = first.id;
}

/** The one POST. Where its answer is lost, CallTools is asked at once for what may have come of it. */
async function create(target: Desired, ids: LabelIds, dialer: Dialer, progress: Observed): Promise<void> {
  const { callTools, settings } = dialer;
  let created: Created;
  try {
    created = await writing(target, progress, () => callTools.create(bodyFor(target.wanted, ids, settings, false)));
  } catch (error) {
    const found = mayHaveTakenEffect(error) ? await trace(target, dialer) : null;
    if (found?.kind !== 'found') throw error;
    return existing(found.contacts, target, ids, dialer, progress);
  }
  if (created.kind === 'duplicate') return merged(created.ids, target, ids, dialer, progress);
  progress.callToolsId = created.contact.id;
  await settled(created.contact, target, ids, dialer, progress);
}

/** The POST of the data alone. What it makes or finds is then put where it is wanted, unless it must stay out. */
async function createOutside(target: Desired, ids: LabelIds, dialer: Dialer, progress: Observed): Promise<void> {
  const { callTools, settings } = dialer;
  const created = await writing(target, progress, () => callTools.create(dataOf(target.wanted, settings)));
  if (created.kind === 'duplicate') return merged(created.ids, target, ids, dialer, progress);
  progress.callToolsId = created.contact.id;
  return existing([created.contact], target, ids, dialer, progress);
}

/** What is found under the phone; null where CallTools or our time does not let us look: the next try will. */
async function trace({ e164 }: Desired, { lookup }: Dialer): Promise<Found | null> {
  try {
    return e164 === null ? null : await lookup(e164);
  } catch {
    return null;
  }
}

/** CallTools found duplicates and answered with their ids only: those that carry the number are as good as found by it. */
async function merged(
  duplicates: number[],
  target: Desired,
  ids: LabelIds,
  dialer: Dialer,
  progress: Observed,
): Promise<void> {
  const carriers: DialerContact[] = [];
  for (const id of duplicates.toSorted((a, b) => a - b).slice(0, 5)) {
    const contact = await dialer.callTools.get(id);
    if (contact && target.e164 !== null && hasPhone(contact, target.e164, dialer.settings.DEFAULT_COUNTRY))
      carriers.push(contact);
  }
  if (carriers[0]) {
    progress.callToolsId = carriers[0].id;
    return existing(carriers, target, ids, dialer, progress);
  }
  fail({
    kind: 'contact',
    code: 'unexpected_response',
    error: 'CallTools named a duplicate that does not carry this phone',
  });
}
