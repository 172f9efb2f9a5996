// Which contacts belong where: an ordered list of routes from the settings. The first match wins.

import * as v from 'valibot';
import { fold, readings } from '../../../shared/fold.ts';
import { readJsonc } from './jsonc.ts';

const Text = v.pipe(
  v.string('must be text'),
  v.trim(),
  v.check((text) => normaliseTag(text) !== '', 'must not be empty'),
);
const Texts = v.pipe(v.array(Text, 'must be a list of texts'), v.minLength(1, 'must not be empty'));

/** What is wrong with a key. */
const complaint = ({ expected }: { expected: string | null }) =>
  expected === 'never' ? 'is not known (misspelled?)' : expected === 'Object' ? 'must be an object' : 'is missing';

const Route = v.pipe(
  v.strictObject(
    {
      name: v.pipe(Text, v.maxLength(64, 'must be at most 64 characters')),
      tags: v.optional(Texts),
      words: v.optional(Texts),
      bucket: v.nullable(v.pipe(Text, v.maxLength(100, 'must be at most 100 characters'))),
      calltoolsTag: v.optional(Text),
    },
    complaint,
  ),
  v.check(
    (route) => route.tags !== undefined || route.words !== undefined,
    'needs "tags" or "words", or it would match nobody',
  ),
  v.check(
    (route) => route.bucket !== null || route.calltoolsTag === undefined,
    'has "bucket": null (kept out of the dialer), so it cannot have a "calltoolsTag"',
  ),
);

const Rules = v.strictObject(
  {
    routes: v.pipe(
      v.array(Route, 'must be a list of routes'),
      v.minLength(1, 'must hold at least one route'),
      v.check(
        (routes) => new Set(routes.map((route) => route.name)).size === routes.length,
        'must have names that differ',
      ),
      v.check(
        (routes) => spelledAlike(routes.map(({ bucket }) => bucket)),
        'must spell each "bucket" in one way: CallTools may hold both spellings for one bucket',
      ),
      v.check(
        (routes) => spelledAlike(routes.map(({ calltoolsTag }) => calltoolsTag)),
        'must spell each "calltoolsTag" in one way: CallTools may hold both spellings for one tag',
      ),
    ),
  },
  complaint,
);

/** Whether no two names differ only in case or spaces. They would be one id, which would be added and removed at once. */
function spelledAlike(names: (string | null | undefined)[]): boolean {
  const spellings = new Set(names.filter((name) => typeof name === 'string'));
  return new Set([...spellings].map(normaliseTag)).size === spellings.size;
}

/**
 * One route. `tags` match whole GoHighLevel tags, `words` match a whole word within a tag ("past customer" has the word
 * customer; "customize" has not). `bucket` is the CallTools bucket's name, null keeps the contact out of the dialer;
 * `calltoolsTag` is a CallTools tag given along with the bucket.
 */
export type Route = v.InferOutput<typeof Route>;
/** Rules, read and checked. */
export type Rules = v.InferOutput<typeof Rules>;

/**
 * GoHighLevel lower-cases tags on save (docs/vendors.md, GoHighLevel: tags and numbers), other senders do not, and people paste tags
 * from anywhere.
 */
export const normaliseTag = fold;

/**
 * The rules that are given, as text (JSON with comments) or as the object that it would be. Throws an Error that begins with `source`,
 * where they stand, such as `rules.jsonc, line 7, column 3: a comma is missing before "bucket"`, and says what must be corrected.
 */
export function parseRules(given: unknown, source = 'SYNC_RULES'): Rules {
  const parsed = v.safeParse(Rules, typeof given === 'string' ? readText(given, source) : given);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const path = v.getDotPath(issue) ?? '';
  throw new Error(`${source}${path && `.${path}`}: ${issue.message}`);
}

function readText(text: string, source: string): unknown {
  try {
    return readJsonc(text);
  } catch (thrown) {
    throw new Error(`${source}, ${thrown instanceof Error ? thrown.message : thrown}`);
  }
}

/** Index of the first route that matches these tags, or -1. */
export function matchRoute(rules: Rules, tags: readonly string[]): number {
  const normal = tags.flatMap(readings);
  return rules.routes.findIndex(
    (route) =>
      route.tags?.some((tag) => readings(tag).some((one) => normal.includes(one))) ||
      route.words?.some((word) => normal.some((tag) => hasWord(tag, normaliseTag(word)))),
  );
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

/** As tags of GoHighLevel are compared: names that differ only in case, spaces or typography are one. */
export function sameName(one: string, other: string): boolean {
  return normaliseTag(one) === normaliseTag(other);
}
