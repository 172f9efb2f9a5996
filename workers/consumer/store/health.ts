// The facts by which alerts, the doctor and the status judge the pipeline. Each fact has one statement.

import type { D1Database, D1PreparedStatement, D1Result } from '@cloudflare/workers-types';
import { MINUTE_MS } from '../../../shared/time.ts';
import type { Circuit } from '../domain/circuit.ts';
import { circuitOf } from './circuits.ts';
import { WITHOUT_LETTER } from './operator-orders.ts';
import { number, type Row, rowsOf, text } from './sql.ts';

/** How much waits in the outbox. */
export interface Outbox {
  depth: number;
  /** Epoch ms; null when it is empty. */
  oldestAt: number | null;
}

/** The runs of one location. Times are epoch ms; null = there is none. */
export interface RunFacts {
  locationId: string;
  /** When the first run was started. */
  firstAt: number | null;
  /** When the last complete run ended. */
  lastCompleteAt: number | null;
  /** When the next run is due; null = no cron has planned one yet. */
  nextAt: number | null;
  /** The newest run. `finishedAt` is null while it goes on. */
  last: { state: string; error: string | null; finishedAt: number | null } | null;
  /** The newest run that is over. */
  lastOver: { id: string; state: 'complete' | 'incomplete'; error: string | null } | null;
}

/** How many have one reason. */
export interface ReasonCount {
  reason: string;
  n: number;
}

/** Maps are by location. */
export interface HealthFacts {
  outbox: Outbox;
  circuits: Map<string, Circuit[]>;
  /** Failed contacts for which no dead letter waits; the most frequent reason first. */
  failed: Map<string, ReasonCount[]>;
  runs: Map<string, RunFacts>;
  /** When ingest last received an authentic webhook, epoch ms, to ten minutes. */
  heard: Map<string, number>;
}

/** A statement, and what its result says. */
interface Asked<T> {
  statement: D1PreparedStatement;
  read(result: D1Result | undefined): T;
}

/**
 * The statements for these locations, to be run in one batch with others, and what their results say. Contacts that failed after
 * `until` are left out. Epoch ms.
 */
export function healthStatements(db: D1Database, locationIds: string[], until: number, now: number) {
  const outbox = askOutbox(db, now);
  const circuits = askCircuits(db, locationIds);
  const failed = askFailed(db, locationIds, until);
  const runs = askRuns(db, locationIds);
  const heard = askHeard(db, locationIds);
  return {
    statements: [outbox, circuits, failed, runs, heard].map(({ statement }) => statement),
    /** `results`: those of the statements, in their order. */
    read: (results: (D1Result | undefined)[]): HealthFacts => ({
      outbox: outbox.read(results[0]),
      circuits: circuits.read(results[1]),
      failed: failed.read(results[2]),
      runs: new Map(runs.read(results[3]).map((one) => [one.locationId, one])),
      heard: heard.read(results[4]),
    }),
  };
}

/** Asks for the outbox. What a batch may still send itself (keepUnsent of store/outbox.ts) does not count. `now` is epoch ms. */
export function askOutbox(db: D1Database, now: number): Asked<Outbox> {
  return {
    statement: db
      .prepare('SELECT count(*) AS depth, min(created_at) AS oldest FROM outbox WHERE created_at <= ?1')
      .bind(now),
    read(result) {
      const [row] = rowsOf(result);
      return { depth: Number(row?.depth ?? 0), oldestAt: number(row?.oldest) };
    },
  };
}

function askCircuits(db: D1Database, locationIds: string[]): Asked<Map<string, Circuit[]>> {
  return {
    statement: db
      .prepare('SELECT * FROM circuits WHERE location_id IN (SELECT value FROM json_each(?1))')
      .bind(JSON.stringify(locationIds)),
    read: (result) => byLocation(rowsOf(result), circuitOf),
  };
}

function askFailed(db: D1Database, locationIds: string[], until: number): Asked<Map<string, ReasonCount[]>> {
  return {
    statement: db
      .prepare(
        `SELECT c.location_id, c.reason, count(*) AS n FROM contacts c
         WHERE c.location_id IN (SELECT value FROM json_each(?1)) AND c.updated_at <= ?2 AND ${WITHOUT_LETTER}
         GROUP BY 1, 2 ORDER BY n DESC, 2`,
      )
      .bind(JSON.stringify(locationIds), until),
    read: (result) => byLocation(rowsOf(result), ({ reason, n }) => ({ reason: String(reason), n: Number(n) })),
  };
}

