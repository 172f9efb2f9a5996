// Replays of many dead letters: which letters one takes, what is left to send, and how they have ended.

import type { D1Database } from '@cloudflare/workers-types';
import { json, number, type Row, rowsOf } from '../sql.ts';
import { conditions, type LetterFilter, SENDABLE, STILL_FAILED, TABS } from './letter-filter.ts';
import { MAX_LETTERS } from './letters.ts';

/** Which letters are asked for. Equal filters must be equal as JSON. */
export interface ReplayFilter extends LetterFilter {
  /** Letters that were given up, and whose contacts are still failed; otherwise letters that wait. */
  status?: 'discarded' | undefined;
}

/** How a replay's letters stand. `waiting`: not sent yet. `retrying`: sent, and its end is not known yet. */
export interface ReplayCounts {
  waiting: number;
  retrying: number;
  fixed: number;
  failedAgain: number;
  discarded: number;
}

/** One replay. Times are epoch ms. */
export interface Replay {
  id: string;
  filter: ReplayFilter;
  state: 'running' | 'done';
  /** Letters that it took when it began. */
  letters: number;
  /** Once it is done. */
  result: ReplayCounts | null;
  createdAt: number;
  finishedAt: number | null;
}

/** SQL: the letters of replay `?1` that are not sent yet; `?2` is when it began. */
const UNSENT = `replay_id = ?1 AND status = 'waiting' AND (replayed_at IS NULL OR replayed_at < ?2)`;

/**
 * Begins a replay, or joins the running one with this filter: an order that is sent twice is one. It takes letters that have something to
 * replay and that no running replay is about to send.
 */
export async function beginReplay(
  db: D1Database,
  id: string,
  filter: ReplayFilter,
  now: number,
): Promise<{ replay: Replay; joined: boolean }> {
  const text = JSON.stringify(filter);
  const { status, ...which } = filter;
  const { where, binds } = conditions(which, 2);
  const [, , , found] = await db.batch<Row>([
    db
      .prepare(
        `INSERT INTO replays (id, filter, letters, created_at) VALUES (?1, ?2, 0, ?3)
         ON CONFLICT (filter) WHERE state = 'running' DO NOTHING`,
      )
      .bind(id, text, now),
    db.prepare(takeLetters(status, where)).bind(id, ...binds),
    db
      .prepare(`UPDATE replays SET letters = (SELECT count(*) FROM dead_letters WHERE replay_id = ?1) WHERE id = ?1`)
      .bind(id),
    db.prepare(`SELECT * FROM replays WHERE state = 'running' AND filter = ?1`).bind(text),
  ]);
  const [row] = rowsOf(found);
  if (!row) throw new Error('the replay is not there');
  const replay = replayOf(row);
  return { replay, joined: replay.id !== id };
}

/** SQL: replay `?1` takes letters. Those that were given up wait again, so that they are sent like all others. */
function takeLetters(status: ReplayFilter['status'], where: string): string {
  const again = status === undefined ? '' : `, status = 'waiting', settled_at = NULL`;
  const which =
    status === undefined
      ? `${TABS.waiting} AND NOT EXISTS (SELECT 1 FROM replays r WHERE r.id = d.replay_id AND r.state = 'running'
           AND (d.replayed_at IS NULL OR d.replayed_at < r.created_at))`
      : `${TABS.discarded} AND ${STILL_FAILED}`;
  return `UPDATE dead_letters SET replay_id = ?1${again} WHERE EXISTS (SELECT 1 FROM replays WHERE id = ?1) AND id IN (
    SELECT d.id FROM dead_letters d WHERE ${which} AND ${SENDABLE} AND ${where} ORDER BY d.dead_at LIMIT ${MAX_LETTERS})`;
}

