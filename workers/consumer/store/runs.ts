// Backstop runs in D1. One runs at a time for a location, and each page is counted once, by compare-and-set.

import type { D1Database } from '@cloudflare/workers-types';
import { REPAIRS, type Repair } from '../domain/outcome.ts';
import type { OpportunityCursor } from '../vendors/opportunities.ts';
import type { Cursor } from '../vendors/search-page.ts';
import { json, number, type Row, rowsOf, text } from './sql.ts';

/** How far a run was at a moment. */
export type Mark = [atEpochMs: number, seen: number, processed: number];

/** A backstop run. */
export interface Run {
  id: string;
  locationId: string;
  startedBy: 'cron' | 'trigger';
  /** How often it was resumed after it had stood still. */
  resumes: number;
  state: 'running' | 'complete' | 'incomplete';
  /** Next page to handle, from 0. */
  page: number;
  cursor: Cursor | null;
  /** How far it is with the location's opportunities, once its contacts are read; null = not begun, or not needed. */
  sweep: { cursor: OpportunityCursor | null; seen: number; done: boolean } | null;
  /** How many contacts there are, as GoHighLevel said on the first page and on the last one handled; null until then. */
  firstTotal: number | null;
  total: number | null;
  seen: number;
  skipped: number;
  queued: number;
  vanished: number;
  verified: number;
  /** Contacts whose message has been processed; column `settled`. */
  processed: number;
  /** Contacts whose message has not been processed; null where they were not counted. */
  waiting: number | null;
  /** Rows of the contact list that could not be read whole. */
  unreadable: number;
  /** Contacts that ended as dead letters. */
  errors: number;
  repaired: Record<Repair, number>;
  /** Why it is incomplete. While it runs: why its page of the contact list waits, or why its pages do not prove that the list is complete. */
  error: string | null;
  /** Newest first, about one a minute. */
  marks: Mark[];
  /** Epoch ms. */
  startedAt: number;
  /** Last sign of life; ahead of now while the run waits for GoHighLevel. */
  heartbeatAt: number;
  /** When its pages were over. */
  finishedAt: number | null;
  /** When its last message was found to be processed; column `settled_at`. */
  processedAt: number | null;
}

/** What a page adds to its run. */
export interface PageCount {
  total: number | null;
  seen: number;
  skipped: number;
  queued: number;
  unreadable: number;
  /** Why the list cannot be known to end here, where it does. */
  error: string | null;
}

const WITH_WAITING = '*, (SELECT count(*) FROM contacts WHERE queued_run = runs.id) AS waiting';

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

/** The run of this id; null where there is none. */
export async function findRun(db: D1Database, id: string): Promise<Run | null> {
  return runOf(await db.prepare('SELECT * FROM runs WHERE id = ?1').bind(id).first<Row>());
}

/** The run that is running for this location; null where none is. */
export async function runningRun(db: D1Database, locationId: string): Promise<Run | null> {
  return runOf(
    await db.prepare(`SELECT * FROM runs WHERE location_id = ?1 AND state = 'running'`).bind(locationId).first<Row>(),
  );
}

/** The run of this id, its waiting contacts counted; null where there is none. */
export async function findShownRun(db: D1Database, id: string): Promise<Run | null> {
  return runOf(await db.prepare(`SELECT ${WITH_WAITING} FROM runs WHERE id = ?1`).bind(id).first<Row>());
}

/** The latest runs, newest first, their waiting contacts counted; only those after `from`: a start and an id. */
export async function recentRuns(
  db: D1Database,
  locationId: string,
  limit: number,
  [before, id]: [number, string] = [Number.MAX_SAFE_INTEGER, ''],
): Promise<Run[]> {
  const { results } = await db
    .prepare(
      `SELECT ${WITH_WAITING} FROM runs WHERE location_id = ?1 AND started_at <= ?3 AND (started_at < ?3 OR id < ?4)
       ORDER BY started_at DESC, id DESC LIMIT ?2`,
    )
    .bind(locationId, limit, before, id)
    .all<Row>();
  return results.flatMap((row) => runOf(row) ?? []);
}

