// What may be quoted of a text that somebody else wrote: sentences and words that name nobody, dates, ids and counts. The rest is masked.

import { HARMLESS_SENTENCES } from './harmless-sentences.ts';
import { HARMLESS_WORDS } from './harmless-words.ts';
import { beginsNameOf, hasNumberOf, isNameOf, type Known, NOBODY } from './known-people.ts';
import { MACHINE_MADE } from './machine-made.ts';
import { digitsOf, folded, spelledOut } from './spelling.ts';

interface Options {
  /** People that the text may be about. */
  known?: Known;
  /** Words of our own that the text may repeat, such as an id in the path of the call. */
  allowed?: ReadonlySet<string>;
}

type Mark = 'value' | 'phone' | 'email' | 'secret';
interface Token {
  kind: 'word' | 'number' | 'machine' | 'email' | 'secret' | 'other';
  text: string;
  mark: Mark | null;
}

/** The rest of a text is dropped. */
const MAX_CHARS = 4_000;

/** The text with everything masked that may belong to a person: unknown words, phone numbers, emails, and the names of `known` people. */
export function harmless(text: string, { known = NOBODY, allowed = new Set() }: Options = {}): string {
  const plain = spelledOut(text.slice(0, MAX_CHARS)).replace(/\s+/g, ' ').trim();
  // Vendors end a sentence with a full stop or without.
  if (HARMLESS_SENTENCES.some((sentence) => sentence.test(plain) || sentence.test(`${plain}.`))) return plain;
  const tokens = tokensOf(plain);
  for (const token of tokens) token.mark = markOf(token, allowed);
  hideNumbers(tokens, known);
  hideNames(tokens, known);
  return joined(tokens);
}

/** The text of an error for a log or a dead letter: our own errors as they are, all others as far as they are harmless. */
export function errorText(thrown: unknown): string {
  if (thrown instanceof OwnError) return thrown.message;
  return harmless(String(thrown).replace(/^Error: /, ''));
}

/** An error whose message is our own words, and free of personal data. */
export class OwnError extends Error {}

/** True when nothing of it would be masked. */
export function isHarmless(text: string): boolean {
  return harmless(text) === text;
}

const APART = String.raw`(?<![\p{L}\p{M}\p{N}_])`;
const ENDED = String.raw`(?![\p{L}\p{M}\p{N}_])`;

const TOKEN = new RegExp(
  [
    String.raw`(?<secret>\bpit-[\w-]+|\b(?:Bearer|Token)\s+(?=\S{0,255}\d)[\w.-]{8,})`,
    String.raw`(?<email>[^\s"<>()[\],;:]{1,128}@[^\s"<>()[\],;:]{1,255})`,
    `(?<machine>${APART}(?:${MACHINE_MADE})${ENDED})`,
    String.raw`(?<number>${APART}\d+(?:[.,]\d+)*(?: ?(?:ms|s|sec|min|h|kb|mb|gb)|th|st|nd|rd)?${ENDED})`,
    String.raw`(?<word>[\p{L}\p{M}\p{N}_]+(?:['’‘\u0060-][\p{L}\p{M}\p{N}_]+)*)`,
    String.raw`(?<other>[\s\S])`,
  ].join('|'),
  'giu',
);

function tokensOf(text: string): Token[] {
  return [...text.matchAll(TOKEN)].map(({ 0: token, groups }) => {
    const [kind] = Object.entries(groups ?? {}).find(([, found]) => found !== undefined) ?? ['other'];
    return { kind: kind as Token['kind'], text: token, mark: null };
  });
}

function markOf({ kind, text }: Token, allowed: ReadonlySet<string>): Mark | null {
  if (kind === 'secret' || kind === 'email') return kind;
  if (kind === 'word') return allowed.has(text) || isPlainWord(text) ? null : 'value';
  if (kind === 'number') return allowed.has(text) || isCount(text) ? null : 'phone';
  return null;
}