/** One entry for each of these locations. */
export function askRuns(db: D1Database, locationIds: string[]): Asked<RunFacts[]> {
  const newest = (and: string) =>
    `(SELECT id FROM runs WHERE location_id = l.value ${and} ORDER BY started_at DESC LIMIT 1)`;
  return {
    statement: db
      .prepare(
        `SELECT l.value AS location_id,
           (SELECT min(started_at) FROM runs WHERE location_id = l.value) AS first_at,
           (SELECT max(finished_at) FROM runs WHERE location_id = l.value AND state = 'complete') AS complete_at,
           (SELECT due_at FROM schedules WHERE location_id = l.value) AS next_at,
           last.state, last.error, last.finished_at, over.id AS over_id, over.state AS over_state, over.error AS over_error
         FROM json_each(?1) l LEFT JOIN runs last ON last.id = ${newest('')}
           LEFT JOIN runs over ON over.id = ${newest(`AND state <> 'running'`)}`,
      )
      .bind(JSON.stringify(locationIds)),
    read: (result) => rowsOf(result).map(runFacts),
  };
}

function runFacts(row: Row): RunFacts {
  return {
    locationId: String(row.location_id),
    firstAt: number(row.first_at),
    lastCompleteAt: number(row.complete_at),
    nextAt: number(row.next_at),
    last:
      row.state === null
        ? null
        : { state: String(row.state), error: text(row.error), finishedAt: number(row.finished_at) },
    lastOver:
      row.over_id === null
        ? null
        : {
            id: String(row.over_id),
            state: row.over_state as 'complete' | 'incomplete',
            error: text(row.over_error),
          },
  };
}

function askHeard(db: D1Database, locationIds: string[]): Asked<Map<string, number>> {
  return {
    statement: db
      .prepare('SELECT location_id, webhook_at FROM heard WHERE location_id IN (SELECT value FROM json_each(?1))')
      .bind(JSON.stringify(locationIds)),
    read: (result) =>
      new Map(rowsOf(result).map(({ location_id, webhook_at }) => [String(location_id), Number(webhook_at)])),
  };
}

/** What shows how far a deployment is set up. */
export interface SetUpFacts {
  /** When ingest last received an authentic webhook, epoch ms, to ten minutes; by location. */
  heard: Map<string, number>;
  /** What CallTools has shown of the buckets and tags of the rules; by location. None: it has not been asked. */
  labels: Map<string, { kind: string; name: string; isThere: boolean }[]>;
}

/** Reads one row a location, and one for each bucket and tag of the rules. */
export async function readSetUp(db: D1Database, locationIds: string[]): Promise<SetUpFacts> {
  const heard = askHeard(db, locationIds);
  const [first, labels] = await db.batch([
    heard.statement,
    db
      .prepare(
        `SELECT location_id, kind, name, calltools_id IS NOT NULL AS there FROM labels
         WHERE location_id IN (SELECT value FROM json_each(?1))`,
      )
      .bind(JSON.stringify(locationIds)),
  ]);
  return {
    heard: heard.read(first),
    labels: byLocation(rowsOf(labels), ({ kind, name, there }) => ({
      kind: String(kind),
      name: String(name),
      isThere: there === 1,
    })),
  };
}

/** The rows of each location, in their order. */
export function byLocation<T>(rows: Row[], of: (row: Row) => T): Map<string, T[]> {
  const found = new Map<string, T[]>();
  for (const row of rows) {
    const id = String(row.location_id);
    found.set(id, [...(found.get(id) ?? []), of(row)]);
  }
  return found;
}

/** How much waited in a queue, noted each minute: a queue itself tells only how much waits now. */
export interface BacklogMark {
  queue: string;
  /** Epoch ms. */
  at: number;
  /** Messages. */
  waiting: number;
}

/** Long enough to even out pauses, short enough to describe the present. */
const KEPT_MS = 5.5 * MINUTE_MS;

/** Adds marks of `now` (epoch ms) and removes old ones, in one round trip. */
export async function saveBacklogMarks(db: D1Database, marks: readonly BacklogMark[], now: number): Promise<void> {
  await db.batch([
    db
      .prepare(
        `INSERT INTO backlogs (queue, at, waiting)
         SELECT m.value ->> 'queue', m.value ->> 'at', m.value ->> 'waiting' FROM json_each(?1) m WHERE true
         ON CONFLICT DO NOTHING`,
      )
      .bind(JSON.stringify(marks)),
    db.prepare('DELETE FROM backlogs WHERE at < ?1').bind(now - KEPT_MS),
  ]);
}

/** Those of the last minutes. */
export async function readBacklogMarks(db: D1Database, now: number): Promise<BacklogMark[]> {
  const { results } = await db
    .prepare('SELECT queue, at, waiting FROM backlogs WHERE at >= ?1')
    .bind(now - KEPT_MS)
    .all<BacklogMark>();
  return results;
}
