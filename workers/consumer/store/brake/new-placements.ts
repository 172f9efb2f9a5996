// New placements in D1: how many there were lately, and which numbers are held back because of that.

import type { D1Database, D1PreparedStatement } from '@cloudflare/workers-types';
import { HOUR_MS, MINUTE_MS } from '../../../../shared/time.ts';
import { type Lease, ofLocation, rowsOf } from '../sql.ts';

/** A number that is to be placed, and is not surely in its bucket. */
export interface NewPlacement {
  phoneHash: string;
  /** CallTools has no contact with it as far as is known: it counts. The others stay held back if they are. */
  isNew: boolean;
  contactId: string;
  /** The run that asks; null where something else does. */
  runId: string | null;
}

/**
 * A number is written within five minutes of its count, or counted again: a batch works for less than two, and a write without an answer
 * may take effect a minute later. So no 60 minutes see more than the limit where the count looks back over 65.
 */
export const COUNTED_MS = HOUR_MS + 5 * MINUTE_MS;

/**
 * Counts the new ones of these numbers as let in, as far as there is room, and holds the others back. Returns the hashes of those that are held. A number
 * that was let in lately for the same contact comes first and is not counted twice. One that is held stays so until it is confirmed, and one that is confirmed
 * does not count. One statement counts and writes, so batches that run at once share the room.
 */
export async function takeRoom(
  db: D1Database,
  { locationId, now }: Pick<Lease, 'locationId' | 'now'>,
  asked: readonly NewPlacement[],
  limit: number,
): Promise<Set<string>> {
  const json = JSON.stringify(asked);
  const [, held] = await db.batch([
    db
      .prepare(
        `INSERT INTO new_placements (location_id, phone_hash, contact_id, run_id, state, at)
         SELECT ?1, m.value ->> 'phoneHash', m.value ->> 'contactId', m.value ->> 'runId',
           iif(row_number() OVER (ORDER BY coalesce(p.at, 0) > ?4 DESC, m.key) <= ?5 - (
             SELECT count(*) FROM new_placements l WHERE l.location_id = ?1 AND l.state = 'let_in' AND l.at > ?4
               AND (l.phone_hash, l.contact_id) NOT IN (
                 SELECT value ->> 'phoneHash', value ->> 'contactId' FROM json_each(?2) WHERE value ->> 'isNew')), 'let_in', 'held'), ?3
         FROM json_each(?2) m LEFT JOIN new_placements p ON p.location_id = ?1 AND p.phone_hash = m.value ->> 'phoneHash'
           AND p.contact_id = m.value ->> 'contactId'
         WHERE m.value ->> 'isNew' AND NOT EXISTS (
           SELECT 1 FROM new_placements h WHERE h.location_id = ?1 AND h.phone_hash = m.value ->> 'phoneHash' AND h.state <> 'let_in')
         ON CONFLICT (location_id, phone_hash, contact_id) DO UPDATE
           SET state = excluded.state, at = excluded.at, run_id = excluded.run_id`,
      )
      .bind(locationId, json, now, now - COUNTED_MS, limit),
    db
      .prepare(
        `SELECT phone_hash FROM new_placements WHERE ${ofLocation()} AND state = 'held'
           AND phone_hash IN (SELECT value ->> 'phoneHash' FROM json_each(?2))`,
      )
      .bind(locationId, json),
  ]);
  return new Set(rowsOf(held).map((row) => String(row.phone_hash)));
}

/** The statement that forgets what was held or confirmed of these numbers, which this batch holds the lease of. They are placed, or nobody wants that any more. */
export function endHeld(db: D1Database, { locationId, token }: Lease, phoneHashes: string[]): D1PreparedStatement {
  return db
    .prepare(
      `DELETE FROM new_placements WHERE ${ofLocation()} AND state <> 'let_in' AND phone_hash IN (SELECT value FROM json_each(?3))
         AND EXISTS (SELECT 1 FROM dialer d WHERE d.location_id = ?1 AND d.phone_hash = new_placements.phone_hash AND d.lease_token = ?2)`,
    )
    .bind(locationId, token, JSON.stringify(phoneHashes));
}
