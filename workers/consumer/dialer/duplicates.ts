// Other CallTools contacts with one number, made by hand or by an account that does not merge: none is dialed beside ours.

import type { Settings } from '../config/settings.ts';
import { numbersIn, phoneHash } from '../domain/phone.ts';
import type { DialerContact } from '../vendors/calltools-schema.ts';
import { carriersOf } from './find.ts';
import { allIds, type LabelIds, type ManagedIds } from './labels.ts';
import { noteNumbers } from './numbers.ts';
import type { Desired, Dialer, Observed } from './session.ts';
import { change, refuseNewLabels, settled } from './write.ts';

/**
 * Others with the number of a contact that was taken out, made by hand or by an account that does not merge. A number of which only the
 * hash is known is read off that contact.
 */
export async function withdrawDuplicates(
  known: DialerContact,
  target: Desired,
  ids: LabelIds,
  dialer: Dialer,
): Promise<void> {
  const e164 = target.e164 ?? (await numberOf(known, target.phoneHash, dialer.settings));
  if (e164 === null) return;
  const found = await dialer.lookup(e164);
  const contacts = found.kind === 'found' ? found.contacts : await carriersOf(target, dialer);
  const twins = contacts.filter(({ id }) => id !== known.id);
  await withdraw(twins, target, ids, dialer);
}

async function numberOf({ phones }: DialerContact, hash: string, settings: Settings): Promise<string | null> {
  const { numbers } = numbersIn(phones, settings.DEFAULT_COUNTRY);
  for (const number of numbers) if ((await phoneHash(settings.GHL_LOCATION_ID, number)) === hash) return number;
  return null;
}

/** Takes these out of every managed bucket and tag; their numbers are not to be dialed beside, or in place of, the target. */
export async function withdraw(
  contacts: DialerContact[],
  target: Desired,
  ids: LabelIds,
  dialer: Dialer,
): Promise<void> {
  const doNotContact = target.wanted.kind === 'out' && target.wanted.doNotContact;
  const aside: Desired = { ...target, wanted: { kind: 'out', doNotContact } };
  for (const contact of contacts) {
    await noteNumbers(contact, aside, dialer);
    refuseNewLabels(contact, ids);
    if (isOut(contact, doNotContact, ids)) continue;
    const progress: Observed = {
      callToolsId: contact.id,
      mayBeInBucket: true,
      moved: false,
      doNotContact: false,
      placing: null,
    };
    const changed = await change(contact.id, aside, ids, dialer, progress);
    if (changed !== null) await settled(changed, aside, ids, dialer, progress);
  }
}

/** Nothing to do for a withdrawal: in no managed bucket or tag, and marked where it must be. */
export function isOut(contact: DialerContact, doNotContact: boolean, ids: LabelIds): boolean {
  const marked = !doNotContact || contact.doNotContact === true;
  return marked && inNone(contact.buckets, ids.bucket) && inNone(contact.tags, ids.tag);
}

/** Whether it is in none of these; what is not known counts as in. */
export function inNone(held: number[] | null, managed: ManagedIds): boolean {
  return managed.size === 0 || (held !== null && !allIds(managed).some((id) => held.includes(id)));
}
