// Backstop runs in D1: one at a time for a location, each page counted once by compare-and-set.

import type { D1Database } from '@cloudflare/workers-types';
import type { Cursor } from './gohighlevel.ts';

export interface Run {
  id: string;
  locationId: string;
  startedBy: 'cron' | 'trigger';
  state: 'running' | 'complete' | 'incomplete';
  /** Next page to handle, from 0. */
  page: number;
  cursor: Cursor | null;
  /** Contacts that GoHighLevel says there are; null until the first page. */
  total: number | null;
  seen: number;
  skipped: number;
  queued: number;
  vanished: number;
  verified: number;
  error: string | null;
  /** Epoch ms. */
  startedAt: number;
  heartbeatAt: number;
  finishedAt: number | null;
}

/** What a page adds to its run. */
export interface PageCount {
  total: number | null;
  seen: number;
  skipped: number;
  queued: number;
}

/** Starts a run, unless one is running; true when it did. */
export async function insertRun(
  db: D1Database,
  run: Pick<Run, 'id' | 'locationId' | 'startedBy' | 'startedAt'>,
): Promise<boolean> {
  const { meta } = await db
    .prepare(
      `INSERT INTO runs (id, location_id, started_by, state, started_at, heartbeat_at) VALUES (?1, ?2, ?3, 'running', ?4, ?4)
       ON CONFLICT DO NOTHING`,
    )
    .bind(run.id, run.locationId, run.startedBy, run.startedAt)
    .run();
  return meta.changes > 0;
}

export async function findRun(db: D1Database, id: string): Promise<Run | null> {
  return runOf(await db.prepare('SELECT * FROM runs WHERE id = ?1').bind(id).first());
}

export async function runningRun(db: D1Database, locationId: string): Promise<Run | null> {
  return runOf(
    await db.prepare(`SELECT * FROM runs WHERE location_id = ?1 AND state = 'running'`).bind(locationId).first(),
  );
}

/** The latest runs, newest first. */
export async function recentRuns(db: D1Database, locationId: string, limit: number): Promise<Run[]> {
  const { results } = await db
    .prepare('SELECT * FROM runs WHERE location_id = ?1 ORDER BY started_at DESC LIMIT ?2')
    .bind(locationId, limit)
    .all();
  return results.flatMap((row) => runOf(row) ?? []);
}

/** Takes the turn to wake a run that has stood still since `before` (epoch ms); null when it has not, or another took it. */
export async function takeStalledRun(
  db: D1Database,
  locationId: string,
  before: number,
  now: number,
): Promise<Run | null> {
  return runOf(
    await db
      .prepare(
        `UPDATE runs SET heartbeat_at = ?3 WHERE location_id = ?1 AND state = 'running' AND heartbeat_at < ?2 RETURNING *`,
      )
      .bind(locationId, before, now)
      .first(),
  );
}

/** Moves a run on to its next page and notes whom it saw; false when another delivery of the page was first. */
export async function turnPage(
  db: D1Database,
  run: Run,
  next: Cursor | null,
  contactIds: string[],
  count: PageCount,
  now: number,
): Promise<boolean> {
  const [turned] = await db.batch<{ id: string }>([
    db
      .prepare(
        `UPDATE runs SET page = page + 1, cursor = ?3, total = coalesce(?4, total), seen = seen + ?5, skipped = skipped + ?6,
           queued = queued + ?7, heartbeat_at = ?8
         WHERE id = ?1 AND page = ?2 AND state = 'running' RETURNING id`,
      )
      .bind(run.id, run.page, next && JSON.stringify(next), count.total, count.seen, count.skipped, count.queued, now),
    db
      .prepare(
        `UPDATE contacts SET seen_run = ?2 WHERE location_id = ?1 AND contact_id IN (SELECT value FROM json_each(?3))`,
      )
      .bind(run.locationId, run.id, JSON.stringify(contactIds)),
  ]);
  return (turned?.results.length ?? 0) > 0;
}

/** Hash of each known contact's search row when it was last settled; null = to be looked at again. Unknown contacts are absent. */
export async function searchHashes(
  db: D1Database,
  locationId: string,
  contactIds: string[],
): Promise<Map<string, string | null>> {
  const { results } = await db
    .prepare(
      `SELECT contact_id, search_hash FROM contacts WHERE location_id = ?1 AND contact_id IN (SELECT value FROM json_each(?2))`,
    )
    .bind(locationId, JSON.stringify(contactIds))
    .all<{ contact_id: string; search_hash: string | null }>();
  return new Map(results.map((row) => [row.contact_id, row.search_hash]));
}

/** Known contacts that a run has not seen and that are not known as deleted, by id, after `after`. */
export async function unseenContacts(db: D1Database, run: Run, after: string, limit: number): Promise<string[]> {
  const { results } = await db
    .prepare(
      `SELECT contact_id FROM contacts WHERE location_id = ?1 AND seen_run IS NOT ?2 AND reason <> 'deleted'
         AND created_at < ?3 AND contact_id > ?4 ORDER BY contact_id LIMIT ?5`,
    )
    .bind(run.locationId, run.id, run.startedAt, after, limit)
    .all<{ contact_id: string }>();
  return results.map((row) => row.contact_id);
}

/**
 * Placed contacts whose turn it is to be read again: a `share` of them, the longest unread first, and all that were last
 * read before `overdue`; none that were read after `fresh` (both epoch ms).
 */
export async function contactsToVerify(
  db: D1Database,
  run: Run,
  { share, overdue, fresh }: { share: number; overdue: number; fresh: number },
): Promise<string[]> {
  const { results } = await db
    .prepare(
      `WITH placed AS (
         SELECT contact_id, coalesce(read_at, 0) AS read_at, row_number() OVER (ORDER BY read_at) AS place, count(*) OVER () AS n
         FROM contacts WHERE location_id = ?1 AND state = 'placed')
       SELECT contact_id FROM placed WHERE read_at < ?4 AND (read_at < ?3 OR place <= ceil(n * ?2))`,
    )
    .bind(run.locationId, share, overdue, fresh)
    .all<{ contact_id: string }>();
  return results.map((row) => row.contact_id);
}

/** Ends a run that stands at this page; false when it has ended or moved on. */
export async function finishRun(
  db: D1Database,
  run: Run,
  end: { state: 'complete' | 'incomplete'; vanished: number; verified: number; error: string | null; now: number },
): Promise<boolean> {
  const { meta } = await db
    .prepare(
      `UPDATE runs SET state = ?3, vanished = ?4, verified = ?5, error = ?6, heartbeat_at = ?7, finished_at = ?7
       WHERE id = ?1 AND page = ?2 AND state = 'running'`,
    )
    .bind(run.id, run.page, end.state, end.vanished, end.verified, end.error, end.now)
    .run();
  return meta.changes > 0;
}

function runOf(row: Record<string, unknown> | null): Run | null {
  if (row === null) return null;
  const count = (name: string) => Number(row[name]);
  return {
    id: String(row.id),
    locationId: String(row.location_id),
    startedBy: row.started_by as Run['startedBy'],
    state: row.state as Run['state'],
    page: count('page'),
    cursor: typeof row.cursor === 'string' ? (JSON.parse(row.cursor) as Cursor) : null,
    total: row.total as number | null,
    seen: count('seen'),
    skipped: count('skipped'),
    queued: count('queued'),
    vanished: count('vanished'),
    verified: count('verified'),
    error: row.error as string | null,
    startedAt: count('started_at'),
    heartbeatAt: count('heartbeat_at'),
    finishedAt: row.finished_at as number | null,
  };
}
