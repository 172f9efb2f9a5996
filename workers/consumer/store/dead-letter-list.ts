// Dead letters in D1, read: filtered, counted by reason, a page at a time.

import type { D1Database } from '@cloudflare/workers-types';
import type { DeadLetter, DeadLetterStatus } from './dead-letters.ts';
import { json, number, type Row, rowsOf, text } from './sql.ts';

/** A dead letter with what became of it. Times are epoch ms. */
export interface StoredDeadLetter extends DeadLetter {
  status: DeadLetterStatus;
  replays: number;
  replayedAt: number | null;
  settledAt: number | null;
  /** Another letter of the same contact that came after the last replay: the replay failed with another reason. */
  diedAgain: { id: string; reason: string; error: string; deadAt: number } | null;
}

/** What a person asks for; absent fields do not narrow. */
export interface DeadLetterFilter {
  ids?: string[] | undefined;
  reason?: string | undefined;
  locationId?: string | undefined;
  contactId?: string | undefined;
  status?: DeadLetterStatus | undefined;
  /** Text within the error, in any case. */
  error?: string | undefined;
  /** Epoch ms: became a dead letter at or before, or at or after, this. */
  before?: number | undefined;
  after?: number | undefined;
}

/** How many letters have one reason. */
export interface ReasonCount {
  reason: string;
  count: number;
  /** Epoch ms. */
  oldestDeadAt: number;
}

/** `next` continues after this page; null after the last. `byReason` counts all that the filter matches, most first. */
export interface DeadLetterPage {
  letters: StoredDeadLetter[];
  byReason: ReasonCount[];
  next: string | null;
}

/** One page of letters, oldest first, after the letter that `cursor` (an earlier page's `next`) names. */
export async function listDeadLetters(
  db: D1Database,
  filter: DeadLetterFilter,
  limit: number,
  cursor: string | null,
): Promise<DeadLetterPage> {
  const { where, binds } = conditions(filter);
  const { deadAt, id } = readCursor(cursor);
  const [at, last, max] = [1, 2, 3].map((n) => `?${binds.length + n}`);
  const [page, counts] = await db.batch<Row>([
    db
      .prepare(
        `SELECT *, ${DIED_AGAIN} AS died_again FROM dead_letters d
         WHERE ${where} AND (${at} IS NULL OR (dead_at, id) > (${at}, ${last})) ORDER BY dead_at, id LIMIT ${max}`,
      )
      .bind(...binds, deadAt, id, limit + 1),
    db
      .prepare(
        `SELECT reason, count(*) AS n, min(dead_at) AS oldest FROM dead_letters d WHERE ${where} GROUP BY reason ORDER BY n DESC, reason`,
      )
      .bind(...binds),
  ]);
  const rows = rowsOf(page).map(letterOf);
  const letters = rows.slice(0, limit);
  const end = letters.at(-1);
  return {
    letters,
    byReason: rowsOf(counts).map((row) => ({
      reason: String(row.reason),
      count: Number(row.n),
      oldestDeadAt: Number(row.oldest),
    })),
    next: end && rows.length > limit ? `${end.deadAt}~${end.id}` : null,
  };
}

/** Whether there is any letter of this location. */
export async function hasLetters(db: D1Database, locationId: string): Promise<boolean> {
  const row = await db
    .prepare('SELECT 1 AS one FROM dead_letters WHERE location_id = ?1 LIMIT 1')
    .bind(locationId)
    .first();
  return row !== null;
}

/** The letters of these ids, in no order. */
export async function readDeadLetters(db: D1Database, ids: string[]): Promise<StoredDeadLetter[]> {
  const { results } = await db
    .prepare('SELECT *, NULL AS died_again FROM dead_letters WHERE id IN (SELECT value FROM json_each(?1))')
    .bind(JSON.stringify(ids))
    .all<Row>();
  return results.map(letterOf);
}

/** The newest letters of a contact, whatever their status. */
export async function deadLettersOfContact(
  db: D1Database,
  locationId: string,
  contactId: string,
  limit: number,
): Promise<StoredDeadLetter[]> {
  const { results } = await db
    .prepare(
      `SELECT *, ${DIED_AGAIN} AS died_again FROM dead_letters d WHERE location_id = ?1 AND contact_id = ?2
       ORDER BY dead_at DESC, id LIMIT ?3`,
    )
    .bind(locationId, contactId, limit)
    .all<Row>();
  return results.map(letterOf);
}

const DIED_AGAIN = `CASE WHEN d.status = 'replayed' THEN (
    SELECT json_object('id', a.id, 'reason', a.reason, 'error', a.error, 'deadAt', a.dead_at) FROM dead_letters a
    WHERE a.location_id = d.location_id AND a.contact_id = d.contact_id AND a.status = 'waiting' AND a.dead_at >= d.replayed_at
    ORDER BY a.dead_at DESC LIMIT 1) END`;

/** The filter as SQL; its parameters are numbered from 1. */
function conditions(filter: DeadLetterFilter) {
  const parts: [string, string | number | undefined][] = [
    ['id IN (SELECT value FROM json_each(?))', filter.ids && JSON.stringify(filter.ids)],
    ['reason = ?', filter.reason],
    ['location_id = ?', filter.locationId],
    ['contact_id = ?', filter.contactId],
    ['status = ?', filter.status],
    ['instr(lower(error), lower(?)) > 0', filter.error],
    ['dead_at <= ?', filter.before],
    ['dead_at >= ?', filter.after],
  ];
  const given = parts.filter(([, value]) => value !== undefined);
  return {
    where: ['1 = 1', ...given.map(([sql], i) => sql.replace('?', `?${i + 1}`))].join(' AND '),
    binds: given.map(([, value]) => value ?? null),
  };
}

function readCursor(cursor: string | null): { deadAt: number | null; id: string } {
  const [, deadAt, id] = /^(\d+)~(.*)$/s.exec(cursor ?? '') ?? [];
  return { deadAt: deadAt === undefined ? null : Number(deadAt), id: id ?? '' };
}

/** A row of `dead_letters`, with `died_again` (JSON, or null). */
export function letterOf(row: Row): StoredDeadLetter {
  return {
    id: String(row.id),
    locationId: text(row.location_id),
    contactId: text(row.contact_id),
    reason: String(row.reason),
    error: String(row.error),
    message: json<unknown>(row.message),
    replayable: row.replayable === 1,
    attempts: Number(row.attempts),
    status: row.status as DeadLetterStatus,
    replays: Number(row.replays),
    receivedAt: Number(row.received_at),
    deadAt: Number(row.dead_at),
    replayedAt: number(row.replayed_at),
    settledAt: number(row.settled_at),
    diedAgain: json<StoredDeadLetter['diedAgain']>(row.died_again),
  };
}
