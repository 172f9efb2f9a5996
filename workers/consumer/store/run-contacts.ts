// The contacts of a backstop run: which may differ, which it has not seen, and which are due to be verified.
// A contact is marked before it is queued. Its outcome clears the mark and counts for the run, once.

import type { D1Database, D1PreparedStatement } from '@cloudflare/workers-types';
import { REPAIRS, type Repair } from '../domain/outcome.ts';
import type { Run } from './runs.ts';
import { type Lease, underLease } from './sql.ts';

/** Contacts of one run that are kept by name: so many that were repaired, and so many that failed. */
export const MAX_NAMED = 1_000;

/** SQL: what the run `r` has repaired. */
const REPAIRED = REPAIRS.map((kind) => `r.${kind}`).join(' + ');

/** A row of the contact list. */
export interface ListedContact {
  id: string;
  hash: string;
  /** A route matches it or it must not be called, so that it matters even if it is unknown here. */
  concerns: boolean;
}

/**
 * Marks as queued the contacts whose row differs from when they were last settled, and the unknown ones that matter; returns their ids.
 * An unknown contact gets a row here, as pending.
 */
export async function markDiffering(
  db: D1Database,
  { id, locationId }: Run,
  listed: ListedContact[],
  now: number,
): Promise<Set<string>> {
  const { results } = await db
    .prepare(
      `INSERT INTO contacts (location_id, contact_id, queued_run, created_at, updated_at)
       SELECT ?1, m.value ->> 'id', ?2, ?4, ?4 FROM json_each(?3) m
         LEFT JOIN contacts c ON c.location_id = ?1 AND c.contact_id = m.value ->> 'id'
       WHERE iif(c.contact_id IS NULL, m.value ->> 'concerns', c.search_hash IS NOT (m.value ->> 'hash'))
       ON CONFLICT (location_id, contact_id) DO UPDATE SET queued_run = excluded.queued_run
       RETURNING contact_id`,
    )
    .bind(locationId, id, JSON.stringify(listed), now)
    .all<{ contact_id: string }>();
  return new Set(results.map((row) => row.contact_id));
}

/** Marks known contacts that a run has not seen and that are not known to be deleted; returns ids after `after`, at most `limit`. */
export async function markUnseen(db: D1Database, run: Run, after: string, limit: number): Promise<string[]> {
  const { results } = await db
    .prepare(
      `UPDATE contacts SET queued_run = ?2 WHERE location_id = ?1 AND contact_id IN (
         SELECT contact_id FROM contacts WHERE location_id = ?1 AND seen_run IS NOT ?2 AND reason <> 'deleted'
           AND created_at < ?3 AND contact_id > ?4 ORDER BY contact_id LIMIT ?5)
       RETURNING contact_id`,
    )
    .bind(run.locationId, run.id, run.startedAt, after, limit)
    .all<{ contact_id: string }>();
  return results.map((row) => row.contact_id).sort();
}

/** Marks contacts as queued by the run. */
export async function markQueued(db: D1Database, run: Run, contactIds: string[]): Promise<void> {
  await db
    .prepare(
      'UPDATE contacts SET queued_run = ?2 WHERE location_id = ?1 AND contact_id IN (SELECT value FROM json_each(?3))',
    )
    .bind(run.locationId, run.id, JSON.stringify(contactIds))
    .run();
}

/** A contact that a run has repaired, or that failed in it: `repaired` is null then. */
export interface RunResult {
  contactId: string;
  repaired: Repair | null;
}

/** The statement that names contacts in the run that waits for each. It must come before the run counts them. */
export function nameForRuns(
  db: D1Database,
  { locationId, token, now }: Lease,
  contacts: RunResult[],
): D1PreparedStatement {
  return db
    .prepare(
      nameSql(`SELECT c.queued_run, c.contact_id, coalesce(m.value ->> 'repaired', 'failed')
        FROM json_each(?1) m CROSS JOIN contacts c ON c.location_id = ?3 AND c.contact_id = m.value ->> 'contactId'
        WHERE ${underLease('c', '?4')} AND c.queued_run IS NOT NULL`),
    )
    .bind(JSON.stringify(contacts), now, locationId, token);
}

