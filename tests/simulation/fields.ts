// The mapped fields of a history: the setting, what it refers to in both accounts, and how GoHighLevel shows custom values.

import type { CustomFieldDefinition } from '../../sandbox/gohighlevel/custom-fields.ts';
import type { ContactPatch } from '../../sandbox/gohighlevel.ts';
import type { Written } from './field-forms.ts';

/** A contact field by its name, or a custom field by what the setting calls it; `id` is null where the account has none, or several. */
export type Source =
  | { contact: keyof ContactPatch | 'id' | 'name' | 'dateAdded' }
  | { custom: string; id: string | null };

/** One mapped field, as the setting has it and as a person reads it. */
export interface MappedField {
  target: string;
  /** A source, or a text with sources in it. */
  from: Source | (string | Source)[];
  as: 'text' | 'number' | 'boolean' | 'date' | 'list' | null;
  fallback: Written;
  empty: 'keep' | 'clear';
}

/** What a history maps. */
export interface Fields {
  /** With those that are written by default, apart from `removed`. */
  rules: MappedField[];
  /** Default fields that are not written. */
  removed: string[];
  countryForm: 'iso2' | 'name';
  /** As in the setting, and the CallTools user's id; null where one of the two is not known. */
  owners: { user: string; owner: string; ghlId: string | null; byEmail: boolean; id: string | null; byName: boolean }[];
  definitions: CustomFieldDefinition[];
  /** Ids of definitions that no rule names. */
  unmapped: string[];
  /** Rights to the lists: never given, or taken away and given back by actions. */
  scopes: 'granted' | 'never';
  /** Targets that the account does not have, and may get. */
  later: string[];
  /** In the end the account has those too, and every field that it has made takes any text, but those for yes and no. */
  opensUp: boolean;
  /** Lists are all that ever fails: then no contact waits for anything. */
  calm: boolean;
}

/** Fields of a contact that hold a text. */
export type TextField =
  | 'lastName'
  | 'email'
  | 'companyName'
  | 'source'
  | 'city'
  | 'address1'
  | 'website'
  | 'timezone'
  | 'dateOfBirth'
  | 'assignedTo'
  | 'state'
  | 'country'
  | 'postalCode';

/** What is done to mapped fields, and to what they refer to. */
export type FieldAction =
  /** A person's fields in GoHighLevel; custom values by id, as the index of a form and a number (field-forms.ts). */
  | {
      do: 'fill';
      person: number;
      texts: Partial<Record<TextField, string>>;
      custom: Record<string, [form: number, n: number]>;
      /** As in history.ts. */
      fates: number[][];
    }
  /** GoHighLevel's key gets or loses the right to read lists. */
  | { do: 'scopes'; granted: boolean }
  /** CallTools' account gets this field, or takes any text in it from now on, unless it is a yes or no. Of `email`: refuses no address of a list any more. */
  | { do: 'account'; field: string; how: 'add' | 'loosen' };

const LISTS = ['locations/customFields.readonly', 'users.readonly'];

/** The rights of GoHighLevel's key. */
export function scopesOf(listsToo: boolean): string[] {
  return ['contacts.readonly', ...(listsToo ? LISTS : [])];
}

/** The settings of the workers. */
export function settingsOf({ rules, removed, owners, countryForm }: Fields): Record<string, string> {
  const entries = rules.map(({ target, from, as, fallback, empty }): [string, unknown] => {
    const source = Array.isArray(from) ? { text: from.map(placeholder).join('') } : { from: named(from) };
    const options = {
      ...(as !== null && !Array.isArray(from) && { as }),
      ...(fallback !== null && { default: fallback }),
      ...(empty === 'clear' && { empty }),
    };
    const isPlain = !Array.isArray(from) && Object.keys(options).length === 0;
    return [target, isPlain ? named(from) : { ...source, ...options }];
  });
  return {
    FIELD_MAP: JSON.stringify({
      ...Object.fromEntries(entries),
      ...Object.fromEntries(removed.map((one) => [one, null])),
    }),
    OWNERS: JSON.stringify(Object.fromEntries(owners.map(({ user, owner }) => [user, owner]))),
    COUNTRY_FORM: countryForm,
    ALERT_WEBHOOK_URL: ALERTS_URL,
  };
}

/** Where alerts go. */
export const ALERTS_URL = 'https://alerts.test/hook';

function named(source: Source): string {
  return 'contact' in source ? source.contact : `custom:${source.custom}`;
}

function placeholder(part: string | Source): string {
  return typeof part === 'string' ? part : `{${named(part)}}`;
}

/** Sources of a rule. */
export function sourcesOf({ from }: MappedField): Source[] {
  return Array.isArray(from) ? from.filter((part) => typeof part !== 'string') : [from];
}

/** Only a list tells which custom field is meant; an id stands for itself. */
export function needsList(source: Source): boolean {
  return 'custom' in source && source.custom !== source.id;
}

/** Custom values as the list and the detail show them: under other names, and in another order. */
export function respelled(
  shown: Record<string, unknown>,
  where: 'detail' | 'search' | 'webhook',
): Record<string, unknown> {
  const { customFields } = shown;
  if (where !== 'search' || !Array.isArray(customFields)) return shown;
  const entries = (customFields as { id: string; value: unknown }[]).map(({ id, value }) => ({
    id,
    fieldValue: value,
  }));
  return { ...shown, customFields: entries.toReversed() };
}
