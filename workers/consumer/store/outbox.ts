// Messages that no queue has taken yet.

import type { D1Database } from '@cloudflare/workers-types';
import { MINUTE_MS } from '../../../shared/time.ts';

/** A message that waits, as JSON. */
export interface OutboxRow {
  id: string;
  queue: 'events' | 'dead_letters';
  message: string;
}

/** Rows of a drain that died are free again after this. */
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

/** Deletes messages that have been sent. */
export async function deleteOutbox(db: D1Database, ids: string[]): Promise<void> {
  await db.prepare('DELETE FROM outbox WHERE id IN (SELECT value FROM json_each(?1))').bind(JSON.stringify(ids)).run();
}
