// Other CallTools contacts with one number, made by hand or by an account that does not merge: none is dialed beside ours.

import type { Settings } from '../config/settings.ts';
import type { VendorError } from '../domain/failure.ts';
import { numbersIn, phoneHash } from '../domain/phone.ts';
import type { DialerContact } from '../vendors/calltools-schema.ts';
import { carriersOf } from './find.ts';
import { allIds, type LabelIds, type ManagedIds, refuseNewLabels } from './labels.ts';
import { hashesOf, MoreNumbers, noteNumbers } from './numbers.ts';
import type { Session } from './session.ts';
import { tryAll } from './try-all.ts';
import { write } from './write.ts';

/**
 * Takes out the others with the number of a contact that was taken out, or could not be. A number of which only the hash is known is read
 * off that contact's phones.
 */
export async function withdrawDuplicates(
  known: { id: number | null; phones: string[] },
  session: Session,
): Promise<void> {
  const { desired, dialer } = session;
  const e164 = desired.e164 ?? (await numberOf(known, desired.phoneHash, dialer.settings));
  const looked = e164 === null ? null : await dialer.lookup(e164, true);
  const found = looked?.kind === 'found' ? looked : await carriersOf(session);
  const duplicates: DialerContact[] = [];
  for (const contact of found?.contacts ?? [])
    if (contact.id !== known.id && !(desired.sparesOthers && (await isOthers(contact, session))))
      duplicates.push(contact);
  await withdraw(duplicates, session, found?.unseen);
}

/**
 * A remembered contact that was given another number by hand while it was in a bucket of ours: it is in there still, and nobody is to be
 * dialed on it. Throws MoreNumbers where it is not known yet who has its numbers.
 */
export async function isLeftBehind(contact: DialerContact, session: Session): Promise<boolean> {
  const { wanted, dialed } = session.desired;
  if (wanted.kind !== 'out' || !dialed || isOut(contact, false, session.ids)) return false;
  return !(await isOthers(contact, session));
}

/** Somebody is to be dialed on it under another of its numbers. Throws MoreNumbers where it is not known yet who has those. */
async function isOthers(contact: DialerContact, { desired, dialer }: Session): Promise<boolean> {
  const { dialed, phoneHash: own } = desired;
  const { hashes } = await hashesOf(contact.phones, dialer.settings);
  const others = hashes.filter((hash) => hash !== own);
  if (others.some((hash) => !dialed?.has(hash)))
    throw new MoreNumbers({ callToolsId: contact.id, hashes: [own, ...others] });
  return others.some((hash) => dialed?.get(hash));
}

async function numberOf(
  { phones }: Pick<DialerContact, 'phones'>,
  hash: string,
  settings: Settings,
): Promise<string | null> {
  const { numbers } = numbersIn(phones, settings.DEFAULT_COUNTRY);
  for (const number of numbers) if ((await phoneHash(settings.GHL_LOCATION_ID, number)) === hash) return number;
  return null;
}

/**
 * Takes these out of every managed bucket and tag, so that none is dialed beside the contact in hand, or in its place. One that fails, or
 * was `unseen`, keeps no other in: it is thrown in the end.
 */
export async function withdraw(
  contacts: DialerContact[],
  { desired, ids, dialer }: Omit<Session, 'observed'>,
  unseen: readonly VendorError[] = [],
): Promise<void> {
  const doNotContact = desired.wanted.kind === 'out' && desired.wanted.doNotContact;
  const takeOut = async (contact: DialerContact) => {
    const aside: Session = {
      desired: { ...desired, wanted: { kind: 'out', doNotContact } },
      observed: { callToolsId: contact.id, mayBeInBucket: true, moved: false, doNotContact: false, placing: null },
      ids,
      dialer,
    };
    await noteNumbers(contact, aside.desired, dialer);
    refuseNewLabels(contact, ids);
    if (!isOut(contact, doNotContact, ids)) await write(contact.id, contact, aside);
  };
  await tryAll(contacts, takeOut, unseen);
}

/** Nothing to do for a withdrawal: in no managed bucket or tag, and marked where it must be. */
export function isOut(contact: DialerContact, doNotContact: boolean, ids: LabelIds): boolean {
  const marked = !doNotContact || contact.doNotContact === true;
  const untagged = ids.tag.size === 0 || inNone(contact.tags, ids.tag);
  return marked && untagged && inNone(contact.buckets, ids.bucket);
}

/** None of these is managed. Where they are not known, one may be, even if CallTools has just shown no label at all. */
export function inNone(present: number[] | null, managed: ManagedIds): boolean {
  return present !== null && !allIds(managed).some((id) => present.includes(id));
}
