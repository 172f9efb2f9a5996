// What the next write would put into CallTools for one contact, field by field, before anything is written. Pure. The result holds personal
// data: it goes to the operator who asked, and nowhere else.

import type { FieldPreview } from '../../../../shared/api/contacts.ts';
import type { GhlContact } from '../../domain/contact.ts';
import type { FieldPlan, FieldRule, FieldSource, FieldValue } from '../../domain/fields/field-map.ts';
import { mappedFields } from '../../domain/fields/field-plan.ts';
import type { AccountField } from './description.ts';
import type { Fields } from './fields.ts';
import { misfit } from './fit.ts';

/** What is known of one contact and both accounts. */
export interface Previewed {
  contact: GhlContact;
  plan: FieldPlan;
  /** Of the CallTools account. */
  account: Fields;
  /** `ref`s of custom fields that were not found. */
  unknownRefs: ReadonlySet<string>;
  /** Whether GoHighLevel's list of custom fields was read; if not, nothing but ids is found. */
  isListRead: boolean;
}

/** The mapped fields, in the order of their names. */
export function previewOf(previewed: Previewed): FieldPreview[] {
  return previewed.plan.map.rules.map((rule) => {
    const { value, outcome, note } = valueFor(rule, previewed);
    return judged({ field: rule.target, value, from: nameOf(rule), outcome, note }, previewed.account);
  });
}

/** The field as the account would take it. One that the account does not have is dropped, also where nothing is sent now. */
export function judged(preview: FieldPreview, { described, shown }: Fields): FieldPreview {
  const { field, value } = preview;
  const known: AccountField | undefined = described?.get(field);
  if ((described || shown) && !known && !shown?.has(field))
    return { ...preview, outcome: 'dropped', note: 'the account has no such field' };
  const fault = known && value !== null && preview.outcome !== 'cleared' ? misfit(known, value) : null;
  return fault === null ? preview : { ...preview, outcome: 'refused', note: fault };
}

/** The fields, and of which of them CallTools refused the value when the contact was last written. */
export function withRefused(fields: readonly FieldPreview[], leftOut: readonly string[]): FieldPreview[] {
  const told = 'CallTools refused its value the last time';
  return fields.map((one) => {
    if (!leftOut.includes(one.field) || one.outcome === 'kept') return one;
    return { ...one, note: one.note === null ? told : `${one.note}; ${told}` };
  });
}

type Valued = Pick<FieldPreview, 'value' | 'outcome' | 'note'>;

function valueFor(rule: FieldRule, { contact, plan, unknownRefs, isListRead }: Previewed): Valued {
  const alone = (changes: Partial<FieldRule>): FieldValue | null | undefined => {
    const map = { ...plan.map, rules: [{ ...rule, ...changes }] };
    return mappedFields(contact, { ...plan, map, ownerIds: new Map() })[rule.target];
  };
  const own = alone({ fallback: null, empty: 'keep' });
  if (own !== undefined) return { value: own, outcome: 'written', note: null };
  const unknown = sourcesOf(rule).filter((source) => source.kind === 'custom' && unknownRefs.has(source.ref));
  const unfit = alone({ fallback: null, empty: 'keep', as: null }) !== undefined;
  const note =
    unknown.length > 0
      ? `${unknown.map(sourceName).join(', ')} ${isListRead ? 'is not found in GoHighLevel' : 'cannot be looked up'}`
      : unfit
        ? `what GoHighLevel has is no ${rule.as}`
        : 'GoHighLevel has no value';
  const value = alone({});
  if (value === undefined) return { value: null, outcome: 'kept', note: `${note}; what CallTools has stays` };
  return { value, outcome: rule.fallback === null ? 'cleared' : 'default', note };
}

function sourcesOf({ from }: FieldRule): FieldSource[] {
  if (from.kind !== 'text') return [from];
  return from.parts.flatMap((part) => (typeof part === 'string' ? [] : [part]));
}

/** The source as FIELD_MAP spells it. */
export function nameOf({ from }: FieldRule): string {
  if (from.kind !== 'text') return sourceName(from);
  const parts = from.parts.map((part) => (typeof part === 'string' ? part : `{${sourceName(part)}}`));
  return `"${parts.join('')}"`;
}

function sourceName(source: FieldSource): string {
  return source.kind === 'contact' ? source.field : `custom:${source.ref}`;
}
