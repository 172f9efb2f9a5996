// What CallTools must hold, from GoHighLevel's state and the rules alone, and where it differs.

import type { DialerContact } from '../../sandbox/calltools/view.ts';
import type { GhlContact } from '../../sandbox/gohighlevel.ts';
import { PHONES } from './history.ts';
import { bucketsOf, lineOf, type RuleSetName } from './rule-sets.ts';
import { isBlocked, type Truth, type Version } from './truth.ts';

export interface Expected {
  phone: string;
  bucket: string | null;
  tag: string | null;
  /** Whose data CallTools shows; null where nobody is placed. */
  lead: GhlContact | null;
  /** Of the lead's route. */
  rank: number;
  doNotContact: boolean;
  /** Some contact with the number must not be dialed. */
  keptOut: boolean;
}

/** One for each number. */
export function expectedOf(truth: Truth, rules: RuleSetName): Expected[] {
  const present = truth.ids().flatMap((id) => truth.latest(id) ?? []);
  const imported = present.flatMap(({ phone }) => phone ?? []);
  const phones = new Set([...PHONES.filter((phone) => phone.startsWith('+')), ...imported]);
  return [...phones].map((phone) =>
    expectedFor(
      phone,
      present.filter((version) => version.phone === phone),
      rules,
    ),
  );
}

function expectedFor(phone: string, versions: Version[], rules: RuleSetName): Expected {
  const doNotContact = versions.some(({ wish }) => wish === 'dnc');
  const keptOut = doNotContact || versions.some(({ wish }) => wish === 'out');
  const nobody = { phone, bucket: null, tag: null, lead: null, rank: -1, doNotContact, keptOut };
  if (keptOut) return nobody;
  const [first] = versions
    .filter(({ wish }) => wish === 'place')
    .sort((a, b) => a.rank - b.rank || ((a.contact?.id ?? '') < (b.contact?.id ?? '') ? -1 : 1));
  if (!first) return nobody;
  const line = lineOf(rules, first.rank);
  const { rank, contact: lead } = first;
  return { ...nobody, bucket: line?.bucket ?? null, tag: line?.callToolsTag ?? null, lead, rank };
}

/** Where CallTools differs from what is expected of one number; null where it does not. */
export function differenceOf(
  { phone, bucket, tag, lead, doNotContact }: Expected,
  contacts: DialerContact[],
  { rules, searchable }: { rules: RuleSetName; searchable: boolean },
): string | null {
  const managed = bucketsOf(rules).map(folded);
  const isManaged = (name: string) => managed.includes(folded(name));
  /** Who cannot be searched for is not marked, unless it is one of ours. */
  const unmarked = ({ doNotContact: marked, fields }: DialerContact) =>
    !marked && (searchable || fields.ghl_contact_id !== '');
  const holders = contacts.filter(({ phones }) => phones.includes(phone));
  const dialed = holders.filter(({ buckets }) => buckets.some(isManaged));
  if (doNotContact && holders.some(unmarked)) return `${phone} is not marked do-not-contact`;
  if (lead === null || bucket === null) {
    if (dialed.length > 0) return `${phone} is dialed (${dialed.map(({ buckets }) => buckets).join()}) and must not be`;
    const tagged = holders.some(({ tags }) => tags.some((name) => name === 'client' || name === 'lead'));
    return tagged ? `${phone} still has a tag of ours` : null;
  }
  const [held] = dialed;
  if (!held || dialed.length > 1) return `${phone} is in ${dialed.length} contacts' buckets and must be in ${bucket}`;
  const inside = held.buckets.filter(isManaged).map(folded);
  if (inside.join() !== folded(bucket)) return `${phone} is in ${inside.join()} and must be in ${bucket}`;
  if (tag !== null && held.tags.join() !== tag) return `${phone} has the tags ${held.tags.join()} and must have ${tag}`;
  if (held.fields.first_name !== lead.firstName || held.fields.ghl_contact_id !== lead.id)
    return `${phone} shows ${held.fields.ghl_contact_id} ${held.fields.first_name}, not ${lead.id} ${lead.firstName}`;
  return null;
}

/** As two names are compared. */
export function folded(name: string): string {
  return name.trim().toLowerCase();
}

/** CallTools contacts that show a person who asks not to be called and that are not marked, whatever numbers they carry. */
export function unmarkedOf(truth: Truth, contacts: DialerContact[]): { contactId: string; phones: string[] }[] {
  return contacts.flatMap(({ fields, phones, doNotContact }) => {
    const contactId = String(fields.ghl_contact_id ?? '');
    const person = truth.latest(contactId)?.contact;
    return !doNotContact && person && isBlocked(person) ? [{ contactId, phones }] : [];
  });
}
