// Does a value, or a type of values, fit a field of the CallTools account? Pure.

import type { FieldType, FieldValue } from '../../domain/fields/field-map.ts';
import type { AccountField } from './description.ts';

/**
 * Whether the field takes values of this type. A text field takes numbers and dates, but no booleans (docs/vendors.md, CallTools: writes).
 * True where the type of the field is not known.
 */
export function takes(field: AccountField, type: FieldType): boolean {
  if (field.type === null || field.type === type) return true;
  return field.type === 'text' && (type === 'number' || type === 'date');
}

/** What CallTools would say against the value, in words that do not repeat it; null where nothing is known against it. */
export function misfit(field: AccountField, value: FieldValue): string | null {
  const { type, choices, maxLength } = field;
  if (field.readOnly) return 'read-only in CallTools';
  // A text may be a date.
  const held = typeof value === 'string' && type === 'date' ? 'date' : typeIn(value);
  if (!takes(field, held)) return `a ${type} field does not take a ${held}`;
  if (held === 'date' && type === 'date' && !/^\d{4}-\d\d-\d\d$/.test(String(value)))
    return 'a date field takes YYYY-MM-DD only';
  const values = Array.isArray(value) ? value : [String(value)];
  if (choices !== null && values.some((one) => !choices.includes(one))) return 'not among the choices of the field';
  const length = Math.max(0, ...values.map((one) => [...one].length));
  return maxLength !== null && length > maxLength ? `longer than ${maxLength} characters` : null;
}

function typeIn(value: FieldValue): FieldType {
  if (Array.isArray(value)) return 'list';
  return typeof value === 'string' ? 'text' : typeof value === 'number' ? 'number' : 'boolean';
}
