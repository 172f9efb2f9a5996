// The values that a contact's mapped fields get. A value that does not fit its type surely counts as none: a wrong one is worse.

import type { ContactField, FieldMap, FieldPlan, FieldRule, FieldSource, FieldType, FieldValue } from './field-map.ts';
import { countryOf, stateOf } from './regions.ts';

/** A contact as far as fields are mapped from it. Any text may be null, blank or "null", which all mean that there is none. */
export interface MappedContact {
  id: string;
  tags: readonly string[];
  /** `address1` also where the list calls it `address`. `dateOfBirth` and `dateAdded` are ISO 8601, or epoch ms in digits. */
  texts: Readonly<Partial<Record<ContactField, string | null>>>;
  /** By id of the custom field: any JSON (docs/vendors.md, GoHighLevel: custom fields). */
  custom: Readonly<Record<string, unknown>>;
}

/**
 * What to write into CallTools, by field, in the order of the rules and then `owned_by`. A field without a value is absent, so that
 * CallTools keeps what it has; with `"empty": "clear"` it is emptied. Never throws.
 */
export function fieldsOf(contact: MappedContact, plan: FieldPlan): Record<string, FieldValue | null> {
  const written = plan.map.rules.flatMap((rule): [string, FieldValue | null][] => {
    const value = mappedValue(contact, rule, plan) ?? rule.fallback;
    if (value === null) return rule.empty === 'clear' ? [[rule.target, emptied(rule)]] : [];
    return [[rule.target, spelled(rule.target, value, contact, plan.map)]];
  });
  const owner = plan.ownerIds.get(contact.texts.assignedTo?.trim() ?? '');
  return Object.fromEntries(owner === undefined ? written : [...written, ['owned_by', owner]]);
}

/** CallTools' own fields of these names have one spelling, whatever they are filled from: calling hours go by the state. */
function spelled(target: string, value: FieldValue, { texts }: MappedContact, { countryForm }: FieldMap): FieldValue {
  if (typeof value !== 'string') return value;
  if (target === 'state') return stateOf(value, filled(texts.country));
  return target === 'country' ? countryOf(value, countryForm) : value;
}

/**
 * What empties a field. An empty text is no number, date or yes/no, so these get null. How accounts take either is not known: a field that
 * is refused is left out and named.
 */
function emptied({ as }: FieldRule): FieldValue | null {
  if (as === 'list') return [];
  return as === null || as === 'text' ? '' : null;
}

function mappedValue(contact: MappedContact, rule: FieldRule, plan: FieldPlan): FieldValue | null {
  const { from, as } = rule;
  if (from.kind !== 'text') return converted(rawOf(contact, from, plan), as);
  const parts = from.parts.map((part) => {
    if (typeof part === 'string') return { text: part, isSource: false };
    return { text: converted(rawOf(contact, part, plan), 'text'), isSource: true };
  });
  const sources = parts.filter(({ isSource }) => isSource);
  if (sources.length > 0 && sources.every(({ text }) => text === null)) return null;
  return converted(parts.map(({ text }) => text ?? '').join(''), 'text');
}

function rawOf(contact: MappedContact, source: FieldSource, { map, customIds }: FieldPlan): unknown {
  if (source.kind === 'contact') return contactValue(contact, source.field, map.countryForm);
  return contact.custom[customIds.get(source.ref) ?? source.ref];
}

/** The value in one form, however GoHighLevel shows it: a read of one contact and the list differ (docs/vendors.md, GoHighLevel: search). */
function contactValue(contact: MappedContact, field: ContactField, form: FieldMap['countryForm']): unknown {
  const textOf = (name: ContactField) => filled(contact.texts[name]);
  const text = textOf(field);
  switch (field) {
    case 'id':
      return contact.id;
    case 'tags':
      return contact.tags.toSorted();
    case 'name':
      return [textOf('firstName'), textOf('lastName')].filter((part) => part !== null).join(' ') || text;
    case 'state':
      return text && stateOf(text, textOf('country'));
    case 'country':
      return text && countryOf(text, form);
    case 'dateOfBirth':
      return text && (dateOf(dateTimeOf(text)) ?? text);
    case 'dateAdded':
      return text && dateTimeOf(text);
    default:
      return text;
  }
}

/** Trimmed. GoHighLevel writes "nothing" as null, "" or the text "null" (docs/vendors.md, GoHighLevel: tags and numbers). */
function filled(value: string | null | undefined): string | null {
  const text = value?.trim() ?? '';
  return text === '' || text === 'null' ? null : text;
}

