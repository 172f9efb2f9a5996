// /contacts/: list with filters, detail, create or merge, change, delete (docs/vendors.md, CallTools: lists and filters; CallTools:
// writes).

import { json } from '../answers.ts';
import type { Account } from './account.ts';
import { blankFields } from './fields.ts';
import { page } from './paging.ts';
import { showContact, showListed, showWritten } from './show.ts';
import type { ContactRow } from './table.ts';
import { applyChange, type Change, readChange, refusalOf } from './write.ts';

/**
 * Filters seen or documented, beside the phone. All others are ignored and the whole table comes back (docs/vendors.md, CallTools:
 * lists and filters).
 */
const FIELD_FILTERS = ['first_name', 'last_name', 'city', 'state', 'zip_code', 'status'];

/** `GET /contacts/`. */
export function listContacts({ table, settings }: Account, url: URL): Response {
  const { searchParams: query } = url;
  const phone = settings.phoneFilter === 'works' ? query.get('phone_number') : null;
  let rows: ContactRow[] =
    phone === null
      ? [...table.contacts.values()]
      : table.withPhone(phone).flatMap((id) => table.contacts.get(id) ?? []);
  for (const name of FIELD_FILTERS) {
    const wanted = query.get(name);
    if (wanted !== null)
      rows = rows.filter(({ fields }) => String(fields[name]).toLowerCase() === wanted.toLowerCase());
  }
  const bucket = settings.bucketFilter === 'works' ? query.get('buckets__id') : null;
  if (bucket !== null) rows = rows.filter(({ buckets }) => buckets.has(Number(bucket)));
  const ready = query.get('ready');
  if (ready !== null) rows = rows.filter(({ fields }) => String(fields.ready) === ready.toLowerCase());
  if (query.get('ordering') === '-id') rows.reverse();
  return page(url, rows, settings, (row) => showListed(row, settings));
}

/** `POST /contacts/`. */
export function createContact(account: Account, body: Record<string, unknown>): Response {
  const { table, settings } = account;
  const change = readChange(body, table, settings);
  if ('errors' in change) return json(400, refusalOf(change.errors, settings));
  const duplicates = settings.duplicateMode === 'create' ? [] : sameNumber(account, change);
  const [first] = duplicates;
  if (first && settings.duplicateMode === 'refuse') return json(409, { detail: 'A contact with this number exists.' });
  if (first) return merge(account, first, duplicates, change);
  const row = addContact(account, settings.phoneAttachOnCreate ? change : { ...change, phones: {} });
  return json(201, showWritten(row, settings));
}

/** A new contact, without any look for a duplicate. */
export function addContact({ table, settings, world, uuid, changed, hooks }: Account, change: Change): ContactRow {
  const row = table.addContact(blankFields(settings), uuid(), new Date(world.now()).toISOString());
  applyChange(row, change, table, settings);
  changed();
  hooks.created('Contact', () => showContact(row, settings));
  return row;
}

/**
 * The answer names the contact but shows nothing of it, and has no `id` (docs/vendors.md, CallTools: duplicates). That it applies
 * labels too is inferred.
 */
function merge(account: Account, first: ContactRow, all: ContactRow[], change: Change): Response {
  update(account, first, change);
  if (account.settings.duplicateMode === 'merge-and-show') return json(200, showWritten(first, account.settings));
  return json(200, { duplicate_contacts: all.map(({ id }) => id), duplicate_action: 'MERGE' });
}

/** Contacts with one of the posted numbers. Without a number nothing matches: such contacts pile up (docs/vendors.md, CallTools: duplicates). */
function sameNumber({ table }: Account, { phones }: Change): ContactRow[] {
  const ids = new Set(Object.values(phones).flatMap((number) => table.withPhone(number)));
  return [...ids].sort((a, b) => a - b).flatMap((id) => table.contacts.get(id) ?? []);
}

function update({ table, settings, world, changed }: Account, row: ContactRow, change: Change): void {
  applyChange(row, change, table, settings);
  row.updatedOn = new Date(world.now()).toISOString();
  changed();
}

/** PATCH, or PUT, which blanks every field that the body leaves out (docs/vendors.md, CallTools: writes). */
export function changeContact(
  account: Account,
  row: ContactRow,
  body: Record<string, unknown>,
  whole: boolean,
): Response {
  const { table, settings } = account;
  const change = readChange(body, table, settings);
  if ('errors' in change) return json(400, refusalOf(change.errors, settings));
  if (whole) {
    change.fields = { ...blankFields(settings), ...change.fields };
    change.phones = { ...Object.fromEntries(settings.phoneFields.map((field) => [field, ''])), ...change.phones };
  }
  update(account, row, change);
  return json(200, showWritten(row, settings));
}

/** `DELETE /contacts/:id/`. */
export function deleteContact({ table, changed }: Account, row: ContactRow): Response {
  table.removeContact(row.id);
  changed();
  return new Response(null, { status: 204 });
}
