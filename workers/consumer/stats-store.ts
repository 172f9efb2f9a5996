// Counts for the operator, in one round trip; every one is answered from an index.

import type { D1Database } from '@cloudflare/workers-types';

export interface ContactCount {
  state: string;
  reason: string;
  n: number;
}

export interface Counts {
  contacts: ContactCount[];
  waitingDeadLetters: number;
  outboxDepth: number;
  /** Epoch ms; null when the outbox is empty. */
  outboxOldestAt: number | null;
}

/** Contacts of this location by state and reason; dead letters and outbox of all locations. */
export async function readCounts(db: D1Database, locationId: string): Promise<Counts> {
  const [contacts, letters, outbox] = await db.batch<Record<string, unknown>>([
    db
      .prepare('SELECT state, reason, count(*) AS n FROM contacts WHERE location_id = ?1 GROUP BY state, reason')
      .bind(locationId),
    db.prepare(`SELECT count(*) AS n FROM dead_letters WHERE status = 'waiting'`),
    db.prepare('SELECT count(*) AS n, min(created_at) AS oldest FROM outbox'),
  ]);
  const oldest = outbox?.results[0]?.oldest;
  return {
    contacts: (contacts?.results ?? []) as unknown as ContactCount[],
    waitingDeadLetters: Number(letters?.results[0]?.n ?? 0),
    outboxDepth: Number(outbox?.results[0]?.n ?? 0),
    outboxOldestAt: typeof oldest === 'number' ? oldest : null,
  };
}
