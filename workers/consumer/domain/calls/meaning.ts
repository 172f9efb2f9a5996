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

/** What is asked of CALL_RESULTS. */
type HoldRules = { results: readonly Pick<CallRule, 'dispositions' | 'hold'>[] };

/** Where more rows than this, at least half of all, are of dispositions that nobody knows, they say nothing about anybody. */
const MANY_UNKNOWN = 10;

/** The rules that name it. A rule may also name an id that the account's list does not have. */
function rulesFor({ id, name }: Said, known: Disposition | null, { results }: HoldRules) {
  const names = known ? [known.name] : [name, id].flatMap((one) => one ?? []);
  return results.filter(({ dispositions }) => dispositions.some((one) => names.some((name) => sameName(one, name))));
}

/** Neither the account's list has it nor does a rule name it: nobody can tell what it means. */
export function isUnknown(said: Said, known: Disposition | null, rules: HoldRules): boolean {
  return known === null && rulesFor(said, known, rules).length === 0;
}

/**
 * Its name for people, as CallTools spells it. '' where nobody can tell what it means: a text that nobody knows may be anything that an
 * agent has typed.
 */
export function nameOf(said: Said, known: Disposition | null, rules: HoldRules): string {
  const name = known?.name ?? (isUnknown(said, known, rules) ? '' : (said.name ?? said.id ?? ''));
  return name.trim().slice(0, MAX_NAME_LENGTH);
}

/** Whether the person must be out of the dialer: a rule says so, or CallTools itself marks such a contact as do-not-contact. */
export function holds(said: Said, known: Disposition | null, rules: HoldRules): boolean {
  return known?.doNotContact === true || rulesFor(said, known, rules).some(({ hold }) => hold);
}

/**
 * Whether dispositions that nobody knows hold, as far as these rows show: they may be do-not-contact. Where most rows have one, the record
 * names dispositions in a form, or of a kind, that the list does not show, and then everybody who is called would be held.
 */
export function unknownHold(rows: readonly Said[], known: readonly Disposition[], rules: HoldRules): boolean {
  const unknown = rows.filter((said) => isUnknown(said, dispositionOf(said, known), rules)).length;
  return unknown <= MANY_UNKNOWN || unknown * 2 < rows.length;
}
