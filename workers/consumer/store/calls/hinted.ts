// What is known of the contacts of whose calls CallTools told.

import type { D1Database } from '@cloudflare/workers-types';
import { number, type Row, rowsOf, text } from '../sql.ts';

/** A notice: the CallTools contact, null = not known, and when it arrived, epoch ms. */
interface Notice {
  callToolsId: number | null;
  receivedAt: number;
}

/** Times are epoch ms. */
export interface Hinted {
  /** The record was read to its end once. */
  isPolled: boolean;
  /** When that was last. */
  polledAt: number | null;
  /** Why the last poll could not go on; null = it could. */
  failure: string | null;
  /** When a row was last seen, by CallTools contact; only of those that were seen since the oldest notice. */
  seenAt: ReadonlyMap<number, number>;
}

/** One round trip. Throws where D1 fails. */
export async function readHinted(db: D1Database, locationId: string, notices: readonly Notice[]): Promise<Hinted> {
  const ids = new Set(notices.flatMap(({ callToolsId }) => callToolsId ?? []));
  const since = Math.min(...notices.map(({ receivedAt }) => receivedAt));
  const [polls, seen] = await db.batch<Row>([
    db.prepare('SELECT cursor_id, polled_at, failure FROM call_polls WHERE location_id = ?1').bind(locationId),
    db
      .prepare(
        `SELECT calltools_id, max(seen_at) AS seen_at FROM call_results INDEXED BY call_results_by_age
         WHERE location_id = ?1 AND seen_at >= ?2 AND calltools_id IN (SELECT value FROM json_each(?3)) GROUP BY calltools_id`,
      )
      .bind(locationId, since, JSON.stringify([...ids])),
  ]);
  const [poll] = rowsOf(polls);
  return {
    isPolled: number(poll?.cursor_id) !== null,
    polledAt: number(poll?.polled_at),
    failure: text(poll?.failure),
    seenAt: new Map(rowsOf(seen).map((row) => [Number(row.calltools_id), Number(row.seen_at)])),
  };
}
