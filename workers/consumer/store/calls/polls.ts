// How far the record of calls has been read, by location. One poll a location reads it at a time.

import type { D1Database, D1PreparedStatement } from '@cloudflare/workers-types';
import type { Disposition } from '../../domain/calls/meaning.ts';
import { json, number, type Row, rowsOf, text } from '../sql.ts';

/** What a poll starts with. Times are epoch ms. */
export interface Poll {
  /** The newest row when the last complete walk began; null = there was none yet. */
  cursor: { id: number; at: number | null } | null;
  startId: number;
  startAt: number | null;
  /** JSON of a walk that is not complete. */
  walk: string | null;
  failure: string | null;
  dueAt: number;
  dispositions: Disposition[];
  dispositionsAt: number;
}

/** Who reads the record of a location. */
export interface PollLease {
  locationId: string;
  token: string;
}

/**
 * Takes the poll where it is due (or `early`) and nobody else has it, and says whether holds, and writes to GoHighLevel, are unfinished.
 * Throws where D1 fails.
 */
export async function takePoll(
  db: D1Database,
  { locationId, token }: PollLease,
  now: number,
  until: number,
  early = false,
): Promise<{ poll: Poll | null; isPending: boolean; isWaiting: boolean }> {
  const [taken, pending] = await db.batch<Row>([
    db
      .prepare(
        `INSERT INTO call_polls (location_id, lease_token, lease_until) VALUES (?1, ?2, ?4)
         ON CONFLICT (location_id) DO UPDATE SET lease_token = excluded.lease_token, lease_until = excluded.lease_until
         WHERE (call_polls.due_at <= ?3 OR ?5) AND call_polls.lease_until <= ?3 RETURNING *`,
      )
      .bind(locationId, token, now, until, early ? 1 : 0),
    db
      .prepare(
        `SELECT EXISTS (SELECT 1 FROM call_results WHERE location_id = ?1 AND pending = 1) AS pending,
           EXISTS (SELECT 1 FROM call_writes WHERE location_id = ?1 AND state = 'waiting') AS waiting`,
      )
      .bind(locationId),
  ]);
  const [row] = rowsOf(taken);
  const [left] = rowsOf(pending);
  return { poll: row ? pollOf(row) : null, isPending: left?.pending === 1, isWaiting: left?.waiting === 1 };
}

function pollOf(row: Row): Poll {
  const id = number(row.cursor_id);
  return {
    cursor: id === null ? null : { id, at: number(row.cursor_at) },
    startId: Number(row.start_id),
    startAt: number(row.start_at),
    walk: text(row.walk),
    failure: text(row.failure),
    dueAt: Number(row.due_at),
    dispositions: json<Disposition[]>(row.dispositions) ?? [],
    dispositionsAt: Number(row.dispositions_at),
  };
}

/** What a poll leaves. */
export interface PollEnd {
  /** A complete walk: where the next one ends. */
  complete?: { cursor: { id: number; at: number | null }; startId: number; startAt: number | null; at: number };
  failure: string | null;
  dueAt: number;
}

/** The statement that keeps how far a walk has come, as long as this poll has the lease. `walk` is JSON. */
export function saveWalk(
  db: D1Database,
  { locationId, token }: PollLease,
  walk: string,
  startAt: number | null,
): D1PreparedStatement {
  return db
    .prepare(
      'UPDATE call_polls SET walk = ?3, start_at = ?4 WHERE location_id = ?1 AND lease_token = ?2 RETURNING location_id',
    )
    .bind(locationId, token, walk, startAt);
}

/** Ends the poll, as long as it has the lease. */
export async function endPoll(db: D1Database, { locationId, token }: PollLease, end: PollEnd): Promise<void> {
  const { complete, failure, dueAt } = end;
  const moved = complete
    ? 'cursor_id = ?5, cursor_at = ?6, start_id = ?7, polled_at = ?8, start_at = ?9, walk = NULL,'
    : '';
  const bound = complete
    ? [complete.cursor.id, complete.cursor.at, complete.startId, complete.at, complete.startAt]
    : [];
  await db
    .prepare(
      `UPDATE call_polls SET ${moved} failure = ?3, due_at = ?4, lease_token = NULL, lease_until = 0
       WHERE location_id = ?1 AND lease_token = ?2`,
    )
    .bind(locationId, token, failure, dueAt, ...bound)
    .run();
}

/** Remembers the account's dispositions. */
export async function saveDispositions(
  db: D1Database,
  locationId: string,
  dispositions: readonly Disposition[],
  now: number,
): Promise<void> {
  await db
    .prepare('UPDATE call_polls SET dispositions = ?2, dispositions_at = ?3 WHERE location_id = ?1')
    .bind(locationId, JSON.stringify(dispositions), now)
    .run();
}

/** What a poll has left, for those who only look. Times are epoch ms. */
export interface PollState {
  /** When the last complete walk ended; null = there was none yet. */
  polledAt: number | null;
  /** Why the last poll could not go on; null = it could. */
  failure: string | null;
}

/** Null where no poll has begun yet. */
export async function readPollState(db: D1Database, locationId: string): Promise<PollState | null> {
  const row = await db
    .prepare('SELECT polled_at, failure FROM call_polls WHERE location_id = ?1')
    .bind(locationId)
    .first<Row>();
  return row && { polledAt: number(row.polled_at), failure: text(row.failure) };
}
