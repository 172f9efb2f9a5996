// POST /contacts/search: validation, order, paging by page or by cursor, and what it shows (docs/vendors.md, GoHighLevel: search).

import { json } from '../answers.ts';
import type { GhlContact } from './contact.ts';
import { readFilters, type Test } from './filters.ts';
import { refusal } from './refusals.ts';
import type { SearchIndex, Visible } from './search-index.ts';
import type { GoHighLevelSettings } from './settings.ts';
import { showFound } from './show.ts';

/** At most 500 a page, 10,000 records by page number (docs/vendors.md, GoHighLevel: search). */
const MAX_PAGE_LIMIT = 500;
const MAX_BY_PAGE = 10_000;

type SortKey = (contact: GhlContact) => string | number;
/** The fields that can be sorted by, of those stored here (docs/vendors.md, GoHighLevel: search). */
const SORT_KEYS: Record<string, SortKey> = {
  firstNameLowerCase: ({ firstName }) => firstName.toLowerCase(),
  lastNameLowerCase: ({ lastName }) => lastName.toLowerCase(),
  dateAdded: ({ dateAdded }) => Date.parse(dateAdded),
  dateUpdated: ({ dateUpdated }) => Date.parse(dateUpdated),
  email: ({ email }) => email.toLowerCase(),
  dnd: ({ dnd }) => Number(dnd),
  source: ({ source }) => source,
};

interface Order {
  field: string;
  key: SortKey;
  /** 1 ascending, -1 descending. */
  sign: 1 | -1;
}

type Cursor = (string | number)[];

interface Options {
  index: SearchIndex;
  locationId: string;
  hidesDnd: () => boolean;
  /** What a row shows beside the contact. */
  beside: () => (contactId: string) => object;
  settings: Pick<GoHighLevelSettings, 'reshape' | 'reshapePage'>;
  now: () => number;
  traceId: () => string;
}

/** The search. Keeps the last sorted list and what changed since in order, so that paging through 100,000 contacts sorts them once. */
export function createSearch({
  index,
  locationId,
  hidesDnd,
  beside,
  settings,
  now,
  traceId,
}: Options): (body: Record<string, unknown>) => Response {
  let sorted: { for: string; version: number; rows: GhlContact[] } = { for: '', version: -1, rows: [] };

  function select(order: Order, filters: unknown, test: Test): GhlContact[] {
    const contacts = index.contacts(now());
    const wanted = JSON.stringify([order.field, order.sign, filters]);
    const changes = sorted.for === wanted ? index.since(sorted.version) : null;
    if (changes) for (const change of changes) move(sorted.rows, change, order, test);
    else sorted = { for: wanted, version: 0, rows: inOrder([...contacts.values()].filter(test), order) };
    sorted.version = index.version();
    return sorted.rows;
  }

  return (body) => {
    const complaints = missing(body);
    if (complaints.length > 0) return refusal(422, complaints, traceId());
    if (body.locationId !== locationId)
      return refusal(403, 'The token does not have access to this location.', traceId());
    const filter = readFilters(body.filters);
    if (!filter.ok) return refusal(400, filter.message, traceId());
    const order = readOrder(body.sort);
    if (typeof order === 'string') return refusal(400, order, traceId());

    const limit = Number(body.pageLimit);
    const cursor = Array.isArray(body.searchAfter) ? (body.searchAfter as Cursor) : null;
    const number = Math.max(1, Number(body.page ?? 1));
    if (!cursor && number * limit > MAX_BY_PAGE) {
      return refusal(400, `page and pageLimit reach beyond ${MAX_BY_PAGE} records, use searchAfter`, traceId());
    }
    const rows = select(order, body.filters, filter.test);
    const start = cursor ? firstAfter(rows, order, cursor) : (number - 1) * limit;
    const besides = beside();
    const contacts = rows.slice(start, start + limit).map((contact) => ({
      ...settings.reshape({ ...showFound(contact, hidesDnd()), ...besides(contact.id) }, 'search'),
      searchAfter: [order.key(contact), contact.id],
    }));
    const found = { contacts, total: rows.length };
    // The list holds what it holds; an odd row is no contact that a filter would show.
    const isFiltered = Array.isArray(body.filters) && body.filters.length > 0;
    const page = isFiltered ? found : settings.reshapePage(found, cursor === null);
    return json(200, { ...page, traceId: traceId() });
  };
}

/** The 422 of a body without what is required (issue #31), or with a page too large. */
function missing({ locationId, pageLimit, searchAfter }: Record<string, unknown>): string[] {
  const complaints: string[] = [];
  if (typeof locationId !== 'string' || locationId === '')
    complaints.push('locationId must be a string', 'locationId should not be empty');
  if (typeof pageLimit !== 'number' || pageLimit < 1)
    complaints.push('pageLimit must be a number', 'pageLimit should not be empty');
  else if (pageLimit > MAX_PAGE_LIMIT) complaints.push(`pageLimit must not be greater than ${MAX_PAGE_LIMIT}`);
  if (searchAfter !== undefined && !Array.isArray(searchAfter)) complaints.push('searchAfter must be an array');
  return complaints;
}

/** By dateAdded, oldest first, unless asked otherwise; of several sorts only the first counts here. */
function readOrder(sort: unknown): Order | string {
  const [first] = Array.isArray(sort) ? (sort as { field?: unknown; direction?: unknown }[]) : [];
  const field = String(first?.field ?? 'dateAdded');
  const key = Object.hasOwn(SORT_KEYS, field) ? SORT_KEYS[field] : undefined;
  return key ? { field, key, sign: first?.direction === 'desc' ? -1 : 1 } : `Invalid field ${field}`;
}

function inOrder(contacts: GhlContact[], { key, sign }: Order): GhlContact[] {
  const rows = contacts.map((contact) => ({ contact, key: key(contact) }));
  rows.sort((a, b) => sign * compare(a.key, b.key) || compare(a.contact.id, b.contact.id));
  return rows.map(({ contact }) => contact);
}

/** Takes the changed contact out of the sorted rows, and puts it where it belongs now. */
function move(rows: GhlContact[], { before, after }: Visible, order: Order, test: Test): void {
  const place = (contact: GhlContact) => firstAfter(rows, order, [order.key(contact), contact.id]);
  if (before && test(before)) rows.splice(place(before) - 1, 1);
  if (after && test(after)) rows.splice(place(after), 0, after);
}

/** Index of the first row after the cursor `[sort value, id]`, by bisection. */
function firstAfter(rows: readonly GhlContact[], { key, sign }: Order, [value = '', id = '']: Cursor): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const row = rows[middle];
    const after = row && (sign * compare(key(row), value) || compare(row.id, id)) > 0;
    if (after) high = middle;
    else low = middle + 1;
  }
  return low;
}

function compare(a: string | number, b: string | number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
