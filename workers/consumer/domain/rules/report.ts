// Mistakes in a setting, and what every part of it is read with.

import { didYouMean } from '../nearest.ts';
import { normaliseTag } from './tags.ts';

/** An object of JSON. */
export type Json = Readonly<Record<string, unknown>>;

/** Takes one thing that is wrong. `where` is the place within the setting, in words. */
export type Report = (where: readonly string[], message: string) => void;

/** A century. */
const MAX_DAYS = 36_500;

/** Whether it is an object, not a list. */
export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Days as a whole number. */
export function daysOf(where: readonly string[], given: unknown, report: Report): number {
  if (typeof given === 'number' && Number.isInteger(given) && given >= 0 && given <= MAX_DAYS) return given;
  report(where, `must be a whole number of days, 0 (today) to ${MAX_DAYS}`);
  return 0;
}

/** A list of texts, none of them empty. */
export function textsOf(where: readonly string[], given: unknown, report: Report): string[] {
  if (!Array.isArray(given)) return fault(report, where, 'must be a list of texts such as ["cold lead"]') ?? [];
  if (given.length === 0) report(where, 'must not be an empty list');
  return given.map((text) => textOf(where, text, report, Number.POSITIVE_INFINITY));
}

/** '' where it is no text. */
export function textOf(where: readonly string[], given: unknown, report: Report, max: number): string {
  const text = typeof given === 'string' ? given.trim() : '';
  if (given === undefined) report(where, 'is missing');
  else if (typeof given !== 'string') report(where, 'must be text');
  else if (normaliseTag(text) === '') report(where, 'must not be empty');
  else if (text.length > max) report(where, `must be at most ${max} characters`);
  return text;
}

/** A name in a message. */
export function shown(name: string): string {
  return name.length > 60 ? `${name.slice(0, 60)}…` : name;
}

/** Keys that stand for another one in people's minds. */
const MEANT: Record<string, string> = {
  stage: 'opportunity',
  pipeline: 'opportunity',
  owner: 'assignedTo',
  customField: 'custom',
  excludes: 'not',
};

/** Reports the keys that are not among the known ones. */
export function refuseUnknown(where: readonly string[], given: Json, known: readonly string[], report: Report): void {
  for (const key of Object.keys(given)) {
    if (known.includes(key)) continue;
    const meant = MEANT[key];
    const hint = meant && known.includes(meant) ? ` Did you mean ${meant}?` : didYouMean(key, known);
    report(where, `"${shown(key)}" is not known.${hint} It may hold ${known.join(', ')}`);
  }
}

/** Null, once it is reported. */
export function fault(report: Report, where: readonly string[], message: string): null {
  report(where, message);
  return null;
}
