// What is known of the people that a text may be about: their names in every part, and their numbers.

import { digitsOf, folded, spelledOut } from './spelling.ts';

/** `names` and `longest` are folded (see spelling.ts). */
export interface Known {
  names: ReadonlySet<string>;
  /** Characters of the longest name. */
  longest: number;
  digits: readonly string[];
}

/** No person is known. */
export const NOBODY: Known = { names: new Set(), longest: 0, digits: [] };

/** A longer text is prose: its words are not names. */
const MAX_NAME_WORDS = 4;
/** Longer names are compared by their parts only. */
const MAX_NAME_CHARS = 60;
/** Fewer digits are in every text. */
const MIN_DIGITS = 3;
/** So many digits in a row are no coincidence. */
const TELLING_DIGITS = 5;

/** From all texts that describe them: names, addresses, phones, emails. */
export function knownFrom(texts: Iterable<string>): Known {
  const names = new Set<string>();
  const digits = new Set<string>();
  for (const text of texts) {
    const plain = spelledOut(text);
    const words = plain.match(/[\p{L}\p{M}\p{N}]+(?:['’‘`][\p{L}\p{M}\p{N}]+)*/gu) ?? [];
    const named = words.length <= MAX_NAME_WORDS ? words.flatMap((word) => [word, ...word.split(/['’‘`]/)]) : [];
    for (const name of [plain, ...named]) {
      const fold = folded(name);
      if (fold !== '' && fold.length <= MAX_NAME_CHARS) names.add(fold);
    }
    const number = digitsOf(plain);
    if (number.length >= MIN_DIGITS) digits.add(number);
  }
  return { names, longest: Math.max(0, ...[...names].map(({ length }) => length)), digits: [...digits] };
}

/** A name of somebody, or a part of one. */
export function isNameOf({ names }: Known, fold: string): boolean {
  return names.has(fold);
}

/** Digits that are within somebody's number, or share many in a row with it. */
export function hasNumberOf({ digits }: Known, number: string): boolean {
  if (number.length < MIN_DIGITS) return false;
  return digits.some((known) => known.includes(number) || sharesDigits(known, number));
}

function sharesDigits(known: string, number: string): boolean {
  for (let at = 0; at + TELLING_DIGITS <= number.length; at++) {
    if (known.includes(number.slice(at, at + TELLING_DIGITS))) return true;
  }
  return false;
}
