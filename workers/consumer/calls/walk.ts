// The way through the record of calls, newest row first, page by page, back to where the last walk began. Pure: what is remembered of a
// walk, and a page, say which rows to handle and where to go on. So a walk survives the invocation, and goes on days later.
//
// Pages are numbered. New rows push the others to later pages, which are then seen twice. Where rows have gone, those behind them move up,
// and some may slip from a page that is still to be read to one that was: the count tells, and the page before is read again.

import { LATE_MS } from '../store/calls/results.ts';
import type { CallPage, CallRow } from '../vendors/calls/calltools-calls.ts';

/** A row by which the record is divided into before and after. */
export interface Mark {
  id: number;
  /** Epoch ms; null where it cannot be read. */
  at: number | null;
}

/** How far a walk has come. */
export interface Walk {
  /** The newest row when it began. Null: it has read nothing yet. */
  top: Mark | null;
  /** The page to read next; they count from 1. */
  page: number;
  /** The oldest row that it has passed; no row between it and the top was missed. */
  low: number | null;
  /** Rows of the whole record when it last looked. */
  count: number | null;
  /** Rows may have slipped from the page that is read next to the one before. */
  slipped: boolean;
}

/** Where walks begin and end. */
export interface Bounds {
  /** The top of the last complete walk; null where there was none. */
  cursor: Mark | null;
  /** Rows up to this one take no effect, however new they look. */
  startId: number;
  /** Epoch ms: rows of calls before take no effect, unless they are above the cursor; null = there is no such limit. */
  startAt: number | null;
}

/** What follows from a page. */
export interface Step {
  /** Rows that may be new. */
  rows: CallRow[];
  walk: Walk;
  /** The walk is complete. */
  isOver: boolean;
}

/** A walk that has not begun. */
export const NEW_WALK: Walk = { top: null, page: 1, low: null, count: null, slipped: false };

/** The first poll of all, which only remembers where the record stands. `rows` of the first page. */
export function firstMark(rows: readonly CallRow[]): Mark {
  return topOf(rows) ?? { id: 0, at: null };
}

/** What follows from a page; null: the page is not there any more, because rows have gone. */
export function follow(walk: Walk, page: CallPage | null, bounds: Bounds): Step {
  if (page === null)
    return { rows: [], walk: { ...walk, page: Math.max(1, walk.page - 1), slipped: true }, isOver: false };
  const { rows, count, more } = page;
  const top = walk.top ?? firstMark(rows);
  const fewer = count !== null && walk.count !== null && count < walk.count;
  const slipped = (walk.slipped || fewer) && !overlaps(rows, walk);
  const seen = { top, count: count ?? walk.count };
  const fresh = newRows(rows, bounds);
  if (slipped && walk.page > 1)
    return { rows: fresh, walk: { ...walk, ...seen, page: walk.page - 1, slipped }, isOver: false };
  const low = Math.min(walk.low ?? Number.POSITIVE_INFINITY, ...rows.map(({ id }) => id));
  const next: Walk = { ...seen, page: walk.page + 1, low: Number.isFinite(low) ? low : null, slipped: false };
  return { rows: fresh, walk: next, isOver: !more || endsIn(rows, bounds) };
}

/** The rows behind the page are past too. Its two oldest rows with a time decide: a single one may have a wrong time. */
function endsIn(rows: readonly CallRow[], bounds: Bounds): boolean {
  const last = rows.at(-1);
  if (last === undefined) return false;
  if (last.id <= bounds.startId) return true;
  const dated = rows.filter(({ at }) => at !== null);
  const oldest = dated.length > 1 ? dated.slice(-2) : dated.length > 0 ? [...dated, ...rows.slice(-2)] : [last];
  return oldest.every((row) => isPast(row, bounds));
}

/** The page begins with a row that was passed, or before one: no row was missed. */
function overlaps(rows: readonly CallRow[], { low }: Walk): boolean {
  const [first] = rows;
  return low === null || (first !== undefined && first.id >= low);
}

/** The row is from before the last walk, and too old to have arrived late. */
function isPast({ id, at }: CallRow, { cursor, startId, startAt }: Bounds): boolean {
  if (id <= startId) return true;
  if (cursor === null) return at !== null && startAt !== null && at < startAt;
  return id <= cursor.id && (at === null || cursor.at === null || at < cursor.at - LATE_MS);
}

/** Rows that may be new. */
export function newRows(rows: readonly CallRow[], bounds: Bounds): CallRow[] {
  return rows.filter((row) => counts(row, bounds));
}

/**
 * The row may be new. One above the cursor is, however old it looks: its time may be wrong. An old one whose time cannot be read is not: it
 * has been seen, or nobody can tell.
 */
function counts({ id, at }: CallRow, { cursor, startId, startAt }: Bounds): boolean {
  if (id <= startId) return false;
  // A cursor of 0 is of a record that showed nothing: all of it is above that.
  if (cursor !== null && cursor.id > 0 && id > cursor.id) return true;
  if (at !== null && startAt !== null && at < startAt) return false;
  if (cursor === null || id > cursor.id) return true;
  return at !== null && cursor.at !== null && at >= cursor.at - LATE_MS;
}

function topOf(rows: readonly CallRow[]): Mark | null {
  const [first] = rows.toSorted((a, b) => b.id - a.id);
  if (first === undefined) return null;
  return { id: first.id, at: first.at ?? rows.find(({ at }) => at !== null)?.at ?? null };
}
