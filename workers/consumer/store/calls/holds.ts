// From a disposition that says no to the hold on every number of its CallTools contact. Nothing is matched by phone.

import type { D1Database } from '@cloudflare/workers-types';
import { number, ofLocation, type Row, rowsOf } from '../sql.ts';
import { JOIN_PAST, JOIN_PEOPLE } from './past-links.ts';
import { shownBy } from './results.ts';

/** SQL: the rows with which something is left to do. */
const PENDING = 'call_results INDEXED BY call_results_pending WHERE location_id = ?1 AND pending = 1';

/**
 * SQL: the numbers that a pending row concerns, as `numbers`: those that are remembered for its CallTools contact, those that are
 * known to be on it and that somebody has, and those of the people whom it has shown since the call and does not any more. ?1 location,
 * ?2 now; `rows` says which rows.
 */
const numbersOf = (rows: string) => `due AS MATERIALIZED (
    SELECT row_id, calltools_id, called_at FROM ${PENDING} AND ${rows}),
  numbers AS MATERIALIZED (
    SELECT due.row_id, d.phone_hash, d.contact_id, d.held, d.lease_until > ?2 AS busy
    FROM due CROSS JOIN dialer d ON ${ofLocation('d.location_id')} AND d.calltools_id = due.calltools_id
    UNION
    SELECT due.row_id, d.phone_hash, d.contact_id, d.held, d.lease_until > ?2
    FROM due CROSS JOIN calltools_numbers n ON n.location_id = ?1 AND n.calltools_id = due.calltools_id
      CROSS JOIN dialer d ON d.location_id = ?1 AND d.phone_hash = n.phone_hash
    WHERE EXISTS (SELECT 1 FROM contacts c WHERE ${ofLocation('c.location_id')} AND c.phone_hash = n.phone_hash AND c.wish <> 'none')
    UNION
    SELECT r.row_id, d.phone_hash, d.contact_id, d.held, d.lease_until > ?2 FROM due r ${JOIN_PAST})`;

/** SQL: the same of rows whose numbers are not held yet, and as `people` those who were called and have no number now. */
const UNHELD = `${numbersOf('held_at IS NULL')},
  people AS MATERIALIZED (
    SELECT r.row_id, c.contact_id, c.lease_until > ?2 AS busy FROM due r ${JOIN_PEOPLE}
    UNION
    SELECT n.row_id, c.contact_id, c.lease_until > ?2
    FROM numbers n CROSS JOIN contacts c ON c.location_id = ?1 AND c.contact_id = n.contact_id AND c.phone_hash IS NULL)`;

/** SQL: the contact `c` has the number of the row of `dialer`. */
const SAME_NUMBER = 'likely(c.location_id = dialer.location_id) AND c.phone_hash = dialer.phone_hash';

/** SQL: GoHighLevel, or a contact with the number, could not be read lately: what is remembered may be out of date. */
const UNSURE = `(EXISTS (SELECT 1 FROM circuits v WHERE v.location_id = dialer.location_id AND v.vendor = 'gohighlevel'
    AND (v.open_reason IS NOT NULL OR v.throttled_until > ?2))
  OR EXISTS (SELECT 1 FROM contacts c WHERE ${SAME_NUMBER} AND c.attempts > 0))`;

/** SQL: name of the route that places the number, as last read; '' where it is not known: the next read then says which it is. */
const ROUTE = `iif(${UNSURE}, '', coalesce(
  (SELECT c.route FROM contacts c WHERE ${SAME_NUMBER} AND c.wish = 'place'
   ORDER BY c.wish_rank, c.contact_id LIMIT 1),
  (SELECT c.route FROM contacts c WHERE c.location_id = dialer.location_id AND c.contact_id = dialer.contact_id), ''))`;

/** What one try has brought. */
export interface HeldNumbers {
  /** Numbers that are held now. */
  held: number;
  /** Rows of which a batch has a number in hand: it would write over the hold. */
  busy: number;
}

/**
 * Holds the numbers of all pending rows that no batch has in hand at `now` (epoch ms), and who has no number holds the next one. A batch that has lost its lease loses its token
 * too: it cannot write what it knew before. A row about a contact that is not ours is tried again until it was seen before `giveUpAt`:
 * a batch may not have noted yet which contact it has created. One that waits for a batch is never given up. Throws where D1 fails.
 */
