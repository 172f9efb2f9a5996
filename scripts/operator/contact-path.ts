/** The path of a contact's route, such as `/contacts/abc/retry?location=xyz`; an empty action is the contact itself. */
export function contactPath(contactId: string, action: string, location: string | null = null): string {
  const path = ['/contacts', encodeURIComponent(contactId), action].filter(Boolean).join('/');
  return location === null ? path : `${path}?${new URLSearchParams({ location })}`;
}