/** A page of replays, the newest first, after the one that `cursor` (an earlier page's `next`) names. */
export async function listReplays(
  db: D1Database,
  limit: number,
  cursor: string | null,
): Promise<{ replays: Replay[]; next: string | null }> {
  const [, at, id] = /^(\d+)~(.*)$/s.exec(cursor ?? '') ?? [];
  const { results } = await db
    .prepare(
      `SELECT * FROM replays WHERE (?1 IS NULL OR (created_at, id) < (?1, ?2)) ORDER BY created_at DESC, id DESC LIMIT ?3`,
    )
    .bind(at === undefined ? null : Number(at), id ?? '', limit + 1)
    .all<Row>();
  const replays = results.slice(0, limit).map(replayOf);
  const end = replays.at(-1);
  return { replays, next: end && results.length > limit ? `${end.createdAt}~${end.id}` : null };
}

/** The replay of this id; null where there is none. */
export async function findReplay(db: D1Database, id: string): Promise<Replay | null> {
  const row = await db.prepare('SELECT * FROM replays WHERE id = ?1').bind(id).first<Row>();
  return row && replayOf(row);
}

/** Those that are running, the oldest first. Reads nothing where none is. */
export async function runningReplays(db: D1Database): Promise<Replay[]> {
  const { results } = await db.prepare(`SELECT * FROM replays WHERE state = 'running' ORDER BY +created_at`).all<Row>();
  return results.map(replayOf);
}

/** Ids of at most `limit` letters that the replay has taken and not sent yet. */
export async function unsentLetters(db: D1Database, { id, createdAt }: Replay, limit: number): Promise<string[]> {
  const { results } = await db
    .prepare(`SELECT id FROM dead_letters WHERE ${UNSENT} LIMIT ?3`)
    .bind(id, createdAt, limit)
    .all<{ id: string }>();
  return results.map((row) => row.id);
}

/**
 * How the replay's letters stand now. One that waits again, or whose contact has another letter since, has failed again. One that is gone
 * was resolved and cleaned up, or forgotten.
 */
export async function countReplay(db: D1Database, { id, createdAt }: Replay): Promise<ReplayCounts> {
  const row = await db
    .prepare(
      `SELECT count(*) FILTER (WHERE status = 'waiting' AND (replayed_at IS NULL OR replayed_at < ?2)) AS waiting,
         count(*) FILTER (WHERE status = 'replayed' AND NOT again) AS retrying,
         count(*) FILTER (WHERE status = 'resolved') AS fixed,
         count(*) FILTER (WHERE again OR (status = 'waiting' AND replayed_at >= ?2)) AS failed_again,
         count(*) FILTER (WHERE status = 'discarded') AS discarded
       FROM (SELECT status, replayed_at, status = 'replayed' AND EXISTS (
           SELECT 1 FROM dead_letters a WHERE a.location_id = d.location_id AND a.contact_id = d.contact_id
             AND +a.status = 'waiting' AND a.dead_at >= d.replayed_at) AS again
         FROM dead_letters d WHERE replay_id = ?1)`,
    )
    .bind(id, createdAt)
    .first<Row>();
  const of = (column: string) => Number(row?.[column] ?? 0);
  return {
    waiting: of('waiting'),
    retrying: of('retrying'),
    fixed: of('fixed'),
    failedAgain: of('failed_again'),
    discarded: of('discarded'),
  };
}

/** Ends a running replay with this result. */
export async function endReplay(db: D1Database, id: string, result: ReplayCounts, now: number): Promise<void> {
  await db
    .prepare(`UPDATE replays SET state = 'done', result = ?2, finished_at = ?3 WHERE id = ?1 AND state = 'running'`)
    .bind(id, JSON.stringify(result), now)
    .run();
}

function replayOf(row: Row): Replay {
  return {
    id: String(row.id),
    filter: json<ReplayFilter>(row.filter) ?? {},
    state: row.state as Replay['state'],
    letters: Number(row.letters),
    result: json<ReplayCounts>(row.result),
    createdAt: Number(row.created_at),
    finishedAt: number(row.finished_at),
  };
}
