// Reads FIELD_MAP, OWNERS and COUNTRY_FORM. Everything that can be known to be wrong is refused here, before a lead runs into it.

import { didYouMean } from '../nearest.ts';
import {
  CONTACT_FIELDS,
  type ContactField,
  FIELD_TYPES,
  type FieldMap,
  type FieldRule,
  type FieldSource,
  type FieldType,
  type FieldValue,
} from './field-map.ts';
import { refusedTarget, type WrittenBySettings } from './field-targets.ts';
import { dateOf } from './field-values.ts';

/** Most fields that may be mapped, the default ones included. */
const MAX_FIELDS = 100;
/** Most users that `OWNERS` may hold. */
const MAX_OWNERS = 1000;

/** Written unless FIELD_MAP says otherwise. */
const DEFAULT_FIELDS: Readonly<Record<string, ContactField>> = {
  first_name: 'firstName',
  last_name: 'lastName',
  address: 'address1',
  city: 'city',
  state: 'state',
  zip_code: 'postalCode',
};

/** The three settings as they come: JSON text, or an object where wrangler's config holds one. Absent, null or blank is not set. */
export interface FieldSettings {
  FIELD_MAP?: unknown;
  OWNERS?: unknown;
  COUNTRY_FORM?: unknown;
}

/** The map of these settings. Throws an Error that names the faulty field, says why it is refused, and what to do. */
export function parseFieldMap(settings: FieldSettings, reserved: WrittenBySettings): FieldMap {
  const rules = rulesOf(objectOf('FIELD_MAP', settings.FIELD_MAP, '{"company": "companyName"}'), reserved);
  const owners = ownersOf(objectOf('OWNERS', settings.OWNERS, '{"ana@example.com": "ana"}'));
  const countryForm = settings.COUNTRY_FORM ?? '';
  const form = typeof countryForm === 'string' ? countryForm.trim() || 'iso2' : null;
  if (form !== 'iso2' && form !== 'name') throw new Error('COUNTRY_FORM must be iso2 (US) or name (United States)');
  return { rules, countryForm: form, owners };
}

type Json = Readonly<Record<string, unknown>>;

function objectOf(name: string, setting: unknown, example: string): Json {
  const given = typeof setting === 'string' ? readJson(name, setting.trim()) : setting;
  if (given === undefined || given === null) return {};
  if (!isObject(given)) throw new Error(`${name}: must be an object such as ${example}`);
  return given;
}

