// Phone numbers: one canonical form, and the hash under which we remember them.

import { type CountryCode, parsePhoneNumberFromString } from 'libphonenumber-js/min';
import { sha256Hex } from '../../shared/hash.ts';

/** The number in E.164, or null where it is not a valid number. Numbers without a country code belong to `country`. */
export function toE164(text: string | null | undefined, country: CountryCode): string | null {
  if (!text) return null;
  const number = parsePhoneNumberFromString(text, country);
  return number?.isValid() ? number.number : null;
}

/** Key of a number in D1: we keep the hash, never the number. Salted by location, so equal numbers do not show across locations. */
export async function phoneHash(locationId: string, e164: string): Promise<string> {
  return (await sha256Hex(`${locationId}:${e164}`)).slice(0, 40);
}
