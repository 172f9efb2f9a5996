// What must hold where CallTools contacts carry several numbers. Such a contact is dialed under all of them.

import type { DialerContact } from '../../sandbox/calltools/view.ts';
import { differenceOf, type Expected, folded } from './oracle.ts';
import { bucketsOf, type RuleSetName } from './rule-sets.ts';

interface Account {
  rules: RuleSetName;
  searchable: boolean;
  /** Numbers that people have put on CallTools contacts of their own making: nobody looks for those once a number is settled. */
  blended: ReadonlySet<string>;
  /** CallTools contacts that people have made beside ours: nobody looks for them until their number is to go. */
  strays: ReadonlySet<number>;
}

/** A number, and how CallTools differs from what is expected of it. */
export interface Difference {
  phone: string;
  difference: string;
}

/** Where CallTools differs. Numbers that share a CallTools contact with nobody's number but their own are held to the plain rules. */
export function differencesOf(expected: Expected[], contacts: DialerContact[], account: Account): Difference[] {
  const wanted = new Map(expected.map((one) => [one.phone, one]));
  return expected.flatMap((one) => {
    const group = linkedTo(one.phone, wanted, contacts);
    // A number that nobody has may be dialed with another one that is on the same CallTools contact.
    const own = isWanted(one)
      ? contacts
      : contacts.filter(({ phones }) => !phones.some((phone) => wanted.get(phone)?.lead));
    const difference = group.length > 1 ? differenceIn(one, group, contacts, account) : plain(one, own, account);
    return difference === null ? [] : [{ phone: one.phone, difference }];
  });
}

/** The numbers that count together with this one: on from each that somebody wants something of. */
export function linkedTo(phone: string, wanted: Map<string, Expected>, contacts: DialerContact[]): Expected[] {
  const group = new Set([phone]);
  for (const next of group) {
    if (!isWanted(wanted.get(next))) continue;
    for (const { phones } of contacts) if (phones.includes(next)) for (const other of phones) group.add(other);
  }
  return [...group].flatMap((other) => wanted.get(other) ?? []).filter((one) => one.phone === phone || isWanted(one));
}

function isWanted(expected: Expected | undefined): boolean {
  return expected !== undefined && (expected.lead !== null || expected.keptOut || expected.doNotContact);
}

/** The contact that comes first among all numbers of the group is dialed. A contact that keeps one number out keeps out every CallTools contact that carries it. */
function differenceIn(one: Expected, group: Expected[], contacts: DialerContact[], account: Account): string | null {
  const managed = bucketsOf(account.rules).map(folded);
  const isDialed = ({ buckets }: DialerContact) => buckets.some((name) => managed.includes(folded(name)));
  const holders = contacts.filter(({ phones }) => phones.includes(one.phone));
  const dialed = holders.filter(isDialed);
  // One that was made by hand after the last look at its number is not known; only those of ours are.
  const unmarked = ({ fields, doNotContact }: DialerContact) => fields.ghl_contact_id !== '' && !doNotContact;
  if (one.doNotContact && holders.some(unmarked)) return `${one.phone} is not marked do-not-contact`;
  const strict = one.keptOut || one.doNotContact;
  if (strict) return dialed.length > 0 ? `${one.phone} is dialed beside another number, and must not be` : null;
  if (dialed.length > 1) return `${one.phone} is dialed in ${dialed.length} CallTools contacts`;
  if (group.some(({ keptOut, doNotContact }) => keptOut || doNotContact)) return null;
  const leads = group.flatMap(({ lead, rank, phone }) => (lead ? [{ id: lead.id, rank, phone }] : []));
  const [first] = leads.sort((a, b) => a.rank - b.rank || (a.id < b.id ? -1 : 1));
  return first?.phone === one.phone ? plain(one, contacts, account) : null;
}

function plain(one: Expected, contacts: DialerContact[], account: Account): string | null {
  const { rules, searchable, blended, strays } = account;
  const sought = one.lead === null ? contacts : contacts.filter(({ id }) => !strays.has(id));
  return differenceOf(one, sought, { rules, searchable: searchable && !blended.has(one.phone) });
}
