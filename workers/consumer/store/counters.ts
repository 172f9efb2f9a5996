// Hourly counters in D1: added to in the batch's own commit, read for the dashboard.

import type { D1Database, D1PreparedStatement } from '@cloudflare/workers-types';
import { type Count, hourOf } from '../sync/counts.ts';
import type { Lease } from './claim.ts';

export interface HourCount {
  /** Epoch ms of the hour's start. */
  hour: number;
  kind: string;
  name: string;
  n: number;
}

/** The statement that adds these; it must run before the leases are given back: a contact whose lease was lost is not counted. */
export function addCounts(db: D1Database, { locationId, token, now }: Lease, counts: Count[]): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO counters (location_id, hour, kind, name, n)
       SELECT ?1, ?4, m.value ->> 'kind', m.value ->> 'name', sum(m.value ->> 'n') FROM json_each(?3) m
       WHERE m.value ->> 'contactId' IS NULL OR EXISTS (
         SELECT 1 FROM contacts c WHERE c.location_id = ?1 AND c.contact_id = m.value ->> 'contactId' AND c.lease_token = ?2)
       GROUP BY 3, 4
       ON CONFLICT (location_id, hour, kind, name) DO UPDATE SET n = n + excluded.n`,
    )
    .bind(locationId, token, JSON.stringify(counts), hourOf(now));
}

/** Sums over these locations since `since` (epoch ms), each hour, kind and name once. */
export async function readCounters(db: D1Database, locationIds: string[], since: number): Promise<HourCount[]> {
  const { results } = await db
    .prepare(
      `SELECT hour, kind, name, sum(n) AS n FROM counters
       WHERE location_id IN (SELECT value FROM json_each(?1)) AND hour >= ?2 GROUP BY hour, kind, name`,
    )
    .bind(JSON.stringify(locationIds), since)
    .all<HourCount>();
  return results;
}