/** Resumes a run that has stood still since `before` (epoch ms); null where there is none, or another caller was first. */
export async function takeStalledRun(
  db: D1Database,
  locationId: string,
  before: number,
  now: number,
): Promise<Run | null> {
  return runOf(
    await db
      .prepare(
        `UPDATE runs SET heartbeat_at = ?3, resumes = resumes + 1
         WHERE location_id = ?1 AND state = 'running' AND heartbeat_at < ?2 RETURNING *`,
      )
      .bind(locationId, before, now)
      .first<Row>(),
  );
}

/** Notes that the run's page waits until `until` (epoch ms), and why, for an operator. Until then the run does not count as stalled. */
export async function pauseRun(
  db: D1Database,
  run: Pick<Run, 'id' | 'page'>,
  until: number,
  why: string | null = null,
): Promise<void> {
  await db
    .prepare(
      `UPDATE runs SET heartbeat_at = max(heartbeat_at, ?3), error = coalesce(?4, error)
       WHERE id = ?1 AND page = ?2 AND state = 'running'`,
    )
    .bind(run.id, run.page, until, why)
    .run();
}

/**
 * Moves a run on to its next page and notes the contacts that it saw; null when another delivery of the page was first. A contact that
 * an earlier try at the page queued, and this one did not, is no longer waited for.
 */
export async function turnPage(
  db: D1Database,
  run: Run,
  next: Cursor | null,
  contacts: { seen: string[]; queued: string[] },
  { total, seen, skipped, queued, unreadable, error }: PageCount,
  now: number,
): Promise<Run | null> {
  const [turned] = await db.batch([
    db
      .prepare(
        `UPDATE runs SET page = page + 1, cursor = ?3, total = coalesce(?4, total), first_total = coalesce(first_total, ?4),
           seen = seen + ?5, skipped = skipped + ?6, queued = queued + ?7, unreadable = unreadable + ?9, heartbeat_at = ?8, error = ?10
         WHERE id = ?1 AND page = ?2 AND state = 'running' RETURNING *`,
      )
      .bind(run.id, run.page, next && JSON.stringify(next), total, seen, skipped, queued, now, unreadable, error),
    db
      .prepare(
        `UPDATE contacts SET seen_run = ?2,
           queued_run = iif(queued_run = ?2 AND contact_id NOT IN (SELECT value FROM json_each(?4)), NULL, queued_run)
         WHERE location_id = ?1 AND contact_id IN (SELECT value FROM json_each(?3))`,
      )
      .bind(run.locationId, run.id, JSON.stringify(contacts.seen), JSON.stringify(contacts.queued)),
  ]);
  return runOf(rowsOf(turned)[0] ?? null);
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

/** Notes how far a run is, and `processedAt` (epoch ms) once none of its contacts waits. */
export async function markRun(db: D1Database, { id }: Run, marks: Mark[], processedAt: number | null): Promise<void> {
  await db
    .prepare('UPDATE runs SET marks = ?2, settled_at = coalesce(settled_at, ?3) WHERE id = ?1')
    .bind(id, JSON.stringify(marks), processedAt)
    .run();
}

function runOf(row: Row | null): Run | null {
  if (row === null) return null;
  const count = (name: string) => Number(row[name]);
  return {
    id: String(row.id),
    locationId: String(row.location_id),
    startedBy: row.started_by as Run['startedBy'],
    resumes: count('resumes'),
    state: row.state as Run['state'],
    page: count('page'),
    cursor: json<Cursor>(row.cursor),
    sweep: json<NonNullable<Run['sweep']>>(row.sweep ?? null),
    firstTotal: number(row.first_total),
    total: number(row.total),
    seen: count('seen'),
    skipped: count('skipped'),
    queued: count('queued'),
    vanished: count('vanished'),
    verified: count('verified'),
    processed: count('settled'),
    waiting: number(row.waiting),
    unreadable: count('unreadable'),
    errors: count('errors'),
    repaired: Object.fromEntries(REPAIRS.map((kind) => [kind, count(kind)])) as Record<Repair, number>,
    error: text(row.error),
    marks: json<Mark[]>(row.marks) ?? [],
    startedAt: count('started_at'),
    heartbeatAt: count('heartbeat_at'),
    finishedAt: number(row.finished_at),
    processedAt: number(row.settled_at),
  };
}
