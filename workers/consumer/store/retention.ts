// Removes what has been kept long enough, in bounded statements, so that nothing else in D1 waits for it.

import type { D1Database } from '@cloudflare/workers-types';
import { MAY_BE_NEEDED } from './calls/past-links.ts';
import { LATE_MS } from './calls/results.ts';
import { contactsToForget, forgetStatements, quiet } from './forget.ts';

/** Rows of one statement. */
const ROUND = 500;

const few = (table: string, key: string, where: string) =>
  `DELETE FROM ${table} WHERE ${key} IN (SELECT ${key.replace(/[()]/g, '')} FROM ${table} t WHERE ${where} LIMIT ${ROUND})`;

/** `?1` is the end of the lifetime, epoch ms; `?2` is now. */
const STATEMENTS = {
  /** They go before their runs. */
  runContacts: few(
    'run_contacts',
    '(run_id, contact_id)',
    `t.run_id IN (SELECT id FROM runs WHERE state <> 'running' AND finished_at < ?1)`,
  ),
  runs: few(
    'runs',
    'id',
    `state <> 'running' AND finished_at < ?1 AND NOT EXISTS (SELECT 1 FROM run_contacts c WHERE c.run_id = t.id) AND EXISTS (
       SELECT 1 FROM runs n WHERE n.location_id = t.location_id AND n.state = 'complete' AND n.started_at > t.started_at)`,
  ),
  resolvedLetters: few('dead_letters', 'id', `status = 'resolved' AND settled_at < ?1`),
  /** A discarded letter stays as long as its contact is failed: it is what can be retried. */
  settledLetters: few(
    'dead_letters',
    'id',
    `status IN ('discarded', 'replayed') AND settled_at < ?1 AND NOT (status = 'discarded' AND EXISTS (SELECT 1 FROM contacts c
       WHERE c.location_id = t.location_id AND c.contact_id = t.contact_id AND c.state = 'failed' AND c.reason = t.reason))`,
  ),
  unreplayableLetters: few('dead_letters', 'id', `status = 'waiting' AND replayable = 0 AND dead_at < ?1`),
  replays: few('replays', 'id', `state = 'done' AND created_at < ?1`),
  opportunities: few('opportunities', '(location_id, opportunity_id)', 'seen_at < ?1'),
  counters: few('counters', '(location_id, hour, kind, name)', 'hour < ?1'),
  hours: few('hours', '(location_id, hour)', 'hour < ?1'),
  refusals: few('refusals', 'minute', 'minute < ?1'),
  alerts: few('alerts', '(location_id, condition)', 'coalesce(sent_at, since) < ?1'),
  /** Fields that contacts lacked once stay: when they were added decides what is written. */
  fieldReports: few(
    'field_reports',
    '(location_id, field)',
    `problem = 'altered' AND added_at IS NULL AND seen_at < ?1`,
  ),
  /** A row that the next poll may read again would count as new. */
  calls: few(
    'call_results',
    '(location_id, row_id)',
    `seen_at < ?1 AND t.pending = 0 AND NOT EXISTS (SELECT 1 FROM call_writes w
       WHERE w.location_id = t.location_id AND w.row_id = t.row_id AND w.state IN ('waiting', 'sent')) AND NOT EXISTS (SELECT 1 FROM call_polls p
       WHERE p.location_id = t.location_id AND (p.walk IS NOT NULL OR t.row_id > p.cursor_id OR t.called_at >= p.cursor_at - ${LATE_MS}))`,
  ),
  /** Those that are still to be written stay. */
  callWrites: few('call_writes', '(location_id, row_id, step)', `at < ?1 AND t.state NOT IN ('waiting', 'sent')`),
  /** Those from before a call of which a poll may still read stay. */
  pastLinks: few(
    'past_links',
    '(location_id, calltools_id, phone_hash, contact_id)',
    `until < ?1 AND NOT ${MAY_BE_NEEDED}`,
  ),
  /** New numbers that were let in, and those that are held back although no contact has them any more. */
  newPlacements: few(
    'new_placements',
    '(location_id, phone_hash, contact_id)',
    `t.at < ?1 AND (t.state = 'let_in' OR NOT EXISTS (
       SELECT 1 FROM contacts c WHERE c.location_id = t.location_id AND c.phone_hash = t.phone_hash))`,
  ),
  audit: few('audit', 'id', 'at < ?1'),
  /** Numbers that no contact has. One that is held stays: the person said no, and may come back with it. */
  numbers: few(
    'dialer',
    '(location_id, phone_hash)',
    `${quiet('t', '?2')} AND t.updated_at < ?1 AND t.hold IS NULL
       AND NOT EXISTS (SELECT 1 FROM contacts c WHERE c.location_id = t.location_id AND c.phone_hash = t.phone_hash)
       AND NOT EXISTS (SELECT 1 FROM contacts c WHERE c.location_id = t.location_id AND c.contact_id = t.contact_id)`,
  ),
  /** The numbers of a CallTools contact, once no contact here has one of them. */
  links: few(
    'calltools_numbers',
    '(location_id, calltools_id, phone_hash)',
    `t.seen_at < ?1 AND NOT EXISTS (
       SELECT 1 FROM calltools_numbers n JOIN dialer d ON d.location_id = n.location_id AND d.phone_hash = n.phone_hash
       WHERE n.location_id = t.location_id AND n.calltools_id = t.calltools_id)`,
  ),
} as const;

/** What is removed once it is old. */
export type Expiring = keyof typeof STATEMENTS | 'contacts';

/** Removes a bounded number of rows that were last used before `before`; resolves to how many. Times are epoch ms. */
export async function removeExpired(db: D1Database, kind: Expiring, before: number, now: number): Promise<number> {
  if (kind !== 'contacts') {
    const bound = STATEMENTS[kind].includes('?2') ? [before, now] : [before];
    const statement = db.prepare(STATEMENTS[kind]).bind(...bound);
    return (await statement.run()).meta.changes;
  }
  const keys = await contactsToForget(db, before, now, ROUND);
  if (keys.length === 0) return 0;
  const results = await db.batch(forgetStatements(db, keys, now, { keepHolds: true }));
  return results.at(-1)?.meta.changes ?? 0;
}

/** True for one cron only, which must schedule the next clean-up by `again` (epoch ms). */
export async function takeCleanup(db: D1Database, now: number, again: number): Promise<boolean> {
  const { results } = await db
    .prepare(
      `INSERT INTO chores (name, due_at) VALUES ('cleanup', ?2)
       ON CONFLICT (name) DO UPDATE SET due_at = excluded.due_at WHERE chores.due_at <= ?1 RETURNING name`,
    )
    .bind(now, again)
    .all();
  return results.length > 0;
}

/** The next clean-up is due at `at` (epoch ms). */
export async function scheduleCleanup(db: D1Database, at: number): Promise<void> {
  await db.prepare(`UPDATE chores SET due_at = ?1 WHERE name = 'cleanup'`).bind(at).run();
}
