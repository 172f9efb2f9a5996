// Which fields of a CallTools contact FIELD_MAP may write. What decides about calls, and what other settings write, is refused.

/** The account's fields that other settings name. Empty: none is set. */
export interface WrittenBySettings {
  phone: string;
  email: string;
  externalId: string;
}

/** Memberships are decided by the rules (docs/vendors.md, CallTools: buckets and tags). */
const MEMBERSHIPS = fields(
  'buckets add_buckets remove_buckets remove_from_other_buckets_on_add tags add_tags remove_tags',
);
/** They say whether and when a contact is called. */
const CALLING = fields('do_not_contact ready status suppress_until');
/** Written by CallTools itself (docs/vendors.md, CallTools: contact fields). */
const READ_ONLY = fields(`id uuid created_on updated_on created_by modified_by owned_by_name user_queue call_uuid
  last_call_outbound last_call_outbound_human last_call_outbound_machine last_call_inbound
  last_sms_sent last_sms_received last_email_sent sms_sent emails_sent
  calls_outbound calls_outbound_human calls_outbound_machine calls_inbound consecutive_no_contact email_addresses
  disposition disposition_id disposition_name call_disposition call_disposition_id call_disposition_name system_disposition`);

function fields(names: string): ReadonlySet<string> {
  return new Set(names.split(/\s+/));
}

/** Why this field cannot be mapped, and what to do instead; null if it can. Case makes no difference. */
export function refusedTarget(target: string, reserved: WrittenBySettings): string | null {
  const name = target.toLowerCase();
  const isSetBy = (field: string) => field.toLowerCase() === name;
  if (!/^\w{1,100}$/.test(target))
    return 'is not a field name of CallTools, which has letters, digits and _. Write the API name, not the label';
  if (isSetBy(reserved.email)) return 'is written by CALLTOOLS_EMAIL_FIELD. Remove it here, or change that setting';
  if (isSetBy(reserved.externalId))
    return 'is written by CALLTOOLS_EXTERNAL_ID_FIELD. Remove it here, or change that setting';
  if (isSetBy(reserved.phone) || name.includes('phone'))
    return 'is a phone field. A second phone number is refused: one number for each contact is what do-not-contact is decided by. Remove it here; CALLTOOLS_PHONE_FIELD gets the number (docs/fields.md)';
  if (MEMBERSHIPS.has(name))
    return 'is about buckets and tags, which the rules decide (rules.jsonc, or SYNC_RULES). Remove it here, and use "bucket" and "calltoolsTag" there';
  if (CALLING.has(name)) return 'decides whether a contact is called, so it cannot be mapped. Remove it here';
  if (name === 'owned_by') return 'is written by OWNERS. Remove it here, and set OWNERS';
  if (READ_ONLY.has(name) || name.startsWith('_')) return 'is written by CallTools itself. Remove it here';
  return null;
}
