// The facts by which alerts are judged, and what was notified, in D1.

import type { D1Database } from '@cloudflare/workers-types';
import { HOUR_MS, MINUTE_MS } from '../../../shared/time.ts';
import type { Condition } from '../domain/checks.ts';
import { REPAIRS, type Repair } from '../domain/outcome.ts';
import { askEmptied, type Emptied, emptied } from './brake/rule-changes.ts';
import {
  askFieldReports,
  askLeftOut,
  type FieldReport,
  fieldReport,
  type LeftOutCount,
  leftOutCount,
} from './fields.ts';
import { byLocation, type HealthFacts, healthStatements } from './health.ts';
import { number, type Row, rowsOf } from './sql.ts';

/** What a run has repaired. */
export interface Repaired {
  id: string;
  /** Epoch ms. */
  finishedAt: number;
  repaired: Record<Repair, number>;
  /** Another run was complete before it. */
  notTheFirst: boolean;
}

/** Waiting dead letters of one reason. */
export interface LetterCount {
  reason: string;
  waiting: number;
  /** Dead since the operator was last notified of this reason's location. */
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
  /** The last notification says that it stands. */
  notified: boolean;
  /** When the last notification was sent. */
  sentAt: number | null;
  /** What that notification was about; see Finding. */
  fingerprint: string;
}

/** Maps are by location; '' is for what belongs to none. */
export interface AlertFacts extends HealthFacts {
  letters: Map<string, LetterCount[]>;
  /** The last run whose contacts are done, or have had two hours: only then do its repairs say something. */
  repairs: Map<string, Repaired>;
  /** Contacts that lack a field that CallTools refused. */
  leftOut: Map<string, LeftOutCount[]>;
  fieldReports: Map<string, FieldReport[]>;
  /** Buckets that a change of rules has emptied. */
  emptied: Map<string, Emptied[]>;
  refusals: { refused: number; accepted: number; reason: string };
  /** Conditions as they were when they were last looked at. */
  known: AlertRow[];
}

/** After this, a run whose contacts are still being processed is judged by what it has repaired so far. */
const RUN_JUDGED_MS = 2 * HOUR_MS;
const REFUSALS_WINDOW_MS = 15 * MINUTE_MS;
/** A batch writes its dead letters a moment after it has decided on them. Younger ones are counted the next minute, so that none is missed. */
const LETTER_COMMIT_MS = 10_000;

/** All facts by which alerts of these locations are judged, in one round trip. `now` is epoch ms. Throws what D1 throws. */
export async function readAlertFacts(db: D1Database, locationIds: string[], now: number): Promise<AlertFacts> {
  const ids = JSON.stringify(locationIds);
  const until = now - LETTER_COMMIT_MS;
  const health = healthStatements(db, locationIds, until, now);
  const [letters, repairs, refusals, known, leftOut, reports, out, ...rest] = await db.batch<Row>([
    db
      .prepare(
        `SELECT coalesce(o.value, '') AS location_id, d.reason, count(*) AS waiting,
           count(*) FILTER (WHERE d.dead_at > coalesce(CAST(a.mark AS INTEGER), 0)) AS fresh
         FROM dead_letters d LEFT JOIN json_each(?1) o ON o.value = d.location_id
           LEFT JOIN alerts a ON a.location_id = coalesce(o.value, '') AND a.condition = 'dead-letters' AND a.told = 1
         WHERE d.status = 'waiting' AND d.dead_at <= ?2 GROUP BY 1, 2 ORDER BY waiting DESC, 2`,
      )
      .bind(ids, until),
    db
      .prepare(
        `SELECT r.*, EXISTS (
             SELECT 1 FROM runs e WHERE e.location_id = r.location_id AND e.state = 'complete' AND e.started_at < r.started_at
           ) AS not_the_first
         FROM json_each(?1) l JOIN runs r ON r.id = (
           SELECT id FROM runs WHERE location_id = l.value AND state <> 'running' AND (settled_at IS NOT NULL OR finished_at < ?2)
           ORDER BY started_at DESC LIMIT 1)`,
      )
      .bind(ids, now - RUN_JUDGED_MS),
    db
      .prepare(
        'SELECT sum(refused) AS refused, sum(accepted) AS accepted, max(minute), reason FROM refusals WHERE minute > ?1',
      )
      .bind(now - REFUSALS_WINDOW_MS),
    db.prepare('SELECT * FROM alerts'),
    askLeftOut(db, locationIds),
    askFieldReports(db, locationIds),
    askEmptied(db, locationIds),
    ...health.statements,
  ]);
  const [refused] = rowsOf(refusals);
  return {
    ...health.read(rest),
    letters: byLocation(rowsOf(letters), ({ reason, waiting, fresh }) => ({
      reason: String(reason),
      waiting: Number(waiting),
      fresh: Number(fresh),
      until,
    })),
    repairs: new Map(rowsOf(repairs).map((row) => [String(row.location_id), repairedOf(row)])),
    leftOut: byLocation(rowsOf(leftOut), leftOutCount),
    fieldReports: byLocation(rowsOf(reports), fieldReport),
    emptied: byLocation(rowsOf(out), emptied),
    refusals: {
      refused: Number(refused?.refused ?? 0),
      accepted: Number(refused?.accepted ?? 0),
      reason: String(refused?.reason ?? ''),
    },
    known: rowsOf(known).map(alertRow),
  };
}

/** Saves these rows, and deletes those that are done. Throws what D1 throws. */
export async function saveAlerts(
  db: D1Database,
  rows: AlertRow[],
  done: Pick<AlertRow, 'locationId' | 'condition'>[],
): Promise<void> {
  await db.batch([
    db
      .prepare(
        `INSERT INTO alerts (location_id, condition, standing, since, told, sent_at, mark)
         SELECT m.value ->> 'locationId', m.value ->> 'condition', m.value ->> 'standing', m.value ->> 'since', m.value ->> 'notified',
           m.value ->> 'sentAt', m.value ->> 'fingerprint' FROM json_each(?1) m WHERE true
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

function repairedOf(row: Row): Repaired {
  return {
    id: String(row.id),
    finishedAt: Number(row.finished_at),
    repaired: Object.fromEntries(REPAIRS.map((kind) => [kind, Number(row[kind])])) as Record<Repair, number>,
    notTheFirst: row.not_the_first === 1,
  };
}

function alertRow(row: Row): AlertRow {
  return {
    locationId: String(row.location_id),
    condition: row.condition as Condition,
    standing: row.standing === 1,
    since: Number(row.since),
    notified: row.told === 1,
    sentAt: number(row.sent_at),
    fingerprint: String(row.mark),
  };
}
