// Checking and applying the body of a contact write, in Django REST framework's manner: all complaints at once, or all applied.

import { fieldsOf } from './fields.ts';
import type { CallToolsSettings } from './settings.ts';
import type { ContactRow, LabelKind, Table } from './table.ts';
import { checkValue } from './values.ts';

/** Complaints by field name. */
export type Errors = Record<string, string[]>;

/** A body that passed: what it would change. */
export interface Change {
  fields: Record<string, unknown>;
  /** By field name; '' clears. */
  phones: Record<string, string>;
  ids: Partial<Record<IdField, number[]>>;
  leaveOtherBuckets: boolean;
}

/** The fields of a body that hold ids of buckets or tags. */
export const ID_FIELDS = ['buckets', 'add_buckets', 'remove_buckets', 'tags', 'add_tags', 'remove_tags'] as const;
export type IdField = (typeof ID_FIELDS)[number];

/**
 * The change that a body asks for, or the field errors of a 400. Unknown keys are dropped silently (docs/vendors.md, CallTools:
 * writes).
 */
export function readChange(
  body: Record<string, unknown>,
  table: Table,
  settings: CallToolsSettings,
): Change | { errors: Errors } {
  const errors: Errors = {};
  const change: Change = {
    fields: {},
    phones: {},
    ids: {},
    leaveOtherBuckets: body.remove_from_other_buckets_on_add === true,
  };
  for (const [name, field] of fieldsOf(settings)) {
    if (!(name in body)) continue;
    const checked = checkValue(name, field, body[name], settings);
    if (!checked.ok) errors[name] = [checked.error];
    else if (field.type === 'phone') change.phones[name] = String(checked.value);
    else change.fields[name] = checked.value;
  }
  for (const name of ID_FIELDS) {
    if (!(name in body)) continue;
    const known = name.endsWith('buckets') ? table.buckets : table.tags;
    const complaint = checkIds(body[name], known);
    if (complaint) errors[name] = [complaint];
    else change.ids[name] = body[name] as number[];
  }
  return Object.keys(errors).length > 0 ? { errors } : change;
}

/** The body of a 400. The place of a refused email in it differs (`emailRefusal`). */
export function refusalOf(errors: Errors, { emailField, emailRefusal }: CallToolsSettings): unknown {
  const { [emailField]: ofEmail, ...others } = errors;
  if (emailRefusal === 'field' || !ofEmail) return errors;
  if (Object.keys(others).length > 0) return others;
  return emailRefusal === 'list' ? ofEmail : { detail: ofEmail.join(' ') };
}

/** The complaint about a list of ids, in Django REST framework's words (inferred); null when all is well. */
export function checkIds(value: unknown, known: ReadonlyMap<number, unknown>): string | null {
  if (!Array.isArray(value)) return `Expected a list of items but got type "${pythonType(value)}".`;
  for (const id of value) {
    if (!Number.isInteger(id)) return `Incorrect type. Expected pk value, received ${pythonType(id)}.`;
    if (!known.has(id)) return `Invalid pk "${id}" - object does not exist.`;
  }
  return null;
}

const PYTHON_TYPES: Record<string, string> = { string: 'str', number: 'int', boolean: 'bool' };

function pythonType(value: unknown): string {
  if (value === null) return 'NoneType';
  return PYTHON_TYPES[typeof value] ?? (Array.isArray(value) ? 'list' : 'dict');
}

/**
 * Applies a change to a contact: empty texts overwrite, and `do_not_contact: false` clears a refusal (docs/vendors.md, CallTools:
 * writes; CallTools: do-not-contact).
 */
export function applyChange(contact: ContactRow, change: Change, table: Table, settings: CallToolsSettings): void {
  const { do_not_contact, ...others } = change.fields;
  const isStored = do_not_contact !== undefined && settings.doNotContactWrite === 'applied';
  Object.assign(contact.fields, others, isStored && { do_not_contact });
  for (const [field, number] of Object.entries(change.phones)) table.setPhone(contact, field, number);
  if (settings.bucketPatch === 'applied') relabel('buckets', contact, change, (id) => table.link(contact, id));
  relabel('tags', contact, change, (id) => contact.tags.add(id));
}

function relabel(
  kind: LabelKind,
  contact: ContactRow,
  { ids, leaveOtherBuckets }: Change,
  add: (id: number) => void,
): void {
  const { [kind]: only, [`add_${kind}` as const]: added = [], [`remove_${kind}` as const]: removed = [] } = ids;
  const keep = leaveOtherBuckets && kind === 'buckets' && added.length > 0 ? added : only;
  for (const id of keep ? [...contact[kind].keys()] : []) if (!keep?.includes(id)) contact[kind].delete(id);
  for (const id of [...(only ?? []), ...added]) add(id);
  for (const id of removed) contact[kind].delete(id);
}
