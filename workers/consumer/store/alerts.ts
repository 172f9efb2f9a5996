// What alerts are judged by, and what has been told of, in D1.

import type { D1Database } from '@cloudflare/workers-types';
import type { Circuit } from '../domain/circuit.ts';
import type { Condition } from '../domain/explanations.ts';
import { REPAIRS, type Repair } from '../domain/outcome.ts';
import { circuitOf } from './circuits.ts';
import { WITHOUT_LETTER } from './operator-orders.ts';

/** Of a run that is over. Times are epoch ms. */
export interface RunFacts {
  id: string;
  state: 'complete' | 'incomplete';
  error: string | null;
  finishedAt: number;
  repaired: Record<Repair, number>;
  /** The last complete run's end; null when there is none. */
  completeAt: number | null;
  /** Another was complete before it. */
  notTheFirst: boolean;
}

/** Waiting dead letters of one reason. */
export interface LetterCount {
  reason: string;
  waiting: number;
  /** Dead since they were last told of. */
  fresh: number;
  /** Epoch ms: later ones are not counted. */
  until: number;
}

/** A condition as it was when it was last looked at. Times are epoch ms. */
export interface AlertRow {
  /** '' = the deployment as a whole. */
  locationId: string;
  condition: Condition;
  standing: boolean;
  /** Since when it stands, or is over. */
  since: number;
  /** The operator was last told that it stands. */
  told: boolean;
  sentAt: number | null;
  mark: string;
}

/** Maps are by location; '' is for what belongs to none. */
export interface AlertFacts {
  circuits: Map<string, Circuit[]>;
  letters: Map<string, LetterCount[]>;
  /** Failed contacts for which no letter waits, by reason. */
  failed: Map<string, { reason: string; n: number }[]>;
  /** The last that is over. */
  runs: Map<string, RunFacts>;
  /** The last whose contacts are done, or have had two hours: what it has repaired tells something. */
  judged: Map<string, RunFacts>;
  /** When the first run was started, or where there is none when one is due. */
  begun: Map<string, number>;
  /** The last authentic webhook. */
  heard: Map<string, number>;
  outbox: { depth: number; oldestAt: number | null };
  refusals: { refused: number; accepted: number; reason: string };
  told: AlertRow[];
}

type Raw = Record<string, string | number | null>;

/** A run whose contacts are still being worked on is judged by what it has repaired so far after this. */
const RUN_JUDGED_MS = 2 * 3_600_000;
const REFUSALS_WINDOW_MS = 15 * 60_000;
/** A letter is dead when its batch decides so, and in D1 a moment later: what is younger than this is counted the next minute. */
const LETTER_COMMIT_MS = 10_000;

/** The last run of each location that is over, and is of such a kind. */
const lastRuns = (and: string) => `SELECT r.*,
    (SELECT finished_at FROM runs c WHERE c.location_id = r.location_id AND c.state = 'complete' ORDER BY c.started_at DESC LIMIT 1) AS complete_at,
    EXISTS (SELECT 1 FROM runs e WHERE e.location_id = r.location_id AND e.state = 'complete' AND e.started_at < r.started_at) AS not_the_first
  FROM json_each(?1) l JOIN runs r ON r.id = (
    SELECT id FROM runs WHERE location_id = l.value AND state <> 'running' ${and} ORDER BY started_at DESC LIMIT 1)`;

