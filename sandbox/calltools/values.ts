// What a field takes, and what CallTools says of any other value (docs/vendors.md, CallTools: writes; CallTools: errors). Texts of
// refusals that were not seen are Django REST framework's.

import type { Field } from './fields.ts';
import { storedPhone } from './phone.ts';
import type { CallToolsSettings } from './settings.ts';

/** A value as it is stored, or the complaint about it. */
export type Checked = { ok: true; value: unknown } | { ok: false; error: string };

type Account = Pick<CallToolsSettings, 'users' | 'refusedEmails'>;

/** A value as it would be stored, or the vendor's complaint about it, which may repeat the value. */
export function checkValue(name: string, field: Field, value: unknown, account: Account): Checked {
  if (value === null) return field.takesNull ? ok(field.blank) : no('This field may not be null.');
  switch (field.type) {
    case 'text':
    case 'time':
      return checkText(value, ok);
    case 'email':
      return checkText(value, (text) => checkEmail(text, account.refusedEmails));
    case 'phone':
      return checkText(value, (text) => checkPhone(text, name));
    // The framework would take "12" and "yes" too. Refused here, so that a client sends what it means.
    case 'number':
      return typeof value === 'number' ? ok(value) : no('A valid number is required.');
    case 'boolean':
      return typeof value === 'boolean' ? ok(value) : no('Must be a valid boolean.');
    case 'date':
      return isDate(value) ? ok(value) : no('Date has wrong format. Use one of these formats instead: YYYY-MM-DD.');
    case 'choice':
      return field.choices.some((choice) => choice === value) ? ok(value) : no(`"${value}" is not a valid choice.`);
    case 'user':
      return checkUser(value, account.users);
  }
}

/** A number is stored as its text; no other type becomes one. */
function checkText(value: unknown, check: (text: string) => Checked): Checked {
  const text = typeof value === 'number' ? String(value) : value;
  return typeof text === 'string' ? check(text) : no('Not a valid string.');
}

/** What makes an address invalid to CallTools is not known: here what does not look like one, and those that a test names. */
function checkEmail(text: string, refused: readonly string[]): Checked {
  const isTaken = text === '' || (/^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/.test(text) && !refused.includes(text));
  return isTaken ? ok(text) : no(`${text} is a invalid email address for field email`);
}

function checkPhone(text: string, name: string): Checked {
  const phone = text === '' ? '' : storedPhone(text);
  return phone === null ? no(`${text} is not a valid phone number for field ${name}`) : ok(phone);
}

/** `YYYY-MM-DD` (docs/vendors.md, CallTools: dates), and a day that exists. */
function isDate(value: unknown): boolean {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\d$/.test(value)) return false;
  const day = new Date(`${value}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(value);
}

function checkUser(value: unknown, users: Account['users']): Checked {
  if (typeof value !== 'string' || !/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(value))
    return no(`“${value}” is not a valid UUID.`);
  const id = value.toLowerCase();
  return users.some((user) => user.id === id) ? ok(id) : no(`Invalid pk "${id}" - object does not exist.`);
}

function ok(value: unknown): Checked {
  return { ok: true, value };
}

function no(error: string): Checked {
  return { ok: false, error };
}
