// What CallTools must show of mapped fields, from GoHighLevel's state, the map and the account alone, and where it differs.

import type { CallToolsSettings } from '../../sandbox/calltools/settings.ts';
import type { DialerContact } from '../../sandbox/calltools/view.ts';
import type { GhlContact } from '../../sandbox/gohighlevel.ts';
import { ADDRESSES, formOf, type Written } from './field-forms.ts';
import { type Fields, type MappedField, needsList, type Source, sourcesOf } from './fields.ts';
import type { Expected } from './oracle.ts';
import type { Difference } from './shared-oracle.ts';
import type { World } from './world.ts';

const EMAIL = 'personal_email_address';
const OWNER = 'owned_by';
const STANDARD = ['first_name', 'last_name', 'address', 'city', 'state', 'zip_code', 'county', 'country', 'time_zone'];

/** What a write says of the contact, by field; what is kept as it is, is left out. `lists`: what settings name was found in the accounts. */
export function writtenOf(contact: GhlContact, fields: Fields, lists: boolean): Map<string, Written> {
  const written = new Map<string, Written>();
  for (const rule of fields.rules) {
    const isUnknown = (source: Source) => needsList(source) && (!lists || ('id' in source && source.id === null));
    if (sourcesOf(rule).some(isUnknown)) continue;
    const value = mappedOf(contact, rule, fields) ?? rule.fallback;
    if (value !== null) written.set(rule.target, value);
    else if (rule.empty === 'clear') written.set(rule.target, emptied(rule));
  }
  if (contact.email.trim() !== '') written.set(EMAIL, contact.email.trim());
  const owner = fields.owners.find(({ ghlId }) => ghlId !== null && ghlId === contact.assignedTo);
  if (owner && owner.id !== null && (lists || !owner.byEmail)) written.set(OWNER, owner.id);
  return written;
}

function emptied({ as }: MappedField): Written {
  if (as === 'list') return [];
  return as === null || as === 'text' ? '' : null;
}

function mappedOf(contact: GhlContact, { from, as }: MappedField, fields: Fields): Written {
  if (!Array.isArray(from)) {
    const form = formOf(rawOf(contact, from, fields));
    return (as === null ? form.plain : form[as]) ?? null;
  }
  const parts = from.map((part) => (typeof part === 'string' ? part : formOf(rawOf(contact, part, fields)).text));
  const sources = parts.filter((_, index) => typeof from[index] !== 'string');
  if (sources.length > 0 && sources.every((part) => part === undefined)) return null;
  return parts.join('').trim() || null;
}

function rawOf(contact: GhlContact, source: Source, { countryForm }: Fields): unknown {
  if ('custom' in source) return contact.customFields.find(({ id }) => id === source.id)?.value;
  const address = ADDRESSES.find(({ typed }) => typed.state === contact.state && typed.country === contact.country);
  switch (source.contact) {
    case 'name':
      return `${contact.firstName} ${contact.lastName}`.trim();
    case 'state':
      return address?.state;
    case 'country':
      return countryForm === 'iso2' ? address?.iso2 : address?.name;
    case 'tags':
      return contact.tags.toSorted();
    default:
      return contact[source.contact];
  }
}

/** What the account makes of a value: `kept` as this, refused, or dropped without a word where it has no such field. */
type Made = { kind: 'kept'; value: unknown } | { kind: 'refused' } | { kind: 'dropped' };

