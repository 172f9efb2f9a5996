// Reads a contact that a person posts to the control API, as GoHighLevel's users would enter it.

import { BLANK_CONTACT, type ContactPatch } from '../gohighlevel/contact.ts';
import { type CustomFieldDefinition, misfit } from '../gohighlevel/custom-fields.ts';
import { BadEntry, type Entry } from './entry.ts';

/**
 * Fields of a contact, each of the type that GoHighLevel stores; `customFields` replace those there are, as `tags` do. `also` names
 * entries that are no fields. Throws BadEntry.
 */
export function contactFields(
  entry: Entry,
  definitions: readonly CustomFieldDefinition[],
  also: readonly string[] = [],
): ContactPatch {
  for (const [name, value] of Object.entries(entry)) {
    if (also.includes(name)) continue;
    if (!Object.hasOwn(BLANK_CONTACT, name)) {
      throw new BadEntry(
        `a contact has no field "${name}"; it has ${[...Object.keys(BLANK_CONTACT), ...also].join(', ')}`,
      );
    }
    const example: unknown = BLANK_CONTACT[name as keyof typeof BLANK_CONTACT];
    if (!sameType(value, example)) throw new BadEntry(`"${name}" must be ${typeName(example)}`);
  }
  if (Array.isArray(entry.tags) && entry.tags.some((tag) => typeof tag !== 'string'))
    throw new BadEntry('"tags" must be texts');
  const fields: ContactPatch = Object.fromEntries(Object.entries(entry).filter(([name]) => !also.includes(name)));
  if (fields.customFields) fields.customFields = fields.customFields.map((one) => customValue(one, definitions));
  return fields;
}

function sameType(value: unknown, example: unknown): boolean {
  if (example === null) return value === null || typeof value === 'string';
  return value !== null && typeof value === typeof example && Array.isArray(value) === Array.isArray(example);
}

function typeName(example: unknown): string {
  if (example === null) return 'a text or null';
  if (Array.isArray(example)) return 'a list';
  return { string: 'a text', boolean: 'true or false' }[typeof example as string] ?? 'an object';
}

/** A custom field, named by its id or by its key. */
function customValue(entry: unknown, definitions: readonly CustomFieldDefinition[]): { id: string; value: unknown } {
  const { id, key, value } = (entry ?? {}) as Record<string, unknown>;
  const ofContacts = definitions.filter(({ model }) => model === 'contact');
  const found = ofContacts.find((one) => (id === undefined ? one.fieldKey === key : one.id === id));
  if (!found) {
    const keys = ofContacts.map(({ fieldKey }) => fieldKey).join(', ');
    throw new BadEntry(
      `"customFields" must be a list such as [{"key": "contact.product", "value": "Solar"}]; this location has ${keys}`,
    );
  }
  const wanted = value === undefined ? 'given' : misfit(found, value);
  if (wanted !== null) throw new BadEntry(`the value of ${found.fieldKey} must be ${wanted}`);
  return { id: found.id, value };
}
