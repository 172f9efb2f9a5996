// Dead letters in D1: kept until a person replays or discards them.

import type { D1Database, D1PreparedStatement } from '@cloudflare/workers-types';

export interface DeadLetter {
  id: string;
  locationId: string | null;
  contactId: string | null;
  /** Failure code; the README's troubleshooting lists each. */
  reason: string;
  /** What was seen, personal data masked. */
  error: string;
  /** The queue message, or a description of what could not be read. */
  message: unknown;
  replayable: boolean;
  attempts: number;
  /** Epoch ms. */
  receivedAt: number;
  deadAt: number;
}

export interface StoredDeadLetter extends DeadLetter {
  status: 'waiting' | 'replayed' | 'discarded' | 'resolved';
  replays: number;
  settledAt: number | null;
}

/** What a person asks for; absent fields do not narrow. */
export interface DeadLetterFilter {
  ids?: string[] | undefined;
  reason?: string | undefined;
  locationId?: string | undefined;
  contactId?: string | undefined;
  status?: string | undefined;
  /** Text within the error. */
  error?: string | undefined;
  /** Epoch ms: became a dead letter at or before, or at or after, this. */
  before?: number | undefined;
  after?: number | undefined;
  /** Continue after this row (from an earlier page's `next`). */
  cursor?: string | undefined;
}

/** The statement that keeps these letters. A letter of the same id is written anew: one that fails again waits again. */
export function insertDeadLetters(db: D1Database, letters: DeadLetter[]): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO dead_letters (id, location_id, contact_id, reason, error, message, replayable, attempts, received_at, dead_at)
       SELECT m.value ->> 'id', m.value ->> 'locationId', m.value ->> 'contactId', m.value ->> 'reason', m.value ->> 'error',
              m.value -> 'message', m.value ->> 'replayable', m.value ->> 'attempts', m.value ->> 'receivedAt', m.value ->> 'deadAt'
       FROM json_each(?1) m WHERE true
       ON CONFLICT (id) DO UPDATE SET reason = excluded.reason, error = excluded.error, attempts = excluded.attempts,
         dead_at = excluded.dead_at, status = 'waiting', settled_at = NULL`,
    )
    .bind(JSON.stringify(letters));
}

/** The statement that closes the waiting letters of contacts that have succeeded since. */
export function resolveDeadLetters(
  db: D1Database,
  locationId: string,
  contactIds: string[],
  now: number,
): D1PreparedStatement {
  return db
    .prepare(
      `UPDATE dead_letters SET status = 'resolved', settled_at = ?3
       WHERE location_id = ?1 AND contact_id IN (SELECT value FROM json_each(?2)) AND status = 'waiting'`,
    )
    .bind(locationId, JSON.stringify(contactIds), now);
}

/** One page of letters, oldest first, and how many the filter matches in all. */
export async function listDeadLetters(db: D1Database, filter: DeadLetterFilter, limit: number) {
  const { where, binds } = conditions(filter);
  const [deadAt, id] = filter.cursor?.split('~') ?? [];
  const [at, last, max] = [1, 2, 3].map((n) => `?${binds.length + n}`);
  const [page, count] = await db.batch([
    db
      .prepare(
        `SELECT * FROM dead_letters WHERE ${where} AND (${at} IS NULL OR (dead_at, id) > (${at}, ${last})) ORDER BY dead_at, id LIMIT ${max}`,
      )
      .bind(...binds, deadAt === undefined ? null : Number(deadAt), id ?? '', limit),
    db.prepare(`SELECT count(*) AS n FROM dead_letters WHERE ${where}`).bind(...binds),
  ]);
  const letters = ((page?.results ?? []) as Record<string, unknown>[]).map(letterOf);
  const end = letters.at(-1);
  return {
    letters,
    total: Number((count?.results?.[0] as { n?: number } | undefined)?.n ?? 0),
    next: end && letters.length === limit ? `${end.deadAt}~${end.id}` : null,
  };
}

/** Marks letters as replayed or discarded; only waiting ones change. Returns the ids that did. */
export async function settleDeadLetters(
  db: D1Database,
  ids: string[],
  status: 'replayed' | 'discarded',
  now: number,
): Promise<string[]> {
  const { results } = await db
    .prepare(
      `UPDATE dead_letters SET status = ?2, settled_at = ?3, replays = replays + (?2 = 'replayed')
       WHERE id IN (SELECT value FROM json_each(?1)) AND status = 'waiting' RETURNING id`,
    )
    .bind(JSON.stringify(ids), status, now)
    .all<{ id: string }>();
  return results.map(({ id }) => id);
}

/** The filter as SQL; its parameters are numbered from 1. */
function conditions(filter: DeadLetterFilter) {
  const parts: [string, unknown][] = [
    ['id IN (SELECT value FROM json_each(?))', filter.ids && JSON.stringify(filter.ids)],
    ['reason = ?', filter.reason],
    ['location_id = ?', filter.locationId],
    ['contact_id = ?', filter.contactId],
    ['status = ?', filter.status],
    ['instr(lower(error), lower(?)) > 0', filter.error],
    ['dead_at <= ?', filter.before],
    ['dead_at >= ?', filter.after],
  ];
  const given = parts.filter(([, value]) => value !== undefined && value !== '');
  return {
    where: ['1 = 1', ...given.map(([sql], i) => sql.replace('?', `?${i + 1}`))].join(' AND '),
    binds: given.map(([, value]) => value),
  };
}

function letterOf(row: Record<string, unknown>): StoredDeadLetter {
  return {
    id: String(row.id),
    locationId: row.location_id as string | null,
    contactId: row.contact_id as string | null,
    reason: String(row.reason),
    error: String(row.error),
    message: JSON.parse(String(row.message)),
    replayable: row.replayable === 1,
    attempts: Number(row.attempts),
    status: row.status as StoredDeadLetter['status'],
    replays: Number(row.replays),
    receivedAt: Number(row.received_at),
    deadAt: Number(row.dead_at),
    settledAt: row.settled_at as number | null,
  };
}
