// Phone numbers: one canonical form, and the hash under which we remember them.

import { type CountryCode, parsePhoneNumberFromString } from 'libphonenumber-js/min';
import { fold } from '../../../shared/fold.ts';
import { sha256Hex } from '../../../shared/hash.ts';
import { withAsciiDigits } from '../../../shared/spelling.ts';

/**
 * The number in E.164, or null unless the whole text is one valid number. Numbers without a country code belong to `country`. Usual
 * punctuation, "tel:" and invisible characters are ignored; words are not ("Do not call …", "home or …"). A number with an extension
 * is null too: without the extension, somebody else answers.
 */
export function toE164(text: string | null | undefined, country: CountryCode): string | null {
  const number = text ? parseWhole(text, country) : null;
  return number?.isValid ? number.number : null;
}

/** The numbers in these texts, valid or not. `unread`: some text is no number, so it may mean any. */
export function numbersIn(texts: readonly string[], country: CountryCode): { numbers: string[]; unread: boolean } {
  const parsed = texts.map((text) => parseWhole(text, country));
  const numbers = parsed.flatMap((number) => (number?.isPossible ? [number.number] : []));
  return { numbers, unread: numbers.length < texts.length };
}

interface Parsed {
  /** E.164. */
  number: string;
  isValid: boolean;
  isPossible: boolean;
}

/**
 * A number is read several times in a batch, of the contact and of what CallTools holds, and again when the contact changes next. A longer
 * text is hardly a number. All of them take about half a megabyte.
 */
const recent = new Map<string, Parsed | null>();
const MAX_RECENT = 3000;
const MAX_RECENT_CHARS = 40;

function parseWhole(text: string, country: CountryCode): Parsed | null {
  if (text.length > MAX_RECENT_CHARS) return parseAnew(text, country);
  const key = `${country} ${text}`;
  const known = recent.get(key);
  if (known !== undefined) return known;
  const parsed = parseAnew(text, country);
  if (recent.size >= MAX_RECENT) recent.clear();
  recent.set(key, parsed);
  return parsed;
}

function parseAnew(text: string, country: CountryCode): Parsed | null {
  const plain = fold(text).replace(/^tel: ?/, '');
  if (STYLED_DIGIT.test(text) || !NUMBER_ALONE.test(plain)) return null;
  const number = parsePhoneNumberFromString(plain, { defaultCountry: country, extract: false });
  if (!number || number.ext !== undefined) return null;
  if (
    plain.includes('/') &&
    number.countryCallingCode !== FIXED_LENGTH &&
    !AREA_CODE_FIRST.test(withAsciiDigits(plain))
  )
    return null;
  const isValid = number.isValid();
  return { number: number.number, isValid, isPossible: isValid || number.isPossible() };
}

/** Superscripts, circled digits and Roman numerals are notes beside a number. Folded, they would be digits of it. */
const STYLED_DIGIT = /[\p{No}\p{Nl}]/u;
/** Digits and usual punctuation. The parser itself skips more: parameters of a "tel:" address, and whatever stands before that address. */
const NUMBER_ALONE = /^[\p{Nd}+ ()[\]./~⁓∼ー-]*$/u;
/** Numbers of North America have one length, so two of them are never read as one. */
const FIXED_LENGTH = '1';
/**
 * A slash stands behind an area code ("030/123456", "+49 (0)30 / 123456", "91/1234567"), or between two numbers ("123456/57"). What stands
 * before it must be too short for a number.
 */
const AREA_CODE_FIRST =
  /^\W*(?:\+\W*(?:\d\W*){2,7}|0\W*(?:\d\W*){1,5}|[1-9]\W*(?:\d\W*){1,2})\/(?:[^\d/]*\d){4,}[^\d/]*$/;

/** A number usually belongs to a handful of contacts. More rows than this for one number mean that CallTools ignored the filter. */
export const PLAUSIBLE_COUNT = 20;

/** Key of a number in D1, which holds the hash and never the number. Salted by location, so equal numbers do not show across locations. */
export async function phoneHash(locationId: string, e164: string): Promise<string> {
  return (await sha256Hex(`${locationId}:${e164}`)).slice(0, 40);
}
