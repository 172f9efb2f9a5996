// Marks of how much waited in each queue, in D1: a queue itself knows only of now.

import type { D1Database } from '@cloudflare/workers-types';

export interface BacklogMark {
  queue: string;
  /** Epoch ms. */
  at: number;
  /** Messages. */
  waiting: number;
}

/** Long enough to even out pauses, short enough to tell of now. */
const KEPT_MS = 5.5 * 60_000;

/** Adds marks of `now` (epoch ms) and removes old ones, in one round trip. */
export async function saveBacklogMarks(db: D1Database, marks: readonly BacklogMark[], now: number): Promise<void> {
  await db.batch([
    db
      .prepare(
        `INSERT INTO backlogs (queue, at, waiting)
         SELECT m.value ->> 'queue', m.value ->> 'at', m.value ->> 'waiting' FROM json_each(?1) m WHERE true
         ON CONFLICT DO NOTHING`,
      )
      .bind(JSON.stringify(marks)),
    db.prepare('DELETE FROM backlogs WHERE at < ?1').bind(now - KEPT_MS),
  ]);
}

/** Those of the last minutes. */
export async function readBacklogMarks(db: D1Database, now: number): Promise<BacklogMark[]> {
  const { results } = await db
    .prepare('SELECT queue, at, waiting FROM backlogs WHERE at >= ?1')
    .bind(now - KEPT_MS)
    .all<BacklogMark>();
  return results;
}
