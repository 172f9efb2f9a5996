// Finding the contact in CallTools: the remembered one, else those under the number, else those in our buckets by the number's hash.

import { fail, VendorError } from '../domain/failure.ts';
import type { DialerContact } from '../vendors/calltools-schema.ts';
import { type Found, type Seen, seenOf, unseenBy } from './find-by-phone.ts';
import { allIds } from './labels.ts';
import { carriesNumber, hashesOf, noteGone, noteNumbers } from './numbers.ts';
import type { Session } from './session.ts';

/**
 * A contact by its remembered id. An id that is in doubt is believed only if its contact does not carry another number. `seen` is the
 * contact where it had to be read.
 */
export type Remembered =
  | { id: number; believed: true; seen: DialerContact | null }
  | { id: number; believed: false; seen: DialerContact };

/** Null where none is remembered, or CallTools no longer has it. */
export async function findRemembered({ desired, dialer }: Session): Promise<Remembered | null> {
  const { callToolsId: id, inDoubt, e164, phoneHash, wanted } = desired;
  if (id === null) return null;
  if (!inDoubt && e164 !== null) return { id, seen: null, believed: true };
  const contact = await dialer.callTools.get(id);
  if (contact === null) {
    if (e164 === null) await mustBeGone(id, dialer);
    noteGone(id, dialer);
    return null;
  }
  await noteNumbers(contact, desired, dialer);
  const { hashes, unread } = await hashesOf(contact.phones, dialer.settings);
  // A number that cannot be read may be this one, which is reason enough to take the contact out.
  const ours = hashes.includes(phoneHash) || (unread && wanted.kind === 'out');
  return { id, seen: contact, believed: hashes.length === 0 || ours };
}

/** Without its number it cannot be looked up. So a contact that CallTools says is gone must not be in a bucket either. */
async function mustBeGone(id: number, { callTools }: Session['dialer']): Promise<void> {
  if ((await callTools.linksOf(id)).length === 0) return;
  const error = 'CallTools says that the contact is gone, but a bucket holds it';
  fail({ kind: 'transient', vendor: 'calltools', error });
}

/** All contacts that carry the number. Fails where an earlier write may have left a contact that cannot be found. */
export async function find(session: Session): Promise<Found> {
  const { e164 } = session.desired;
  return e164 === null ? findByHash(session) : findByNumber(e164, session);
}

async function findByHash(session: Session): Promise<Found> {
  const { desired, observed } = session;
  const doubtful = desired.inDoubt || observed.mayBeInBucket;
  const linked = doubtful ? await carriersOf(session) : null;
  if (linked) return linked;
  // Nothing was looked up: the contact that has the number must do so.
  if (!doubtful) return { kind: 'unsupported' };
  const found = await searchBuckets(session);
  // It may be outside of our buckets, unmarked.
  const unmarked = found.kind === 'absent' && desired.wanted.kind === 'out' && desired.wanted.doNotContact;
  // The contact that has the number and asks not to be called can look it up.
  if (unmarked && desired.dialed === null) return { kind: 'unsupported' };
  const isLost = unmarked && desired.inDoubt && desired.callToolsId === null;
  if (found.kind === 'unsupported' || isLost) fail({ kind: 'contact', code: 'untraceable', error: UNTRACEABLE });
  return found;
}

async function findByNumber(e164: string, session: Session): Promise<Found> {
  const { desired, observed, dialer } = session;
  const { wanted } = desired;
  const found = await dialer.lookup(e164, wanted.kind === 'out');
  if (found.kind !== 'unsupported') return found;
  const linked = await carriersOf(session);
  if (linked) return linked;
  const doubtful = desired.inDoubt || observed.mayBeInBucket;
  // The remembered contact is gone. People merge contacts in CallTools, and the one that is left is in the bucket with all numbers.
  const mayBeMerged = desired.callToolsId !== null;
  if (!doubtful && !mayBeMerged) return found;
  // With look-ups off the account merges by phone: a POST would find the contact, but a withdrawal makes none.
  const off = dialer.settings.CALLTOOLS_PHONE_LOOKUP === 'off';
  if (off && wanted.kind === 'place') return found;
  const member = await searchBuckets(session);
  if (member.kind === 'found') return member;
  if (!doubtful) return found;
  // Out of our buckets it is not dialed. But a contact that asked not to be called must be marked too, so it must be found.
  if (member.kind === 'unsupported' || wanted.kind === 'place' || wanted.doNotContact)
    return fail({ kind: 'contact', code: 'lookup_unsupported', error: off ? SWITCHED_OFF : UNSUPPORTED });
  // In no bucket of ours, so it is not dialed. Whether CallTools has the number at all is not known.
  observed.mayBeInBucket = false;
  return found;
}

async function searchBuckets({ desired, ids, dialer }: Session): Promise<Found> {
  const found = await dialer.members(desired.phoneHash, allIds(ids.bucket));
  // It may still have a tag of ours, and a live filter dials by tag. Contacts cannot be listed by tag (docs/vendors.md, CallTools:
  // lists and filters).
  return found.kind === 'absent' && ids.tag.size > 0 ? { kind: 'unsupported' } : found;
}

/** Those CallTools contacts that are known to carry the number beside others, and still do; null where none does. */
export async function carriersOf({ desired, dialer }: Pick<Session, 'desired' | 'dialer'>): Promise<Seen | null> {
  const partly = desired.wanted.kind === 'out';
  const contacts: DialerContact[] = [];
  const unseen: VendorError[] = [];
  for (const id of desired.carriers ?? []) {
    const contact = await dialer.callTools.get(id).catch((error) => unseenBy(error, partly));
    if (contact instanceof VendorError) unseen.push(contact);
    else if (contact === null) noteGone(id, dialer);
    else if ((await carriesNumber(contact, desired.phoneHash, dialer.settings)) === 'yes') contacts.push(contact);
  }
  return seenOf(contacts, unseen, partly);
}

const UNTRACEABLE =
  'an earlier write may have created a CallTools contact whose number is no longer known: look for it by name in CallTools';

const UNSUPPORTED =
  'an earlier write may have created this contact, and CallTools ignores the phone filter: check by hand, then retry; ' +
  'set CALLTOOLS_PHONE_LOOKUP to off if your account merges duplicates by phone';

const SWITCHED_OFF =
  'an earlier write may have created this contact, and CALLTOOLS_PHONE_LOOKUP is off: take it out of its bucket by hand';
