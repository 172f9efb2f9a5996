// Phone numbers: one canonical form, and the hash under which we remember them.

import { type CountryCode, type PhoneNumber, parsePhoneNumberFromString } from 'libphonenumber-js/min';
import { fold } from '../../../shared/fold.ts';
import { sha256Hex } from '../../../shared/hash.ts';

/**
 * The number in E.164, or null unless the whole text is one valid number. Numbers without a country code belong to `country`. Usual
 * punctuation, "tel:" and invisible characters are ignored; words are not ("Do not call …", "home or …"). A number with an extension
 * is null too: without the extension, somebody else answers.
 */
export function toE164(text: string | null | undefined, country: CountryCode): string | null {
  const number = text ? parseWhole(text, country) : null;
  return number?.isValid() ? number.number : null;
}

/** The numbers in these texts, valid or not. `unread`: some text is no number, so it may mean any. */
export function numbersIn(texts: readonly string[], country: CountryCode): { numbers: string[]; unread: boolean } {
  const parsed = texts.map((text) => parseWhole(text, country));
  const numbers = parsed.flatMap((number) => (number?.isPossible() ? [number.number] : []));
  return { numbers, unread: numbers.length < texts.length };
}

function parseWhole(text: string, country: CountryCode): PhoneNumber | null {
  const plain = fold(text).replace(/^tel: ?/, '');
  const number = parsePhoneNumberFromString(plain, { defaultCountry: country, extract: false });
  return number && number.ext === undefined ? number : null;
}

/** A number usually belongs to a handful of contacts. More rows than this for one number mean that CallTools ignored the filter. */
export const PLAUSIBLE_COUNT = 20;

/** Key of a number in D1, which holds the hash and never the number. Salted by location, so equal numbers do not show across locations. */
export async function phoneHash(locationId: string, e164: string): Promise<string> {
  return (await sha256Hex(`${locationId}:${e164}`)).slice(0, 40);
}
