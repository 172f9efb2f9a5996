// Hourly counters in D1: added to in the batch's own commit, read for the dashboard.

import type { D1Database, D1PreparedStatement } from '@cloudflare/workers-types';
import { HOUR_MS } from '../../../shared/time.ts';
import type { Lease } from './sql.ts';

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

export const COUNTED = ['outcome', 'hint', 'latency'] as const;

export interface Count {
  kind: (typeof COUNTED)[number];
  name: string;
  n: number;
  /** Counts only while the batch holds this contact's lease; null counts in any case. */
  contactId: string | null;
}

/**
 * Upper bounds of the latency buckets, ms; what took longer is in `MORE`. From a webhook's arrival until CallTools holds what it
 * should, of every hint that a webhook or a workflow sent.
 */
export const LATENCY_BOUNDS_MS = [1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 300_000] as const;

export const MORE = 'more';

/** Epoch ms of the start of the hour. */
export function hourOf(ms: number): number {
  return ms - (ms % HOUR_MS);
}
