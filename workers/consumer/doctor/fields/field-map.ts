// Do the mapped fields fit the CallTools account? Before a lead runs into it: a field that is not there is dropped without a word, and a
// value that does not fit is refused.

import type { Settings } from '../../config/settings.ts';
import type { FieldRule, FieldType } from '../../domain/fields/field-map.ts';
import { type CustomField, resolveFields } from '../../domain/fields/field-plan.ts';
import { refusedTarget } from '../../domain/fields/field-targets.ts';
import { nearest } from '../../domain/nearest.ts';
import type { FieldProblems } from '../../store/fields.ts';
import { type Check, failed, ok, skipped, warning } from '../check.ts';
import type { Fields } from './fields.ts';
import { misfit, takes } from './fit.ts';

/** What the checks of mapped fields know. */
export interface MappedFields {
  settings: Settings;
  /** Of the CallTools account. */
  fields: Fields;
  /** GoHighLevel's custom fields; empty where they are not known. */
  definitions: readonly CustomField[];
  /** What the answers of writes showed. */
  problems: FieldProblems;
}

/** An account may have hundreds of fields: only so many are shown. */
const SHOWN = 15;

/** Targets that CallTools does not have, or whose type or choices do not fit. */
export function checkTargets(mapped: MappedFields): Check {
  const code = 'field-map-calltools';
  const { settings, fields } = mapped;
  const { rules } = settings.fields;
  if (!fields.described && !fields.shown)
    return warning(code, 'Not known: the account has no contact yet, and does not describe its API.');
  const missing = rules.flatMap((rule) => missingIn(rule, mapped) ?? []);
  const unfit = rules.flatMap((rule) => unfitIn(rule, mapped) ?? []);
  const unsure = rules.flatMap((rule) => unsureIn(rule, mapped));
  const seen = [...missing, ...unfit, ...unsure].join(' ');
  if (missing.length + unfit.length > 0) return failed(code, seen);
  if (unsure.length > 0) return warning(code, seen);
  const judged = fields.described ? 'they fit' : 'whether they fit is not known: the account does not describe its API';
  return ok(code, `The account has all ${rules.length} fields that are written, and ${judged}.`);
}

/** Says that the account has no such field. */
function missingIn({ target }: FieldRule, { fields: { described, shown } }: MappedFields): string | null {
  if (described?.has(target) || shown?.has(target)) return null;
  const near = nearest(target, [...(described?.keys() ?? []), ...(shown ?? [])]);
  return `It has no field ${target}${near.length === 0 ? '' : ` (${near.join(', ')}?)`}.`;
}

/** Says why no value, or not every value, of the rule can be written. */
function unfitIn(rule: FieldRule, { fields: { described }, definitions }: MappedFields): string | null {
  const field = described?.get(rule.target);
  if (!field) return null;
  const { target, fallback } = rule;
  if (field.readOnly) return `${target} is read-only in CallTools.`;
  const type = typeOf(rule, definitions);
  if (type !== null && !takes(field, type)) {
    const advice = rule.from.kind === 'text' ? 'map it from a field' : `set "as": "${field.type}"`;
    return `${target} is a ${field.type} field and would get a ${type}: ${advice}.`;
  }
  if (rule.empty === 'clear' && rule.as === null && !['text', 'list', null].includes(field.type))
    return `${target} is a ${field.type} field, which an empty text does not empty: set "as": "${field.type}".`;
  const fixed = fallback ?? constantOf(rule);
  const fault = fixed === null ? null : misfit(field, fixed);
  return fault === null ? null : `What FIELD_MAP itself gives ${target} does not fit: ${fault}.`;
}

