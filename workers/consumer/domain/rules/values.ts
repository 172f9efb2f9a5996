// One value of a contact against what a condition asks of it. Pure.

import { fold, readings } from '../../../../shared/fold.ts';
import { DAY_MS } from '../../../../shared/time.ts';
import { booleanOf, converted, dateOf, epochText, LEAST_EPOCH, numberOf } from '../fields/field-values.ts';
import { countryOf, isCountry, knownState, mayHaveState, stateOf } from '../fields/regions.ts';
import type { Test, TextCondition } from './conditions.ts';

/**
 * `missing`: there is no value to judge. `unknown`: it was not looked at yet. `doubt`: it cannot be read. The last three match nothing, and
 * neither does their opposite.
 */
export type Verdict = 'yes' | 'no' | 'missing' | 'unknown' | 'doubt';

/** What a contact has in a field. `there`: it cannot be read, but something is there, such as a file. */
export type Value = { kind: 'missing' } | { kind: 'unknown' } | { kind: 'unreadable'; there?: true } | Readable;

/** `yesNo`: a switch, not a text. */
interface Readable {
  kind: 'texts';
  texts: readonly string[];
  yesNo?: true;
}

export const MISSING: Value = { kind: 'missing' };
export const UNREADABLE: Value = { kind: 'unreadable' };

/** What the values are compared with. */
export interface ComparedWith {
  /** Today in UTC, epoch ms. */
  now: number;
  /** The contact's own number, E.164; null where it has none. */
  phone: string | null;
  /** E.164 of any way to write a number; null where it is none. */
  toPhone(text: string): string | null;
}

/**
 * A value as JSON has it: a text, number, yes/no, a list of them, or a map of choices (`{"a": true}`). GoHighLevel writes "nothing" as null,
 * "", the text "null" or an empty list (docs/vendors.md, GoHighLevel: tags and numbers). Anything else is unreadable. A file is too, but
 * it is there.
 */
export function readValue(json: unknown): Value {
  if (typeof json === 'boolean') return { kind: 'texts', texts: [String(json)], yesNo: true };
  const texts = textsOf(json);
  if (texts === null) return converted(json, 'text') === null ? UNREADABLE : { kind: 'unreadable', there: true };
  return texts.length === 0 ? MISSING : { kind: 'texts', texts };
}

function textsOf(json: unknown): string[] | null {
  if (json === undefined || json === null) return [];
  if (typeof json === 'string') return fold(json) === '' || json.trim() === 'null' ? [] : [json.trim()];
  if (typeof json === 'number') return Number.isFinite(json) ? [String(json)] : null;
  if (Array.isArray(json)) {
    const entries = json.map((entry) => (Array.isArray(entry) || isMap(entry) ? null : textsOf(entry)));
    return entries.includes(null) || json.some((entry) => typeof entry === 'boolean')
      ? null
      : entries.flatMap((one) => one ?? []);
  }
  if (!isMap(json)) return null;
  const choices = Object.entries(json);
  return choices.every(([, chosen]) => typeof chosen === 'boolean')
    ? choices.flatMap(([name, chosen]) => (chosen ? [name] : []))
    : null;
}

