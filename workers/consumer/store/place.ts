// Ending the hold on a contact's numbers in D1, when an operator says so.

import type { D1Database } from '@cloudflare/workers-types';
import type { ContactKey } from './forget.ts';
import { linkedTo } from './numbers.ts';

/** How a contact stands before and after its hold was to be ended. */
export interface Released {
  /** Null where it is not known. */
  contact: { state: string; reason: string } | null;
  /** Numbers whose hold has ended. */
  released: number;
  /** Numbers that are being worked on: their hold stands. */
  busy: number;
}

/** Its present number, those that still show it, and the others of the same CallTools contacts: one call holds them all back. */
const NUMBERS = `location_id = ?1 AND phone_hash IN ${linkedTo(`SELECT phone_hash FROM dialer WHERE location_id = ?1
  AND (contact_id = ?2 OR phone_hash = (SELECT phone_hash FROM contacts WHERE location_id = ?1 AND contact_id = ?2))`)}`;

/**
 * Ends the hold on every number of the contact that nobody works on at `now` (epoch ms): a batch that has begun would write it again.
 * What is remembered of putting it into its bucket goes too, and the contact is looked at by the next backstop at the latest.
 */
export async function releaseHolds(
  db: D1Database,
  { locationId, contactId }: ContactKey,
  now: number,
): Promise<Released> {
  const [contact, released, , busy] = await db.batch<Record<string, string | number>>([
    db
      .prepare('SELECT state, reason FROM contacts WHERE location_id = ?1 AND contact_id = ?2')
      .bind(locationId, contactId),
    db
      .prepare(
        `UPDATE dialer SET hold = NULL, placing = NULL, fingerprint = NULL
         WHERE ${NUMBERS} AND hold IS NOT NULL AND lease_until <= ?3 RETURNING phone_hash`,
      )
      .bind(locationId, contactId, now),
    db
      .prepare('UPDATE contacts SET search_hash = NULL WHERE location_id = ?1 AND contact_id = ?2')
      .bind(locationId, contactId),
    db.prepare(`SELECT count(*) AS n FROM dialer WHERE ${NUMBERS} AND hold IS NOT NULL`).bind(locationId, contactId),
  ]);
  const row = contact?.results[0];
  return {
    contact: row ? { state: String(row.state), reason: String(row.reason) } : null,
    released: released?.results.length ?? 0,
    busy: Number(busy?.results[0]?.n ?? 0),
  };
}
