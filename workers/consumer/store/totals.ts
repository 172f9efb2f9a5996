// Counts for the operator. Totals are answered from an index; hourly counters are added to in the batch's own commit.

import type { D1Database, D1PreparedStatement } from '@cloudflare/workers-types';
import { DAY_MS, HOUR_MS } from '../../../shared/time.ts';
import { askLeftOut, type FieldReport, fieldReport, type LeftOutCount, leftOutCount } from './fields.ts';
import { askOutbox, askRuns, byLocation, type RunFacts } from './health.ts';
import { type Lease, number, rowsOf, text, underLease } from './sql.ts';

/** How many contacts of a location have one state and reason. */
export interface ContactCount {
  locationId: string;
  state: string;
  reason: string;
  n: number;
}

/** How many contacts of a location have one route and state. Route null: no route matched at the last read. */
export interface RouteCount {
  locationId: string;
  route: string | null;
  state: string;
  n: number;
}

interface Routes {
  routes: RouteCount[];
}

/** The contacts of some locations, counted. */
interface Counted {
  contacts: ContactCount[];
  /** Those that CallTools holds without a field that it refused. */
  leftOut: LeftOutCount[];
  /** By location: waiting dead letters that are of no failed contact. Null is for those that name no location. */
  lettersAlone: Map<string | null, number>;
}

/** What waits in D1, of all locations. */
export interface Waiting {
  /** By location; null is for those that name none. */
  waitingDeadLetters: Map<string | null, number>;
  /** Epoch ms: since when the first of them waits; null where none does. */
  oldestDeadLetterAt: number | null;
  outboxDepth: number;
  /** Epoch ms; null when the outbox is empty. */
  outboxOldestAt: number | null;
  /** By location: fields that the account does not keep. */
  fieldReports: Map<string, FieldReport[]>;
}

/** Contacts by state and reason, and what waits. */
export type Counts = Waiting & Counted;

/** Contacts of these locations by state and reason; dead letters and outbox of all locations. `now` is epoch ms. */
export async function readCounts(db: D1Database, locationIds: string[], now: number): Promise<Counts> {
  const [counted, waiting] = await Promise.all([countContacts(db, locationIds), readWaiting(db, now)]);
  return { ...counted, ...waiting };
}

/** Reads an index entry of every contact, and looks up the contact of every waiting dead letter. */
async function countContacts(db: D1Database, locationIds: string[]): Promise<Counted & Routes> {
  const [counts, leftOut, alone] = await db.batch([
    db
      .prepare(
        `SELECT location_id, state, reason, route, count(*) AS n FROM contacts
         WHERE location_id IN (SELECT value FROM json_each(?1)) GROUP BY location_id, state, reason, route`,
      )
      .bind(JSON.stringify(locationIds)),
    askLeftOut(db, locationIds),
    // `+state`: looked up by contact, not by state.
    db.prepare(
      `SELECT location_id AS locationId, count(*) AS n FROM dead_letters d WHERE status = 'waiting' AND NOT EXISTS (
         SELECT 1 FROM contacts c WHERE c.location_id = d.location_id AND c.contact_id = d.contact_id AND +c.state = 'failed')
       GROUP BY location_id`,
    ),
  ]);
  const counted = rowsOf(counts).map((row) => ({
    locationId: String(row.location_id),
    state: String(row.state),
    reason: String(row.reason),
    route: text(row.route),
    n: Number(row.n),
  }));
  return {
    contacts: sumBy(counted, ({ locationId, state, reason, n }): ContactCount => ({ locationId, state, reason, n })),
    routes: sumBy(counted, ({ locationId, route, state, n }): RouteCount => ({ locationId, route, state, n })),
    leftOut: rowsOf(leftOut).map(leftOutCount),
    lettersAlone: byPlace(alone?.results),
  };
}

/** The rows as `form` gives them, those that differ in nothing but `n` added up. */
function sumBy<Given, Count extends { n: number }>(rows: Given[], form: (row: Given) => Count): Count[] {
  const sums = new Map<string, Count>();
  for (const row of rows) {
    const count = form(row);
    const key = JSON.stringify({ ...count, n: 0 });
    sums.set(key, { ...count, n: count.n + (sums.get(key)?.n ?? 0) });
  }
  return [...sums.values()];
}

function byPlace(rows: unknown[] = []): Map<string | null, number> {
  return new Map((rows as { locationId: string | null; n: number }[]).map(({ locationId, n }) => [locationId, n]));
}

