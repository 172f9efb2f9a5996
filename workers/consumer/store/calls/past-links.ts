// Whom a CallTools contact has shown before. A call is read of later: who was called is found although the number has changed since, or
// the CallTools contact is gone, merged or another person's.

import type { D1Database, D1PreparedStatement } from '@cloudflare/workers-types';
import { HOUR_MS } from '../../../../shared/time.ts';
import { type Lease, ofLocation } from '../sql.ts';

/** A link between a CallTools contact and a person that a batch has found to have ended. */
export interface PastLink {
  callToolsId: number;
  phoneHash: string;
  /** The GoHighLevel contact. */
  contactId: string;
  /** Until when CallTools certainly showed this contact there, epoch ms; null = it had the number only. */
  shownUntil: number | null;
}

/** A call may have begun so long before its disposition was noted; clocks of two machines differ by less. */
const TALK_MS = HOUR_MS;

const KEPT_BEFORE = `ON CONFLICT (location_id, calltools_id, phone_hash, contact_id) DO UPDATE
  SET until = excluded.until, shown_until = coalesce(excluded.shown_until, past_links.shown_until)`;

/** The statement that keeps these links. `now` is epoch ms. */
export function keepPastLinks(
  db: D1Database,
  locationId: string,
  now: number,
  links: readonly PastLink[],
): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO past_links (location_id, calltools_id, phone_hash, contact_id, until, shown_until)
       SELECT ?1, m.value ->> 'callToolsId', m.value ->> 'phoneHash', m.value ->> 'contactId', ?3, m.value ->> 'shownUntil'
       FROM json_each(?2) m WHERE true
       ${KEPT_BEFORE}`,
    )
    .bind(locationId, JSON.stringify(links), now);
}

/**
 * The statement that keeps whom the numbers `left` (SQL, hashes) show, where another contact will be tied to them instead: `leaver` (SQL).
 * `json` is ?3 of both.
 */
export function keepOvertaken(
  db: D1Database,
  { locationId, token, now }: Lease,
  left: string,
  leaver: string,
  json: string,
): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO past_links (location_id, calltools_id, phone_hash, contact_id, until, shown_until)
       SELECT ?1, calltools_id, phone_hash, contact_id, ?4, iif(unsettled > 1, updated_at, ?4) FROM dialer
       WHERE ${ofLocation()} AND lease_token = ?2 AND phone_hash IN ${left} AND +calltools_id IS NOT NULL AND contact_id <> ${leaver}
       ${KEPT_BEFORE}`,
    )
    .bind(locationId, token, json, now);
}

/** SQL: the CallTools contact `id` may have shown the person of the row `p` at the time `at`. Where that is not known, it may be any time. */
const MAY_HAVE_SHOWN = (id: string, at: string) =>
  `p.location_id = ?1 AND p.calltools_id = ${id} AND p.until >= coalesce(${at}, 0) - ${TALK_MS}`;

/** SQL: the CallTools contact `id` may have shown somebody of ours at `at`, and does not any more. ?1 is the location. */
export const mayHaveBeenOurs = (id: string, at: string) =>
  `EXISTS (SELECT 1 FROM past_links p WHERE ${MAY_HAVE_SHOWN(id, at)})`;

/** SQL: the GoHighLevel contact that the CallTools contact `id` certainly showed at `at`, if that has changed since. */
export const shownThen = (id: string, at: string) => `(SELECT p.contact_id FROM past_links p
  WHERE p.location_id = ?1 AND p.calltools_id = ${id} AND p.shown_until >= ${at} ORDER BY p.shown_until LIMIT 1)`;

/** SQL: as far as was known, another CallTools contact than `id` showed the person of the row `d` of `dialer` at `at`, with the same number. */
export const wasElsewhere = (id: string, at: string) => `EXISTS (
  SELECT 1 FROM past_links p INDEXED BY past_links_by_number WHERE p.location_id = ?1 AND p.phone_hash = d.phone_hash
    AND p.contact_id = d.contact_id AND p.calltools_id <> ${id} AND p.shown_until >= ${at})`;

/** SQL: the one that it may have shown at `at`, where nothing certain is known. */
export const perhapsShownThen = (id: string, at: string) => `(SELECT p.contact_id FROM past_links p
  WHERE p.location_id = ?1 AND p.calltools_id = ${id} AND p.until >= ${at} ORDER BY p.shown_until IS NULL, p.until LIMIT 1)`;

/**
 * SQL: joins rows of `dialer` as `d` to the row `r` of `call_results`: the numbers that its CallTools contact may have carried when it
 * was called and does not any more, and those that people who had them have now.
 */
export const JOIN_PAST = `CROSS JOIN past_links p ON ${MAY_HAVE_SHOWN('r.calltools_id', 'r.called_at')}
  CROSS JOIN dialer d ON d.location_id = ?1 AND d.phone_hash IN (p.phone_hash,
    (SELECT o.phone_hash FROM contacts o WHERE o.location_id = ?1 AND o.contact_id = p.contact_id))`;

/** SQL: the people of the row `r` of `call_results`, as `c`, who have no number now. */
export const JOIN_PEOPLE = `CROSS JOIN past_links p ON ${MAY_HAVE_SHOWN('r.calltools_id', 'r.called_at')}
  CROSS JOIN contacts c ON c.location_id = ?1 AND c.contact_id = p.contact_id AND c.phone_hash IS NULL`;

/** SQL: a poll may still read of a call from before the end of the row `t` of `past_links`. */
export const MAY_BE_NEEDED = `EXISTS (SELECT 1 FROM call_polls q WHERE q.location_id = t.location_id
  AND coalesce(q.polled_at, 0) <= t.until + ${TALK_MS} + ${HOUR_MS})`;