/** What may go wrong for some contacts, or did lately. */
function unsureIn(rule: FieldRule, { fields: { described, shown }, definitions, problems }: MappedFields): string[] {
  const { target, from } = rule;
  const field = described?.get(target);
  const source = from.kind === 'custom' ? fieldNamed(from.ref, definitions) : undefined;
  const choices = field?.choices;
  const sources = from.kind === 'text' ? from.parts : [from];
  const phones = sources.filter(
    (one) => typeof one !== 'string' && one.kind === 'custom' && fieldNamed(one.ref, definitions)?.dataType === 'PHONE',
  );
  const unlisted = (choices && source?.options.filter((option) => !choices.includes(option))) ?? [];
  const more = unlisted.length > SHOWN ? ` and ${unlisted.length - SHOWN} more` : '';
  return [
    // A description may be CallTools' general one (docs/vendors.md, CallTools: API description).
    ...(field && shown && !shown.has(target)
      ? [`${target} is in the account’s API description, but an existing contact does not have it.`]
      : []),
    ...(problems.absent.includes(target) && (field || shown?.has(target))
      ? [`${target} was dropped when it was last written; it is tried again with the next contact.`]
      : []),
    ...(problems.altered.includes(target) ? [`CallTools keeps another value in ${target} than it is sent.`] : []),
    ...(unlisted.length > 0
      ? [`${target} does not have these choices of GoHighLevel: ${unlisted.slice(0, SHOWN).join(', ')}${more}.`]
      : []),
    ...(phones.length > 0
      ? [
          `${target} gets a second phone number. If it is a phone field of CallTools, that number is dialed: map it into a text field only.`,
        ]
      : []),
  ];
}

/** The text of a rule without any placeholder. */
function constantOf({ from }: FieldRule): string | null {
  if (from.kind !== 'text') return null;
  return from.parts.every((part) => typeof part === 'string') ? from.parts.join('') : null;
}

/** Undefined where there is none, or several. */
function fieldNamed(ref: string, definitions: readonly CustomField[]): CustomField | undefined {
  const id = resolveFields([ref], definitions)[ref];
  return definitions.find((field) => field.id === id);
}

/** Types by data type (docs/vendors.md, GoHighLevel: custom fields). Of the others, and of unknown fields, the type is not known. */
const DATA_TYPES: Readonly<Record<string, FieldType>> = {
  TEXT: 'text',
  LARGE_TEXT: 'text',
  PHONE: 'text',
  SINGLE_OPTIONS: 'text',
  RADIO: 'text',
  // Several choices are written as one text, unless `as` says otherwise.
  MULTIPLE_OPTIONS: 'text',
  CHECKBOX: 'text',
  NUMERICAL: 'number',
  // GoHighLevel's spelling.
  MONETORY: 'number',
  // It may come as epoch ms.
  DATE: 'text',
};

/** The type of the values that the rule writes; null where it is not known. */
function typeOf({ as, from }: FieldRule, definitions: readonly CustomField[]): FieldType | null {
  if (as !== null) return as;
  if (from.kind === 'text') return 'text';
  if (from.kind === 'custom') return DATA_TYPES[fieldNamed(from.ref, definitions)?.dataType ?? ''] ?? null;
  return from.field === 'dateOfBirth' ? 'date' : from.field === 'dateAdded' ? null : 'text';
}

/** What CallTools' system has of its own, though it can be mapped. */
const SYSTEM = new Set(['county', 'country', 'time_zone', 'owned_by']);

/** Fields that the account has made and nothing fills, sorted. */
export function unfilledFields(settings: Settings, { described, shown }: Fields): string[] {
  const { CALLTOOLS_PHONE_FIELD: phone, CALLTOOLS_EMAIL_FIELD: email } = settings;
  const reserved = { phone, email, externalId: settings.CALLTOOLS_EXTERNAL_ID_FIELD };
  const filled = new Set(settings.fields.rules.map(({ target }) => target));
  return [...(described?.keys() ?? shown ?? [])]
    .filter((name) => !SYSTEM.has(name) && !filled.has(name) && !described?.get(name)?.readOnly)
    .filter((name) => refusedTarget(name, reserved) === null)
    .sort();
}

/** Information, not a fault. */
export function checkUnfilled({ settings, fields }: MappedFields): Check {
  const code = 'fields-unfilled';
  if (!fields.described && !fields.shown)
    return skipped(code, 'Not known: the account has no contact yet, and does not describe its API.');
  const unfilled = unfilledFields(settings, fields);
  if (unfilled.length === 0) return ok(code, 'Each field that the account has made is filled.');
  const more = unfilled.length > SHOWN ? ` and ${unfilled.length - SHOWN} more` : '';
  return ok(code, `Nothing fills ${unfilled.slice(0, SHOWN).join(', ')}${more}. FIELD_MAP can (docs/fields.md).`);
}
