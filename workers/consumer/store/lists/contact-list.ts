// Contacts of some locations, filtered, the newest change first, a page at a time.

import type { D1Database } from '@cloudflare/workers-types';
import type { ContactState } from '../../domain/outcome.ts';
import { number, type Row, rowsOf, text } from '../sql.ts';

/** One contact in a list. Times are epoch ms. */
export interface ListedContact {
  locationId: string;
  contactId: string;
  state: string;
  reason: string;
  route: string | null;
  /** The CallTools contact that has its number, as far as is known. */
  callToolsId: number | null;
  /** Since when its reason is what it is; where that is not recorded, when it was first seen. */
  changedAt: number;
  readAt: number | null;
  updatedAt: number;
}

/** What is asked for; absent fields do not narrow. */
export interface ContactFilter {
  locationIds: string[];
  state?: ContactState | undefined;
  reason?: string | undefined;
  route?: string | undefined;
  /** Changed at this time or later, and before that one; epoch ms. */
  from?: number | undefined;
  to?: number | undefined;
}

/** `next` continues after this page; null after the last. */
export interface ContactPage {
  contacts: ListedContact[];
  next: string | null;
}

const STATES = ['pending', 'placed', 'kept_out', 'failed'] as const satisfies ContactState[];
/** SQL: as the index `contacts_by_change` has it, word for word. */
const CHANGED = 'coalesce(reason_since, created_at)';
/** After every id. */
const LAST = '~';

/** SQL: columns of `contacts c` that `listedContact` reads. */
export const LISTED = `c.location_id, c.contact_id, c.state, c.reason, c.route, c.read_at, c.updated_at,
  coalesce(c.reason_since, c.created_at) AS changed_at,
  (SELECT d.calltools_id FROM dialer d WHERE d.location_id = c.location_id AND d.phone_hash = c.phone_hash) AS calltools_id`;

/**
 * One page of at most `limit` contacts, after the one that `cursor` (an earlier page's `next`) names. It reads at most `limit` + 1 index
 * entries for each state, reason and route that a location has, however many contacts there are. A contact that changes while the pages
 * are read may be shown twice, or not.
 */
export async function listContacts(
  db: D1Database,
  filter: ContactFilter,
  limit: number,
  cursor: string | null,
): Promise<ContactPage> {
  const { rows, next } = await pageOfRows(db, filter, limit, cursor);
  return { contacts: rows.map(listedContact), next };
}

/** The same as rows, with the columns `LISTED` and `also` (SQL, of `contacts c`). */
export async function pageOfRows(
  db: D1Database,
  { locationIds, state, reason, route, from, to }: ContactFilter,
  limit: number,
  cursor: string | null,
  also?: string,
): Promise<{ rows: Row[]; next: string | null }> {
  const columns = also === undefined ? LISTED : `${LISTED}, ${also}`;
  const statement = db.prepare(pageOf({ reason: reason !== undefined, route: route !== undefined }, columns));
  const states = JSON.stringify(state === undefined ? STATES : [state]);
  const given = [reason, route].filter((value) => value !== undefined);
  const pages = await db.batch<Row>(
    locationIds.map((id) => statement.bind(id, states, ...startIn(id, cursor, to), limit + 1, from ?? 0, ...given)),
  );
  const found = pages.flatMap(rowsOf).sort((a, b) => newestFirst(listedContact(a), listedContact(b)));
  const rows = found.slice(0, limit);
  const end = rows.at(-1);
  return { rows, next: end && found.length > limit ? cursorAfter(listedContact(end)) : null };
}

/** The `cursor` of the page after this contact. */
export function cursorAfter({ changedAt, locationId, contactId }: ListedContact): string {
  return `${changedAt}~${locationId}~${contactId}`;
}

/** A row with the columns `LISTED`. */
export function listedContact(row: Row): ListedContact {
  return {
    locationId: String(row.location_id),
    contactId: String(row.contact_id),
    state: String(row.state),
    reason: String(row.reason),
    route: text(row.route),
    callToolsId: number(row.calltools_id),
    changedAt: Number(row.changed_at),
    readAt: number(row.read_at),
    updatedAt: Number(row.updated_at),
  };
}

/**
 * `?1` location, `?2` states (JSON), `?3` and `?4` where the page starts, `?5` rows, `?6` since when; then the reason and the route, if they are
 * given. What is not given is found value by value, by one look into the index each, because SQLite would read all entries for it. An empty
 * route stands for none.
 */
function pageOf(given: { reason: boolean; route: boolean }, columns: string): string {
  const next = (column: string, where: string, after: string) =>
    `(SELECT min(${column}) FROM contacts WHERE location_id = ?1 AND ${where} AND ${column} > ${after})`;
  const reasons = given.reason
    ? 'SELECT value, ?7 FROM json_each(?2)'
    : `SELECT value, ${next('reason', 'state = value', "''")} FROM json_each(?2)
       UNION ALL SELECT r.state, ${next('reason', 'state = r.state', 'r.reason')} FROM reasons r WHERE r.reason IS NOT NULL`;
  const routes = given.route
    ? `SELECT state, reason, ?${given.reason ? 8 : 7} FROM reasons WHERE reason IS NOT NULL`
    : `SELECT state, reason, '' FROM reasons WHERE reason IS NOT NULL
       UNION ALL SELECT r.state, r.reason, ${next('route', 'state = r.state AND reason = r.reason', 'r.route')}
       FROM routes r WHERE r.route IS NOT NULL`;
  return `WITH RECURSIVE reasons (state, reason) AS (${reasons}), routes (state, reason, route) AS (${routes})
    SELECT ${columns} FROM routes g CROSS JOIN contacts c ON c.location_id = ?1 AND c.contact_id IN (
      SELECT i.contact_id FROM contacts i INDEXED BY contacts_by_change
      WHERE i.location_id = ?1 AND i.state = g.state AND i.reason = g.reason AND i.route IS nullif(g.route, '')
        AND ${CHANGED} BETWEEN ?6 AND ?3 AND (${CHANGED} < ?3 OR i.contact_id < ?4)
      ORDER BY ${CHANGED} DESC, i.contact_id DESC LIMIT ?5)
    WHERE g.route IS NOT NULL ORDER BY changed_at DESC, c.contact_id DESC LIMIT ?5`;
}

/** Contacts of this location that changed at the first value come only if their id is below the second. */
function startIn(locationId: string, cursor: string | null, to = Number.MAX_SAFE_INTEGER): [number, string] {
  if (cursor === null) return [to - 1, LAST];
  const [at, location = '', contact = ''] = cursor.split('~');
  if (location === locationId) return [Number(at), contact];
  return [Number(at), locationId < location ? LAST : ''];
}

function newestFirst(a: ListedContact, b: ListedContact): number {
  return b.changedAt - a.changedAt || below(a.locationId, b.locationId) || below(a.contactId, b.contactId);
}

/** As SQLite compares texts. */
function below(a: string, b: string): number {
  return a < b ? 1 : a > b ? -1 : 0;
}
