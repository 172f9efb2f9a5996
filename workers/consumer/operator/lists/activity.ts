// GET /api/v1/activity: what became of contacts lately, the newest first.

import * as v from 'valibot';
import type { Activity, ActivityEntry } from '../../../../shared/api/lists.ts';
import { SOURCES } from '../../../../shared/messages.ts';
import type { Location } from '../../config/locations.ts';
import { vendorPages } from '../../config/vendor-pages.ts';
import { explain } from '../../domain/explanations.ts';
import { reasonText } from '../../domain/reason-words.ts';
import { type Change, listChanges } from '../../store/lists/activity.ts';
import { iso, listOf } from '../answer.ts';
import type { Handler } from '../deps.ts';
import { limit, location, readAsked } from '../query.ts';
import { CONTACT_CURSOR, STATES } from './contacts.ts';

const time = v.optional(
  v.pipe(
    v.string(),
    v.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?Z$/, 'must be a time in UTC such as 2026-11-29T14:00:00Z'),
    v.transform(Date.parse),
    v.check((at) => !Number.isNaN(at), 'must be a time that exists'),
  ),
);

const ActivityQuery = v.strictObject({
  location,
  outcome: v.optional(v.picklist(STATES, `must be one of ${STATES.join(', ')}`)),
  source: v.optional(v.picklist(SOURCES, `must be one of ${SOURCES.join(', ')}`)),
  from: time,
  to: time,
  limit: limit(50, 200),
  cursor: CONTACT_CURSOR,
});

/** `GET /api/v1/activity`. `from` is within the range, `to` is its end. */
export const activity: Handler = async (request, { env, locations }) => {
  const asked = readAsked(request, ActivityQuery, locations);
  if (asked.kind === 'bad') return asked.answer;
  const { outcome: state, source, from, to, limit, cursor } = asked.query;
  const locationIds = asked.chosen.map(({ id }) => id);
  const page = await listChanges(env.DB, { locationIds, state, source, from, to }, limit, cursor ?? null);
  return listOf<Activity>({ data: page.changes.map((change) => viewChange(change, asked.chosen)), next: page.next });
};

function viewChange(change: Change, locations: readonly Location[]): ActivityEntry {
  const { changedAt, contactId, locationId, callToolsId, state, reason, route, source, eventId } = change;
  const location = locations.find(({ id }) => id === locationId);
  return {
    at: iso(changedAt),
    contact_id: contactId,
    location_id: locationId,
    outcome: state,
    reason,
    reason_text: reasonText(reason),
    explanation: explain(reason).what,
    route,
    source,
    event_id: eventId,
    links: vendorPages(location, contactId, callToolsId),
  };
}
