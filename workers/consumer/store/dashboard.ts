// What only the dashboard reads of D1: when the whole contact list was last compared, and when it will be next.

import type { D1Database } from '@cloudflare/workers-types';

export interface BackstopTimes {
  locationId: string;
  /** Epoch ms; null = never. */
  lastCompleteAt: number | null;
  /** Epoch ms; null = no cron has planned one yet. */
  nextAt: number | null;
}

/** One entry for each of these locations. */
export async function readBackstopTimes(db: D1Database, locationIds: string[]): Promise<BackstopTimes[]> {
  const { results } = await db
    .prepare(
      `SELECT l.value AS locationId,
         (SELECT max(finished_at) FROM runs WHERE location_id = l.value AND state = 'complete') AS lastCompleteAt,
         (SELECT due_at FROM schedules WHERE location_id = l.value) AS nextAt
       FROM json_each(?1) l`,
    )
    .bind(JSON.stringify(locationIds))
    .all<BackstopTimes>();
  return results;
}
