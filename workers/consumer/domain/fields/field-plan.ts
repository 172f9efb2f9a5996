// The map with its references resolved, pure: what the settings name by key, name or email, and which id that has in the accounts.

import { fold } from '../../../../shared/fold.ts';
import { type GhlContact, isFilled } from '../contact.ts';
import { pipelinesOf } from '../rules/pipelines.ts';
import type { FieldMap, FieldPlan, FieldRule, FieldValue } from './field-map.ts';
import { fieldsOf } from './field-values.ts';

/** Lists by which settings are resolved. */
export type ListKind = 'custom_fields' | 'owners' | 'pipelines';

/** What is known of such a list. */
export interface AccountList {
  kind: ListKind;
  /**
   * What the settings name → its id: `customIds` or `ownerIds` of the plan. What was not found is missing. Of pipelines all that the
   * location has, see rules/pipelines.ts.
   */
  resolved: Readonly<Record<string, string>>;
  /** Hash of what was looked for. */
  asked: string;
  /** Kind of the failure, where it could not be read the last time; null = it was read. */
  failure: string | null;
  /** Epoch ms of the last try. */
  readAt: number;
}

/** A custom field of a GoHighLevel location. */
export interface CustomField {
  id: string;
  /** `contact.x`. */
  key: string | null;
  name: string | null;
  /** `TEXT`, `NUMERICAL`, `SINGLE_OPTIONS` and others; null where it is not told. */
  dataType: string | null;
  /** What may be chosen, where something may. */
  options: readonly string[];
}

/** A user of one of the accounts. */
export interface AccountUser {
  id: string;
  /** What a setting may call the user beside the id: emails, usernames, names. */
  names: string[];
}

/** An id of a CallTools user is a UUID (docs/vendors.md, CallTools: users). */
export function isUserId(text: string): boolean {
  return /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/i.test(text);
}

/**
 * Ids of GoHighLevel have 20 letters and digits in any mixture (docs/vendors.md, GoHighLevel: webhooks). Hardly a name looks like that: 20
 * characters without a space, and a digit or a capital letter among the later ones.
 */
function isFieldId(ref: string): boolean {
  return /^(?=.+[\dA-Z])[A-Za-z\d]{20}$/.test(ref);
}

/** The references of a rule to custom fields. */
function refsOf({ from }: FieldRule): string[] {
  const sources = from.kind === 'text' ? from.parts : [from];
  return sources.flatMap((source) => (typeof source !== 'string' && source.kind === 'custom' ? [source.ref] : []));
}

/** All references to custom fields, of the map and of the rules' conditions. Each once, sorted. */
export function customRefs({ rules, conditions = [] }: FieldMap): string[] {
  return [...new Set([...rules.flatMap(refsOf), ...conditions])].sort();
}

/** The references to custom fields by key or name, which only the account's list resolves. Each once, sorted. */
export function namedFields(map: FieldMap): string[] {
  return customRefs(map).filter((ref) => !isFieldId(ref));
}

/** The entries of `OWNERS` that name a user other than by its id, sorted. */
export function namedOwners({ owners }: FieldMap): [user: string, owner: string][] {
  return [...owners].filter(([user, owner]) => user.includes('@') || !isUserId(owner)).sort();
}

/** The ids of these fields, as far as the account has exactly one of that key, id or name. A key counts first. */
export function resolveFields(
  refs: readonly string[],
  fields: readonly Pick<CustomField, 'id' | 'key' | 'name'>[],
): Record<string, string> {
  const keyOf = (key: string) => fold(key).replace(/^contact\./, '');
  const found = refs.map((ref) => {
    const byKey = fields.filter(({ key }) => key !== null && keyOf(key) === keyOf(ref));
    const byId = fields.filter(({ id }) => id === ref);
    const byName = fields.filter(({ name }) => name !== null && fold(name) === fold(ref));
    return [ref, onlyId(byId) ?? onlyId(byKey) ?? onlyId(byName)] as const;
  });
  return present(found);
}

/** The CallTools users of GoHighLevel users, by the ids of both, as far as each is exactly one. */
export function resolveOwners(
  owners: readonly (readonly [user: string, owner: string])[],
  ghl: readonly AccountUser[],
  callTools: readonly AccountUser[],
): Record<string, string> {
  return present(
    owners.flatMap(([user, owner]) => {
      const id = user.includes('@') ? onlyId(called(user, ghl)) : user;
      return id === null ? [] : [[id, isUserId(owner) ? owner : onlyId(called(owner, callTools))] as const];
    }),
  );
}

function called(name: string, users: readonly AccountUser[]): AccountUser[] {
  return users.filter(({ id, names }) => id === name || names.some((one) => fold(one) === fold(name)));
}

/** Null where there is none or several. */
function onlyId(found: readonly { id: string }[]): string | null {
  const ids = new Set(found.map(({ id }) => id));
  return ids.size === 1 ? ([...ids][0] ?? null) : null;
}

function present(entries: readonly (readonly [string, string | null])[]): Record<string, string> {
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== null));
}

/** The plan, by what is known of the accounts' lists. */
export function planOf(map: FieldMap, lists: readonly AccountList[], added: FieldPlan['added'] = new Map()): FieldPlan {
  const resolved = (kind: ListKind) => Object.entries(lists.find((list) => list.kind === kind)?.resolved ?? {});
  const pipelines = resolved('pipelines');
  const ids = customRefs(map).filter(isFieldId);
  const owners = [...map.owners].filter(([user, owner]) => !user.includes('@') && isUserId(owner));
  const customIds = new Map([...ids.map((id): [string, string] => [id, id]), ...resolved('custom_fields')]);
  const lacks = (kind: ListKind) =>
    kind === 'custom_fields' ? map.conditions?.some((ref) => !customIds.has(ref)) : pipelines.length === 0;
  const isUnread = lists.some(({ kind, failure }) => kind !== 'owners' && mayPass(failure) && lacks(kind));
  return {
    map,
    customIds,
    ownerIds: new Map([...owners, ...resolved('owners')]),
    added,
    pipelines: pipelines.length > 0 ? pipelinesOf(Object.fromEntries(pipelines)) : null,
    ...(isUnread && { isUnread }),
  };
}

/** Whether a list that failed so may be read soon: it was not refused. */
export function mayPass(failure: AccountList['failure']): boolean {
  return failure === 'transient' || failure === 'throttled' || failure === 'busy';
}

/**
 * What CallTools is given of this contact's mapped fields. A reference that was not resolved counts as an id. If the contact has no such
 * field either, nothing is known of the value: then the field is left as CallTools has it.
 */
export function mappedFields(contact: GhlContact, plan: FieldPlan): Record<string, FieldValue | null> {
  const { id, tags, custom, address, ...texts } = contact;
  const isKnown = (ref: string) => plan.customIds.has(ref) || Object.hasOwn(custom, ref);
  const rules = plan.map.rules.filter((rule) => refsOf(rule).every(isKnown));
  // The list has another name for it.
  const address1 = isFilled(texts.address1) ? texts.address1 : address;
  const mapped = { id, tags, custom, texts: { ...texts, address1 } };
  return fieldsOf(mapped, { ...plan, map: { ...plan.map, rules } });
}
