// The names, with all their parts, and the numbers of the people that a text may be about.

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

/** A longer text is prose: its words are not names, but so many in a row are no coincidence. */
const MAX_NAME_WORDS = 4;
/** Longer names are compared only by their parts. */
const MAX_NAME_CHARS = 60;
/** Fewer digits occur in every text. */
const MIN_DIGITS = 3;
/** This many equal digits in a row are no coincidence. */
const TELLING_DIGITS = 5;

/** What is known from texts that describe people: names, addresses, phones, emails. */
export function knownFrom(texts: Iterable<string>): Known {
  const names = new Set<string>();
  const digits = new Set<string>();
  for (const text of texts) {
    const plain = spelledOut(text);
    const words = plain.match(/[\p{L}\p{M}\p{N}]+(?:['’‘`][\p{L}\p{M}\p{N}]+)*/gu) ?? [];
    const isProse = words.length > MAX_NAME_WORDS;
    const named = isProse ? rowsOf(words) : words.flatMap((word) => [word, ...word.split(/['’‘`]/)]);
    for (const name of [plain, ...named]) {
      const fold = folded(name);
      if (fold !== '' && fold.length <= MAX_NAME_CHARS) names.add(fold);
    }
    const number = digitsOf(plain);
    if (number.length >= MIN_DIGITS) digits.add(number);
  }
  return { names, longest: Math.max(0, ...[...names].map(({ length }) => length)), digits: [...digits] };
}

/** The words of prose, cut into rows of MAX_NAME_WORDS. The last row ends with the last word. */
function rowsOf(words: readonly string[]): string[] {
  const starts = Array.from({ length: Math.ceil(words.length / MAX_NAME_WORDS) }, (_, row) => row * MAX_NAME_WORDS);
  const last = words.length - MAX_NAME_WORDS;
  return starts.map((start) => words.slice(Math.min(start, last)).slice(0, MAX_NAME_WORDS).join(''));
}

/** Whether it is a known name, or a part of one. */
export function isNameOf({ names }: Known, fold: string): boolean {
  return names.has(fold);
}

/** Names in order, made once: a long error has hundreds of words, and a batch may know tens of thousands of names. */
const sorted = new WeakMap<ReadonlySet<string>, string[]>();

/** Whether a known name begins with this: it may have been cut off. Shorter beginnings are too often ordinary words. */
export function beginsNameOf({ names }: Known, text: string): boolean {
  if (text.length < 4) return false;
  const inOrder = sorted.get(names) ?? [...names].sort();
  sorted.set(names, inOrder);
  let [low, high] = [0, inOrder.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((inOrder[middle] ?? '') < text) low = middle + 1;
    else high = middle;
  }
  return inOrder[low]?.startsWith(text) ?? false;
}

/** Whether the digits are part of a known number, or share many in a row with one. */
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
