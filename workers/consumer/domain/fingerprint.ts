// Hashes that answer whether a contact has changed since it was last settled: of what the contact list shows of it, and of the settings.

import type { CountryCode } from 'libphonenumber-js/min';
import { openReadings, readings } from '../../../shared/fold.ts';
import { sha256Hex } from '../../../shared/hash.ts';

import type { GhlContact } from './contact.ts';
import { managedLabels, type Person, type Wanted } from './decide.ts';
import type { FieldPlan } from './fields/field-map.ts';
import { mappedFields } from './fields/field-plan.ts';
import { toE164 } from './phone.ts';
import type { Rules } from './rules/conditions.ts';
import { type Facts, factsOf, signsOf } from './rules/match.ts';
import { idsOf } from './rules/pipelines.ts';
import { normaliseTag } from './rules/tags.ts';

/** The settings that decide what a contact wants. */
export interface DecidedBy {
  rules: Rules;
  country: CountryCode;
  /** The CallTools account's own field names. */
  fields: string[];
  plan: FieldPlan;
  /** Tags, as they are compared, that CALL_RESULTS writes and no route matches. A mapped field shows them all the same. */
  ignoredTags?: ReadonlySet<string>;
  /** Epoch ms: conditions may change with time. */
  now: number;
}

/** Equal exactly when nothing differs that decides or is written, as far as the list shows it (it may hide DND). */
export function searchHash(contact: GhlContact, by: DecidedBy): Promise<string> {
  const { id, locationId, phone, email, tags, oddTags, dnd, dndSettings } = contact;
  const decisive = [by.rules, by.country, named(by), ...stages(by.plan)];
  const shown = [id, locationId || null, phone || null, email || null, oddTags ?? null];
  const fields = listed(mappedFields(contact, by.plan), by.plan);
  const counted = tags.filter((tag) => !by.ignoredTags?.has(normaliseTag(tag)));
  return sha256Hex(
    JSON.stringify([
      2,
      decisive,
      shown,
      fields,
      counted.flatMap((tag) => [...readings(tag), ...openReadings(tag)]).sort(),
      dnd ?? false,
      dndSettings ?? {},
      ...signs(contact, by),
    ]),
  );
}

/** What the rules mean by the pipelines and stages that they name. Absent where they name none. */
function stages({ map, pipelines }: FieldPlan): unknown[] {
  const { pipelines: refs = [] } = map;
  return refs.length > 0 ? [refs.map((ref) => idsOf(ref, pipelines ?? []))] : [];
}

/** Absent where the rules go by tags alone. */
function signs(contact: GhlContact, by: DecidedBy): string[] {
  const text = signsOf(by.rules, factsFor(contact, by));
  return text === '' ? [] : [text];
}

/** What is known of a contact but for its opportunities, which are compared on their own. */
export function factsFor(
  contact: GhlContact,
  { country, plan, now }: Pick<DecidedBy, 'country' | 'plan' | 'now'>,
): Facts {
  const toPhone = (text: string) => toE164(text, country);
  return factsOf(contact, { plan, now, toPhone, phone: toE164(contact.phone, country), opportunities: 'unknown' });
}

/** With a field that the account has got later comes since when: what was written before did not reach it. */
function named({ fields, plan: { added } }: Pick<DecidedBy, 'fields' | 'plan'>): unknown[] {
  return fields.map((name) => [name, added.get(name) ?? null]);
}

/** The same with mapped fields and their values. */
function listed(fields: Person['fields'], { added }: Pick<FieldPlan, 'added'>): unknown[] {
  const names = Object.keys(fields).sort();
  return names.map((name) => [name, fields[name], added.get(name) ?? null]);
}

/**
 * The hash to keep of a contact that was read. It is `asked`, the hash of the row that made a run ask, where that row shows the same
 * state, and otherwise its own. A row may hide DND, and have names in lower case (docs/vendors.md, GoHighLevel: search). Null where the
 * contact has no hash, such as one whose DND settings are nested thousands of levels deep: it is decided by all the same.
 */
export async function readHash(contact: GhlContact, asked: string | null, by: DecidedBy): Promise<string | null> {
  try {
    return await hashToKeep(contact, asked, by);
  } catch (thrown) {
    if (thrown instanceof RangeError) return null;
    throw thrown;
  }
}

async function hashToKeep(contact: GhlContact, asked: string | null, by: DecidedBy): Promise<string> {
  const own = await searchHash(contact, by);
  if (asked === null || asked === own) return own;
  const lower = {
    ...contact,
    firstName: contact.firstName?.toLowerCase() ?? null,
    lastName: contact.lastName?.toLowerCase() ?? null,
    name: contact.name?.toLowerCase() ?? null,
  };
  const hidden = { dnd: false, dndSettings: {} };
  const shown = [{ ...contact, ...hidden }, lower, { ...lower, ...hidden }];
  const hashes = await Promise.all(shown.map((one) => searchHash(one, by)));
  return hashes.includes(asked) ? asked : own;
}

/** A text that is equal exactly when the wanted state, the fields that it is written to and the managed labels are equal. */
export function canonical(wanted: Wanted, { rules, fields, plan }: Omit<DecidedBy, 'country' | 'now'>): string {
  const labels = managedLabels(rules);
  const state =
    wanted.kind === 'out'
      ? wanted
      : {
          ...wanted,
          person: { ...wanted.person, fields: listed(wanted.person.fields, plan) },
          fields: named({ fields, plan }),
        };
  return JSON.stringify([1, state, labels.buckets, labels.tags]);
}
