// The search's filters: fields, operators and groups that it knows; anything else is an error (docs/vendors.md, GoHighLevel: search).

import { fullName, type GhlContact } from './contact.ts';

/** Fields this sandbox can filter by, of those documented, and what each reads. */
const FIELDS: Record<string, (contact: GhlContact) => unknown> = {
  id: ({ id }) => id,
  contactName: fullName,
  address: ({ address1 }) => address1,
  assignedTo: ({ assignedTo }) => assignedTo,
  city: ({ city }) => city,
  country: ({ country }) => country,
  companyName: ({ companyName }) => companyName,
  dateAdded: ({ dateAdded }) => Date.parse(dateAdded),
  dateUpdated: ({ dateUpdated }) => Date.parse(dateUpdated),
  dnd: ({ dnd }) => dnd,
  email: ({ email }) => email,
  firstNameLowerCase: ({ firstName }) => firstName.toLowerCase(),
  lastNameLowerCase: ({ lastName }) => lastName.toLowerCase(),
  phone: ({ phone }) => phone,
  postalCode: ({ postalCode }) => postalCode,
  source: ({ source }) => source,
  state: ({ state }) => state,
  tags: ({ tags }) => tags,
  timezone: ({ timezone }) => timezone,
  type: ({ type }) => type,
  website: ({ website }) => website,
  'dndSettings.Call.status': ({ dndSettings }) => dndSettings.Call?.status,
  'dndSettings.SMS.status': ({ dndSettings }) => dndSettings.SMS?.status,
  'dndSettings.Email.status': ({ dndSettings }) => dndSettings.Email?.status,
};

/** Whether a contact matches. */
export type Test = (contact: GhlContact) => boolean;
/** A filter of a search, or why GoHighLevel refuses it. */
export type Filter = { ok: true; test: Test } | { ok: false; message: string };

/** Operators over what a field reads and the filter's value. */
const OPERATORS: Record<string, (field: unknown, value: unknown) => boolean> = {
  eq: (field, value) => equals(field, value),
  not_eq: (field, value) => !equals(field, value),
  contains: (field, value) => has(field, value),
  not_contains: (field, value) => !has(field, value),
  exists: (field) => present(field),
  not_exists: (field) => !present(field),
  range: (field, value) => within(field, value),
};

/** All of the filters together, or the message of the 400. */
export function readFilters(filters: unknown): Filter {
  if (filters === undefined) return { ok: true, test: () => true };
  return Array.isArray(filters) ? readGroup('AND', filters) : { ok: false, message: 'filters must be an array' };
}

function readGroup(group: string, filters: unknown[]): Filter {
  const read = filters.map(readFilter);
  const bad = read.find((filter) => !filter.ok);
  if (bad) return bad;
  const tests = read.flatMap((filter) => (filter.ok ? [filter.test] : []));
  return {
    ok: true,
    test: (contact) => (group === 'OR' ? tests.some((test) => test(contact)) : tests.every((test) => test(contact))),
  };
}

function readFilter(filter: unknown): Filter {
  const { group, filters, field, operator, value } = (filter ?? {}) as Record<string, unknown>;
  if (group !== undefined) return readGroup(String(group), Array.isArray(filters) ? filters : []);
  const read = typeof field === 'string' && Object.hasOwn(FIELDS, field) ? FIELDS[field] : customField(field);
  if (!read) return { ok: false, message: `Invalid field ${String(field)}` };
  const compare = typeof operator === 'string' && Object.hasOwn(OPERATORS, operator) ? OPERATORS[operator] : undefined;
  if (!compare) return { ok: false, message: `Invalid operator ${String(operator)}` };
  return { ok: true, test: (contact) => compare(read(contact), value) };
}

function customField(field: unknown): ((contact: GhlContact) => unknown) | undefined {
  const id = typeof field === 'string' && field.startsWith('customFields.') ? field.slice('customFields.'.length) : '';
  return id ? ({ customFields }) => customFields.find((custom) => custom.id === id)?.value : undefined;
}

/** A list field equals a value that it has; several values mean all of them (public code, unverified). */
function equals(field: unknown, value: unknown): boolean {
  if (Array.isArray(field))
    return (Array.isArray(value) ? value : [value]).every((one) => field.includes(String(one).toLowerCase()));
  if (typeof field === 'string') return field.toLowerCase() === String(value).toLowerCase();
  return field === value;
}

function has(field: unknown, value: unknown): boolean {
  const part = String(value).toLowerCase();
  return (Array.isArray(field) ? field : [field ?? '']).some((text) => String(text).toLowerCase().includes(part));
}

function present(field: unknown): boolean {
  return Array.isArray(field) ? field.length > 0 : field !== undefined && field !== null && field !== '';
}

/** Bounds are ISO texts or epoch ms (docs/vendors.md, GoHighLevel: search). */
function within(field: unknown, value: unknown): boolean {
  const { gt, gte, lt, lte } = (value ?? {}) as Record<string, unknown>;
  const bound = (at: unknown) => (typeof at === 'string' && Number.isNaN(Number(at)) ? Date.parse(at) : Number(at));
  const time = Number(field);
  if (gt !== undefined && !(time > bound(gt))) return false;
  if (gte !== undefined && !(time >= bound(gte))) return false;
  if (lt !== undefined && !(time < bound(lt))) return false;
  return lte === undefined || time <= bound(lte);
}
