// GET /api/v1/contacts: who is where and why, a page at a time.

import * as v from 'valibot';
import type { ContactList, ListedContact } from '../../../../shared/api/lists.ts';
import type { Location } from '../../config/locations.ts';
import { FAILURES, PLACES } from '../../domain/explanations.ts';
import { type ListedContact as Found, listContacts } from '../../store/lists/contact-list.ts';
import { type ContactCount, cachedContactCounts } from '../../store/totals.ts';
import { iso, listOf } from '../answer.ts';
import type { Handler } from '../deps.ts';
import { badRequest, limit, location, readAsked } from '../query.ts';

/** States of contacts. */
export const STATES = ['pending', 'placed', 'kept_out', 'failed'] as const;
const REASONS = [...new Set([...Object.keys(PLACES), ...Object.keys(FAILURES)])];

/** Of a page of contacts. */
export const CONTACT_CURSOR = v.optional(
  v.pipe(v.string(), v.regex(/^\d{1,16}~[\w-]{1,64}~[\w-]{1,64}$/, 'must be the `next` of an earlier answer')),
);

/** `GET /api/v1/contacts`. */
export const ContactsQuery = v.strictObject({
  state: v.optional(v.picklist(STATES, `must be one of ${STATES.join(', ')}`)),
  reason: v.optional(v.picklist(REASONS, `must be one of ${REASONS.join(', ')}`)),
  route: v.optional(v.pipe(v.string(), v.minLength(1, 'must be the name of a route'))),
  location,
  limit: limit(50, 200),
  cursor: CONTACT_CURSOR,
});

/** `GET /api/v1/contacts`. */
export const contacts: Handler = async (request, { env, world, locations }) => {
  const asked = readAsked(request, ContactsQuery, locations);
  if (asked.kind === 'bad') return asked.answer;
  const { state, reason, route, limit, cursor } = asked.query;
  const unknown = route === undefined ? null : unknownRoute(route, asked.chosen);
  if (unknown !== null) return badRequest(unknown);
  const locationIds = asked.chosen.map(({ id }) => id);
  const [page, counted] = await Promise.all([
    listContacts(env.DB, { locationIds, state, reason, route }, limit, cursor ?? null),
    cachedContactCounts(env.DB, locationIds, world.now()),
  ]);
  return listOf<ContactList>({
    data: page.contacts.map(viewListed),
    next: page.next,
    counts: sumByReason(counted.contacts),
    counted_at: iso(counted.countedAt),
  });
};

/** One row of a list. */
export function viewListed(contact: Found): ListedContact {
  return {
    contact_id: contact.contactId,
    location_id: contact.locationId,
    state: contact.state,
    reason: contact.reason,
    route: contact.route,
    calltools_id: contact.callToolsId,
    changed_at: iso(contact.changedAt),
    read_at: iso(contact.readAt),
    updated_at: iso(contact.updatedAt),
  };
}

/** What is wrong with the name of a route; null where nothing is, or where the settings of no location can be read. */
function unknownRoute(route: string, locations: Location[]): string | null {
  const ready = locations.flatMap((one) => (one.kind === 'ready' ? [one.settings] : []));
  const names = [...new Set(ready.flatMap(({ rules }) => rules.routes.map(({ name }) => name)))];
  if (ready.length === 0 || names.includes(route)) return null;
  return `The query parameter route must be one of ${names.join(', ')}.`;
}

/** Of all locations together, most first. */
function sumByReason(contacts: ContactCount[]): ContactList['counts'] {
  const counts = new Map<string, ContactList['counts'][number]>();
  for (const { state, reason, n } of contacts) {
    const key = `${state} ${reason}`;
    counts.set(key, { state, reason, count: n + (counts.get(key)?.count ?? 0) });
  }
  return [...counts.values()].sort((a, b) => b.count - a.count);
}
