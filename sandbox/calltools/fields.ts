// The fields of a CallTools contact and what each takes (docs/vendors.md, CallTools: contact fields; CallTools: writes).

import { storedPhone } from './phone.ts';
import type { CallToolsSettings } from './settings.ts';

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
const NULLABLE_TEXTS = ['suppress_until', 'owned_by'];
const FLAGS = ['ready', 'do_not_contact'];

/** What a field may hold. */
export type FieldKind = 'text' | 'nullable' | 'flag' | 'custom' | 'email' | 'phone';

/** Every writable field of this account. What is not in here is dropped without a word (docs/vendors.md, CallTools: writes). */
export function fieldKinds({ phoneFields, emailField, customFields }: CallToolsSettings): Map<string, FieldKind> {
  const kinds = new Map<string, FieldKind>();
  for (const name of TEXTS) kinds.set(name, 'text');
  for (const name of NULLABLE_TEXTS) kinds.set(name, 'nullable');
  for (const name of FLAGS) kinds.set(name, 'flag');
  for (const name of customFields) kinds.set(name, 'custom');
  for (const name of phoneFields) kinds.set(name, 'phone');
  kinds.set(emailField, 'email');
  return kinds;
}

/** A new contact's fields. `ready` of a contact made by API is unknown: true here. */
export function blankFields(settings: CallToolsSettings): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const [name, kind] of fieldKinds(settings)) {
    if (kind !== 'phone') fields[name] = kind === 'flag' ? name === 'ready' : kind === 'nullable' ? null : '';
  }
  return fields;
}

/** A value as it is stored, or the complaint about it. */
export type Checked = { ok: true; value: unknown } | { ok: false; error: string };

/** A value as it would be stored, or the vendor's complaint about it, which repeats the value. */
export function checkField(kind: FieldKind, name: string, value: unknown): Checked {
  if (kind === 'flag') return typeof value === 'boolean' ? ok(value) : no('Must be a valid boolean.');
  if (value === null) return kind === 'text' ? no('This field may not be null.') : ok(kind === 'nullable' ? null : '');
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string') return no('Not a valid string.');
  if (kind === 'email' && text !== '' && !text.includes('@'))
    return no(`${text} is a invalid email address for field email`);
  if (kind !== 'phone' || text === '') return ok(text);
  const phone = storedPhone(text);
  return phone === null ? no(`${text} is not a valid phone number for field ${name}`) : ok(phone);
}

function ok(value: unknown): Checked {
  return { ok: true, value };
}

function no(error: string): Checked {
  return { ok: false, error };
}
