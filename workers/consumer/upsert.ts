// Making CallTools hold what is wanted under one phone: find, write, read the echo, repair once. Running it twice changes nothing.

import { adopt } from './adopt.ts';
import type { Created } from './calltools.ts';
import type { DialerContact } from './calltools-answer.ts';
import { bodyFor } from './contact-body.ts';
import { change, refuseNewLabels, settled, writing } from './dialer-change.ts';
import type { Dialer, Progress, Target } from './dialer-target.ts';
import { fail, mayHaveTakenEffect, VendorError } from './failure.ts';
import { find } from './find.ts';
import type { LabelIds } from './labels.ts';
import { type Found, hasPhone } from './lookup.ts';
import { numbersIn, phoneHash } from './phone.ts';
import { inNone, isOut, withdraw, withdrawTwins } from './twins.ts';

/**
 * Applies `wanted`. Throws VendorError; `progress` then says how far it came. A remembered bucket id that CallTools no
 * longer knows is looked up anew once.
 */
export async function upsert(target: Target, dialer: Dialer, progress: Progress): Promise<void> {
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

async function apply(target: Target, ids: LabelIds, dialer: Dialer, progress: Progress): Promise<void> {
  const known = await rememberedId(target, dialer);
  progress.callToolsId = known;
  if (known !== null) {
    const changed = await change(known, target, ids, dialer, progress);
    if (changed !== null) {
      await settled(changed, target, ids, dialer, progress);
      if (target.wanted.kind === 'out') await withdrawTwins(known, target, ids, dialer);
      // An earlier try may have moved it to this phone without learning that it did.
      if (known === target.adoptable) progress.adopted = true;
      return;
    }
    progress.callToolsId = null;
    if (!target.uncertain) progress.held = false;
  }

  // Unknown, or gone from CallTools: look it up by phone before anything is created.
  const found = await find(target, ids, dialer, progress);
  if (found.kind === 'found') return existing(found.contacts, target, ids, dialer, progress);
  if (found.kind === 'absent') progress.held = false;
  if (target.wanted.kind === 'out') {
    if (found.kind === 'unsupported') progress.unverified = true;
    return;
  }
  const { doubtMs = 0 } = target;
  if (doubtMs > 0)
    fail({ kind: 'busy', error: 'an earlier write may still arrive at CallTools', forMs: doubtMs + 1000 });
  if (!(await adopt(found, target, ids, dialer, progress))) await create(target, ids, dialer, progress);
}

/** The remembered id. Where it is not certain it is believed only if the contact does not carry another number. */
async function rememberedId(
  { callToolsId, uncertain, e164, phoneHash: wantedHash, wanted }: Target,
  { callTools, settings }: Dialer,
) {
  const certain = !uncertain && e164 !== null;
  if (callToolsId === null || certain) return callToolsId;
  const contact = await callTools.get(callToolsId);
  if (contact === null) return null;
  const { numbers, unread } = numbersIn(contact.phones, settings.DEFAULT_COUNTRY);
  const hashes = await Promise.all(numbers.map((number) => phoneHash(settings.GHL_LOCATION_ID, number)));
  // A number that cannot be read may be this one, which is reason enough to take the contact out.
  const ours = hashes.includes(wantedHash) || (unread && wanted.kind === 'out');
  return hashes.length === 0 || ours ? callToolsId : null;
}

/**
 * Contacts that carry the number already: one that may not be dialed is kept, so that the number is not dialed by way of another; else
 * one that is in a bucket of ours; else the oldest, which may be made by hand. A withdrawal concerns them all.
 */
async function existing(
  contacts: DialerContact[],
  target: Target,
  ids: LabelIds,
  dialer: Dialer,
  progress: Progress,
): Promise<void> {
  const { wanted } = target;
  const inside = contacts.find(({ buckets }) => buckets !== null && !inNone(buckets, ids.bucket));
  const first = contacts.find(({ doNotContact }) => doNotContact) ?? inside ?? contacts[0];
  if (!first) return;
  if (wanted.kind === 'place') {
    const others = contacts.filter((contact) => contact !== first);
    await withdraw(others, target, ids, dialer);
  }
  // Where several are to go, none is remembered until all are out: another try must look for them all again.
  if (wanted.kind === 'place' || contacts.length === 1) progress.callToolsId = first.id;
  for (const contact of wanted.kind === 'out' ? contacts : [first]) {
    progress.doNotContact ||= contact.doNotContact === true;
    progress.held = !inNone(contact.buckets, ids.bucket);
    refuseNewLabels(contact, ids);
    if (wanted.kind === 'out' && isOut(contact, wanted.doNotContact, ids)) continue;
    const changed = await change(contact.id, target, ids, dialer, progress);
    if (changed === null)
      fail({ kind: 'transient', vendor: 'calltools', error: 'the contact vanished while it was being changed' });
    await settled(changed, target, ids, dialer, progress);
  }
  progress.callToolsId = first.id;
}

/** The one POST. Where its answer is lost, CallTools is asked at once for what may have come of it. */
async function create(target: Target, ids: LabelIds, dialer: Dialer, progress: Progress): Promise<void> {
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

/** What is found under the phone; null where CallTools or our time does not let us look: the next try will. */
async function trace({ e164 }: Target, { lookup }: Dialer): Promise<Found | null> {
  try {
    return e164 === null ? null : await lookup(e164);
  } catch {
    return null;
  }
}

/** CallTools found duplicates and answered with their ids only: those that carry the number are as good as found by it. */
async function merged(
  duplicates: number[],
  target: Target,
  ids: LabelIds,
  dialer: Dialer,
  progress: Progress,
): Promise<void> {
  const carriers: DialerContact[] = [];
  for (const id of duplicates.toSorted((a, b) => a - b).slice(0, 5)) {
    const contact = await dialer.callTools.get(id);
    if (contact && target.e164 !== null && hasPhone(contact, target.e164, dialer.settings.DEFAULT_COUNTRY))
      carriers.push(contact);
  }
  if (carriers.length > 0) return existing(carriers, target, ids, dialer, progress);
  fail({
    kind: 'contact',
    code: 'unexpected_response',
    error: 'CallTools named a duplicate that does not carry this phone',
  });
}
