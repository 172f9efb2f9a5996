// The fields of a contact of this CallTools account (docs/vendors.md, CallTools: contact fields).

import type { CallToolsSettings, CustomField } from './settings.ts';

const TEXTS = [
  'status',
  'first_name',
  'last_name',
  'address',
  'city',
  'state',
  'zip_code',
  'county',
  'country',
  'time_zone',
];

/** A field that can be written, and what it takes. */
export interface Field {
  type: CustomField['type'] | 'time' | 'user' | 'email' | 'phone';
  /** Of a choice field. */
  choices: readonly string[];
  /** The value of a field that nobody has filled. */
  blank: string | boolean | null;
  /** True: null makes it blank. False: null is refused. */
  takesNull: boolean;
}

/** Every writable field of this account. What is not in here is dropped without a word (docs/vendors.md, CallTools: writes). */
export function fieldsOf({ phoneFields, emailField, customFields }: CallToolsSettings): Map<string, Field> {
  const fields = new Map<string, Field>();
  const add = (name: string, type: Field['type'], blank: Field['blank'], takesNull: boolean, choices: string[] = []) =>
    fields.set(name, { type, blank, takesNull, choices });
  for (const name of TEXTS) add(name, 'text', '', false);
  add('suppress_until', 'time', null, true);
  add('owned_by', 'user', null, true);
  // Whether a contact made by API is ready is not known.
  add('ready', 'boolean', true, false);
  add('do_not_contact', 'boolean', false, false);
  // That numbers, booleans, dates and choices are null while nobody has filled them is inferred.
  for (const { name, type, choices } of customFields) add(name, type, type === 'text' ? '' : null, true, choices);
  for (const name of phoneFields) add(name, 'phone', '', true);
  add(emailField, 'email', '', true);
  return fields;
}

/** The stored fields of a contact; a field that the account made since is blank, and one that it no longer has is absent. */
export function storedFields(stored: Record<string, unknown>, settings: CallToolsSettings): Record<string, unknown> {
  const shown: Record<string, unknown> = {};
  for (const [name, { type, blank }] of fieldsOf(settings)) if (type !== 'phone') shown[name] = stored[name] ?? blank;
  return shown;
}

/** A new contact's fields. */
export function blankFields(settings: CallToolsSettings): Record<string, unknown> {
  return storedFields({}, settings);
}
