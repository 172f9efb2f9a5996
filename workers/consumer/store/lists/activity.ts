// What became of contacts lately: the last change of each, the newest first, with what asked for it. Read from their own rows.

import type { D1Database } from '@cloudflare/workers-types';
import { json } from '../sql.ts';
import { type ContactFilter, cursorAfter, type ListedContact, listedContact, pageOfRows } from './contact-list.ts';

/** The last change of a contact. Null: what asked for it is not recorded. */
export interface Change extends ListedContact {
  source: string | null;
  eventId: string | null;
}

/** Rows that are looked at for one page, where not all of them may match. */
const LOOKED_AT = 200;

/** SQL: the entry of its history that made its reason what it is. Its time is up to a commit earlier. */
const CAUSE = `(SELECT h.value FROM json_each(c.history) h WHERE h.value ->> 'reason' = c.reason
  AND abs((h.value ->> 'at') - c.reason_since) < 60000 ORDER BY h.key DESC LIMIT 1) AS cause`;

/**
 * One page of at most `limit` changes. Where a source is given, changes are looked at a bounded number at a time: a page may be short,
 * even empty, and `next` continues it; null after the last.
 */
export async function listChanges(
  db: D1Database,
  filter: ContactFilter & { source?: string | undefined },
  limit: number,
  cursor: string | null,
): Promise<{ changes: Change[]; next: string | null }> {
  const { source } = filter;
  const page = await pageOfRows(db, filter, source === undefined ? limit : LOOKED_AT, cursor, CAUSE);
  const all = page.rows.map((row): Change => {
    const cause = json<{ source: string; eventId: string }>(row.cause);
    return { ...listedContact(row), source: cause?.source ?? null, eventId: cause?.eventId ?? null };
  });
  const matching = source === undefined ? all : all.filter((one) => one.source === source);
  const changes = matching.slice(0, limit);
  const last = changes.at(-1);
  return { changes, next: last && matching.length > limit ? cursorAfter(last) : page.next };
}
