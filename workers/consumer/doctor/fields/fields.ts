// Which fields a contact of this CallTools account has, by the account's own API description and by an existing contact.

import type { Settings } from '../../config/settings.ts';
import { type Check, failed, ok, skipped, warning } from '../check.ts';
import type { AccountFields } from './description.ts';

/** What is known of the account's fields. */
export interface Fields {
  /** By its API description; null where there is none to read. */
  described: AccountFields | null;
  /** Of an existing contact; null where there is none. */
  shown: Set<string> | null;
}

/** The three settings that name fields. */
export function checkFields(settings: Settings, fields: Fields): Check[] {
  const external = settings.CALLTOOLS_EXTERNAL_ID_FIELD;
  return [
    checkField('calltools-phone-field', settings.CALLTOOLS_PHONE_FIELD, /phone/i, fields),
    checkField('calltools-email-field', settings.CALLTOOLS_EMAIL_FIELD, /mail/i, fields),
    external === ''
      ? skipped('calltools-external-id-field', 'None is set.')
      : checkField('calltools-external-id-field', external, /_id$|^id_/i, fields),
  ];
}

function checkField(
  code: 'calltools-phone-field' | 'calltools-email-field' | 'calltools-external-id-field',
  name: string,
  alike: RegExp,
  { described, shown }: Fields,
): Check {
  const likeIt = (among: Set<string>) => fieldsLike(among, alike).join(', ') || 'none';
  // A description may be CallTools' general one; a field that no contact has is dropped without a word (docs/vendors.md, CallTools:
  // writes).
  if (described?.has(name) && shown && !shown.has(name))
    return warning(
      code,
      `${name} is in the account’s API description, but an existing contact does not have it. Fields like it there: ${likeIt(shown)}.`,
    );
  if (described?.has(name) || shown?.has(name)) {
    const where = [described?.has(name) && 'the account’s API description', shown?.has(name) && 'an existing contact'];
    return ok(code, `${name} is in ${where.filter(Boolean).join(' and in ')}.`);
  }
  if (!described && !shown)
    return warning(code, `${name} cannot be checked: the account has no contact yet, and does not describe its API.`);
  const all = new Set([...(described?.keys() ?? []), ...(shown ?? [])]);
  return failed(code, `This account has no field ${name}. Fields like it: ${likeIt(all)}.`);
}

/** Fields of these that a setting may name, sorted. */
export function fieldsLike(names: Iterable<string>, alike: RegExp): string[] {
  return [...names].filter((field) => isFieldLike(field, alike)).sort();
}

/** Fields of related rows and of the federal list are not to be written to (docs/vendors.md, CallTools: contact fields). */
function isFieldLike(field: string, alike: RegExp): boolean {
  return (
    alike.test(field) &&
    !field.startsWith('_') &&
    !/fdnc|^uuid$|call_uuid|email_addresses|emails_sent|disposition/.test(field)
  );
}
