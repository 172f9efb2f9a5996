// What the doctor reads from D1, and the lease under which it takes a contact out of its bucket.

import type { D1Database } from '@cloudflare/workers-types';
import { askFieldReports, type FieldReport, fieldReport } from './fields.ts';
import { type HealthFacts, healthStatements, type ReasonCount } from './health.ts';
import { number, type Row, rowsOf } from './sql.ts';

/** Numbers that are looked at for it: they are in the order of their hashes, so these are a sample. */
const AREA_SAMPLE = 5_000;

/** Contacts in the dialer, and those of them that were written without a state or without a zip code. Of a large location a sample. */
export interface AreaCounts {
  held: number;
  withoutArea: number;
}

/** The facts of one location. */
export interface StateFacts {
  health: HealthFacts;
  /** Dead letters that wait, by reason; those of no location with them. */
  deadLetters: ReasonCount[];
  /** Contacts that are not settled yet. */
  pending: number;
  /** A contact that the pipeline put into CallTools. */
  callToolsId: number | null;
  fieldReports: FieldReport[];
  area: AreaCounts;
}

/** One round trip. `now` is epoch ms. Throws what D1 throws. */
export async function readState(db: D1Database, locationId: string, now: number): Promise<StateFacts> {
  const health = healthStatements(db, [locationId], Number.MAX_SAFE_INTEGER, now);
  const [letters, dialer, waiting, reports, area, ...rest] = await db.batch<Row>([
    db
      .prepare(
        `SELECT reason, count(*) AS n FROM dead_letters WHERE status = 'waiting' AND (location_id = ?1 OR location_id IS NULL)
         GROUP BY reason ORDER BY n DESC`,
      )
      .bind(locationId),
    db
      .prepare(
        'SELECT calltools_id FROM dialer WHERE location_id = ?1 AND calltools_id IS NOT NULL ORDER BY verified_at DESC LIMIT 1',
      )
      .bind(locationId),
    db.prepare(`SELECT count(*) AS n FROM contacts WHERE location_id = ?1 AND state = 'pending'`).bind(locationId),
    askFieldReports(db, [locationId]),
    db
      .prepare(
        `SELECT count(*) AS held, sum(no_area) AS without_area
         FROM (SELECT held, no_area FROM dialer WHERE location_id = ?1 LIMIT ${AREA_SAMPLE}) WHERE held = 1`,
      )
      .bind(locationId),
    ...health.statements,
  ]);
  const counts = rowsOf(area)[0];
  return {
    health: health.read(rest),
    deadLetters: rowsOf(letters).map(({ reason, n }) => ({ reason: String(reason), n: Number(n) })),
    pending: Number(rowsOf(waiting)[0]?.n ?? 0),
    callToolsId: number(rowsOf(dialer)[0]?.calltools_id),
    fieldReports: rowsOf(reports).map(fieldReport),
    area: { held: Number(counts?.held ?? 0), withoutArea: Number(counts?.without_area ?? 0) },
  };
}

/** Names of the migrations that have been applied. Throws where not even their table is there. */
export async function appliedMigrations(db: D1Database): Promise<Set<string>> {
  const { results } = await db.prepare('SELECT name FROM d1_migrations').all<{ name: string }>();
  return new Set(results.map(({ name }) => name));
}

/** A contact as the doctor needs it. `updatedAt` is epoch ms; `callToolsId` is that of its number. */
export interface ContactState {
  state: string;
  reason: string;
  error: string | null;
  updatedAt: number;
  phoneHash: string | null;
  callToolsId: number | null;
}

/** The state of a GoHighLevel contact; null when the pipeline does not know it. */
export async function readContactState(
  db: D1Database,
  locationId: string,
  contactId: string,
): Promise<ContactState | null> {
  const row = await db
    .prepare(
      `SELECT c.state, c.reason, c.error, c.updated_at, c.phone_hash, d.calltools_id FROM contacts c
       LEFT JOIN dialer d ON d.location_id = c.location_id AND d.phone_hash = c.phone_hash
       WHERE c.location_id = ?1 AND c.contact_id = ?2`,
    )
    .bind(locationId, contactId)
    .first<Row>();
  if (row === null) return null;
  return {
    state: String(row.state),
    reason: String(row.reason),
    error: row.error === null ? null : String(row.error),
    updatedAt: Number(row.updated_at),
    phoneHash: row.phone_hash === null ? null : String(row.phone_hash),
    callToolsId: number(row.calltools_id),
  };
}

/**
 * Takes the phone's lease until `until` (epoch ms), so that the pipeline leaves the phone alone until then. The next batch, at the latest
 * the backstop's, then writes its state again. The lease counts as an open claim until it is released. So if the doctor dies, its writes are
 * in doubt. False when another holds the lease, or when earlier writes are in doubt.
 */
export async function leasePhone(
  db: D1Database,
  locationId: string,
  phoneHash: string,
  { token, now, until }: { token: string; now: number; until: number },
): Promise<boolean> {
  const [leased] = await db.batch([
    db
      .prepare(
        `UPDATE dialer SET lease_token = ?3, lease_until = ?4, unsettled = 1, fingerprint = NULL, placing = NULL
         WHERE location_id = ?1 AND phone_hash = ?2 AND lease_until <= ?5 AND unsettled = 0 AND doubt_until <= ?5
         RETURNING phone_hash`,
      )
      .bind(locationId, phoneHash, token, until, now),
    db
      .prepare('UPDATE contacts SET search_hash = NULL WHERE location_id = ?1 AND phone_hash = ?2')
      .bind(locationId, phoneHash),
  ]);
  return (leased?.results.length ?? 0) > 0;
}

/** Releases the lease, unless it is over and another has it. Only to be called once all writes were answered. */
export async function releasePhone(
  db: D1Database,
  locationId: string,
  phoneHash: string,
  token: string,
): Promise<void> {
  await db
    .prepare(
      `UPDATE dialer SET lease_token = NULL, lease_until = 0, unsettled = 0
       WHERE location_id = ?1 AND phone_hash = ?2 AND lease_token = ?3`,
    )
    .bind(locationId, phoneHash, token)
    .run();
}
