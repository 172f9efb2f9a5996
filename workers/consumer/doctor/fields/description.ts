// What a CallTools account says of its contact fields: its own API description, in OpenAPI 2 or 3.

import * as v from 'valibot';
import type { World } from '../../config/env.ts';
import type { Settings } from '../../config/settings.ts';
import type { FieldType } from '../../domain/fields/field-map.ts';
import { createHttp } from '../../vendors/http.ts';

/** What the account says of one field. Null: it does not say. */
export interface AccountField {
  type: FieldType | null;
  /** The values that it takes, if only those. */
  choices: readonly string[] | null;
  /** Characters. */
  maxLength: number | null;
  readOnly: boolean;
}

/** By the account's name of the field. */
export type AccountFields = ReadonlyMap<string, AccountField>;

/** Where accounts were seen to describe their API; which one an account has is not known (docs/vendors.md, CallTools: API description). */
export const DESCRIPTIONS = [
  '/api-docs/swagger/?format=openapi',
  '/api-docs/?format=openapi',
  '/api/swagger/?format=openapi',
  '/api/schema/?format=openapi',
];

const Models = v.record(v.string(), v.fallback(v.record(v.string(), v.unknown()), {}));
/** OpenAPI 2 or 3. */
const Description = v.object({
  definitions: v.optional(Models, {}),
  components: v.optional(v.object({ schemas: v.optional(Models, {}) }), {}),
});
type Schema = Record<string, unknown>;
type Schemas = Record<string, Schema>;

/** The contact's fields by the account's API description; null where there is none to read. Never throws. */
export async function describedFields(
  settings: Settings,
  world: World,
  notAfter: number,
): Promise<AccountFields | null> {
  const http = createHttp({
    vendor: 'calltools',
    baseUrl: settings.CALLTOOLS_BASE_URL.replace(/\/api$/, ''),
    // `application/json` is answered with 406 (docs/vendors.md, CallTools: API description).
    headers: { authorization: `Token ${settings.CALLTOOLS_API_KEY}`, accept: '*/*' },
    timeoutMs: settings.VENDOR_TIMEOUT_MS,
    throttleMs: () => 0,
    meaning: () => 'refused',
    hint: () => null,
    notAfter,
    world,
  });
  for (const path of DESCRIPTIONS) {
    const call = { method: 'GET', path, about: 'list', shape: Description, optional: true } as const;
    const answer = await http.call(call).catch(() => null);
    const fields = answer?.ok ? contactFieldsIn(answer.data) : null;
    if (fields) return fields;
  }
  return null;
}

/** The contact's fields that an API description names; null where it is none, or has no model of a contact. */
export function callToolsFieldsIn(json: unknown): AccountFields | null {
  const parsed = v.safeParse(Description, json);
  return parsed.success ? contactFieldsIn(parsed.output) : null;
}

/**
 * The model of a contact is known by fields that every account has (docs/vendors.md, CallTools: contact fields); models of other
 * names may come near it, such as one for reading and one for writing.
 */
function contactFieldsIn({ definitions, components }: v.InferOutput<typeof Description>): AccountFields | null {
  const schemas: Schemas = { ...definitions, ...components.schemas };
  const models = Object.values(schemas).map(({ properties }) => objectOf(properties));
  const contacts = models.filter((fields) => 'do_not_contact' in fields && 'add_buckets' in fields);
  if (contacts.length === 0) return null;
  const found = new Map<string, AccountField>();
  for (const [name, property] of contacts.flatMap((fields) => Object.entries(fields))) {
    const field = fieldOf(schemaPartsOf(property, schemas));
    const other = found.get(name);
    found.set(name, other === undefined ? field : bothOf(other, field));
  }
  return found;
}

/** A schema may stand elsewhere, or in parts: so deep, at most. */
const MAX_DEPTH = 4;

/** The schema itself, and all that it refers to. */
function schemaPartsOf(property: unknown, schemas: Schemas, depth = 0): Schema[] {
  const schema = objectOf(property);
  if (depth === MAX_DEPTH) return [schema];
  const name = typeof schema.$ref === 'string' ? (schema.$ref.split('/').at(-1) ?? '') : '';
  const parts = [schemas[name], ...[schema.allOf, schema.oneOf, schema.anyOf].flatMap(listOf)];
  return [schema, ...parts.flatMap((part) => (part === undefined ? [] : schemaPartsOf(part, schemas, depth + 1)))];
}

function fieldOf(parts: Schema[]): AccountField {
  const types = parts.flatMap(typeOf);
  const items = parts.flatMap(({ items }) => (items === undefined ? [] : [objectOf(items)]));
  // A blank and a null among them stand for "nothing chosen".
  const choices = [...parts, ...items]
    .flatMap((part) => listOf(part.enum))
    .flatMap((choice) => (choice === null || choice === '' ? [] : [String(choice)]));
  const lengths = parts.flatMap(({ maxLength }) => (typeof maxLength === 'number' ? [maxLength] : []));
  return {
    type: types[0] ?? null,
    choices: choices.length === 0 ? null : [...new Set(choices)],
    maxLength: lengths.length === 0 ? null : Math.min(...lengths),
    readOnly: parts.some(({ readOnly }) => readOnly === true),
  };
}

/** None for a type that no mapped value has, such as a time of day: it cannot be said what fits. */
function typeOf({ type, format }: Schema): FieldType[] {
  const named = listOf(type).find((one) => one !== 'null') ?? type;
  switch (named) {
    case 'string':
      return format === 'date' ? ['date'] : format === 'date-time' || format === 'time' ? [] : ['text'];
    case 'number':
    case 'integer':
      return ['number'];
    case 'boolean':
      return ['boolean'];
    case 'array':
      return ['list'];
    default:
      return [];
  }
}

/** Two models have the field: what either of them says. It can be written if it can in one. */
function bothOf(one: AccountField, other: AccountField): AccountField {
  return {
    type: one.type ?? other.type,
    choices: one.choices ?? other.choices,
    maxLength: one.maxLength ?? other.maxLength,
    readOnly: one.readOnly && other.readOnly,
  };
}

function objectOf(value: unknown): Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Schema) : {};
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
