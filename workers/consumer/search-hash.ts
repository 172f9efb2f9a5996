// Has a contact changed since it was last settled? A hash of what the contact list shows of it, and of the rules.

import { sha256Hex } from '../../shared/hash.ts';
import { normaliseTag, type Rules } from '../../shared/rules.ts';
import type { GhlContact } from './gohighlevel.ts';

/** Equal exactly when nothing that the decision depends on differs, as far as the list shows it (its DND may lie). */
export function searchHash(contact: GhlContact, rules: Rules): Promise<string> {
  const { tags, dnd, dndSettings, ...person } = contact;
  const shown = Object.entries(person)
    .filter(([, value]) => value !== null && value !== undefined && value !== '')
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return sha256Hex(JSON.stringify([1, rules, shown, tags.map(normaliseTag).sort(), dnd ?? false, dndSettings ?? {}]));
}
