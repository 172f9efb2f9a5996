// The rows of a CallTools list, read page by page while rows come and go. Pages are numbered: when a row leaves, those behind it move up,
// and one may slip from a page that is still to be read to one that was.

import type { InferOutput } from 'valibot';
import { fail } from '../domain/failure.ts';
import type { Request } from './call.ts';
import { read } from './calltools-errors.ts';
import { Page } from './calltools-schema.ts';
import type { Http } from './http.ts';

type ListPage = InferOutput<typeof Page>;
/** A page by its query, or null where there is no such page any more. */
export type ReadPage = (query: string) => Promise<ListPage | null>;

/** Cap of a page is 250 (docs/vendors.md, CallTools: lists and filters); `next` is followed anyway. */
export const PAGE_SIZE = 100;

/** What a call for a page is, apart from its path. */
type PageCall = Omit<Request, 'path'>;
/** A list that concerns nobody in particular, and one of a record's rows. */
export const LIST = { method: 'GET', about: 'list' } as const satisfies PageCall;
export const RECORDS = { method: 'GET', about: 'record' } as const satisfies PageCall;

/** The rows of a list, as `rowsOf` finds them. Follows `next` by its query only: its host may be one that we cannot reach. */
export function listOf(http: Http, path: string, call: PageCall, first: string): AsyncGenerator<unknown> {
  const readPage = async (query: string) => {
    const answer = await http.call({ ...call, path: `${path}${query}`, shape: Page });
    // A later page may be gone because rows have gone.
    return answer.status === 404 && query !== first ? null : read(answer);
  };
  return rowsOf(readPage, path, first);
}

/** A list of more pages counts as endless. */
const MAX_PAGES = 100;
/** A page is read three times where the list moves all the time. */
const MAX_READS = 3 * MAX_PAGES;
/** One page may turn out to be gone this many times. Many rows of a long list may go at once. */
const MAX_GONE = 5;

/**
 * Every row once. While the count stays as it is a page costs one call. Where it has changed, and a page does not begin with a row that was
 * passed, the page before is read again, because rows may have slipped there. Where rows have come and are missing in the end, the list is
 * read once more. Throws VendorError where it cannot be read to its end: half a list would be a false statement about what is not in it.
 */
export async function* rowsOf(readPage: ReadPage, path: string, first: string): AsyncGenerator<unknown> {
  const walk = createWalk(first);
  for (let reads = 0; reads < MAX_READS; reads++) {
    const page = await readPage(walk.query());
    if (page !== null) yield* walk.see(page);
    const where = page === null ? walk.findGone() : walk.goOn(page);
    if (where === 'end') return;
    if (where === 'lost') break;
  }
  fail({ kind: 'transient', vendor: 'calltools', error: `GET ${path}: the pages do not end` });
}

/** The way through the pages. `lost`: it goes round in a circle, or has no end. */
type Where = 'on' | 'end' | 'lost';

function createWalk(first: string) {
  const sight = createSight();
  /** Queries of the pages up to the one that is read. */
  let way = [first];
  /** The list is read once more, from its start. */
  let again = false;
  const gone = new Map<string, number>();
  /** Rows may have slipped from this page to the one before. */
  let slipped = false;
  /** Rows on this way before which no row was missed. A row that was seen behind a possible gap is not among them. */
  let passed = new Set<string>();
  /** Rows that were seen behind a possible gap. As long as the list does not grow they stay next to what the pages before show. */
  const behind = new Set<string>();

  function atTheEnd(): Where {
    if (sight.isAll() || again || !sight.moving) return 'end';
    again = true;
    way = [first];
    passed = new Set();
    return 'on';
  }

  return {
    query: () => way.at(-1) ?? first,

    /** The rows that were not seen before. */
    see(page: ListPage): unknown[] {
      const { keys, fresh, more } = sight.note(page);
      const [begins] = keys;
      const follows = way.length === 1 || (begins !== undefined && passed.has(begins));
      slipped = (slipped || more !== 0) && !follows;
      if (more > 0) behind.clear();
      for (const key of keys) behind.add(key);
      if (!slipped) {
        for (const key of behind) passed.add(key);
        behind.clear();
      }
      return fresh;
    },

    /** The page is not there any more: its rows are on the pages before. */
    findGone(): Where {
      const query = way.pop() ?? first;
      const times = (gone.get(query) ?? 0) + 1;
      gone.set(query, times);
      if (times > MAX_GONE || way.length === 0) return 'lost';
      sight.moving = slipped = true;
      return 'on';
    },

    goOn({ next }: ListPage): Where {
      if (slipped) {
        way.pop();
        return 'on';
      }
      const query = next ? (URL.parse(next, 'http://next')?.search ?? null) : null;
      if (query === null) return atTheEnd();
      const circles = way.includes(query);
      if ((again || (circles && !sight.moving)) && sight.isAll()) return 'end';
      way.push(query);
      return circles || way.length > MAX_PAGES ? 'lost' : 'on';
    },
  };
}

/** What has been seen of a list. */
function createSight() {
  const known = new Set<string>();
  let count: number | null = null;
  /** Rows that were ever there, as far as counts tell. */
  let ever: number | null = null;
  return {
    /** Rows have come or gone. */
    moving: false,

    isAll: () => ever !== null && known.size >= ever,

    /** `fresh`: rows not seen before. `more`: by how much the count has grown since the page that was read before. */
    note(page: ListPage) {
      const rows = new Map(page.results.map((row) => [keyOf(row), row]));
      const fresh = [...rows].flatMap(([key, row]) => (known.has(key) ? [] : [row]));
      for (const key of rows.keys()) known.add(key);
      const now = page.count ?? null;
      const more = now === null || count === null ? 0 : now - count;
      if (now !== null) ever = (ever ?? now) + Math.max(0, more);
      count = now ?? count;
      this.moving ||= more !== 0;
      return { keys: [...rows.keys()], fresh, more };
    },
  };
}

function keyOf(row: unknown): string {
  const id = typeof row === 'object' && row !== null && 'id' in row ? row.id : undefined;
  return typeof id === 'number' || typeof id === 'string' ? `id ${id}` : JSON.stringify(row);
}