function readJson(name: string, text: string): unknown {
  try {
    return text === '' ? null : JSON.parse(text);
  } catch {
    throw new Error(`${name}: is not valid JSON (a missing quote or comma?)`);
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A name in a message. */
const shown = (name: string) => (name.length > 60 ? `${name.slice(0, 60)}…` : name);

/** What is wrong with one entry. The caller adds which. */
class Fault extends Error {}

function rulesOf(given: Json, reserved: WrittenBySettings): FieldRule[] {
  const rules = new Map(
    Object.entries(DEFAULT_FIELDS).map(([target, field]) => [target, ruleFrom(target, { kind: 'contact', field })]),
  );
  const spellings = new Map([...rules.keys()].map((target) => [target, target]));
  for (const [target, entry] of Object.entries(given)) {
    at(`FIELD_MAP.${shown(target)}`, () => {
      const refusal = refusedTarget(target, reserved);
      if (refusal !== null) throw new Fault(refusal);
      const spelling = spellings.get(target.toLowerCase()) ?? target;
      if (spelling !== target) throw new Fault(`differs from ${spelling} only in case. Spell the field in one way`);
      spellings.set(target.toLowerCase(), target);
      if (entry === null) rules.delete(target);
      else rules.set(target, ruleOf(target, entry));
    });
  }
  if (rules.size > MAX_FIELDS)
    throw new Error(`FIELD_MAP: maps ${rules.size} fields with the default ones. At most ${MAX_FIELDS} are possible`);
  return [...rules.values()].sort((a, b) => (a.target < b.target ? -1 : 1));
}

function at<T>(where: string, read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    throw thrown instanceof Fault ? new Error(`${where}: ${thrown.message}`) : thrown;
  }
}

function ruleFrom(target: string, from: FieldRule['from']): FieldRule {
  return { target, from, as: null, fallback: null, empty: 'keep' };
}

const KEYS = ['from', 'text', 'as', 'default', 'empty'] as const;

function ruleOf(target: string, entry: unknown): FieldRule {
  if (typeof entry === 'string') return ruleFrom(target, sourceOf(entry));
  if (!isObject(entry))
    throw new Fault('must be a contact field such as "companyName", "custom:…", {"from": …}, {"text": …}, or null');
  for (const key of Object.keys(entry)) {
    if (!KEYS.some((known) => known === key))
      throw new Fault(`"${shown(key)}" is not known.${didYouMean(key, KEYS)} It may hold ${KEYS.join(', ')}`);
  }
  if ('from' in entry === 'text' in entry) throw new Fault('needs either "from" or "text"');
  if ('text' in entry && 'as' in entry) throw new Fault('"as" does not go with "text", which is always text');
  const as = 'as' in entry ? typeOf(entry.as) : null;
  const from = 'text' in entry ? { kind: 'text' as const, parts: partsOf(entry.text) } : sourceOf(entry.from);
  const fallback = 'default' in entry ? fallbackOf(entry.default, 'text' in entry ? 'text' : as) : null;
  const empty = 'empty' in entry ? emptyOf(entry.empty) : 'keep';
  if (fallback !== null && empty === 'clear')
    throw new Fault('has a "default", so it is never empty: leave out "default" or "empty"');
  return { target, from, as, fallback, empty };
}

function typeOf(as: unknown): FieldType {
  const type = FIELD_TYPES.find((one) => one === as);
  if (type === undefined)
    throw new Fault(
      `"as" must be one of ${FIELD_TYPES.join(', ')}.${typeof as === 'string' ? didYouMean(as, FIELD_TYPES) : ''}`,
    );
  return type;
}

function emptyOf(empty: unknown): FieldRule['empty'] {
  if (empty === 'keep' || empty === 'clear') return empty;
  throw new Fault('"empty" must be "keep" (what CallTools has stays) or "clear" (it is emptied)');
}

function sourceOf(given: unknown): FieldSource {
  if (typeof given !== 'string') throw new Fault('"from" must be a contact field such as "companyName", or "custom:…"');
  const name = given.trim();
  if (/[{}]/.test(name))
    throw new Fault('is written without braces, such as "custom:contact.key". Braces are for {"text": "GHL {id}"}');
  return namedSource(name);
}

/** `companyName`, or `custom:` and a key, id or name. */
function namedSource(name: string): FieldSource {
  if (name === '') throw new Fault('must name a contact field, or a custom field as custom:contact.key');
  if (name.startsWith('custom:')) {
    const ref = name.slice('custom:'.length).trim();
    if (ref === '') throw new Fault('"custom:" must be followed by the key, the id or the name of a custom field');
    return { kind: 'custom', ref };
  }
  const field = CONTACT_FIELDS.find((one) => one === name);
  if (field !== undefined) return { kind: 'contact', field };
  if (/phone/i.test(name))
    throw new Fault(
      `"${shown(name)}" cannot be copied into another field: one number for each contact is what do-not-contact is decided by. CALLTOOLS_PHONE_FIELD gets it (docs/fields.md)`,
    );
  throw new Fault(
    `GoHighLevel's contacts have no field "${shown(name)}".${didYouMean(name, CONTACT_FIELDS)} A custom field is written as custom:contact.key`,
  );
}

/** The text cut at its placeholders. */
function partsOf(text: unknown): (string | FieldSource)[] {
  if (typeof text !== 'string') throw new Fault('"text" must be a text such as "GHL {id}"');
  if (text.trim() === '') throw new Fault('"text" must not be empty');
  if (/\{\{|\}\}/.test(text)) throw new Fault('placeholders have one brace on each side, such as {id}');
  return text.split(/(\{[^{}]*\})/).flatMap((part): (string | FieldSource)[] => {
    if (part === '') return [];
    if (/^\{[^{}]*\}$/.test(part)) return [namedSource(part.slice(1, -1).trim())];
    if (/[{}]/.test(part)) throw new Fault('has a brace without its partner. A placeholder looks like {id}');
    return [part];
  });
}

/** The default, if it is of the type. `as` null: of any type. */
function fallbackOf(value: unknown, as: FieldType | null): FieldValue {
  const type = as ?? typeIn(value);
  if (type === 'text' && typeof value === 'string' && value.trim() !== '') return value.trim();
  if (type === 'number' && typeof value === 'number' && Number.isFinite(value)) return value;
  if (type === 'boolean' && typeof value === 'boolean') return value;
  if (type === 'date' && typeof value === 'string' && dateOf(value.trim()) === value.trim()) return value.trim();
  if (type === 'list' && Array.isArray(value) && value.length > 0 && value.every(isFilledText))
    return value.map((text) => text.trim());
  throw new Fault(`"default" must be ${EXPECTED[type]}. Without a default, leave it out`);
}

const EXPECTED: Readonly<Record<FieldType, string>> = {
  text: 'a text that is not empty',
  number: 'a number, without quotes',
  boolean: 'true or false, without quotes',
  date: 'a date such as "2026-01-31"',
  list: 'a list of texts such as ["solar"]',
};

function typeIn(value: unknown): FieldType {
  if (Array.isArray(value)) return 'list';
  return typeof value === 'number' || typeof value === 'boolean' ? (typeof value as 'number' | 'boolean') : 'text';
}

function isFilledText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}

/** Entries are named by their place: a key may be an email address. */
function ownersOf(given: Json): Map<string, string> {
  const entries = Object.entries(given);
  if (entries.length > MAX_OWNERS) throw new Error(`OWNERS: at most ${MAX_OWNERS} users are possible`);
  const owners = new Map<string, string>();
  for (const [index, [key, owner]] of entries.entries()) {
    at(`OWNERS: entry ${index + 1}`, () => {
      const user = key.trim().includes('@') ? key.trim().toLowerCase() : key.trim();
      if (!/^(?:[\w-]{1,64}|[^\s@]+@[^\s@]+)$/.test(user))
        throw new Fault('must be named by a GoHighLevel user id or an email address');
      if (owners.has(user)) throw new Fault('names a user that an earlier entry names too. Remove one');
      if (!isFilledText(owner))
        throw new Fault('must be the id, email, username or name of a CallTools user, as a text');
      owners.set(user, owner.trim());
    });
  }
  return owners;
}
