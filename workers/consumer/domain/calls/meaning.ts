// What a disposition of a call means for the person who was called.

import { sameName } from '../rules/tags.ts';
import type { CallRule } from './setting.ts';

/** A disposition of the account. `doNotContact`: CallTools marks the contact, or its number, as do-not-contact because of it. */
export interface Disposition {
  id: string;
  name: string;
  doNotContact: boolean;
}

/** What a row says of its disposition. A text may be an id or a name. */
export type Said = { id: string | null; name: string | null };

/** Longest name that is kept. */
const MAX_NAME_LENGTH = 100;

/** The disposition that a row names: by its id, else by its name. Null where the account's list has none such. */
export function dispositionOf({ id, name }: Said, known: readonly Disposition[]): Disposition | null {
  return (
    known.find((one) => one.id === id) ??
    (name === null ? null : (known.find((one) => one.id === name || sameName(one.name, name)) ?? null))
  );
}

/**
 * Its name for people, as CallTools spells it. '' where the account's list does not have it and no rule names it: a text that nobody knows
 * may be anything that an agent has typed.
 */
export function nameOf({ name }: Said, known: Disposition | null, { results }: HoldRules): string {
  const isNamed = name !== null && results.some(({ dispositions }) => dispositions.some((one) => sameName(one, name)));
  return (known?.name ?? (isNamed ? name : '')).trim().slice(0, MAX_NAME_LENGTH);
}

type HoldRules = { results: readonly Pick<CallRule, 'dispositions' | 'hold'>[] };

/** Whether the person must be out of the dialer: a rule says so, or CallTools itself marks such a contact as do-not-contact. */
export function holds(name: string, known: Disposition | null, { results }: HoldRules): boolean {
  if (known?.doNotContact) return true;
  return results.some(({ hold, dispositions }) => hold && dispositions.some((one) => sameName(one, name)));
}
