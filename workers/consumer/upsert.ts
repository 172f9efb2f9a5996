// Making CallTools hold what is wanted under one phone: find, write, read the echo, repair once. Running it twice changes nothing.

import type { CallTools, ContactBody, DialerContact } from './calltools.ts';
import type { Wanted } from './decide.ts';
import { confirmDialer } from './echo.ts';
import { fail, VendorError } from './failure.ts';
import type { LabelIds, Labels } from './labels.ts';
import { hasPhone, type Lookup } from './lookup.ts';
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
  /** CallTools contact of the same person under an earlier phone, which may be given the new one. */
  adoptable: number | null;
}

/** What has become known so far; stays valid when `upsert` throws half-way. */
export interface Progress {
  callToolsId: number | null;
  /** The contact is in a bucket, or may be. */
  held: boolean;
  /** `adoptable` carries this phone now. */
  adopted: boolean;
  /** CallTools has do_not_contact set on it. */
  doNotContact: boolean;
}

export interface Dialer {
  callTools: CallTools;
  labels: Labels;
  lookup: Lookup;
  settings: Settings;
}

/**
 * Applies `wanted`. Throws VendorError; `progress` then says how far it came. A remembered bucket id that CallTools no
 * longer knows is looked up anew once.
 */
export async function upsert(target: Target, dialer: Dialer, progress: Progress): Promise<void> {
  try {
    await apply(target, dialer, progress);
  } catch (error) {
    if (!(error instanceof VendorError) || error.failure.kind !== 'stale_labels') throw error;
    dialer.labels.forget();
    await apply({ ...target, callToolsId: progress.callToolsId }, dialer, progress);
  }
}

async function apply(target: Target, dialer: Dialer, progress: Progress): Promise<void> {
  const { wanted } = target;
  const ids = await dialer.labels.resolve(wanted.kind === 'place' ? wanted : { bucket: null, tag: null });
  const known = await rememberedId(target, dialer);
  progress.callToolsId = known;
  if (wanted.kind === 'place') progress.held = true;

  const changed = known === null ? null : await change(known, target, ids, dialer);
  if (known !== null && changed !== null) return settled(changed, target, ids, dialer, progress);

  // Unknown, or gone from CallTools: look it up by phone before anything is created.
  progress.callToolsId = null;
  const found = target.e164 === null ? ({ kind: 'absent' } as const) : await dialer.lookup(target.e164);
  if (found.kind === 'unsupported' && target.uncertain && dialer.settings.CALLTOOLS_PHONE_LOOKUP !== 'off') {
    fail({ kind: 'contact', code: 'lookup_unsupported', error: UNSUPPORTED });
  }
  if (found.kind === 'found') return existing(found.contacts, target, ids, dialer, progress);
  if (wanted.kind === 'out') {
    progress.held = target.e164 === null && progress.held;
    return;
  }
  const made = await adoptOrCreate(target, ids, dialer, progress);
  await settled(made, target, ids, dialer, progress);
}

const UNSUPPORTED =
  'an earlier write may have created this contact, and CallTools ignores the phone filter: check by hand, then replay; ' +
  'set CALLTOOLS_PHONE_LOOKUP to off if your account merges duplicates by phone';

/** The remembered id. After an unfinished write it is believed only if the contact does not carry another number. */
async function rememberedId(
  { callToolsId, uncertain, phoneHash: wantedHash }: Target,
  { callTools, settings }: Dialer,
) {
  if (callToolsId === null || !uncertain) return callToolsId;
  const contact = await callTools.get(callToolsId);
  if (contact === null) return null;
  const numbers = contact.phones.flatMap((phone) => toE164(phone, settings.DEFAULT_COUNTRY) ?? []);
  const hashes = await Promise.all(numbers.map((number) => phoneHash(settings.GHL_LOCATION_ID, number)));
  return hashes.length === 0 || hashes.includes(wantedHash) ? callToolsId : null;
}

