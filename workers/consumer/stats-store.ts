// Counts for the operator, in one round trip; every one is answered from an index.

import type { D1Database } from '@cloudflare/workers-types';

export interface ContactCount {
  locationId: string;
  state: string;
  reason: string;
  n: number;
}

export interface Counts {
  contacts: ContactCount[];
  /** By location; null is for those that name none. */
  waitingDeadLetters: Map<string | null, number>;
  outboxDepth: number;
  /** Epoch ms; null when the outbox is empty. */
  outboxOldestAt: number | null;
}

/** Contacts of these locations by state and reason; dead letters and outbox of all locations. */
export async function readCounts(db: D1Database, locationIds: string[]): Promise<Counts> {
  const [contacts, letters, outbox] = await db.batch<Record<string, unknown>>([
    db
      .prepare(
        `SELECT location_id AS locationId, state, reason, count(*) AS n FROM contacts
         WHERE location_id IN (SELECT value FROM json_each(?1)) GROUP BY location_id, state, reason`,
      )
      .bind(JSON.stringify(locationIds)),
    db.prepare(
      `SELECT location_id AS locationId, count(*) AS n FROM dead_letters WHERE status = 'waiting' GROUP BY location_id`,
    ),
    db.prepare('SELECT count(*) AS n, min(created_at) AS oldest FROM outbox'),
  ]);
  const oldest = outbox?.results[0]?.oldest;
  const waiting = (letters?.results ?? []) as { locationId: string | null; n: number }[];
  return {
    contacts: (contacts?.results ?? []) as unknown as ContactCount[],
    waitingDeadLetters: new Map(waiting.map(({ locationId, n }) => [locationId, n])),
    outboxDepth: Number(outbox?.results[0]?.n ?? 0),
    outboxOldestAt: typeof oldest === 'number' ? oldest : null,
  };
}
