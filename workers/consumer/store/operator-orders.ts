// What operators order: ending the hold on a contact's numbers, and the list of what was done (VIEWER_TOKEN).

import type { D1Database } from '@cloudflare/workers-types';
import type { ContactKey } from './forget.ts';
import { json, linkedTo, type Row, text } from './sql.ts';

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
 * What is remembered of putting it into its bucket goes too, also under a number without a hold of its own: it would hold all again. The
 * contact is looked at by the next backstop at the latest.
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
         WHERE ${NUMBERS} AND lease_until <= ?3 AND (hold IS NOT NULL
           OR (placing IS NOT NULL AND EXISTS (SELECT 1 FROM dialer WHERE ${NUMBERS} AND hold IS NOT NULL AND lease_until <= ?3)))
         RETURNING phone_hash`,
      )
      .bind(locationId, contactId, now),
    db
      .prepare('UPDATE contacts SET search_hash = NULL, hold = NULL WHERE location_id = ?1 AND contact_id = ?2')
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

/** A failed contact for which no dead letter waits. */
export interface FailedContact {
  locationId: string;
  contactId: string;
  reason: string;
}

/** More are not listed. */
export const MAX_FAILED = 100;

/** For a query over `contacts c`; `+status`: looked up by contact, not by status. */
export const WITHOUT_LETTER = `c.state = 'failed' AND NOT EXISTS (SELECT 1 FROM dead_letters d
  WHERE d.location_id = c.location_id AND d.contact_id = c.contact_id AND +d.status = 'waiting')`;

/** Of these locations, and where contacts are named, only of these; one more than MAX_FAILED at most. */
export async function failedWithoutLetter(
  db: D1Database,
  locationIds: string[],
  contactIds: string[] | null = null,
): Promise<FailedContact[]> {
  const { results } = await db
    .prepare(
      `SELECT c.location_id AS locationId, c.contact_id AS contactId, c.reason FROM contacts c
       WHERE c.location_id IN (SELECT value FROM json_each(?1))
         AND (?2 IS NULL OR c.contact_id IN (SELECT value FROM json_each(?2))) AND ${WITHOUT_LETTER}
       ORDER BY c.location_id, c.contact_id LIMIT ?3`,
    )
    .bind(JSON.stringify(locationIds), contactIds && JSON.stringify(contactIds), MAX_FAILED + 1)
    .all<FailedContact>();
  return results;
}

/** Contacts that are named before the others are only counted. */
const NAMED = 5;

/** `3 (id1 rejected, id2 exhausted, …)`, for a person. */
export function namesOfFailed(failed: readonly Pick<FailedContact, 'contactId' | 'reason'>[]): string {
  const named = failed.slice(0, NAMED).map(({ contactId, reason }) => `${contactId} ${reason}`);
  const count = failed.length > MAX_FAILED ? `more than ${MAX_FAILED}` : String(failed.length);
  return `${count} (${named.join(', ')}${failed.length > NAMED ? ', …' : ''})`;
}

/** What an action was about. Ids only; null or none = nothing that is known. */
export interface AuditSubject {
  locationId: string | null;
  contactId: string | null;
  runs: string[];
  letters: string[];
}

/** An action as the list keeps it. */
export interface AuditRow extends AuditSubject {
  id: number;
  /** Epoch ms. */
  at: number;
  role: string;
  action: string;
  /** Null while it goes on, and where it was cut off. */
  outcome: AuditOutcome | null;
}
/** How an action ended. */
export type AuditOutcome = 'done' | 'refused' | 'failed';

/** Writes that an action begins, and resolves to its id. */
export async function beginAction(db: D1Database, role: string, action: string, at: number): Promise<number> {
  const row = await db
    .prepare('INSERT INTO audit (at, role, action) VALUES (?1, ?2, ?3) RETURNING id')
    .bind(at, role, action)
    .first<{ id: number }>();
  return Number(row?.id);
}

/** Writes how it ended, and what it was about. */
export async function endAction(
  db: D1Database,
  id: number,
  outcome: AuditOutcome,
  { locationId, contactId, runs, letters }: AuditSubject,
): Promise<void> {
  const list = (ids: string[]) => (ids.length === 0 ? null : JSON.stringify(ids));
  await db
    .prepare('UPDATE audit SET outcome = ?2, location_id = ?3, contact_id = ?4, runs = ?5, letters = ?6 WHERE id = ?1')
    .bind(id, outcome, locationId, contactId, list(runs), list(letters))
    .run();
}

/** The newest actions, at most `max`; those before the action of id `before`, where one is given. */
export async function listActions(db: D1Database, before: number | null, max: number): Promise<AuditRow[]> {
  const { results } = await db
    .prepare('SELECT * FROM audit WHERE id < ?1 ORDER BY id DESC LIMIT ?2')
    .bind(before ?? Number.MAX_SAFE_INTEGER, max)
    .all<Row>();
  return results.map(auditRow);
}

/** The newest actions about this contact, at most `max`. */
export async function actionsOfContact(
  db: D1Database,
  { locationId, contactId }: ContactKey,
  max: number,
): Promise<AuditRow[]> {
  const { results } = await db
    .prepare('SELECT * FROM audit WHERE contact_id = ?1 AND +location_id = ?2 ORDER BY id DESC LIMIT ?3')
    .bind(contactId, locationId, max)
    .all<Row>();
  return results.map(auditRow);
}

function auditRow(row: Row): AuditRow {
  return {
    id: Number(row.id),
    at: Number(row.at),
    role: String(row.role),
    action: String(row.action),
    outcome: text(row.outcome) as AuditOutcome | null,
    locationId: text(row.location_id),
    contactId: text(row.contact_id),
    runs: json<string[]>(row.runs) ?? [],
    letters: json<string[]>(row.letters) ?? [],
  };
}
