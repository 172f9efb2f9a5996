// How tags are compared: whole, by a word within them, and as what people write to say that they must not be called.

import { fold, hasOpenly, isOpenly, openReadings, readings } from '../../../../shared/fold.ts';

/**
 * GoHighLevel lower-cases tags on save (docs/vendors.md, GoHighLevel: tags and numbers), other senders do not, and people paste tags
 * from anywhere.
 */
export const normaliseTag = fold;

/** As tags of GoHighLevel are compared: names that differ only in case, spaces or typography are one. */
export function sameName(one: string, other: string): boolean {
  return normaliseTag(one) === normaliseTag(other);
}

/** What of a contact's tags a route asks for. */
export interface TagRule {
  /** Whole tags. */
  tags?: readonly string[];
  /** Whole words within a tag: "past customer" has the word customer; "customize" has not. */
  words?: readonly string[];
  /** Tags that say that a person must not be called. */
  optOut?: true;
}

/** Tags in every way that they can be read, folded. Made once for all routes. */
export interface ReadTags {
  texts: readonly string[];
  /** Doubtful readings (shared/fold.ts). They count against dialing, never for it. */
  open: readonly string[];
}

/** `tags` as `hasTag` compares them, where a tag may speak for dialing. */
export function readAll(tags: readonly string[]): ReadTags {
  return { texts: tags.flatMap(readings), open: [] };
}

/** The same where a tag can only speak against it. */
export function readAgainst(tags: readonly string[]): ReadTags {
  return { texts: tags.flatMap(readings), open: tags.flatMap(openReadings) };
}

/** Whether one of the tags is what the rule asks for. */
export function hasTag({ tags, words, optOut }: TagRule, { texts, open }: ReadTags): boolean {
  return (
    tags?.some((tag) =>
      readings(tag).some((one) => texts.includes(one) || open.some((other) => isOpenly(other, one))),
    ) ||
    words?.map(normaliseTag).some((word) => isWordOf(word, texts, open)) ||
    (optOut === true && (texts.some(isOptOut) || open.some(isOptOut)))
  );
}

function isWordOf(word: string, texts: readonly string[], open: readonly string[]): boolean {
  return texts.some((tag) => hasWord(tag, word)) || open.some((tag) => hasOpenly(tag, word, isBoundary));
}

/** Without spaces and punctuation, and "do not" in one form. */
const OPT_OUTS = new Set(
  ['dnd', 'dnc', 'stop', 'stopcall', 'stopcalls', 'stopcalling', 'optout', 'optedout', 'unsubscribe', 'unsubscribed']
    .concat(['call', 'contact', 'dial', 'phone', 'disturb'].map((verb) => `dont${verb}`))
    .concat(['nocall', 'nocalls', 'nocontact', 'dontcallme', 'dontcontactme', 'dndcall', 'dndcalls', 'dndall'])
    .concat(['dndlist', 'dnclist', 'dontcalllist', 'dontcallagain', 'nevercall', 'stopcontact', 'stopcontacting']),
);

/** A tag that says, as a whole, that this person must not be called: "DND", "do-not-call", "Stop". In any case and punctuation. */
export function isOptOut(tag: string): boolean {
  const letters = normaliseTag(tag).replace(/[^\p{L}\p{N}]/gu, '');
  return OPT_OUTS.has(letters.replace(/^donot/, 'dont'));
}

/**
 * The word stands in the tag between word boundaries (UAX #29): neither within a longer word, nor next to an apostrophe that has
 * letters on both sides. In one thing we differ: tags join words by _ . and :, so these are boundaries too ("vip_client", "stage:won").
 */
function hasWord(tag: string, word: string): boolean {
  for (let at = tag.indexOf(word); at >= 0; at = tag.indexOf(word, at + 1)) {
    if (isBoundary(tag, at) && isBoundary(tag, at + word.length)) return true;
  }
  return false;
}

function isBoundary(text: string, at: number): boolean {
  const before = text.slice(Math.max(0, at - MAX_CLUSTER), at);
  const after = text.slice(at, at + MAX_CLUSTER);
  if (before === '' || after === '') return true;
  if (/^\p{M}/u.test(after)) return false;
  const [left, right] = [kindOf(before, LAST), kindOf(after, FIRST)];
  if (left !== 'other' && right !== 'other') return (left === 'katakana') !== (right === 'katakana');
  const beforeApostrophe = left === 'letter' && after.startsWith("'") && kindOf(after.slice(1), FIRST) === 'letter';
  const afterApostrophe = right === 'letter' && before.endsWith("'") && kindOf(before.slice(0, -1), LAST) === 'letter';
  return !beforeApostrophe && !afterApostrophe;
}

/** Longest character with its combining marks that is looked at. */
const MAX_CLUSTER = 32;
const FIRST = /^(.)/u;
const LAST = /(\P{M})\p{M}*$/u;
/** Scripts that are written without spaces: any of their characters may begin a word. */
const UNSPACED = /[\p{Ideographic}\p{sc=Hiragana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]/u;

type CharacterKind = 'letter' | 'digit' | 'katakana' | 'other';

function kindOf(text: string, which: RegExp): CharacterKind {
  const character = which.exec(text)?.[1] ?? '';
  if (/\p{scx=Katakana}/u.test(character) && /\p{L}/u.test(character)) return 'katakana';
  if (/\p{N}/u.test(character)) return 'digit';
  return /\p{L}/u.test(character) && !UNSPACED.test(character) ? 'letter' : 'other';
}