/** Contacts that carry the number already: the oldest is ours to keep; a withdrawal concerns them all. */
async function existing(
  contacts: DialerContact[],
  target: Target,
  ids: LabelIds,
  dialer: Dialer,
  progress: Progress,
): Promise<void> {
  const [first] = contacts;
  if (!first) return;
  progress.callToolsId = first.id;
  for (const contact of target.wanted.kind === 'out' ? contacts : [first]) {
    if (target.wanted.kind === 'out' && isOut(contact, target.wanted.doNotContact, ids)) {
      progress.held = false;
      continue;
    }
    const changed = await change(contact.id, target, ids, dialer);
    if (changed === null)
      fail({ kind: 'transient', vendor: 'calltools', error: 'the contact vanished while it was being changed' });
    await settled(changed, target, ids, dialer, progress);
  }
  progress.callToolsId = first.id;
}

/** Nothing to do for a withdrawal: in no managed bucket or tag, and marked where it must be. */
function isOut(contact: DialerContact, doNotContact: boolean, ids: LabelIds): boolean {
  const free = (held: number[] | null, managed: Map<string, number>) =>
    managed.size === 0 || (held !== null && ![...managed.values()].some((id) => held.includes(id)));
  return (
    free(contact.buckets, ids.bucket) && free(contact.tags, ids.tag) && (!doNotContact || contact.doNotContact === true)
  );
}

async function change(
  id: number,
  { wanted }: Target,
  ids: LabelIds,
  { callTools, settings }: Dialer,
): Promise<DialerContact | null> {
  return callTools.update(id, bodyFor(wanted, ids, settings, true));
}

/** A phone change keeps the person's CallTools contact where it can; otherwise the one POST of this file. */
async function adoptOrCreate(
  target: Target,
  ids: LabelIds,
  dialer: Dialer,
  progress: Progress,
): Promise<DialerContact> {
  const { callTools, settings } = dialer;
  if (target.adoptable !== null) {
    progress.callToolsId = target.adoptable;
    progress.adopted = true;
    const changed = await change(target.adoptable, target, ids, dialer);
    if (changed !== null) return changed;
    progress.callToolsId = null;
  }
  const created = await callTools.create(bodyFor(target.wanted, ids, settings, false));
  if (created.kind === 'created') return created.contact;
  return merged(created.ids, target, ids, dialer, progress);
}

/** CallTools found duplicates and answered with their ids only: take the one that carries the number, and write it again to be sure. */
async function merged(
  duplicates: number[],
  target: Target,
  ids: LabelIds,
  dialer: Dialer,
  progress: Progress,
): Promise<DialerContact> {
  for (const id of duplicates.toSorted((a, b) => a - b).slice(0, 5)) {
    const contact = await dialer.callTools.get(id);
    if (!contact || target.e164 === null || !hasPhone(contact, target.e164, dialer.settings.DEFAULT_COUNTRY)) continue;
    progress.callToolsId = id;
    const changed = await change(id, target, ids, dialer);
    if (changed) return changed;
  }
  return fail({
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
  progress.callToolsId = contact.id;
  const confirmed = await confirmDialer(contact, target.wanted, ids, dialer);
  progress.held = target.wanted.kind === 'place';
  progress.doNotContact = confirmed.doNotContact === true;
}

/** The write, in one call: fields, buckets and tags together. Removals are left out of a POST. */
export function bodyFor(wanted: Wanted, ids: LabelIds, settings: Settings, removals: boolean): ContactBody {
  const bucket = wanted.kind === 'place' ? ids.bucket.get(wanted.bucket) : undefined;
  const tag = wanted.kind === 'place' && wanted.tag !== null ? ids.tag.get(wanted.tag) : undefined;
  const others = (managed: Map<string, number>, kept: number | undefined) =>
    [...managed.values()].filter((id) => id !== kept);
  const lists = {
    add_buckets: bucket === undefined ? [] : [bucket],
    remove_buckets: removals ? others(ids.bucket, bucket) : [],
    add_tags: tag === undefined ? [] : [tag],
    remove_tags: removals ? others(ids.tag, tag) : [],
  };
  const filled = Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0));
  if (wanted.kind === 'out') return { ...filled, ...(wanted.doNotContact && { do_not_contact: true as const }) };
  const { person } = wanted;
  return {
    ...person.fields,
    [settings.CALLTOOLS_PHONE_FIELD]: person.phone,
    ...(person.email && settings.CALLTOOLS_EMAIL_FIELD && { [settings.CALLTOOLS_EMAIL_FIELD]: person.email }),
    ...(settings.CALLTOOLS_EXTERNAL_ID_FIELD && { [settings.CALLTOOLS_EXTERNAL_ID_FIELD]: person.contactId }),
    ...filled,
  };
}
