// One page of GoHighLevel's contact list, row by row: an odd row neither hides the others nor ends the list.

import * as v from 'valibot';
import { Id } from '../../../shared/messages.ts';
import { type GhlContact, readContact } from '../domain/contact.ts';
import { type FoundOpportunity, opportunityOf } from './opportunities.ts';

/** Null in it, or a number too large to be sent back as it came, is no place in the list. */
const Cursor = v.pipe(v.array(v.union([v.string(), v.pipe(v.number(), v.safeInteger())])), v.minLength(1));
/** `searchAfter` of a row: the list goes on behind it. */
export type Cursor = v.InferOutput<typeof Cursor>;

/** One page of the contact list. */
export interface SearchPage {
  /** Those whose id can be read. */
  contacts: GhlContact[];
  /** All of its contacts', where every row shows them; null where some row does not, or there are no rows. */
  opportunities: FoundOpportunity[] | null;
  /** Ids of those whose row cannot be read whole: each must be read by itself. */
  odd: string[];
  /** Ids of those behind the last row that has a cursor: the next page shows them again. */
  again: string[];
  /** Rows that cannot be read whole, with an id or without, apart from those that come again. */
  unreadable: number;
  /** Different contacts shown, as far as they do not come again. */
  seen: number;
  /** Rows that the page has. */
  rows: number;
  /** How many contacts the location has, where GoHighLevel says so. */
  total: number | null;
  /** Of the last row that has one; null where none has, or none but the one that was asked for. */
  next: Cursor | null;
}

/**
 * Where pages are numbered GoHighLevel shows no more than this many (docs/vendors.md, GoHighLevel: search). A total of exactly this may be
 * that limit, and says nothing.
 */
const CAPPED_TOTAL = 10_000;

interface Row {
  /** Null where no id can be read. */
  contact: GhlContact | null;
  odd: boolean;
  cursor: Cursor | null;
}

/** The page that was asked for with this cursor. */
export function pageOf(rows: readonly unknown[], total: unknown, asked: Cursor | null): SearchPage {
  const read = rows.map(rowOf);
  const last = read.findLastIndex(({ cursor }) => cursor !== null);
  const next = read[last]?.cursor ?? null;
  // The same cursor again would bring the same page for ever.
  const moves = next !== null && JSON.stringify(next) !== JSON.stringify(asked);
  const ahead = moves ? read.slice(0, last + 1) : read;
  const ids = new Set(ahead.flatMap(({ contact }) => contact?.id ?? []));
  const others = (moves ? read.slice(last + 1) : []).flatMap(({ contact }) => contact?.id ?? []);
  return {
    opportunities: listedIn(rows),
    contacts: read.flatMap(({ contact }) => contact ?? []),
    odd: read.flatMap(({ contact, odd }) => (contact && odd ? [contact.id] : [])),
    again: others.filter((id) => !ids.has(id)),
    unreadable: ahead.filter(({ odd }) => odd).length,
    seen: ids.size + ahead.filter(({ contact }) => contact === null).length,
    rows: rows.length,
    total: totalOf(total),
    next: moves ? next : null,
  };
}

function listedIn(rows: readonly unknown[]): FoundOpportunity[] | null {
  const all = rows.map((row) => (isObject(row) && Array.isArray(row.opportunities) ? row : null));
  if (rows.length === 0 || all.includes(null)) return null;
  return all.flatMap((row) => {
    const { id, opportunities = [] } = (row ?? {}) as { id?: unknown; opportunities?: unknown[] };
    return v.is(Id, id) ? opportunities.map((one) => ({ ...opportunityOf(one), contactId: id })) : [];
  });
}

function rowOf(row: unknown): Row {
  const json = isObject(row) ? row : {};
  const cursor = v.safeParse(Cursor, json.searchAfter);
  const { contact, unread, deleted } = readContact(json);
  return {
    contact: v.is(Id, contact.id) ? withNames(contact, json) : null,
    odd: unread.length > 0 || deleted !== 'no' || !v.is(Id, contact.id),
    cursor: cursor.success ? cursor.output : null,
  };
}

/** Here the plain names are in lower case (docs/vendors.md, GoHighLevel: search). */
function withNames(contact: GhlContact, { firstNameRaw, lastNameRaw }: Record<string, unknown>): GhlContact {
  return {
    ...contact,
    firstName: typeof firstNameRaw === 'string' ? firstNameRaw : contact.firstName,
    lastName: typeof lastNameRaw === 'string' ? lastNameRaw : contact.lastName,
  };
}

function totalOf(total: unknown): number | null {
  const counts = typeof total === 'number' && Number.isSafeInteger(total) && total >= 0;
  return counts && total !== CAPPED_TOTAL ? total : null;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
