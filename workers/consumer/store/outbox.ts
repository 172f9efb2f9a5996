// Messages that no queue has taken yet, and those that a batch is about to send.

import type { D1Database, D1PreparedStatement } from '@cloudflare/workers-types';
import type { Message } from '../../../shared/messages.ts';
import { MINUTE_MS } from '../../../shared/time.ts';

/** A message that waits, as JSON. */
export interface OutboxRow {
  id: string;
  queue: 'events' | 'dead_letters';
  message: string;
}

/** A message for contact-events that the batch sends itself, if it lives. */
export interface Unsent {
  id: string;
  message: Message;
  /** Epoch ms: it is not to be sent before. */
  dueAt: number;
}

/** Rows of a drain that died are free again after this, and those of a batch. */
const LEASE_MS = MINUTE_MS;

/** Takes up to `limit` messages for a minute, those longest untried first. `now` is epoch ms. */
export async function takeOutbox(db: D1Database, now: number, limit: number): Promise<OutboxRow[]> {
  const { results } = await db
    .prepare(
      `UPDATE outbox SET lease_until = ?2 WHERE id IN (
         SELECT id FROM outbox WHERE lease_until <= ?1 ORDER BY lease_until, created_at LIMIT ?3) RETURNING id, queue, message`,
    )
    .bind(now, now + LEASE_MS, limit)
    .all<OutboxRow>();
  return results;
}

/** Statement that stores messages for the cron, for which they wait from a minute after they are due. Until then they are the batch's to send. */
export function keepUnsent(db: D1Database, unsent: readonly Unsent[]): D1PreparedStatement {
  const rows = unsent.map(({ id, message, dueAt }) => ({ id, message, at: dueAt + LEASE_MS }));
  return db
    .prepare(
      `INSERT OR IGNORE INTO outbox (id, queue, message, lease_until, created_at)
       SELECT value ->> 'id', 'events', value -> 'message', value ->> 'at', value ->> 'at' FROM json_each(?1)`,
    )
    .bind(JSON.stringify(rows));
}

/** Statement that leaves to the cron, as soon as they are due, messages that the batch could not send. */
function leaveToCron(db: D1Database, ids: readonly string[]): D1PreparedStatement {
  return db
    .prepare(
      `UPDATE outbox SET lease_until = lease_until - ?1, created_at = created_at - ?1
       WHERE lease_until = created_at AND id IN (SELECT value FROM json_each(?2))`,
    )
    .bind(LEASE_MS, JSON.stringify(ids));
}

/** Deletes what the batch has sent, and leaves the rest to the cron. Throws what D1 throws: then the cron sends all of them. */
export async function endUnsent(db: D1Database, sent: readonly string[], refused: readonly string[]): Promise<void> {
  const statements = [
    ...(sent.length > 0 ? [deletion(db, sent)] : []),
    ...(refused.length > 0 ? [leaveToCron(db, refused)] : []),
  ];
  await db.batch(statements);
}

/** Deletes messages that have been sent. */
export async function deleteOutbox(db: D1Database, ids: readonly string[]): Promise<void> {
  await deletion(db, ids).run();
}

function deletion(db: D1Database, ids: readonly string[]): D1PreparedStatement {
  return db.prepare('DELETE FROM outbox WHERE id IN (SELECT value FROM json_each(?1))').bind(JSON.stringify(ids));
}
