// Hashes that answer whether a contact has changed since it was last settled: of what the contact list shows of it, and of the settings.

import type { CountryCode } from 'libphonenumber-js/min';
import { readings } from '../../../shared/fold.ts';
import { sha256Hex } from '../../../shared/hash.ts';

import type { GhlContact } from './contact.ts';
import { managedLabels, type Wanted } from './decide.ts';
import type { Rules } from './rules.ts';

/** The settings that decide what a contact wants. */
export interface DecidedBy {
  rules: Rules;
  country: CountryCode;
  /** The CallTools account's own field names. */
  fields: string[];
}

/** Equal exactly when nothing differs that the decision depends on, as far as the list shows it (it may hide DND). */
export function searchHash(contact: GhlContact, by: DecidedBy): Promise<string> {
  const { tags, dnd, dndSettings, address1, address, oddTags } = contact;
  const { id, locationId, firstName, lastName, email, phone, city, state, postalCode } = contact;
  const person = { id, locationId, firstName, lastName, email, phone, city, state, postalCode };
  // The list calls `address` what a read of one contact calls `address1`.
  const shown = Object.entries({ ...person, oddTags, address: address1 || address })
    .filter(([, value]) => value !== null && value !== undefined && value !== '')
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const decisive = [by.rules, by.country, by.fields];
  return sha256Hex(
    JSON.stringify([1, decisive, shown, tags.flatMap(readings).sort(), dnd ?? false, dndSettings ?? {}]),
  );
}

/**
 * The hash to keep of a contact that was read. It is `asked`, the hash of the row that made a run ask, where that row shows the same
 * state, and otherwise its own. A row may hide DND, and have names in lower case (docs/vendors.md, GoHighLevel: search).
 */
export async function readHash(contact: GhlContact, asked: string | null, by: DecidedBy): Promise<string> {
  const own = await searchHash(contact, by);
  if (asked === null || asked === own) return own;
  const lower = {
    ...contact,
    firstName: contact.firstName?.toLowerCase() ?? null,
    lastName: contact.lastName?.toLowerCase() ?? null,
  };
  const hidden = { dnd: false, dndSettings: {} };
  const shown = [{ ...contact, ...hidden }, lower, { ...lower, ...hidden }];
  const hashes = await Promise.all(shown.map((one) => searchHash(one, by)));
  return hashes.includes(asked) ? asked : own;
}

/** A text that is equal exactly when the wanted state, the fields that it is written to and the managed labels are equal. */
export function canonical(wanted: Wanted, rules: Rules, fields: string[]): string {
  const labels = managedLabels(rules);
  const state =
    wanted.kind === 'out'
      ? wanted
      : { ...wanted, person: { ...wanted.person, fields: Object.entries(wanted.person.fields).sort() }, fields };
  return JSON.stringify([1, state, labels.buckets, labels.tags]);
}