/** All that alerts of these locations are judged by, in one round trip. */
export async function readAlertFacts(db: D1Database, locationIds: string[], now: number): Promise<AlertFacts> {
  const ids = JSON.stringify(locationIds);
  const until = now - LETTER_COMMIT_MS;
  const results = await db.batch<Raw>([
    db.prepare('SELECT * FROM circuits WHERE open_reason IS NOT NULL'),
    db
      .prepare(
        `SELECT 'letters' AS of, coalesce(o.value, '') AS location_id, d.reason, count(*) AS waiting,
           count(*) FILTER (WHERE d.dead_at > coalesce(CAST(a.mark AS INTEGER), 0)) AS fresh
         FROM dead_letters d LEFT JOIN json_each(?1) o ON o.value = d.location_id
           LEFT JOIN alerts a ON a.location_id = coalesce(o.value, '') AND a.condition = 'dead-letters' AND a.told = 1
         WHERE d.status = 'waiting' AND d.dead_at <= ?2 GROUP BY 2, 3
         UNION ALL SELECT 'failed', c.location_id, c.reason, count(*), 0 FROM contacts c
         WHERE c.location_id IN (SELECT value FROM json_each(?1)) AND c.updated_at <= ?2 AND ${WITHOUT_LETTER} GROUP BY 2, 3
         ORDER BY waiting DESC, 3`,
      )
      .bind(ids, until),
    db.prepare(lastRuns('')).bind(ids),
    db.prepare(lastRuns('AND (settled_at IS NOT NULL OR finished_at < ?2)')).bind(ids, now - RUN_JUDGED_MS),
    db
      .prepare(
        `SELECT l.value AS location_id, coalesce((SELECT min(started_at) FROM runs WHERE location_id = l.value),
           (SELECT due_at FROM schedules WHERE location_id = l.value)) AS begun_at FROM json_each(?1) l`,
      )
      .bind(ids),
    db.prepare('SELECT location_id, webhook_at FROM heard'),
    db.prepare('SELECT count(*) AS depth, min(created_at) AS oldest FROM outbox'),
    db
      .prepare(
        'SELECT sum(refused) AS refused, sum(accepted) AS accepted, max(minute), reason FROM refusals WHERE minute > ?1',
      )
      .bind(now - REFUSALS_WINDOW_MS),
    db.prepare('SELECT * FROM alerts'),
  ]);
  const [circuits, letters, runs, judged, begun, heard, outbox, refusals, told] = results.map(
    (result) => result.results,
  );
  const refused = refusals?.[0];
  return {
    circuits: byLocation(circuits, circuitOf),
    failed: byLocation(
      letters?.filter(({ of }) => of === 'failed'),
      (row) => ({ reason: String(row.reason), n: Number(row.waiting) }),
    ),
    letters: byLocation(
      letters?.filter(({ of }) => of === 'letters'),
      (row) => ({
        reason: String(row.reason),
        waiting: Number(row.waiting),
        fresh: Number(row.fresh),
        until,
      }),
    ),
    runs: runsOf(runs),
    judged: runsOf(judged),
    begun: new Map(
      (begun ?? []).flatMap((row) => (row.begun_at === null ? [] : [[String(row.location_id), Number(row.begun_at)]])),
    ),
    heard: new Map((heard ?? []).map((row) => [String(row.location_id), Number(row.webhook_at)])),
    outbox: { depth: Number(outbox?.[0]?.depth ?? 0), oldestAt: numberOf(outbox?.[0]?.oldest) },
    refusals: {
      refused: Number(refused?.refused ?? 0),
      accepted: Number(refused?.accepted ?? 0),
      reason: String(refused?.reason ?? ''),
    },
    told: (told ?? []).map(alertRow),
  };
}

/** Remembers these rows, and forgets what is over and done with. */
export async function saveAlerts(
  db: D1Database,
  rows: AlertRow[],
  done: Pick<AlertRow, 'locationId' | 'condition'>[],
): Promise<void> {
  await db.batch([
    db
      .prepare(
        `INSERT INTO alerts (location_id, condition, standing, since, told, sent_at, mark)
         SELECT m.value ->> 'locationId', m.value ->> 'condition', m.value ->> 'standing', m.value ->> 'since', m.value ->> 'told',
           m.value ->> 'sentAt', m.value ->> 'mark' FROM json_each(?1) m WHERE true
         ON CONFLICT (location_id, condition) DO UPDATE SET standing = excluded.standing, since = excluded.since,
           told = excluded.told, sent_at = excluded.sent_at, mark = excluded.mark`,
      )
      .bind(JSON.stringify(rows)),
    db
      .prepare(
        `DELETE FROM alerts WHERE EXISTS (SELECT 1 FROM json_each(?1) m
           WHERE m.value ->> 'locationId' = alerts.location_id AND m.value ->> 'condition' = alerts.condition)`,
      )
      .bind(JSON.stringify(done)),
  ]);
}

function byLocation<T>(rows: Raw[] | undefined, of: (row: Raw) => T): Map<string, T[]> {
  const found = new Map<string, T[]>();
  for (const row of rows ?? []) {
    const id = String(row.location_id);
    found.set(id, [...(found.get(id) ?? []), of(row)]);
  }
  return found;
}

function runsOf(rows: Raw[] | undefined): Map<string, RunFacts> {
  return new Map((rows ?? []).map((row) => [String(row.location_id), runFacts(row)]));
}

function runFacts(row: Raw): RunFacts {
  return {
    id: String(row.id),
    state: row.state as RunFacts['state'],
    error: row.error === null ? null : String(row.error),
    finishedAt: Number(row.finished_at),
    repaired: Object.fromEntries(REPAIRS.map((kind) => [kind, Number(row[kind])])) as Record<Repair, number>,
    completeAt: numberOf(row.complete_at),
    notTheFirst: row.not_the_first === 1,
  };
}

function alertRow(row: Raw): AlertRow {
  return {
    locationId: String(row.location_id),
    condition: row.condition as Condition,
    standing: row.standing === 1,
    since: Number(row.since),
    told: row.told === 1,
    sentAt: numberOf(row.sent_at),
    mark: String(row.mark),
  };
}

function numberOf(value: string | number | null | undefined): number | null {
  return typeof value === 'number' ? value : null;
}