function madeOf(target: string, value: Written, { customFields, refusedEmails, users }: CallToolsSettings): Made {
  const kept = (fits: boolean, stored: unknown = value): Made =>
    fits ? { kind: 'kept', value: stored } : { kind: 'refused' };
  const isText = typeof value === 'string' || typeof value === 'number';
  if (target === EMAIL)
    return kept(/@[^@\s.]+\.[^@\s]+$/.test(String(value)) && !refusedEmails.includes(String(value)));
  if (target === OWNER) return kept(users.some(({ id }) => id === value));
  if (STANDARD.includes(target)) return kept(isText, String(value));
  const field = customFields.find(({ name }) => name === target);
  if (!field) return { kind: 'dropped' };
  // What takes no empty text is emptied with null.
  if (value === null || value === '') return kept(true, field.type === 'text' ? '' : null);
  switch (field.type) {
    case 'text':
      return kept(isText, String(value));
    case 'number':
    case 'boolean':
      return kept(typeof value === field.type);
    case 'date':
      return kept(typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value));
    case 'choice':
      return kept(field.choices?.includes(String(value)) === true && typeof value === 'string');
  }
}

/** Where mapped fields differ, by number, of the contacts that are dialed. */
export function fieldDifferencesOf(expected: Expected[], world: World): Difference[] {
  return expected.flatMap(({ phone, lead, bucket }) => {
    if (lead === null || bucket === null) return [];
    const held = world.callTools.withPhone(phone).filter(({ fields }) => fields.ghl_contact_id === lead.id);
    return held.flatMap((one) => {
      const difference = fieldDifference(one, lead, world);
      return difference === null ? [] : [{ phone, difference }];
    });
  });
}

/** Where CallTools' contact, or what is remembered of it, differs from its lead; null where it does not. */
function fieldDifference(held: DialerContact, lead: GhlContact, world: World): string | null {
  const { fields } = world.setup;
  if (!fields) return null;
  const written = writtenOf(lead, fields, world.gohighlevel.settings.scopes.length > 1);
  const leftOut: string[] = [];
  for (const [target, value] of written) {
    const made = madeOf(target, value, world.callTools.settings);
    if (made.kind === 'refused') leftOut.push(target);
    const shown = held.fields[target];
    // A field that has changed its type keeps what it has as it was.
    if (made.kind === 'kept' && String(shown ?? '') !== String(made.value ?? ''))
      return `${lead.id} shows ${target} ${JSON.stringify(shown)}, not ${JSON.stringify(made.value)}`;
    if (made.kind === 'dropped' && shown !== undefined)
      return `${lead.id} shows ${target}, which the account does not have`;
  }
  const targets = [...fields.rules.map(({ target }) => target), EMAIL, OWNER];
  const others = targets.filter((target) => !written.has(target) || leftOut.includes(target));
  return strangeIn(held, others, world) ?? notedDifference(held.id, lead.id, leftOut, world);
}

/** A value that nobody has ever had in its field. What a write does not say, CallTools keeps as it is. */
function strangeIn(held: DialerContact, targets: string[], { setup: { fields }, truth }: World): string | null {
  const earlier = (target: string): unknown[] => {
    const contacts = truth.ids().flatMap((id) => truth.versions(id).flatMap(({ contact }) => contact ?? []));
    const values = contacts.flatMap((contact) =>
      [true, false].map((lists) => fields && writtenOf(contact, fields, lists).get(target)),
    );
    return values.flatMap((value) => (value === undefined ? [] : [value, String(value)]));
  };
  const isStrange = (target: string) => {
    const shown = held.fields[target] ?? '';
    return shown !== '' && !earlier(target).includes(shown);
  };
  const strange = targets.find(isStrange);
  return strange === undefined
    ? null
    : `CallTools shows ${strange} ${JSON.stringify(held.fields[strange])}, which nobody ever had`;
}

/** What the pipeline says that the contact lacks is what CallTools refuses of it. */
function notedDifference(id: number, contactId: string, leftOut: string[], { sqlite }: World): string | null {
  const [row] = sqlite.rows('SELECT left_out FROM dialer WHERE calltools_id = ?1 AND contact_id = ?2', id, contactId);
  const noted = typeof row?.left_out === 'string' ? (JSON.parse(row.left_out) as string[]) : [];
  const [said, lacking] = [noted, leftOut].map((names) => names.toSorted().join() || 'nothing');
  return said === lacking ? null : `${contactId} is said to lack ${said}, and lacks ${lacking}`;
}
