// What CallTools holds under one phone: searched by the number where it is known, else among the members of our buckets by its hash.

import { fail } from '../domain/failure.ts';
import type { DialerContact } from '../vendors/calltools-schema.ts';
import type { Found } from './find-by-phone.ts';
import { allIds, type LabelIds } from './labels.ts';
import { hashesOf, noteGone } from './numbers.ts';
import type { Desired, Dialer, Observed } from './session.ts';

/** Fails where an earlier write may have left a contact that cannot be found. */
export async function find(target: Desired, ids: LabelIds, dialer: Dialer, progress: Observed): Promise<Found> {
  const { e164, phoneHash, wanted } = target;
  const doubtful = target.inDoubt || progress.mayBeInBucket;
  const members = async (): Promise<Found> => {
    const found = await dialer.members(phoneHash, allIds(ids.bucket));
    // It may have a tag of ours all the same, by which a live filter dials: contacts cannot be listed by tag (facts/calltools.md 2).
    return found.kind === 'absent' && ids.tag.size > 0 ? { kind: 'unsupported' } : found;
  };
  if (e164 === null) {
    const linked = doubtful ? await carriersOf(target, dialer) : [];
    if (linked.length > 0) return { kind: 'found', contacts: linked };
    const found: Found = doubtful ? await members() : { kind: 'absent' };
    return found.kind === 'unsupported' ? fail({ kind: 'contact', code: 'untraceable', error: UNTRACEABLE }) : found;
  }
  const found = await dialer.lookup(e164);
  if (found.kind !== 'unsupported') return found;
  const linked = await carriersOf(target, dialer);
  if (linked.length > 0) return { kind: 'found', contacts: linked };
  if (!doubtful) return found;
  // With lookups off the account merges by phone: a POST would find the contact, but a withdrawal makes none.
  const off = dialer.settings.CALLTOOLS_PHONE_LOOKUP === 'off';
  if (off && wanted.kind === 'place') return found;
  const member = await members();
  if (member.kind === 'found') return member;
  // Out of our buckets it is not dialed; but who asked not to be called must be marked too, and for that it must be found.
  if (member.kind === 'unsupported' || wanted.kind === 'place' || wanted.doNotContact)
    return fail({ kind: 'contact', code: 'lookup_unsupported', error: off ? SWITCHED_OFF : UNSUPPORTED });
  // In no bucket of ours, so it is not dialed; whether CallTools has the number at all is not known.
  progress.mayBeInBucket = false;
  return found;
}

/** Those CallTools contacts that are known to carry the number beside others, and still do. */
export async function carriersOf({ carriers = [], phoneHash }: Desired, dialer: Dialer): Promise<DialerContact[]> {
  const contacts: DialerContact[] = [];
  for (const id of carriers) {
    const contact = await dialer.callTools.get(id);
    if (contact === null) noteGone(id, dialer);
    else if ((await hashesOf(contact.phones, dialer.settings)).hashes.includes(phoneHash)) contacts.push(contact);
  }
  return contacts.sort((a, b) => a.id - b.id);
}

const UNTRACEABLE =
  'an earlier write may have created a CallTools contact whose number is no longer known: look for it by name in CallTools';

const UNSUPPORTED =
  'an earlier write may have created this contact, and CallTools ignores the phone filter: check by hand, then replay; ' +
  'set CALLTOOLS_PHONE_LOOKUP to off if your account merges duplicates by phone';

const SWITCHED_OFF =
  'an earlier write may have created this contact, and CALLTOOLS_PHONE_LOOKUP is off: take it out of its bucket by hand';
