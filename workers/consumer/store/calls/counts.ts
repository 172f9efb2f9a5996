// Results of calls, counted for the operator. The counters are kept for 15 days.

import type { D1Database } from '@cloudflare/workers-types';
import { DAY_MS } from '../../../../shared/time.ts';
import { number, type Row, rowsOf, text } from '../sql.ts';
import { OTHERS, OURS } from './results.ts';

/** Days that `recent` counts, today included. */
const DAYS = 14;

/** How often something was said. */
export interface SaidCount {
  /** A disposition; null: of any contact that is not ours. */
  disposition: string | null;
  /** Since midnight UTC. */
  today: number;
  /** In the last 14 days, today included. */
  recent: number;
}

/** How the reading of calls, and writing because of them, goes in one location. */
export interface CallHealth {
  /** When the record was last read to its end, epoch ms; null = it never was. */
  polledAt: number | null;
  /** What stopped the last poll; null where nothing did. */
  failure: string | null;
  /** Why GoHighLevel takes no writes; null where it does. */
  writeFailure: string | null;
}

/** What is known of the calls of one location. */
export interface CallFacts extends CallHealth {
  counts: SaidCount[];
}

const askHealth = (db: D1Database, ids: string) =>
  db
    .prepare(
      'SELECT location_id, polled_at, failure, write_failure FROM call_polls WHERE location_id IN (SELECT value FROM json_each(?1))',
    )
    .bind(ids);

function healthOf(row: Row | undefined): CallHealth {
  return {
    polledAt: number(row?.polled_at),
    failure: text(row?.failure),
    writeFailure: text(row?.write_failure),
  };
}

/** The same without the counts. No location, no statement. */
export async function readCallHealth(db: D1Database, locationIds: readonly string[]): Promise<Map<string, CallHealth>> {
  if (locationIds.length === 0) return new Map();
  const { results } = await askHealth(db, JSON.stringify(locationIds)).all<Row>();
  return new Map(results.map((row) => [String(row.location_id), healthOf(row)]));
}

/** The calls of these locations, by location. No location, no statement. */
export async function readCallFacts(
  db: D1Database,
  locationIds: readonly string[],
  now: number,
): Promise<Map<string, CallFacts>> {
  if (locationIds.length === 0) return new Map();
  const ids = JSON.stringify(locationIds);
  const today = now - (now % DAY_MS);
  const [counts, polls] = await db.batch<Row>([
    db
      .prepare(
        `SELECT location_id, kind, name, sum(n) AS recent, sum(iif(hour >= ?2, n, 0)) AS today FROM counters
         WHERE location_id IN (SELECT value FROM json_each(?1)) AND hour >= ?3 AND kind IN ('${OURS}', '${OTHERS}')
         GROUP BY location_id, kind, name ORDER BY name`,
      )
      .bind(ids, today, today - (DAYS - 1) * DAY_MS),
    askHealth(db, ids),
  ]);
  return new Map(
    locationIds.map((id) => {
      const own = rowsOf(counts).filter((row) => row.location_id === id);
      const poll = rowsOf(polls).find((row) => row.location_id === id);
      return [
        id,
        {
          counts: own.map(({ kind, name, today, recent }) => ({
            disposition: kind === OURS ? String(name) : null,
            today: Number(today),
            recent: Number(recent),
          })),
          ...healthOf(poll),
        },
      ];
    }),
  );
}
