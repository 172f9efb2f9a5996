// How one contact looks in the three places where GoHighLevel tells of it: the detail, the search, the webhook.

import { fullName, type GhlContact } from './contact.ts';

/** GET /contacts/{id}: `address1`, and DND channels in lower case from v3 on (docs/vendors.md, GoHighLevel: contacts API). */
export function showDetail(contact: GhlContact, version: string): Record<string, unknown> {
  const channels = Object.entries(contact.dndSettings).map(([channel, dnd]) => [
    version === 'v3' ? lowerFirst(channel) : channel,
    dnd,
  ]);
  return {
    ...withoutEmpty(contact),
    name: fullName(contact),
    emailLowerCase: contact.email.toLowerCase(),
    dnd: contact.dnd,
    dndSettings: Object.fromEntries(channels),
    tags: contact.tags,
    customFields: contact.customFields,
  };
}

/** `call, email, sms, whatsApp, gmb, fb` (docs/vendors.md, GoHighLevel: contacts API). */
function lowerFirst(channel: string): string {
  return channel === 'WhatsApp' ? 'whatsApp' : channel.toLowerCase();
}

/** A search result: `address`, names in lower case, birthday as epoch, and DND not to be trusted (docs/vendors.md, GoHighLevel: search). */
export function showFound(contact: GhlContact, hidesDnd: boolean): Record<string, unknown> {
  const { address1, firstName, lastName, dateOfBirth, ...rest } = contact;
  return {
    ...rest,
    contactName: fullName(contact).toLowerCase(),
    firstName: firstName.toLowerCase(),
    firstNameLowerCase: firstName.toLowerCase(),
    firstNameRaw: firstName,
    lastName: lastName.toLowerCase(),
    lastNameLowerCase: lastName.toLowerCase(),
    lastNameRaw: lastName,
    address: address1,
    dateOfBirth: dateOfBirth === null ? null : Date.parse(dateOfBirth),
    additionalEmails: [],
    additionalPhones: [],
    dnd: hidesDnd ? false : contact.dnd,
    dndSettings: hidesDnd ? {} : contact.dndSettings,
  };
}

/**
 * The fields of a contact event: empty ones omitted, `assignedTo` null, no `dndSettings`, no `dateUpdated` (docs/vendors.md,
 * GoHighLevel: webhooks).
 */
export function showInWebhook(contact: GhlContact): Record<string, unknown> {
  const {
    locationId: _location,
    timezone: _zone,
    type: _type,
    dndSettings: _channels,
    dateUpdated: _updated,
    ...rest
  } = contact;
  return {
    ...withoutEmpty(rest),
    name: fullName(contact),
    ...(contact.phone && { phoneLabel: 'Mobile' }),
    dnd: contact.dnd,
    tags: contact.tags,
    attachments: [],
    assignedTo: contact.assignedTo,
    customFields: contact.customFields,
  };
}

function withoutEmpty(fields: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== '' && value !== null));
}
