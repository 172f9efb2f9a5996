// Counts for the operator; every one is answered from an index.

import type { D1Database } from '@cloudflare/workers-types';

export interface ContactCount {
  locationId: string;
  state: string;
  reason: string;
  n: number;
}

export interface Waiting {
  /** By location; null is for those that name none. */
  waitingDeadLetters: Map<string | null, number>;
  outboxDepth: number;
  /** Epoch ms; null when the outbox is empty. */
  outboxOldestAt: number | null;
}

export interface Counts extends Waiting {
  contacts: ContactCount[];
}

/** Contacts of these locations by state and reason; dead letters and outbox of all locations. */
export async function readCounts(db: D1Database, locationIds: string[]): Promise<Counts> {
  const [contacts, waiting] = await Promise.all([countContacts(db, locationIds), readWaiting(db)]);
  return { contacts, ...waiting };
}

/** Reads an index entry of every contact. */
export async function countContacts(db: D1Database, locationIds: string[]): Promise<ContactCount[]> {
  const { results } = await db
    .prepare(
      `SELECT location_id AS locationId, state, reason, count(*) AS n FROM contacts
       WHERE location_id IN (SELECT value FROM json_each(?1)) GROUP BY location_id, state, reason`,
    )
    .bind(JSON.stringify(locationIds))
    .all<ContactCount>();
  return results;
}

/** Dead letters and outbox of all locations. */
export async function readWaiting(db: D1Database): Promise<Waiting> {
  const [letters, outbox] = await db.batch<Record<string, unknown>>([
    db.prepare(
      `SELECT location_id AS locationId, count(*) AS n FROM dead_letters WHERE status = 'waiting' GROUP BY location_id`,
    ),
    db.prepare('SELECT count(*) AS n, min(created_at) AS oldest FROM outbox'),
  ]);
  const oldest = outbox?.results[0]?.oldest;
  const waiting = (letters?.results ?? []) as { locationId: string | null; n: number }[];
  return {
    waitingDeadLetters: new Map(waiting.map(({ locationId, n }) => [locationId, n])),
    outboxDepth: Number(outbox?.results[0]?.n ?? 0),
    outboxOldestAt: typeof oldest === 'number' ? oldest : null,
  };
}

/** Contacts that are not settled yet. */
export function pendingOf({ contacts }: Pick<Counts, 'contacts'>): number {
  return contacts.reduce((sum, { state, n }) => sum + (state === 'pending' ? n : 0), 0);
}

/** The same, of all locations, without counting any other. */
export async function countPending(db: D1Database): Promise<number> {
  const row = await db
    .prepare(
      `SELECT count(*) AS n FROM contacts WHERE location_id IN (SELECT location_id FROM circuits) AND state = 'pending'`,
    )
    .first<{ n: number }>();
  return row?.n ?? 0;
}
