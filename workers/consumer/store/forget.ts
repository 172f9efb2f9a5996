// Forgets contacts in D1, for the daily clean-up and for an operator. A contact that is in the dialer, or may be, is never forgotten.

import type { D1Database, D1PreparedStatement } from '@cloudflare/workers-types';
import type { FailureReason } from '../domain/explanations.ts';
import { number, type Row, rowsOf } from './sql.ts';

/** Names a contact. */
export interface ContactKey {
  locationId: string;
  contactId: string;
}

/** What has been forgotten, in rows. */
export interface Forgotten {
  contacts: number;
  dialer: number;
}

/** SQL: under this number nothing is in a bucket, under way or in doubt at `now` (a parameter such as `?2`). */
export const quiet = (dialer: string, now: string) =>
  `${dialer}.held = 0 AND ${dialer}.unsettled = 0 AND ${dialer}.doubt_until <= ${now} AND ${dialer}.lease_until <= ${now}`;

/** SQL: a contact other than that of `m` has the number of `d`, and needs the row. */
const SHARED = `EXISTS (SELECT 1 FROM contacts o WHERE o.location_id = d.location_id AND o.phone_hash = d.phone_hash
  AND o.contact_id <> m.value ->> 'contactId')`;

const SHOWN = `FROM dialer d JOIN json_each(?1) m ON d.location_id = m.value ->> 'locationId' AND d.contact_id = m.value ->> 'contactId'
  WHERE ${quiet('d', '?2')} AND NOT EXISTS (SELECT 1 FROM contacts k WHERE k.location_id = d.location_id
    AND k.contact_id = d.contact_id AND (k.wish <> 'none' OR k.lease_until > ?2))`;

/**
 * Statements, for one batch, that forget contacts with the intent `none`, and the numbers that only they have. A contact that is being
 * worked on, or has a number that is not quiet, stays. `keepHolds`: so does a number that is held, which is then nobody's: who comes back with
 * it is held again.
 */
export function forgetStatements(
  db: D1Database,
  keys: ContactKey[],
  now: number,
  { keepHolds = false } = {},
): D1PreparedStatement[] {
  const json = JSON.stringify(keys);
  const needed = keepHolds ? `(${SHARED} OR d.hold IS NOT NULL)` : SHARED;
  return [
    db
      .prepare(
        `DELETE FROM calltools_numbers WHERE (location_id, phone_hash) IN (SELECT d.location_id, d.phone_hash ${SHOWN} AND NOT ${needed})`,
      )
      .bind(json, now),
    db
      .prepare(
        `DELETE FROM dialer WHERE (location_id, phone_hash) IN (SELECT d.location_id, d.phone_hash ${SHOWN} AND NOT ${needed})`,
      )
      .bind(json, now),
    db
      .prepare(
        `UPDATE dialer SET contact_id = NULL, fingerprint = NULL
         WHERE (location_id, phone_hash) IN (SELECT d.location_id, d.phone_hash ${SHOWN} AND ${needed})`,
      )
      .bind(json, now),
    db
      .prepare(
        `DELETE FROM contacts WHERE wish = 'none' AND lease_until <= ?2
           AND (location_id, contact_id) IN (SELECT m.value ->> 'locationId', m.value ->> 'contactId' FROM json_each(?1) m)
           AND NOT EXISTS (SELECT 1 FROM dialer d WHERE d.location_id = contacts.location_id AND d.contact_id = contacts.contact_id)`,
      )
      .bind(json, now),
  ];
}

/** Contacts that have had the intent `none` since before `before` (epoch ms), and that nothing waits for; at most `limit`. */
export async function contactsToForget(
  db: D1Database,
  before: number,
  now: number,
  limit: number,
): Promise<ContactKey[]> {
  const { results } = await db
    .prepare(
      `SELECT location_id AS locationId, contact_id AS contactId FROM contacts c
       WHERE c.wish = 'none' AND c.state = 'kept_out' AND c.reason IN ('deleted', 'no_route', 'no_phone') AND c.reason_since < ?1
         AND c.lease_until <= ?2 AND c.queued_run IS NULL
         AND NOT EXISTS (SELECT 1 FROM dialer d WHERE likely(d.location_id = c.location_id) AND d.contact_id = c.contact_id
           AND (c.reason <> 'deleted' OR NOT (${quiet('d', '?2')})))
       LIMIT ?3`,
    )
    .bind(before, now, limit)
    .all<ContactKey>();
  return results;
}

