// Making CallTools hold what is wanted under one phone: find, write, read the echo, repair once. Running it twice changes nothing.

import type { CallTools, Created, DialerContact } from './calltools.ts';
import { bodyFor } from './contact-body.ts';
import type { Wanted } from './decide.ts';
import { confirmDialer, confirmPhone } from './echo.ts';
import { fail, mayHaveTakenEffect, VendorError } from './failure.ts';
import { find } from './find.ts';
import type { LabelIds, Labels } from './labels.ts';
import { type Found, hasPhone, type Lookup } from './lookup.ts';
import type { SearchMembers } from './members.ts';
import { phoneHash, toE164 } from './phone.ts';
import type { Settings } from './settings.ts';

export interface Target {
  /** Null where only the hash is known: the number is no longer any contact's. */
  e164: string | null;
  phoneHash: string;
  wanted: Wanted;
  /** CallTools' id as remembered. */
  callToolsId: number | null;
  /** An earlier write may have happened without our knowing its outcome. */
  uncertain: boolean;
  /** For so long a write that was given up may still take effect: what cannot be found now may appear yet. */
  doubtMs?: number;
  /** CallTools contact of the same person under an earlier phone, which may be given the new one. */
  adoptable: number | null;
  /** It certainly is in a bucket, under the earlier phone. */
  adoptableHeld?: boolean;
}

/** What has become known so far; stays valid when `upsert` throws half-way. */
export interface Progress {
  callToolsId: number | null;
  /** The contact is in a bucket, or may be. */
  held: boolean;
  /** `adoptable` provably carries this phone now. */
  adopted: boolean;
  /** CallTools has do_not_contact set on it. */
  doNotContact: boolean;
  /** Something was written for it, whether it changed anything or not. */
  wrote?: boolean;
  /** Nothing could be looked up: that CallTools does not hold it is an assumption. */
  unverified?: boolean;
}

export interface Dialer {
  callTools: CallTools;
  labels: Labels;
  lookup: Lookup;
  members: SearchMembers;
  settings: Settings;
}

const NO_LABELS: LabelIds = { bucket: new Map(), tag: new Map() };

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
    const fresh = await labels.resolve(needed);
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
  { callToolsId, uncertain, e164, phoneHash: wantedHash }: Target,
  { callTools, settings }: Dialer,
) {
  const certain = !uncertain && e164 !== null;
  if (callToolsId === null || certain) return callToolsId;
  const contact = await callTools.get(callToolsId);
  if (contact === null) return null;
  const numbers = contact.phones.flatMap((phone) => toE164(phone, settings.DEFAULT_COUNTRY) ?? []);
  const hashes = await Promise.all(numbers.map((number) => phoneHash(settings.GHL_LOCATION_ID, number)));
  return hashes.length === 0 || hashes.includes(wantedHash) ? callToolsId : null;
}

/**
 * Contacts that carry the number already: one that is in a bucket of ours is kept, else the oldest, which may be made by hand; a
 * withdrawal concerns them all.
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
  const first = inside ?? contacts[0];
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
    if (wanted.kind === 'out' && isOut(contact, wanted.doNotContact, ids)) continue;
    const changed = await change(contact.id, target, ids, dialer, progress);
    if (changed === null)
      fail({ kind: 'transient', vendor: 'calltools', error: 'the contact vanished while it was being changed' });
    await settled(changed, target, ids, dialer, progress);
  }
  progress.callToolsId = first.id;
}

/** Others with the number of a contact that was taken out, made by hand or by an account that does not merge. */
async function withdrawTwins(known: number, target: Target, ids: LabelIds, dialer: Dialer): Promise<void> {
  if (target.e164 === null) return;
  const found = await dialer.lookup(target.e164);
  if (found.kind !== 'found') return;
  const twins = found.contacts.filter(({ id }) => id !== known);
  await withdraw(twins, target, ids, dialer);
}

/** Takes these out of every managed bucket and tag; their numbers are not to be dialed beside, or in place of, the target. */
async function withdraw(contacts: DialerContact[], target: Target, ids: LabelIds, dialer: Dialer): Promise<void> {
  const doNotContact = target.wanted.kind === 'out' && target.wanted.doNotContact;
  const aside: Target = { ...target, wanted: { kind: 'out', doNotContact } };
  for (const contact of contacts) {
    if (isOut(contact, doNotContact, ids)) continue;
    const progress: Progress = { callToolsId: contact.id, held: true, adopted: false, doNotContact: false };
    const changed = await change(contact.id, aside, ids, dialer, progress);
    if (changed !== null) await settled(changed, aside, ids, dialer, progress);
  }
}

/** Nothing to do for a withdrawal: in no managed bucket or tag, and marked where it must be. */
function isOut(contact: DialerContact, doNotContact: boolean, ids: LabelIds): boolean {
  const marked = !doNotContact || contact.doNotContact === true;
  return marked && inNone(contact.buckets, ids.bucket) && inNone(contact.tags, ids.tag);
}

export function inNone(held: number[] | null, managed: Map<string, number>): boolean {
  return managed.size === 0 || (held !== null && ![...managed.values()].some((id) => held.includes(id)));
}

async function change(
  id: number,
  target: Target,
  ids: LabelIds,
  { callTools, settings }: Dialer,
  progress: Progress,
): Promise<DialerContact | null> {
  return writing(target, progress, () => callTools.update(id, bodyFor(target.wanted, ids, settings, true)));
}

/** While a placing write is under way the contact may be in a bucket; after a clear refusal (or a 404) it is where it was. */
async function writing<T>({ wanted }: Target, progress: Progress, write: () => Promise<T>): Promise<T> {
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

/**
 * A phone change keeps the person's CallTools contact where it can; false where there is none to keep. One that is in no bucket
 * gets its number first: if that does not take, it must not be dialed at the earlier one.
 */
async function adopt(
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

/** CallTools found duplicates and answered with their ids only: take the one that carries the number, and write it again to be sure. */
async function merged(
  duplicates: number[],
  target: Target,
  ids: LabelIds,
  dialer: Dialer,
  progress: Progress,
): Promise<void> {
  for (const id of duplicates.toSorted((a, b) => a - b).slice(0, 5)) {
    const contact = await dialer.callTools.get(id);
    if (!contact || target.e164 === null || !hasPhone(contact, target.e164, dialer.settings.DEFAULT_COUNTRY)) continue;
    progress.callToolsId = id;
    const changed = await change(id, target, ids, dialer, progress);
    if (changed) return settled(changed, target, ids, dialer, progress);
  }
  fail({
    kind: 'contact',
    code: 'unexpected_response',
    error: 'CallTools named a duplicate that does not carry this phone',
  });
}

async function settled(
  contact: DialerContact,
  target: Target,
  ids: LabelIds,
  dialer: Dialer,
  progress: Progress,
): Promise<void> {
  const confirmed = await confirmDialer(contact, target.wanted, ids, dialer);
  progress.held = target.wanted.kind === 'place';
  progress.doNotContact ||= confirmed.doNotContact === true;
}
