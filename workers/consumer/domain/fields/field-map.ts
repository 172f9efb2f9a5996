// Which fields of the CallTools account are filled, and from what. Pure: the setting is read once, its references are resolved elsewhere.

import { MAPPED_TEXTS } from '../contact.ts';
import type { Pipeline } from '../rules/conditions.ts';
import type { PipelineRef } from '../rules/pipelines.ts';

/** What a field of CallTools may hold. */
export type FieldValue = string | number | boolean | string[];

/** What a value is turned into. `date`: YYYY-MM-DD. `list`: texts, for a field with several choices. */
export const FIELD_TYPES = ['text', 'number', 'boolean', 'date', 'list'] as const;
/** One of them. */
export type FieldType = (typeof FIELD_TYPES)[number];

/** Fields of a GoHighLevel contact that may be mapped (docs/vendors.md, GoHighLevel: contacts API). Phones are not among them. */
export const CONTACT_FIELDS = ['id', 'name', ...MAPPED_TEXTS, 'tags'] as const;
/** One of them. */
export type ContactField = (typeof CONTACT_FIELDS)[number];

/** Where a value comes from. `ref` of a custom field is its key (`contact.x`), its id or its name, as the setting spells it. */
export type FieldSource = { kind: 'contact'; field: ContactField } | { kind: 'custom'; ref: string };

/** One mapped field. */
export interface FieldRule {
  /** The field of the CallTools account. */
  target: string;
  /** One source; or a text, whose parts are texts and sources. */
  from: FieldSource | { kind: 'text'; parts: readonly (string | FieldSource)[] };
  /** Null: as the value is. */
  as: FieldType | null;
  /** Written where GoHighLevel has no value; null = none. */
  fallback: FieldValue | null;
  /** Where GoHighLevel has no value and there is no fallback: what CallTools has stays, or is emptied. */
  empty: 'keep' | 'clear';
}

/** `FIELD_MAP`, `OWNERS` and `COUNTRY_FORM` of one location, read and checked. */
export interface FieldMap {
  /** Sorted by target; with the fields that are written by default. */
  rules: readonly FieldRule[];
  /** How `country` is written: US, or United States. */
  countryForm: 'iso2' | 'name';
  /** GoHighLevel user (id, or email in lower case) → CallTools user (id, email, username or name), as the setting spells it. */
  owners: ReadonlyMap<string, string>;
  /** References of the rules' conditions to custom fields (SYNC_RULES), which are resolved along with those of the map. */
  conditions?: readonly string[];
  /** Pipelines and stages that the rules' conditions name. Absent where none asks for opportunities. */
  pipelines?: readonly PipelineRef[];
}

/** The map with its references resolved against both accounts, as far as they are known. */
export interface FieldPlan {
  map: FieldMap;
  /** By `ref`: the id of the custom field. A `ref` that is not in it counts as an id. */
  customIds: ReadonlyMap<string, string>;
  /** GoHighLevel user id → CallTools user id (a UUID). */
  ownerIds: ReadonlyMap<string, string>;
  /** Mapped targets that the account lacked once and has since: epoch ms since when. Contacts written before lack the value. */
  added: ReadonlyMap<string, number>;
  /** The pipelines that the rules may name; null where they are not known. */
  pipelines: readonly Pipeline[] | null;
  /** A list that the rules need could not be read. It was not refused, so the next try may succeed. */
  isUnread?: true;
}