/** What is stored of a contact, and what prevents it from being forgotten. */
export interface Hold {
  /** Null where only dead letters are known of it. */
  contact: { intent: string; reason: string; state: string; leaseUntil: number } | null;
  /** Numbers that show it, or are its own. `others`: CallTools shows another contact under the number. */
  numbers: { held: boolean; quiet: boolean; others: boolean; callToolsId: number | null }[];
  deadLetters: number;
  /** Reasons of open letters that stand for a CallTools contact which nothing else here knows of. */
  lost: string[];
  /** Messages about it that wait in the outbox. */
  outbox: number;
}

/** With these reasons an earlier write may have put a contact into the dialer, and its row is all that is known of it (dialer/find.ts). */
const LOST: readonly FailureReason[] = ['untraceable', 'lookup_unsupported'];

/** SQL: letters of the contact. A webhook may name its contact without its location, and its letter belongs to the contact all the same. */
const OF_CONTACT = '(location_id = ?1 OR location_id IS NULL) AND contact_id = ?2';

/** SQL: the contact's id and the hashes of its numbers. */
const ITS_IDS = 'SELECT ?2 UNION SELECT phone_hash FROM dialer WHERE location_id = ?1 AND contact_id = ?2';

/** Reads what prevents a contact from being forgotten, in one round trip. `now` is epoch ms. */
export async function readHold(db: D1Database, { locationId, contactId }: ContactKey, now: number): Promise<Hold> {
  const [contact, numbers, letters, lost, outbox] = await db.batch<Row>([
    db
      .prepare('SELECT wish, reason, state, lease_until FROM contacts WHERE location_id = ?1 AND contact_id = ?2')
      .bind(locationId, contactId),
    db
      .prepare(
        `SELECT d.held, d.calltools_id, d.contact_id <> ?2 AS others, ${quiet('d', '?3')} AS quiet FROM dialer d WHERE d.location_id = ?1 AND (d.contact_id = ?2
           OR d.phone_hash = (SELECT phone_hash FROM contacts WHERE location_id = ?1 AND contact_id = ?2))`,
      )
      .bind(locationId, contactId, now),
    db.prepare(`SELECT count(*) AS n FROM dead_letters WHERE ${OF_CONTACT}`).bind(locationId, contactId),
    db
      .prepare(
        `SELECT DISTINCT reason FROM dead_letters WHERE location_id = ?1 AND contact_id = ?2 AND status IN ('waiting', 'replayed')
           AND reason IN (SELECT value FROM json_each(?3)) ORDER BY reason`,
      )
      .bind(locationId, contactId, JSON.stringify(LOST)),
    db
      .prepare(
        // A message that is not JSON stays in the outbox for a person, and belongs to no contact.
        `SELECT count(*) AS n FROM (SELECT iif(json_valid(message), message, '{}') AS message FROM outbox)
         WHERE message ->> 'contactId' = ?2 AND (message ->> 'locationId' = ?1 OR message ->> 'locationId' IS NULL)`,
      )
      .bind(locationId, contactId),
  ]);
  const row = contact?.results[0];
  return {
    contact: row
      ? {
          intent: String(row.wish),
          reason: String(row.reason),
          state: String(row.state),
          leaseUntil: Number(row.lease_until),
        }
      : null,
    numbers: rowsOf(numbers).map(({ held, quiet, others, calltools_id }) => ({
      held: held === 1,
      quiet: quiet === 1,
      others: others === 1,
      callToolsId: number(calltools_id),
    })),
    deadLetters: Number(letters?.results[0]?.n),
    lost: rowsOf(lost).map(({ reason }) => String(reason)),
    outbox: Number(outbox?.results[0]?.n),
  };
}