export async function holdNumbers(
  db: D1Database,
  locationId: string,
  now: number,
  giveUpAt: number,
): Promise<HeldNumbers> {
  const [held, , , busy] = await db.batch<Row>([
    db
      .prepare(
        `WITH ${UNHELD}
         UPDATE dialer SET hold = json_object('reason', 'said_no', 'route', ${ROUTE}, 'at', cast(?2 AS INTEGER)), lease_token = NULL
         WHERE location_id = ?1 AND lease_until <= ?2 AND phone_hash IN (SELECT phone_hash FROM numbers) RETURNING phone_hash`,
      )
      .bind(locationId, now),
    db
      .prepare(
        `WITH ${UNHELD}
         UPDATE contacts SET hold = json_object('reason', 'said_no', 'route', coalesce(route, ''), 'at', cast(?2 AS INTEGER)), lease_token = NULL
         WHERE location_id = ?1 AND lease_until <= ?2 AND contact_id IN (SELECT contact_id FROM people)`,
      )
      .bind(locationId, now),
    db
      .prepare(
        `WITH ${UNHELD}
         UPDATE call_results SET held_at = ?2, contact_id = coalesce(contact_id, ${shownBy('call_results.calltools_id', 'call_results.called_at')})
         WHERE location_id = ?1 AND row_id IN (SELECT row_id FROM numbers GROUP BY row_id HAVING max(busy) = 0)
           AND row_id NOT IN (SELECT row_id FROM people WHERE busy)`,
      )
      .bind(locationId, now),
    db
      .prepare(`WITH ${UNHELD} SELECT count(*) AS n FROM (
         SELECT row_id FROM numbers WHERE busy UNION SELECT row_id FROM people WHERE busy)`)
      .bind(locationId, now),
    db
      .prepare(
        `WITH ${UNHELD}
         UPDATE call_results INDEXED BY call_results_pending SET pending = 0
         WHERE location_id = ?1 AND pending = 1 AND held_at IS NULL AND seen_at < ?3
           AND row_id NOT IN (SELECT row_id FROM numbers UNION SELECT row_id FROM people)`,
      )
      .bind(locationId, now, giveUpAt),
  ]);
  return { held: rowsOf(held).length, busy: number(rowsOf(busy)[0]?.n) ?? 0 };
}

/** Contacts to withdraw because of rows whose numbers are held. */
export interface HeldContacts {
  rowIds: number[];
  contactIds: string[];
  /** Since when the first of these rows' numbers are held, epoch ms. */
  heldSince: number;
}

/** Those that want to be dialed under a number of these rows, or whose number may still be in a bucket. */
export async function contactsToWithdraw(db: D1Database, locationId: string, now: number): Promise<HeldContacts> {
  const [rows, contacts] = await db.batch<Row>([
    db.prepare(`SELECT row_id, held_at FROM ${PENDING} AND held_at IS NOT NULL`).bind(locationId),
    db
      .prepare(
        `WITH ${numbersOf('held_at IS NOT NULL')}
         SELECT c.contact_id FROM numbers CROSS JOIN contacts c ON ${ofLocation('c.location_id')} AND c.phone_hash = numbers.phone_hash
         WHERE c.wish = 'place' OR numbers.held = 1
         UNION
         SELECT c.contact_id FROM numbers CROSS JOIN contacts c ON c.location_id = ?1 AND c.contact_id = numbers.contact_id
         WHERE c.wish = 'place' OR numbers.held = 1
         ORDER BY 1`,
      )
      .bind(locationId, now),
  ]);
  return {
    rowIds: rowsOf(rows).map(({ row_id }) => Number(row_id)),
    contactIds: rowsOf(contacts).map(({ contact_id }) => String(contact_id)),
    heldSince: Math.min(...rowsOf(rows).map(({ held_at }) => Number(held_at))),
  };
}

/**
 * Nothing is left to do for these rows: their contacts are out, or `queued`. The next run reads the latter, should their message get lost.
 */
export async function endHolds(
  db: D1Database,
  locationId: string,
  rowIds: readonly number[],
  queued: readonly string[],
): Promise<void> {
  const among = 'IN (SELECT value FROM json_each(?2))';
  const end = db
    .prepare(`UPDATE call_results SET pending = 0 WHERE location_id = ?1 AND row_id ${among}`)
    .bind(locationId, JSON.stringify(rowIds));
  const ask = db
    .prepare(`UPDATE contacts SET search_hash = NULL WHERE ${ofLocation()} AND contact_id ${among}`)
    .bind(locationId, JSON.stringify(queued));
  await db.batch(queued.length === 0 ? [end] : [ask, end]);
}
