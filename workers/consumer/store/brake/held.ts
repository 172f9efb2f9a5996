// What the brake holds back, in D1, and its confirmation.

import type { D1Database } from '@cloudflare/workers-types';
import { HOUR_MS } from '../../../../shared/time.ts';
import { byLocation } from '../health.ts';
import { rowsOf } from '../sql.ts';

/** Contacts that are held back together. */
export interface HeldGroup {
  /** What confirms them: the id of the run that asked for them, or else the hour in UTC, such as 2026-11-29T14. */
  confirm: string;
  held: number;
  /** When the first of them was held back, epoch ms. */
  since: number;
}

/** What is held back in each of these locations, the oldest first. No location, no statement. */
export async function readHeld(db: D1Database, locationIds: readonly string[]): Promise<Map<string, HeldGroup[]>> {
  if (locationIds.length === 0) return new Map();
  const result = await db
    .prepare(
      `SELECT location_id, run_id, count(*) AS held, min(at) AS since FROM new_placements
       WHERE location_id IN (SELECT value FROM json_each(?1)) AND state = 'held'
       GROUP BY location_id, coalesce(run_id, at / ${HOUR_MS}) ORDER BY since`,
    )
    .bind(JSON.stringify(locationIds))
    .all();
  const found = byLocation(rowsOf(result), ({ run_id, held, since }) => ({
    confirm: run_id === null ? hourName(Number(since)) : String(run_id),
    held: Number(held),
    since: Number(since),
  }));
  return new Map(locationIds.map((id) => [id, found.get(id) ?? []]));
}

/** The hour of this time (epoch ms) in UTC, such as 2026-11-29T14. */
function hourName(ms: number): string {
  return new Date(ms).toISOString().slice(0, 13);
}

/** SQL: of the run `?2`, or held back by no run from `?3` on and before `?4`. */
const CONFIRMED = `location_id = ?1 AND state <> 'let_in' AND (run_id = ?2 OR (run_id IS NULL AND at >= ?3 AND at < ?4))`;

/**
 * Confirms what a run held back, or what anything else did within an hour in UTC (such as 2026-11-29T14), and returns its contacts. Those
 * that were confirmed before and are not placed yet come too: their messages may have been lost. The next run looks at them all, so that
 * none depends on its message.
 */
export async function confirmHeld(db: D1Database, locationId: string, runOrHour: string): Promise<string[]> {
  const hour = Date.parse(`${runOrHour}:00:00.000Z`);
  const [from, until] = Number.isNaN(hour) ? [0, 0] : [hour, hour + HOUR_MS];
  const bound = [locationId, runOrHour, from, until];
  const [, confirmed] = await db.batch([
    db
      .prepare(
        `UPDATE contacts SET search_hash = NULL
         WHERE location_id = ?1 AND contact_id IN (SELECT contact_id FROM new_placements WHERE ${CONFIRMED})`,
      )
      .bind(...bound),
    db.prepare(`UPDATE new_placements SET state = 'confirmed' WHERE ${CONFIRMED} RETURNING contact_id`).bind(...bound),
  ]);
  return rowsOf(confirmed).map((row) => String(row.contact_id));
}