function isMap(json: unknown): json is Record<string, unknown> {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

/** The verdict on a custom field. */
export function testValue(value: Value, test: Test, by: ComparedWith): Verdict {
  if (value.kind !== 'texts') return without(value, test);
  if ('exists' in test) return 'yes';
  if ('oneOf' in test) return isOneOf(value, test.oneOf) ? 'yes' : 'no';
  return some(value.texts.map((text) => testText(text, test, by)));
}

/** The verdict on a field that is a text. `country` is the contact's own, which says whose states are meant. */
export function testField(field: TextCondition, value: Value, test: Test, country: string | null): Verdict {
  if (value.kind !== 'texts' || !('oneOf' in test)) return value.kind === 'texts' ? 'yes' : without(value, test);
  const [text = ''] = value.texts;
  const form = spelling(field, country);
  if (test.oneOf.some((one) => form(one) === form(text))) return 'yes';
  const isKnown = (one: string) => isRegion(field, one, country);
  if (test.oneOf.some(isKnown) && !isKnown(text)) return 'doubt';
  return field === 'state' && disagree(text, country, test.oneOf) ? 'doubt' : 'no';
}

/** Whether the text is surely a state or a country. Any other text may be a misspelled one; states of other countries are not known here. */
function isRegion(field: TextCondition, text: string, country: string | null): boolean {
  if (field === 'country') return isCountry(text);
  return field !== 'state' || !mayHaveState(country) || knownState(text, country) !== null;
}

/** A state of another country than the address says, and one that is asked for: which of the two is wrong is not known. */
function disagree(text: string, country: string | null, wanted: readonly string[]): boolean {
  if (country === null || knownState(text, country) !== null) return false;
  const state = knownState(text, null);
  return state !== null && wanted.some((one) => knownState(one, null) === state);
}

/** How a field is compared: Florida is FL, USA is US, and an id is what it is. */
function spelling(field: TextCondition, country: string | null): (text: string) => string {
  if (field === 'state') return (text) => fold(stateOf(text, country));
  if (field === 'country') return (text) => fold(countryOf(text, 'iso2'));
  return field === 'assignedTo' ? (text) => text.trim() : fold;
}

function without(value: Exclude<Value, Readable>, test: Test): Verdict {
  if (value.kind !== 'unreadable') return value.kind;
  return 'exists' in test && value.there ? 'yes' : 'doubt';
}

/** One that matches is enough; if none does, one that cannot be read is doubt. */
function some(verdicts: readonly Verdict[]): Verdict {
  return verdicts.includes('yes') ? 'yes' : verdicts.includes('doubt') ? 'doubt' : 'no';
}

function isOneOf({ texts, yesNo }: Readable, wanted: readonly string[]): boolean {
  if (yesNo) return wanted.some((one) => booleanOf(fold(one)) === (texts[0] === 'true'));
  return texts.some((text) => wanted.some((one) => isSame(text, one)));
}

/** Numbers are compared as numbers: 5,000 is 5000. So are yes and no, in any word for them: a list may show "true" where a read shows true. */
function isSame(text: string, other: string): boolean {
  const forms = readings(text);
  if (readings(other).some((one) => forms.includes(one))) return true;
  const number = numberOf(text);
  if (number !== null || numberOf(other) !== null) return number === numberOf(other);
  const isYes = booleanOf(fold(text));
  return isYes !== null && isYes === booleanOf(fold(other));
}

function testText(
  text: string,
  test: Exclude<Test, { oneOf: unknown } | { exists: unknown }>,
  by: ComparedWith,
): Verdict {
  if ('sameAs' in test) {
    const phone = by.toPhone(text);
    return phone === null || by.phone === null ? 'doubt' : said(phone === by.phone);
  }
  if ('withinDays' in test) return within(text, test.withinDays, by.now);
  if ('from' in test || 'to' in test) {
    const day = dayOf(text);
    return day === null ? 'doubt' : said(day >= (test.from ?? '') && day <= (test.to ?? '9999-12-31'));
  }
  const { least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY } = test as {
    least?: number;
    most?: number;
  };
  const number = numberOf(text);
  return number === null ? 'doubt' : said(number >= least && number <= most);
}

/**
 * Whether the day is today or at most `days` before it, in whole days of UTC. Time zones may make it tomorrow; a later day is a mistake, and
 * a mistake is doubt.
 */
export function within(text: string, days: number, now: number): Verdict {
  const day = dayOf(text);
  if (day === null) return 'doubt';
  const age = Math.floor(now / DAY_MS) - Date.parse(`${day}T00:00:00Z`) / DAY_MS;
  return age < -1 ? 'doubt' : said(age <= days);
}

/** YYYY-MM-DD of a date in a known form, or of epoch ms. */
function dayOf(text: string): string | null {
  return dateOf(text) ?? dateOf(epochText(text, LEAST_EPOCH));
}

function said(is: boolean): Verdict {
  return is ? 'yes' : 'no';
}
