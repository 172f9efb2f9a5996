// How CallTools spells its rows on the wire (docs/vendors.md, CallTools: contact fields; CallTools: buckets and tags).

import { storedFields } from './fields.ts';
import type { CallToolsSettings } from './settings.ts';
import type { ContactRow, LabelRow, Table } from './table.ts';

/** The detail view. */
export function showContact(row: ContactRow, settings: CallToolsSettings): Record<string, unknown> {
  const phones = settings.phoneFields.map((field) => [field, row.phones.get(field)?.number ?? '']);
  const email = row.fields[settings.emailField];
  return {
    id: row.id,
    uuid: row.uuid,
    ...storedFields(row.fields, settings),
    ...Object.fromEntries(phones),
    tags: [...row.tags],
    buckets: [...row.buckets.keys()],
    _phone_numbers: showPhones(row).map((phone) =>
      settings.phoneNumbersShape === 'objects' ? phone : phone.phone_number,
    ),
    _email_addresses: email ? [email] : [],
    all_phone_numbers_fdnc: false,
    ...row.calls,
    created_on: row.createdOn,
    updated_on: row.updatedOn,
  };
}

/** The echo of a POST or PATCH: the contact as stored (docs/vendors.md, CallTools: writes). It can lack what calls have left. */
export function showWritten(row: ContactRow, settings: CallToolsSettings): Record<string, unknown> {
  return showContact(settings.callFieldsShown === 'always' ? row : { ...row, calls: {} }, settings);
}

/** A row of the list, which can lack all phones or some (docs/vendors.md, CallTools: phone numbers). */
export function showListed(row: ContactRow, settings: CallToolsSettings): Record<string, unknown> {
  const shown = showWritten(row, settings);
  const { listRowsOmitPhones, listRowsKeepMainPhone, phoneFields } = settings;
  if (!listRowsOmitPhones) return shown;
  for (const name of [...phoneFields.slice(listRowsKeepMainPhone ? 1 : 0), '_phone_numbers']) delete shown[name];
  return shown;
}

/** A phone number, as CallTools shows it. */
export interface PhoneShown {
  id: number;
  contact: number;
  phone_number: string;
  do_not_contact: boolean;
}

/** All numbers of a contact. */
export function showPhones(row: ContactRow): PhoneShown[] {
  return [...row.phones.values()].map(({ id, number, doNotContact = false }) => ({
    id,
    contact: row.id,
    phone_number: number,
    do_not_contact: doNotContact,
  }));
}

/** A bucket, as CallTools shows it. */
export function showBucket({ id, name }: LabelRow, { contacts }: Table): Record<string, unknown> {
  const count = [...contacts.values()].filter((row) => row.buckets.has(id)).length;
  return { id, name, count, filter_state_hours_holidays: false, warning_message: null };
}

/** A tag, as CallTools shows it. */
export function showTag({ id, name }: LabelRow, { contacts }: Table): Record<string, unknown> {
  return { id, name, contact_count: [...contacts.values()].filter((row) => row.tags.has(id)).length };
}