/** Forgets a contact and its dead letters, payloads included. What has come into use since stays, and is not counted. */
export async function forgetContact(
  db: D1Database,
  key: ContactKey,
  now: number,
): Promise<Forgotten & { deadLetters: number }> {
  const [, , dialer, , contacts, , letters] = await db.batch([
    db
      .prepare(
        `UPDATE circuits SET
           suspects = (SELECT json_group_array(s.value) FROM json_each(circuits.suspects) s WHERE s.value NOT IN (${ITS_IDS})),
           gone = (SELECT json_group_array(s.value) FROM json_each(circuits.gone) s WHERE s.value NOT IN (${ITS_IDS})),
           refused = (SELECT json_group_object(s.key, s.value) FROM json_each(circuits.refused) s WHERE s.key NOT IN (${ITS_IDS}))
         WHERE location_id = ?1 AND (suspects <> '[]' OR gone <> '[]' OR refused <> '{}')`,
      )
      .bind(key.locationId, key.contactId),
    ...forgetStatements(db, [key], now),
    // The actions stay, and no longer say whom they were about.
    db
      .prepare(
        `UPDATE audit SET
           contact_id = iif(contact_id = ?2, NULL, contact_id),
           letters = iif(contact_id = ?2, NULL, (SELECT json_group_array(l.value) FROM json_each(audit.letters) l
             WHERE l.value NOT IN (SELECT id FROM dead_letters WHERE ${OF_CONTACT})))
         WHERE (location_id = ?1 OR location_id IS NULL) AND (contact_id = ?2 OR (contact_id IS NULL AND letters IS NOT NULL))
           AND NOT EXISTS (SELECT 1 FROM contacts WHERE location_id = ?1 AND contact_id = ?2)`,
      )
      .bind(key.locationId, key.contactId),
    db
      .prepare(
        `DELETE FROM dead_letters WHERE ${OF_CONTACT}
           AND NOT EXISTS (SELECT 1 FROM contacts WHERE location_id = ?1 AND contact_id = ?2)`,
      )
      .bind(key.locationId, key.contactId),
    db
      .prepare(
        `DELETE FROM call_writes WHERE location_id = ?1
           AND row_id IN (SELECT row_id FROM call_results WHERE location_id = ?1 AND contact_id = ?2)
           AND NOT EXISTS (SELECT 1 FROM contacts WHERE location_id = ?1 AND contact_id = ?2)`,
      )
      .bind(key.locationId, key.contactId),
    db
      .prepare(
        `DELETE FROM past_links WHERE location_id = ?1 AND contact_id = ?2
           AND NOT EXISTS (SELECT 1 FROM contacts WHERE location_id = ?1 AND contact_id = ?2)`,
      )
      .bind(key.locationId, key.contactId),
    // The row stays, so that it is not taken for a new one, and tells nothing any more.
    db
      .prepare(
        `UPDATE call_results SET contact_id = NULL, calltools_id = NULL, disposition = '', pending = 0
         WHERE location_id = ?1 AND contact_id = ?2
           AND NOT EXISTS (SELECT 1 FROM contacts WHERE location_id = ?1 AND contact_id = ?2)`,
      )
      .bind(key.locationId, key.contactId),
    db
      .prepare(
        `DELETE FROM new_placements WHERE location_id = ?1 AND contact_id = ?2
           AND NOT EXISTS (SELECT 1 FROM contacts WHERE location_id = ?1 AND contact_id = ?2)`,
      )
      .bind(key.locationId, key.contactId),
    db
      .prepare(
        `DELETE FROM run_contacts WHERE contact_id = ?2 AND run_id IN (SELECT id FROM runs WHERE location_id = ?1)
           AND NOT EXISTS (SELECT 1 FROM contacts WHERE location_id = ?1 AND contact_id = ?2)`,
      )
      .bind(key.locationId, key.contactId),
    // A cursor names the last contact or opportunity of a page, and is not needed once its run is over.
    db
      .prepare(
        `UPDATE runs SET cursor = NULL, sweep = NULL
         WHERE location_id = ?1 AND state <> 'running' AND (cursor IS NOT NULL OR sweep IS NOT NULL)`,
      )
      .bind(key.locationId),
    db
      .prepare('DELETE FROM opportunities WHERE location_id = ?1 AND contact_id = ?2')
      .bind(key.locationId, key.contactId),
  ]);
  return {
    contacts: contacts?.meta.changes ?? 0,
    dialer: dialer?.meta.changes ?? 0,
    deadLetters: letters?.meta.changes ?? 0,
  };
}
