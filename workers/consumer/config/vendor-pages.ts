// Where a person finds a contact in the vendors' own pages.

import type { ContactLinks } from '../../../shared/api/contacts.ts';
import type { Location } from './locations.ts';

/** Addresses of the contact's pages. Null where the settings do not tell them, or cannot be read. */
export function vendorPages(
  location: Location | undefined,
  contactId: string,
  callToolsId: number | null,
): ContactLinks {
  if (location?.kind !== 'ready') return { gohighlevel: null, calltools: null };
  const { GHL_APP_URL, CALLTOOLS_CONTACT_URL } = location.settings;
  const path = `v2/location/${encodeURIComponent(location.id)}/contacts/detail/${encodeURIComponent(contactId)}`;
  const isShown = CALLTOOLS_CONTACT_URL !== '' && callToolsId !== null;
  return {
    gohighlevel: `${GHL_APP_URL}/${path}`,
    calltools: isShown ? CALLTOOLS_CONTACT_URL.replaceAll('{id}', String(callToolsId)) : null,
  };
}
