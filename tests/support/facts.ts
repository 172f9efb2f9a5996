// What the rules know of a contact that GoHighLevel shows.

import { readContact } from '../../workers/consumer/domain/contact.ts';
import { toE164 } from '../../workers/consumer/domain/phone.ts';
import type { Opportunities, Pipeline } from '../../workers/consumer/domain/rules/conditions.ts';
import { type Facts, factsOf } from '../../workers/consumer/domain/rules/match.ts';

/** 2026-11-15, noon in UTC. */
export const NOON = Date.UTC(2026, 10, 15, 12);
/** Custom fields of this account, by key; their ids are the last part. */
const CUSTOM_IDS = new Map(['consent', 'date', 'amount', 'phone'].map((name) => [`contact.${name}`, name]));

interface Known {
  now?: number;
  opportunities?: Opportunities;
  pipelines?: readonly Pipeline[];
}

/** The facts of a contact with these fields, in the form of GoHighLevel's answers. */
export function factsFrom(json: Record<string, unknown>, known: Known = {}): Facts {
  const { now = NOON, opportunities = [], pipelines = null } = known;
  const { contact } = readContact({ id: 'c1', ...json });
  const toPhone = (text: string) => toE164(text, 'US');
  const plan = { customIds: CUSTOM_IDS, pipelines };
  return factsOf(contact, { now, toPhone, phone: toE164(contact.phone, 'US'), plan, opportunities });
}

/** The facts of a contact with this value in the custom field `contact.amount`. */
export function factsWith(value: unknown, json: Record<string, unknown> = {}): Facts {
  return factsFrom({ ...json, customFields: [{ id: 'amount', value }] });
}

/** YYYY-MM-DD, so many days before `NOON`. */
export function daysAgo(days: number): string {
  return new Date(NOON - days * 86_400_000).toISOString().slice(0, 10);
}
