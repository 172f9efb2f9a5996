// /buckets/, /alltags/, /contactbuckets/, /campaigns/ and /phonenumbers/ (docs/vendors.md, CallTools: buckets and tags; CallTools: phone numbers).

import { json } from '../answers.ts';
import type { Account } from './account.ts';
import { page } from './paging.ts';
import { showBucket, showPhones, showTag } from './show.ts';
import type { ContactRow, LabelKind, LabelRow } from './table.ts';
import { checkIds } from './write.ts';

/** A bucket or a tag, as CallTools shows it. */
export function showLabel({ table }: Account, kind: LabelKind, row: LabelRow): Record<string, unknown> {
  return kind === 'buckets' ? showBucket(row, table) : showTag(row, table);
}

/**
 * `?name=` is seen on tags only; how exact it matches is unknown (docs/vendors.md, CallTools: lists and filters): here it finds
 * parts, in any case.
 */
export function listLabels(account: Account, kind: LabelKind, url: URL): Response {
  const part = kind === 'tags' ? url.searchParams.get('name')?.toLowerCase() : undefined;
  const rows = [...account.table[kind].values()].filter(
    ({ name }) => part === undefined || name.toLowerCase().includes(part),
  );
  return page(url, rows, account.settings, (row) => showLabel(account, kind, row));
}

/** Whether names must be unique is unknown: here they need not be, so a careless client makes duplicates. */
export function createLabel(account: Account, kind: LabelKind, { name }: Record<string, unknown>): Response {
  if (name === undefined) return json(400, { name: ['This field is required.'] });
  if (typeof name !== 'string') return json(400, { name: ['Not a valid string.'] });
  if (name.trim() === '') return json(400, { name: ['This field may not be blank.'] });
  const row = account.table.addLabel(kind, name.trim());
  account.changed();
  return json(201, showLabel(account, kind, row));
}

/** PATCH of a bucket moves contacts. PATCH of a tag answers 200 and does nothing (docs/vendors.md, CallTools: buckets and tags). */
export function changeLabel(account: Account, kind: LabelKind, row: LabelRow, body: Record<string, unknown>): Response {
  const { table, settings } = account;
  for (const name of kind === 'buckets' ? ['add_contacts', 'remove_contacts'] : []) {
    const complaint = name in body ? checkIds(body[name], table.contacts) : null;
    if (complaint) return json(400, { [name]: [complaint] });
  }
  if (kind === 'buckets' && settings.bucketSidePatch === 'applied') {
    for (const contact of contactsOf(account, body.add_contacts)) table.link(contact, row.id);
    for (const contact of contactsOf(account, body.remove_contacts)) contact.buckets.delete(row.id);
  }
  if (typeof body.name === 'string' && body.name.trim() !== '') row.name = body.name.trim();
  account.changed();
  return json(200, showLabel(account, kind, row));
}

/** `DELETE /buckets/:id/`. */
export function deleteLabel(account: Account, kind: LabelKind, { id }: LabelRow): Response {
  account.table.removeLabel(kind, id);
  account.changed();
  return new Response(null, { status: 204 });
}

function contactsOf({ table }: Account, ids: unknown): ContactRow[] {
  return ((ids ?? []) as number[]).flatMap((id) => table.contacts.get(id) ?? []);
}

/** The rows that say which contact is in which bucket: the truth about membership (docs/vendors.md, CallTools: buckets and tags). */
export function listLinks({ table, settings }: Account, url: URL): Response {
  const contactId = url.searchParams.get('contact_id');
  const bucketId = url.searchParams.get('bucket_id');
  const contact = table.contacts.get(Number(contactId));
  const contacts = contactId === null ? [...table.contacts.values()] : contact ? [contact] : [];
  const links = contacts.flatMap((row) => [...row.buckets].map(([bucket, id]) => ({ id, contact: row.id, bucket })));
  const wanted = bucketId === null ? links : links.filter(({ bucket }) => bucket === Number(bucketId));
  return page(url, wanted, settings, (link) => link);
}

/** `GET /campaigns/`. */
export function listCampaigns({ settings }: Account, url: URL): Response {
  return page(url, settings.campaigns, settings, (row) => row);
}

/** `GET /phonenumbers/`. */
export function listPhones({ table, settings }: Account, url: URL): Response {
  const works = settings.phoneNumbersFilter === 'same' ? settings.phoneFilter : settings.phoneNumbersFilter;
  const number = works === 'works' ? url.searchParams.get('phone_number') : null;
  const contactId = url.searchParams.get('contact_id');
  const ids = number === null ? [...table.contacts.keys()] : table.withPhone(number);
  const rows = ids
    .flatMap((id) => table.contacts.get(id) ?? [])
    .filter(({ id }) => contactId === null || id === Number(contactId))
    .flatMap(showPhones)
    .filter((row) => number === null || row.phone_number === number);
  return page(url, rows, settings, (row) => row);
}