/** "statusCode", "mobile_phone_number", "doesn't", "NOT": each part is a harmless word. */
function isPlainWord(text: string): boolean {
  if (!/^[A-Za-z0-9_'’-]+$/.test(text)) return false;
  const whole = text.toLowerCase().replace(/['’]/g, '');
  if (HARMLESS_WORDS.has(whole)) return true;
  const parts = text
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[_-]+/)
    .filter(Boolean);
  return parts.length > 0 && parts.every((part) => /^\d{1,3}$/.test(part) || isPart(part));
}

/** "d1", "address1" and "don't" too. */
function isPart(part: string): boolean {
  const word = part.replace(/['’]/g, '');
  return HARMLESS_WORDS.has(word) || HARMLESS_WORDS.has(word.replace(/\d{1,3}$/, ''));
}

/** A count, an id or an epoch time in ms: a phone number with its area code has ten digits or more. */
function isCount(text: string): boolean {
  const digits = digitsOf(text);
  return digits.length < 10 || /^1[5-9]\d{11}$/.test(text);
}

const SEVEN_DIGITS = 7;

/** Masks digits in groups, "(305) 555-0142", as a phone number. Fewer digits are masked if they are part of a known number. */
function hideNumbers(tokens: Token[], known: Known): void {
  for (const run of numberRuns(tokens)) hideRun(run, known);
  for (const token of tokens) {
    if (token.kind !== 'number' && token.kind !== 'machine') continue;
    if (hasNumberOf(known, digitsOf(token.text)) || isNameOf(known, folded(token.text))) token.mark ??= 'value';
  }
}

function hideRun(run: Token[], known: Known): void {
  const numbers = run.filter(({ kind }) => kind === 'number');
  const digits = digitsOf(numbers.map(({ text }) => text).join(''));
  const grouped = numbers.length > 1 || /[+(]/.test(run[0]?.text ?? '');
  if (digits.length >= SEVEN_DIGITS && grouped) for (const token of run) token.mark = 'phone';
  else if (hasNumberOf(known, digits)) for (const token of numbers) token.mark ??= 'value';
}

/** Numbers with nothing between them that would separate two numbers. A plus before them belongs to them. */
function numberRuns(tokens: Token[]): Token[][] {
  const runs: Token[][] = [];
  let run: Token[] = [];
  let end = 0;
  for (const token of tokens) {
    if (token.kind === 'number') {
      run.push(token);
      end = run.length;
    } else if (token.kind === 'other' && /[\s().\p{Pd}/+]/u.test(token.text) && (end > 0 || /[+(]/.test(token.text))) {
      run.push(token);
      if (end > 0 && run.length - end > 3) [run, end] = [finish(runs, run, end), 0];
    } else [run, end] = [finish(runs, run, end), 0];
  }
  finish(runs, run, end);
  return runs;
}

function finish(runs: Token[][], run: Token[], end: number): Token[] {
  if (end > 0) runs.push(run.slice(0, end));
  return [];
}

/** Also masks a name that is split: "Da na" is two words, and neither is the name. */
function hideNames(tokens: Token[], known: Known): void {
  const words = tokens.filter(({ kind }) => kind === 'word');
  words.forEach((_, start) => {
    let name = '';
    for (let end = start; end < words.length && name.length < known.longest; end++) {
      name += folded(words[end]?.text ?? '');
      if (!isNameOf(known, name) && !(end === start && beginsNameOf(known, name))) continue;
      for (const word of words.slice(start, end + 1)) word.mark ??= 'value';
    }
  });
}

/** Neighbours with the same mask become one, because the number of words in a name also tells something. */
function joined(tokens: Token[]): string {
  const text = tokens.map(({ mark, kind, text }) => {
    if (mark !== null) return `[${mark}]`;
    return kind === 'other' && !/[ -~“”‘’…–—•·]/.test(text) ? ' ' : text;
  });
  return text
    .join('')
    .replace(/\[phone\](?:[\s().+/–—-]{0,3}\[phone\])+/g, '[phone]')
    .replace(/\[value\](?:[\s.'’‘`"_,&+/-]{0,3}\[value\])+/g, '[value]')
    .replace(/ +/g, ' ')
    .trim();
}