/** SQL: `found` selects run, contact and kind. `?2` is now. The run's counters say how many it has named. */
function nameSql(found: string): string {
  return `INSERT INTO run_contacts (run_id, contact_id, kind, at)
    SELECT n.run, n.contact, n.kind, ?2 FROM (
      SELECT run, contact, kind, row_number() OVER (PARTITION BY run, kind = 'failed' ORDER BY contact) AS place
      FROM (SELECT NULL AS run, NULL AS contact, NULL AS kind WHERE 0 UNION ALL ${found})) n CROSS JOIN runs r ON r.id = n.run
    WHERE n.place + iif(n.kind = 'failed', r.errors, ${REPAIRED}) <= ${MAX_NAMED}
    ON CONFLICT (run_id, contact_id) DO UPDATE SET kind = excluded.kind, at = excluded.at`;
}

/**
 * Statements, for one batch, for contacts whose message has been lost to the dead letters: their runs stop waiting, and count each once
 * as an error.
 */
export function giveUpQueued(
  db: D1Database,
  messages: { locationId: string; contactId: string; runId: string }[],
  now: number,
): D1PreparedStatement[] {
  const json = JSON.stringify(messages);
  return [
    db
      .prepare(
        nameSql(`SELECT DISTINCT c.queued_run, c.contact_id, 'failed'
          FROM json_each(?1) m CROSS JOIN contacts c ON c.location_id = m.value ->> 'locationId' AND c.contact_id = m.value ->> 'contactId'
          WHERE c.queued_run = m.value ->> 'runId'`),
      )
      .bind(json, now),
    db
      .prepare(
        `UPDATE runs SET settled = runs.settled + n.many, errors = runs.errors + n.many
         FROM (SELECT c.queued_run AS run, count(DISTINCT c.contact_id) AS many FROM json_each(?1) m
           CROSS JOIN contacts c ON c.location_id = m.value ->> 'locationId' AND c.contact_id = m.value ->> 'contactId'
           WHERE c.queued_run = m.value ->> 'runId' GROUP BY c.queued_run) n
         WHERE runs.id = n.run`,
      )
      .bind(json),
    db
      .prepare(
        `UPDATE contacts SET queued_run = NULL FROM json_each(?1) m
         WHERE contacts.location_id = m.value ->> 'locationId' AND contacts.contact_id = m.value ->> 'contactId'
           AND contacts.queued_run = m.value ->> 'runId'`,
      )
      .bind(json),
  ];
}

/** Which contacts a run verifies. Times are epoch ms. */
export interface Due {
  /** The share of all contacts; those that were confirmed longest ago come first. */
  share: number;
  /** All contacts that were last confirmed before this. */
  overdue: number;
  /** No contact that was confirmed after this. */
  fresh: number;
  /** No share if another run has verified contacts since: there is one share a night. */
  lastNight: number;
}

/**
 * Contacts that are due. A contact that wants to be dialed counts by its last read, and one that CallTools has a contact of, in a bucket
 * or not, by its last confirmation.
 */
export async function contactsToVerify(db: D1Database, run: Run, due: Due): Promise<string[]> {
  const { results } = await db
    .prepare(
      `WITH confirmed AS (
         SELECT contact_id, coalesce(read_at, 0) AS at FROM contacts WHERE location_id = ?1 AND wish = 'place'
         UNION ALL
         SELECT contact_id, coalesce(verified_at, 0) FROM dialer
         WHERE location_id = ?1 AND calltools_id IS NOT NULL AND contact_id IS NOT NULL),
       ranked AS (
         SELECT contact_id, min(at) AS at, row_number() OVER (ORDER BY min(at)) AS place, count(*) OVER () AS n
         FROM confirmed GROUP BY contact_id)
       SELECT contact_id FROM ranked WHERE at < ?4 AND (at < ?3 OR place <= ceil(n * ?2) AND NOT EXISTS (
         SELECT 1 FROM runs WHERE location_id = ?1 AND id <> ?6 AND verified > 0 AND finished_at > ?5))`,
    )
    .bind(run.locationId, due.share, due.overdue, due.fresh, due.lastNight, run.id)
    .all<{ contact_id: string }>();
  return results.map((row) => row.contact_id);
}
