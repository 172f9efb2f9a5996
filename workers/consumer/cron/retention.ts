// The daily clean-up: how long what is kept is kept. In bounded statements, so that nothing else in D1 waits for it.

import type { D1Database } from '@cloudflare/workers-types';
import { DAY_MS } from '../../../shared/time.ts';
import type { Edge } from '../config/context.ts';
import { contactsToForget, forgetStatements, quiet } from '../store/forget.ts';

/** Days; docs/operations.md lists them. What is not here is bounded by the settings or by GoHighLevel's contacts, or must not be lost. */
export const LIFETIME_DAYS = {
  /** Of runs that are over; the last complete one of a location stays. */
  runs: 90,
  resolvedLetters: 30,
  /** Discarded ones, and replayed ones of which nothing was heard again: no queue keeps a message this long. */
  settledLetters: 90,
  /** Waiting, but there is nothing to replay, and the backstop has looked at all contacts since. */
  unreplayableLetters: 180,
  /** Of contacts that GoHighLevel does not have any more, or that no route places, and that are out of the dialer. */
  contacts: 90,
  counters: 15,
  refusals: 1,
  alerts: 90,
} as const;

type Kept = keyof typeof LIFETIME_DAYS;

/** Rows of one statement, and statements of one table a day; what is left over is gone on with the next minute. */
const ROUND = 500;
const MAX_ROUNDS = 20;
/** A clean-up that died is taken up after this. */
const AGAIN_MS = 10 * 60_000;

const few = (table: string, key: string, where: string) =>
  `DELETE FROM ${table} WHERE ${key} IN (SELECT ${key.replace(/[()]/g, '')} FROM ${table} t WHERE ${where} LIMIT ${ROUND})`;

/** `?1` is the end of the lifetime, epoch ms. */
const STATEMENTS: [Kept, string][] = [
  [
    'runs',
    few(
      ...(['runs', 'id'] as const),
      `state <> 'running' AND finished_at < ?1 AND EXISTS (
         SELECT 1 FROM runs n WHERE n.location_id = t.location_id AND n.state = 'complete' AND n.started_at > t.started_at)`,
    ),
  ],
  ['resolvedLetters', few('dead_letters', 'id', `status = 'resolved' AND settled_at < ?1`)],
  ['settledLetters', few('dead_letters', 'id', `status IN ('discarded', 'replayed') AND settled_at < ?1`)],
  ['unreplayableLetters', few('dead_letters', 'id', `status = 'waiting' AND replayable = 0 AND dead_at < ?1`)],
  ['counters', few('counters', '(location_id, hour, kind, name)', 'hour < ?1')],
  ['refusals', few('refusals', 'minute', 'minute < ?1')],
  ['alerts', few('alerts', '(location_id, condition)', 'coalesce(sent_at, since) < ?1')],
];

/** Numbers that no contact has any more, `?2` is now. */
const LEFT_NUMBERS = few(
  ...(['dialer', '(location_id, phone_hash)'] as const),
  `${quiet('t', '?2')} AND t.updated_at < ?1
     AND NOT EXISTS (SELECT 1 FROM contacts c WHERE c.location_id = t.location_id AND c.phone_hash = t.phone_hash)
     AND NOT EXISTS (SELECT 1 FROM contacts c WHERE c.location_id = t.location_id AND c.contact_id = t.contact_id)`,
);

/** What is left of CallTools contacts with several numbers, once no number of theirs is anybody's here. */
const LEFT_LINKS = few(
  ...(['calltools_numbers', '(location_id, calltools_id, phone_hash)'] as const),
  `t.seen_at < ?1 AND NOT EXISTS (
     SELECT 1 FROM calltools_numbers n JOIN dialer d ON d.location_id = n.location_id AND d.phone_hash = n.phone_hash
     WHERE n.location_id = t.location_id AND n.calltools_id = t.calltools_id)`,
);

/** Cleans up where it is due: once a day, by whichever cron is first. Throws where D1 fails; the rest is then done ten minutes later. */
export async function cleanUp({ env: { DB }, world, log }: Edge): Promise<void> {
  const now = world.now();
  if (!(await takeTurn(DB, now, now + AGAIN_MS))) return;
  const before = (kept: Kept) => now - LIFETIME_DAYS[kept] * DAY_MS;
  const removed: Record<string, number> = {};
  let left = false;
  const rounds = async (name: string, round: () => Promise<number>) => {
    for (let n = 0; n < MAX_ROUNDS; n++) {
      const rows = await round();
      removed[name] = (removed[name] ?? 0) + rows;
      if (rows === 0) return;
    }
    left = true;
  };
  for (const [kept, sql] of STATEMENTS)
    await rounds(kept, async () => (await DB.prepare(sql).bind(before(kept)).run()).meta.changes);
  await rounds('contacts', () => forgetSome(DB, before('contacts'), now));
  await rounds(
    'numbers',
    async () => (await DB.prepare(LEFT_NUMBERS).bind(before('contacts'), now).run()).meta.changes,
  );
  await rounds('links', async () => (await DB.prepare(LEFT_LINKS).bind(before('contacts')).run()).meta.changes);
  await DB.prepare(`UPDATE chores SET due_at = ?1 WHERE name = 'cleanup'`)
    .bind(left ? now : now + DAY_MS)
    .run();
  const rows = Object.entries(removed).filter(([, count]) => count > 0);
  if (rows.length > 0) log('cleanup.done', { ...Object.fromEntries(rows), left });
}

async function forgetSome(db: D1Database, before: number, now: number): Promise<number> {
  const keys = await contactsToForget(db, before, now, ROUND);
  if (keys.length === 0) return 0;
  const results = await db.batch(forgetStatements(db, keys, now));
  return results.at(-1)?.meta.changes ?? 0;
}

/** True for one cron, which has until `again` to move the turn on. */
async function takeTurn(db: D1Database, now: number, again: number): Promise<boolean> {
  const { results } = await db
    .prepare(
      `INSERT INTO chores (name, due_at) VALUES ('cleanup', ?2)
       ON CONFLICT (name) DO UPDATE SET due_at = excluded.due_at WHERE chores.due_at <= ?1 RETURNING name`,
    )
    .bind(now, again)
    .all();
  return results.length > 0;
}
