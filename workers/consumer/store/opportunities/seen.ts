// What the last run saw of each opportunity, and how far a run is with them.

import type { D1Database, D1PreparedStatement } from '@cloudflare/workers-types';
import * as v from 'valibot';
import { Id } from '../../../../shared/messages.ts';
import type { FoundOpportunity } from '../../vendors/opportunities.ts';
import type { Run } from '../runs.ts';
import { number, rowsOf } from '../sql.ts';

/** An opportunity as a run sees it. `state` is a text that differs whenever its pipeline, stage or status does. */
export interface SeenOpportunity {
  id: string;
  contactId: string;
  state: string;
}

/** What is remembered of these opportunities. Of one without an id, or of nobody, nothing can be remembered. */
export function seenIn(rows: readonly FoundOpportunity[]): SeenOpportunity[] {
  const seen = rows.flatMap(({ id, contactId, pipelineId, stageId, status }) =>
    v.is(Id, id) && contactId !== null ? [{ id, contactId, state: JSON.stringify([pipelineId, stageId, status]) }] : [],
  );
  return [...new Map(seen.map((one) => [one.id, one])).values()];
}

/**
 * Contacts with an opportunity among these that is new, has changed, or was another contact's. That other one is among them. Nothing is
 * remembered yet: that comes after they have been asked for.
 */
export async function changedOpportunities(
  db: D1Database,
  locationId: string,
  seen: readonly SeenOpportunity[],
): Promise<string[]> {
  const { results } = await db
    .prepare(
      `SELECT m.value ->> 'contactId' AS now, o.contact_id AS before FROM json_each(?2) m
         LEFT JOIN opportunities o ON o.location_id = ?1 AND o.opportunity_id = m.value ->> 'id'
       WHERE o.state IS NOT (m.value ->> 'state') OR o.contact_id IS NOT (m.value ->> 'contactId')`,
    )
    .bind(locationId, JSON.stringify(seen))
    .all<{ now: string; before: string | null }>();
  return [...new Set(results.flatMap(({ now, before }) => [now, ...(before === null ? [] : [before])]))];
}

/** The statement that remembers them as seen by the run. `now` is epoch ms. */
export function rememberOpportunities(
  db: D1Database,
  { id, locationId }: Pick<Run, 'id' | 'locationId'>,
  seen: readonly SeenOpportunity[],
  now: number,
): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO opportunities (location_id, opportunity_id, contact_id, state, run_id, seen_at)
       SELECT ?1, m.value ->> 'id', m.value ->> 'contactId', m.value ->> 'state', ?3, ?4 FROM json_each(?2) m WHERE true
       ON CONFLICT (location_id, opportunity_id) DO UPDATE SET contact_id = excluded.contact_id, state = excluded.state,
         run_id = excluded.run_id, seen_at = excluded.seen_at`,
    )
    .bind(locationId, JSON.stringify(seen), id, now);
}

/**
 * Remembers opportunities that were read with their contact, where no run has seen them yet. A run that does not see them either has their
 * contact read again: they were deleted, or are another contact's now.
 */
export async function noteOpportunities(
  db: D1Database,
  locationId: string,
  seen: readonly SeenOpportunity[],
  now: number,
): Promise<void> {
  await db
    .prepare(
      `INSERT INTO opportunities (location_id, opportunity_id, contact_id, state, run_id, seen_at)
       SELECT ?1, m.value ->> 'id', m.value ->> 'contactId', m.value ->> 'state', '', ?3 FROM json_each(?2) m WHERE true
       ON CONFLICT (location_id, opportunity_id) DO NOTHING`,
    )
    .bind(locationId, JSON.stringify(seen), now)
    .run();
}

/** Opportunities that the run has not seen, at most `limit`, with their contacts. */
export async function unseenOpportunities(
  db: D1Database,
  { id, locationId }: Pick<Run, 'id' | 'locationId'>,
  limit: number,
): Promise<{ id: string; contactId: string }[]> {
  const { results } = await db
    .prepare(
      'SELECT opportunity_id AS id, contact_id AS contactId FROM opportunities WHERE location_id = ?1 AND run_id <> ?2 LIMIT ?3',
    )
    .bind(locationId, id, limit)
    .all<{ id: string; contactId: string }>();
  return results;
}

/** Forgets these opportunities of a location. */
export async function forgetOpportunities(db: D1Database, locationId: string, ids: readonly string[]): Promise<void> {
  await db
    .prepare('DELETE FROM opportunities WHERE location_id = ?1 AND opportunity_id IN (SELECT value FROM json_each(?2))')
    .bind(locationId, JSON.stringify(ids))
    .run();
}

/** Moves the run's sweep on, with what was seen; false where another delivery was first. */
export async function turnSweep(
  db: D1Database,
  run: Run,
  sweep: NonNullable<Run['sweep']>,
  seen: readonly SeenOpportunity[],
  now: number,
): Promise<boolean> {
  // The page is moved on last: opportunities that are remembered twice are the same.
  const results = await db.batch([
    rememberOpportunities(db, run, seen, now),
    db
      .prepare(
        `UPDATE runs SET page = page + 1, sweep = ?3, heartbeat_at = ?4
         WHERE id = ?1 AND page = ?2 AND state = 'running' RETURNING page`,
      )
      .bind(run.id, run.page, JSON.stringify(sweep), now),
  ]);
  return number(rowsOf(results[1])[0]?.page ?? null) !== null;
}
