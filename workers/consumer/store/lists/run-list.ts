// Backstop runs, and the contacts of one, a page at a time.

import type { D1Database } from '@cloudflare/workers-types';
import { type Run, recentRuns } from '../runs.ts';
import { number, type Row, text } from '../sql.ts';

/** A contact that a run repaired, or that failed in it. `at` is epoch ms. */
export interface NamedContact {
  contactId: string;
  /** A kind of `Run.repaired`, or `failed`. */
  kind: string;
  at: number;
  /** As they are now; null: the contact is not known any more. */
  state: string | null;
  reason: string | null;
  /** The CallTools contact that has its number, as far as is known. */
  callToolsId: number | null;
}

/** One page of at most `limit` runs of these locations, newest first. `next` continues after it; null after the last. */
export async function listRuns(
  db: D1Database,
  locationIds: string[],
  limit: number,
  cursor: string | null,
): Promise<{ runs: Run[]; next: string | null }> {
  const pages = await Promise.all(locationIds.map((id) => recentRuns(db, id, limit + 1, placeOf(cursor))));
  const found = pages.flat().sort((a, b) => b.startedAt - a.startedAt || (a.id < b.id ? 1 : -1));
  const runs = found.slice(0, limit);
  const last = runs.at(-1);
  return { runs, next: last && found.length > limit ? `${last.startedAt}~${last.id}` : null };
}

/** One page of the contacts that a run names, newest first; `kind` null: of any kind. A run names a bounded number (MAX_NAMED). */
export async function contactsOfRun(
  db: D1Database,
  { id, locationId }: Pick<Run, 'id' | 'locationId'>,
  kind: string | null,
  limit: number,
  cursor: string | null,
): Promise<{ contacts: NamedContact[]; next: string | null }> {
  const [at, contactId] = placeOf(cursor);
  const { results } = await db
    .prepare(
      `SELECT n.contact_id, n.kind, n.at, c.state, c.reason,
         (SELECT d.calltools_id FROM dialer d WHERE d.location_id = ?2 AND d.phone_hash = c.phone_hash) AS calltools_id FROM (
         SELECT contact_id, kind, at FROM run_contacts
         WHERE run_id = ?1 AND (?3 IS NULL OR kind = ?3) AND (at < ?4 OR at = ?4 AND contact_id < ?5)
         ORDER BY at DESC, contact_id DESC LIMIT ?6) n
       LEFT JOIN contacts c ON c.location_id = ?2 AND c.contact_id = n.contact_id ORDER BY n.at DESC, n.contact_id DESC`,
    )
    .bind(id, locationId, kind, at, contactId, limit + 1)
    .all<Row>();
  const contacts = results.slice(0, limit).map((row) => ({
    contactId: String(row.contact_id),
    kind: String(row.kind),
    at: Number(row.at),
    state: text(row.state),
    reason: text(row.reason),
    callToolsId: number(row.calltools_id),
  }));
  const last = contacts.at(-1);
  return { contacts, next: last && results.length > limit ? `${last.at}~${last.contactId}` : null };
}

/** Time and id after which a page begins. */
function placeOf(cursor: string | null): [number, string] {
  if (cursor === null) return [Number.MAX_SAFE_INTEGER, ''];
  const [at, id = ''] = cursor.split('~');
  return [Number(at), id];
}
