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

export interface RecentCount {
  contacts: ContactCount[];
  /** Epoch ms. */
  countedAt: number;
}

/**
 * 10,000 contacts are counted every 3 s, as often as a dashboard asks, 100,000 every 30 s: an isolate reads 290 million rows a day at
 * most, however many tabs are open, for $0.29 (docs/vendors.md, Cloudflare: prices).
 */
const KEPT_MS_PER_CONTACT = 0.3;

/** By database and locations. An isolate that is replaced counts anew. */
const known = new WeakMap<D1Database, Map<string, RecentCount>>();

/** What was counted lately, or is now. Throws what D1 throws. */
export async function cachedContactCounts(db: D1Database, locationIds: string[], now: number): Promise<RecentCount> {
  const ofDatabase = known.get(db) ?? new Map<string, RecentCount>();
  known.set(db, ofDatabase);
  const key = JSON.stringify(locationIds);
  const before = ofDatabase.get(key);
  if (before && now < before.countedAt + keptMs(before.contacts)) return before;
  const count = { contacts: await countContacts(db, locationIds), countedAt: now };
  ofDatabase.set(key, count);
  return count;
}

function keptMs(contacts: ContactCount[]): number {
  return Math.floor(contacts.reduce((sum, { n }) => sum + n, 0) * KEPT_MS_PER_CONTACT);
}

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
