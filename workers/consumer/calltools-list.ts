// The rows of a CallTools list, read page by page while rows come and go. Pages are numbered: when a row leaves, those behind it move up,
// and one may slip from a page that is still to be read to one that was.

import type { InferOutput } from 'valibot';
import type { Page } from './calltools-answer.ts';
import { fail } from './failure.ts';

type ListPage = InferOutput<typeof Page>;
/** A page by its query, or null where there is no such page any more. */
export type ReadPage = (query: string) => Promise<ListPage | null>;

/** A list of more pages counts as endless. */
const MAX_PAGES = 100;
/** A page is read three times where the list moves all the time. */
const MAX_READS = 3 * MAX_PAGES;
/** So often a page may turn out to be gone. */
const MAX_GONE = 5;

/**
 * Every row once. While the count stays as it is a page costs one call. Where it has changed, and a page does not begin with a row that is
 * known, the page before is read again, because rows may have slipped there. Where rows have come and are missing in the end, the list is
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
  let gone = 0;
  /** Rows may have slipped from this page to the one before. */
  let slipped = false;

  function atTheEnd(): Where {
    if (sight.isAll() || again || !sight.moving) return 'end';
    again = true;
    way = [first];
    return 'on';
  }

  return {
    query: () => way.at(-1) ?? first,

    /** The rows that were not seen before. */
    see(page: ListPage): unknown[] {
      const { fresh, follows, moved } = sight.note(page);
      slipped = (slipped || moved) && !follows && way.length > 1;
      return fresh;
    },

    /** The page is not there any more: its rows are on the pages before. */
    findGone(): Where {
      if (++gone > MAX_GONE || way.length === 1) return 'lost';
      sight.moving = slipped = true;
      way.pop();
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
      if ((circles || again) && sight.isAll()) return 'end';
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

    /**
     * `fresh`: rows not seen before. `follows`: the page begins with a row that is known, so none can have slipped in between. `moved`: the
     * count is another than on the page that was read before.
     */
    note(page: ListPage) {
      const rows = new Map(page.results.map((row) => [keyOf(row), row]));
      const [begins] = rows.keys();
      const follows = begins !== undefined && known.has(begins);
      const fresh = [...rows].flatMap(([key, row]) => (known.has(key) ? [] : [row]));
      for (const key of rows.keys()) known.add(key);
      const now = page.count ?? null;
      const more = now === null || count === null ? 0 : now - count;
      if (now !== null) ever = (ever ?? now) + Math.max(0, more);
      count = now ?? count;
      this.moving ||= more !== 0;
      return { fresh, follows, moved: more !== 0 };
    },
  };
}

function keyOf(row: unknown): string {
  const id = typeof row === 'object' && row !== null && 'id' in row ? row.id : undefined;
  return typeof id === 'number' || typeof id === 'string' ? `id ${id}` : JSON.stringify(row);
}
