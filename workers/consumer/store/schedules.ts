// When each location's next run is due. It is kept in D1, so that a late or missing cron delays a run and never drops it.

import type { D1Database } from '@cloudflare/workers-types';

/** When the runs of a location start, and when the next one is due. */
export interface Schedule {
  locationId: string;
  /** Minutes after midnight UTC. */
  times: number[];
  /** Epoch ms. */
  dueAt: number;
}

/** The schedules of all locations, by location. */
export async function readSchedules(db: D1Database): Promise<Map<string, Schedule>> {
  const { results } = await db
    .prepare('SELECT * FROM schedules')
    .all<{ location_id: string; times: string; due_at: number }>();
  return new Map(
    results.map(({ location_id: locationId, times, due_at: dueAt }) => [
      locationId,
      { locationId, times: JSON.parse(times) as number[], dueAt },
    ]),
  );
}

/** Stores schedules of locations that are new or have new times. One that another cron has just written is overwritten. */
export async function saveSchedules(db: D1Database, schedules: Schedule[]): Promise<void> {
  await db
    .prepare(
      `INSERT INTO schedules (location_id, times, due_at)
       SELECT m.value ->> 'locationId', m.value ->> 'times', m.value ->> 'dueAt' FROM json_each(?1) m WHERE true
       ON CONFLICT (location_id) DO UPDATE SET times = excluded.times, due_at = excluded.due_at`,
    )
    .bind(JSON.stringify(schedules))
    .run();
}

/** Moves a schedule on to `next` (epoch ms); false when another cron was first. */
export async function moveSchedule(
  db: D1Database,
  { locationId, dueAt }: Pick<Schedule, 'locationId' | 'dueAt'>,
  next: number,
): Promise<boolean> {
  const { meta } = await db
    .prepare('UPDATE schedules SET due_at = ?3 WHERE location_id = ?1 AND due_at = ?2')
    .bind(locationId, dueAt, next)
    .run();
  return meta.changes > 0;
}

/** Locations with a run that is running, or that was started since `since` (epoch ms) and still has contacts in the queue. */
export async function locationsToWake(db: D1Database, since: number): Promise<Set<string>> {
  const { results } = await db
    .prepare(
      `SELECT DISTINCT location_id FROM runs WHERE settled_at IS NULL AND (state = 'running' OR started_at > ?1)`,
    )
    .bind(since)
    .all<{ location_id: string }>();
  return new Set(results.map((row) => row.location_id));
}