/** Dead letters, outbox and field reports of all locations. `now` is epoch ms. */
export async function readWaiting(db: D1Database, now: number): Promise<Waiting> {
  const asked = askOutbox(db, now);
  const [letters, outbox, reports, oldest] = await db.batch<Record<string, unknown>>([
    db.prepare(
      `SELECT location_id AS locationId, count(*) AS n FROM dead_letters WHERE status = 'waiting' GROUP BY location_id`,
    ),
    asked.statement,
    db.prepare('SELECT * FROM field_reports ORDER BY field'),
    db.prepare(`SELECT min(dead_at) AS at FROM dead_letters WHERE status = 'waiting'`),
  ]);
  const { depth, oldestAt } = asked.read(outbox);
  return {
    waitingDeadLetters: byPlace(letters?.results),
    oldestDeadLetterAt: number(rowsOf(oldest)[0]?.at),
    outboxDepth: depth,
    outboxOldestAt: oldestAt,
    fieldReports: byLocation(rowsOf(reports), fieldReport),
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

/** A count of contacts that may be some seconds old. */
export interface RecentCount extends Counted, Routes {
  /** Epoch ms. */
  countedAt: number;
}

/**
 * 10,000 contacts are counted every 3 s, as often as a dashboard asks, 100,000 every 30 s: an isolate reads 290 million rows a day at
 * most, however many tabs are open, for $0.29 (docs/vendors.md, Cloudflare: prices).
 */
const KEPT_MS_PER_CONTACT = 0.3;

/** By database and locations. A new isolate counts again. */
const known = new WeakMap<D1Database, Map<string, RecentCount>>();

/** A recent count, or a new one. Throws what D1 throws. */
export async function cachedContactCounts(db: D1Database, locationIds: string[], now: number): Promise<RecentCount> {
  const ofDatabase = known.get(db) ?? new Map<string, RecentCount>();
  known.set(db, ofDatabase);
  const key = JSON.stringify(locationIds);
  const before = ofDatabase.get(key);
  if (before && now < before.countedAt + keptMs(before.contacts)) return before;
  const count = { ...(await countContacts(db, locationIds)), countedAt: now };
  ofDatabase.set(key, count);
  return count;
}

function keptMs(contacts: ContactCount[]): number {
  return Math.floor(contacts.reduce((sum, { n }) => sum + n, 0) * KEPT_MS_PER_CONTACT);
}

/** The runs of each of these locations, one entry each. */
export async function readRunFacts(db: D1Database, locationIds: string[]): Promise<RunFacts[]> {
  const asked = askRuns(db, locationIds);
  return asked.read(await asked.statement.all());
}

/** One counter of one hour. */
export interface HourCount {
  /** Epoch ms of the hour's start. */
  hour: number;
  kind: string;
  name: string;
  n: number;
}

/** Between kind and name in `hours`. */
const APART = ' ';

/** SQL: the counts of `hours` as rows like those of `counters`. */
const HOURLY = `(SELECT location_id, hour, kind, name, n FROM counters
  UNION ALL
  SELECT h.location_id, h.hour, substr(c.key, 1, instr(c.key, '${APART}') - 1), substr(c.key, instr(c.key, '${APART}') + 1), c.value
  FROM hours h, json_each(h.counts) c)`;

/**
 * The statement that adds these, to one row. It must run before the leases are released: contacts whose lease was lost are not counted.
 */
export function addCounts(db: D1Database, { locationId, token, now }: Lease, counts: Count[]): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO hours (location_id, hour, counts)
       SELECT ?1, ?4, json_group_object(key, n) FROM (
         SELECT m.value ->> 'kind' || '${APART}' || (m.value ->> 'name') AS key, sum(m.value ->> 'n') AS n FROM json_each(?3) m
         WHERE m.value ->> 'contactId' IS NULL OR EXISTS (
           SELECT 1 FROM contacts c WHERE c.location_id = ?1 AND c.contact_id = m.value ->> 'contactId' AND ${underLease('c', '?2')})
         GROUP BY 1)
       HAVING count(*) > 0
       ON CONFLICT (location_id, hour) DO UPDATE SET counts = (
         SELECT json_group_object(key, n) FROM (SELECT key, sum(value) AS n FROM (
           SELECT key, value FROM json_each(hours.counts) UNION ALL SELECT key, value FROM json_each(excluded.counts)) GROUP BY key))`,
    )
    .bind(locationId, token, JSON.stringify(counts), hourOf(now));
}

/** Sums over these locations since `since` (epoch ms), each hour, kind and name once. */
export async function readCounters(db: D1Database, locationIds: string[], since: number): Promise<HourCount[]> {
  const { results } = await db
    .prepare(
      `SELECT hour, kind, name, sum(n) AS n FROM ${HOURLY}
       WHERE location_id IN (SELECT value FROM json_each(?1)) AND hour >= ?2 GROUP BY hour, kind, name`,
    )
    .bind(JSON.stringify(locationIds), since)
    .all<HourCount>();
  return results;
}

/** One counter of one location. */
export interface LocationCount {
  locationId: string;
  kind: string;
  name: string;
  /** Since midnight UTC. */
  today: number;
  /** Since `since`. */
  recent: number;
}

/** The counters of these locations since `since` (epoch ms, not after the last midnight UTC), each kind and name once. */
export async function readLocationCounters(
  db: D1Database,
  locationIds: string[],
  since: number,
  now: number,
): Promise<LocationCount[]> {
  const { results } = await db
    .prepare(
      `SELECT location_id AS locationId, kind, name, sum(n) AS recent, sum(iif(hour >= ?3, n, 0)) AS today FROM ${HOURLY}
       WHERE location_id IN (SELECT value FROM json_each(?1)) AND hour >= ?2 GROUP BY location_id, kind, name ORDER BY 1, 2, 3`,
    )
    .bind(JSON.stringify(locationIds), since, now - (now % DAY_MS))
    .all<LocationCount>();
  return results;
}

/** The kinds of counters. */
const COUNTED = ['outcome', 'hint', 'latency'] as const;

/** Adds `n` to one counter of the current hour. */
export interface Count {
  kind: (typeof COUNTED)[number];
  name: string;
  n: number;
  /** Counts only while the batch holds this contact's lease; null counts in any case. */
  contactId: string | null;
}

/**
 * Upper bounds of the latency buckets, ms; longer times are in `MORE`. Latency is the time from the arrival of a webhook or a workflow's
 * hint until CallTools holds what it should.
 */
export const LATENCY_BOUNDS_MS = [1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 300_000] as const;

/** The latency bucket above all bounds. */
export const MORE = 'more';

/** Epoch ms of the start of the hour. */
export function hourOf(ms: number): number {
  return ms - (ms % HOUR_MS);
}
