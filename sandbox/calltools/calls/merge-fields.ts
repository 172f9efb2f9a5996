// The values that CallTools' own automations put into the body of an HTTP request. They arrive as Python prints them
// (docs/vendors.md, CallTools: call hooks).

import type { CallToolsSettings } from '../settings.ts';
import type { HistoryRow } from './record.ts';

/** An object of CallTools that another one points to. */
interface Reference {
  model: string;
  id: number | string;
}

/** What placeholders may name: `{{%locals[model][field]}}`. */
export type Locals = Record<string, Record<string, unknown>>;

/** The fields of a disposition, and of the contact that was called. */
export function localsOf(row: HistoryRow, contact: Record<string, unknown> = {}): Locals {
  const to = (model: string, id: number | string | null) => (id === null ? null : { model, id });
  return {
    historicalcalldisposition: {
      id: row.id,
      app_user: to('AppUser', row.appUser),
      app_user_id: row.appUser,
      call_uuid: row.callUuid,
      campaign: to('Campaign', row.campaign),
      contact: to('Contact', row.contact),
      contact_id: row.contact,
      created_on: `${new Date(row.createdOn).toISOString().slice(0, 19).replace('T', ' ')}+00:00`,
      disposition: to('CallDisposition', row.disposition),
      disposition_id: row.disposition,
      phone_number: row.phoneNumber,
      queue: null,
    },
    contact,
  };
}

const PLACEHOLDER = /\{\{%locals\[(\w+)\]\[(\w+)\]\}\}/g;

/** A value of a body with its placeholders filled in, at any depth. What has none stays as it is. */
export function fill(value: unknown, locals: Locals, form: CallToolsSettings['mergeValues']): unknown {
  if (typeof value === 'string')
    return value.replace(PLACEHOLDER, (_, model, field) => spell(locals[model]?.[field], form));
  if (Array.isArray(value)) return value.map((one) => fill(one, locals, form));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, fill(one, locals, form)]));
}

function spell(value: unknown, form: CallToolsSettings['mergeValues']): string {
  const isPython = form === 'python';
  if (value === null || value === undefined) return isPython ? 'None' : '';
  if (typeof value === 'boolean') return isPython ? (value ? 'True' : 'False') : String(value);
  if (Array.isArray(value)) return `[${value.map((one) => spell(one, form)).join(', ')}]`;
  if (!isReference(value)) return String(value);
  return isPython ? `${value.model} object (${value.id})` : String(value.id);
}

function isReference(value: unknown): value is Reference {
  return typeof value === 'object' && value !== null && 'model' in value && 'id' in value;
}

interface ConditionSet {
  operator?: unknown;
  child_sets?: ConditionSet[];
  conditions?: { operator?: unknown; value_left?: unknown; value_right?: unknown }[];
}

/** Whether a set of conditions holds. `equals` is the only comparison here. */
export function holds({ operator, child_sets = [], conditions = [] }: ConditionSet, locals: Locals): boolean {
  const results = [
    ...child_sets.map((child) => holds(child, locals)),
    ...conditions.map(
      ({ operator: how, value_left, value_right }) =>
        how === 'equals' && fill(String(value_left), locals, 'plain') === fill(String(value_right), locals, 'plain'),
    ),
  ];
  return operator === 'or' ? results.some(Boolean) : results.every(Boolean);
}
