// GET /api/v1/contacts: who is where and why, a page at a time.

import * as v from 'valibot';
import type { ContactList, ListedContact } from '../../../../shared/api/lists.ts';
import type { Location } from '../../config/locations.ts';
import { vendorPages } from '../../config/vendor-pages.ts';
import { FAILURES, PLACES } from '../../domain/explanations.ts';
import { reasonText } from '../../domain/reason-words.ts';
import { type ListedContact as Found, listContacts } from '../../store/lists/contact-list.ts';
import { type ContactCount, cachedContactCounts, type RouteCount } from '../../store/totals.ts';
import { iso, listOf } from '../answer.ts';
import type { Handler } from '../deps.ts';
import { badRequest, limit, location, readAsked } from '../query.ts';
import { contactsCsv } from './csv.ts';

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
  format: v.optional(v.picklist(['json', 'csv'], 'must be json or csv'), 'json'),
  limit: limit(50, 200),
  cursor: CONTACT_CURSOR,
});

/** `GET /api/v1/contacts`. */
export const contacts: Handler = async (request, { env, world, locations }) => {
  const asked = readAsked(request, ContactsQuery, locations);
  if (asked.kind === 'bad') return asked.answer;
  const { state, reason, route, format, limit, cursor } = asked.query;
  const unknown = route === undefined ? null : unknownRoute(route, asked.chosen);
  if (unknown !== null) return badRequest(unknown);
  const locationIds = asked.chosen.map(({ id }) => id);
  if (format === 'csv') return contactsCsv(env.DB, { locationIds, state, reason, route }, world.now());
  const [page, counted] = await Promise.all([
    listContacts(env.DB, { locationIds, state, reason, route }, limit, cursor ?? null),
    cachedContactCounts(env.DB, locationIds, world.now()),
  ]);
  return listOf<ContactList>({
    data: page.contacts.map((one) => viewListed(one, asked.chosen)),
    next: page.next,
    counts: sumByReason(counted.contacts),
    routes: sumByRoute(counted.routes),
    counted_at: iso(counted.countedAt),
  });
};

/** One row of a list. `locations` has its location. */
export function viewListed(contact: Found, locations: readonly Location[]): ListedContact {
  const { contactId, locationId, callToolsId } = contact;
  return {
    contact_id: contactId,
    location_id: locationId,
    state: contact.state,
    reason: contact.reason,
    reason_text: reasonText(contact.reason),
    route: contact.route,
    calltools_id: callToolsId,
    changed_at: iso(contact.changedAt),
    read_at: iso(contact.readAt),
    updated_at: iso(contact.updatedAt),
    links: vendorPages(
      locations.find(({ id }) => id === locationId),
      contactId,
      callToolsId,
    ),
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
    counts.set(key, { state, reason, reason_text: reasonText(reason), count: n + (counts.get(key)?.count ?? 0) });
  }
  return [...counts.values()].sort((a, b) => b.count - a.count);
}

/** Of all locations together, most first. */
function sumByRoute(counted: RouteCount[]): ContactList['routes'] {
  const routes = new Map<string | null, ContactList['routes'][number]>();
  for (const { route, state, n } of counted) {
    const { count, placed } = routes.get(route) ?? { count: 0, placed: 0 };
    routes.set(route, { route, count: count + n, placed: placed + (state === 'placed' ? n : 0) });
  }
  return [...routes.values()].sort((a, b) => b.count - a.count || b.placed - a.placed);
}