/**
 * The value as this type, or null where it has none or does not surely fit.
 *
 * * `null`: texts trimmed, numbers (no negative zero) and yes/no as they are, anything else as `text`.
 * * `text`: all texts in the value, each once, joined by ", ". Of a file the address, of a map of choices (`{"a": true}`) those that are true.
 * * `list`: the same texts. A text is one entry, also with commas in it.
 * * `number`, `boolean`, `date`: see `numberOf`, `booleanOf`, `dateOf`. A list of one counts as its entry.
 */
export function converted(value: unknown, as: FieldType | null): FieldValue | null {
  const texts = [...new Set(textsIn(value))];
  const only = texts.length === 1 ? String(texts[0]) : '';
  switch (as) {
    case 'list':
      return texts.length > 0 ? texts : null;
    case 'number':
      return typeof value === 'number' && Number.isFinite(value) ? value + 0 : numberOf(only);
    case 'boolean':
      return booleanOf(only);
    case 'date':
      return dateOf(only) ?? dateOf(epochText(only, LEAST_EPOCH));
    case 'text':
      return texts.join(', ') || null;
    default:
      if (typeof value === 'boolean') return value;
      return typeof value === 'number' && Number.isFinite(value) ? value + 0 : texts.join(', ') || null;
  }
}

/** Levels of lists and objects that are looked into. A file is on the second. */
const MAX_DEPTH = 5;

function textsIn(value: unknown, depth = 0): string[] {
  if (typeof value === 'string') return [filled(value)].filter((text) => text !== null);
  if (typeof value === 'number') return Number.isFinite(value) ? [String(value)] : [];
  if (typeof value === 'boolean') return [String(value)];
  if (typeof value !== 'object' || value === null || depth === MAX_DEPTH) return [];
  if (Array.isArray(value)) return value.flatMap((entry) => textsIn(entry, depth + 1));
  const { url } = value as { url?: unknown };
  if (typeof url === 'string') return textsIn(url);
  return Object.entries(value).flatMap(([key, entry]) => {
    if (typeof entry === 'boolean') return entry ? textsIn(key) : [];
    return textsIn(entry, depth + 1);
  });
}

/** Digits, thousands separated by commas or spaces, a decimal point, and a $ or £ before. Not of such a form: 12%, 1.234,50, €5, 1e5. */
const NUMBER = /^([+-]?)[$£]?([1-9]\d{0,2}(?:,\d{3})+|[1-9]\d{0,2}(?:[ \u00a0\u202f]\d{3})+|\d*)(\.\d+)?$/;
/** More digits than that are not kept exactly. */
const MAX_DIGITS = 15;

/** The number in a text that is one as a whole, as it is written in the United States. */
export function numberOf(text: string): number | null {
  const [, sign = '', whole = '', decimals = ''] = NUMBER.exec(text) ?? [];
  const digits = whole.replace(/\D/g, '') + decimals;
  if (digits === '' || digits.length > MAX_DIGITS) return null;
  return Number(sign + digits) + 0;
}

const YES = new Set(['true', 'yes', 'y', 'on', '1']);
const NO = new Set(['false', 'no', 'n', 'off', '0']);

/** Yes or no in a word; null where it is neither. */
export function booleanOf(text: string): boolean | null {
  const word = text.toLowerCase();
  return YES.has(word) ? true : NO.has(word) ? false : null;
}

/** Fewer digits may be seconds, a year, or a date without dashes. */
export const LEAST_EPOCH = 1e10;

/** ISO 8601 in UTC for epoch ms in digits; any other text as it is. */
export function epochText(text: string, least: number): string {
  const ms = /^-?\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  return Math.abs(ms) >= least ? new Date(ms).toISOString() : text;
}

const dateTimeOf = (text: string) => epochText(text, 0);

/**
 * YYYY-MM-DD of a text that is a date. Of a date with a time the date as written, without a change of time zone: CallTools' own dates have
 * none (docs/vendors.md, CallTools: dates). Day and month are told apart only where one of them is over 12, or both are equal.
 */
export function dateOf(text: string): string | null {
  const [, year = '', month = '', day = ''] =
    /^([12]\d{3})-(\d{2})-(\d{2})(?:[T ]\d{2}:\d{2}[\d:.]*(?: ?(?:Z|[+-]\d{2}:?\d{2}))?)?$/.exec(text) ?? [];
  if (year !== '') return existing(year, month, day);
  const [, one = '', other = '', ofYear = ''] = /^(\d{1,2})[/.-](\d{1,2})[/.-]([12]\d{3})$/.exec(text) ?? [];
  const readings = new Set([existing(ofYear, one, other), existing(ofYear, other, one)]);
  readings.delete(null);
  return readings.size === 1 ? ([...readings][0] ?? null) : null;
}

function existing(year: string, month: string, day: string): string | null {
  const iso = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  const date = new Date(`${iso}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(iso) ? iso : null;
}
