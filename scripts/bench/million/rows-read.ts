// Whether any statement of a run reads more rows where the tables are larger: the same two nights of one location in an almost empty
// database, and in one that holds the contacts of many others. Counted by D1 itself, as Cloudflare bills it.

import type { Database } from '../../local/migrations.ts';
import { startPipeline } from '../../local/pipeline.ts';
import { countDatabase } from '../measure/counted-database.ts';
import { locationId } from './account.ts';
import { createStage, PAGE_SIZE } from './stage.ts';

/** Calls of one statement, and the rows that they read. */
interface Reads {
  calls: number;
  rows: number;
}

/** What two nights of a location read. */
interface Nights {
  /** By statement, of each night. */
  statements: Map<string, Reads>[];
  /** A page, in the first and the last tenth of the second night's pages. */
  firstTenth: number;
  lastTenth: number;
}

/** What was found. */
export interface RowsRead {
  /** A page: in the first tenth of a run in a small database, and in the last tenth of one in a large one. */
  small: number;
  large: number;
  /** Statements that were compared. */
  statements: number;
  /** Those that read more rows a call in the large one. */
  grown: string[];
}

interface Options {
  /** Of each of the measured locations. */
  contacts: number;
  /** Already in the database when the second one has its nights. */
  others: { locations: number; contacts: number };
}

/** Rows that are filled in by one statement. */
const AT_ONCE = 5000;
/** A statement whose rows depend on chance a little is no statement that grows. */
const MORE = { times: 1.1, rows: 5 };

/** Takes a minute or so. */
export async function measureRowsRead({ contacts, others }: Options): Promise<RowsRead> {
  const pipeline = await startPipeline();
  try {
    const { database } = pipeline;
    const small = await twoNights(database, 1, contacts);
    for (let n = 0; n < others.locations; n++) await fill(database, locationId(n + 3), others.contacts);
    const large = await twoNights(database, 2, contacts);
    const pairs = small.statements.flatMap((night, n) =>
      [...(large.statements[n] ?? [])].map(([sql, reads]) => ({
        sql,
        before: each(night.get(sql)),
        after: each(reads),
      })),
    );
    const grown = pairs.filter(({ before, after }) => after > before * MORE.times + MORE.rows);
    return {
      small: small.firstTenth,
      large: large.lastTenth,
      statements: new Set(pairs.map(({ sql }) => sql)).size,
      grown: grown.map(({ sql, before, after }) => `${before} to ${after} rows: ${sql.replace(/\s+/g, ' ').trim()}`),
    };
  } finally {
    await pipeline.close();
  }
}

const each = ({ rows, calls }: Reads = { rows: 0, calls: 1 }) => Math.round(rows / calls);

async function twoNights(real: Database, location: number, contacts: number): Promise<Nights> {
  const busy = { count: 0 };
  const meter = meterDatabase(real, busy);
  const stage = createStage({ locations: [location], contacts, database: meter.database, busy });
  await stage.night();
  const first = meter.take();
  const pages = Math.ceil(contacts / PAGE_SIZE);
  const tenth = Math.max(1, Math.floor(pages / 10));
  const marks = new Map<number, number>();
  await stage.night((page) => void marks.set(page, meter.rows()));
  const between = (from: number, to: number) => ((marks.get(to) ?? 0) - (marks.get(from) ?? 0)) / (to - from);
  return {
    statements: [first, meter.take()],
    firstTenth: between(1, 1 + tenth),
    lastTenth: between(pages - tenth, pages),
  };
}

/** Contacts that are dialed, as far as D1 knows: copies of one that is there, each with a number of its own. */
async function fill(database: Database, location: string, contacts: number): Promise<void> {
  for (const table of ['contacts', 'dialer']) {
    const { results } = await database.prepare(`PRAGMA table_info(${table})`).all<{ name: string }>();
    const columns = results.map(({ name }) => name);
    const own: Record<string, string> = {
      location_id: '?1',
      contact_id: `'copy' || ?1 || n`,
      phone_hash: 'lower(hex(randomblob(32)))',
      calltools_id: 'n',
    };
    const values = columns.map((name) => own[name] ?? `sample."${name}"`);
    const statement = database.prepare(
      `WITH RECURSIVE numbers(n) AS (SELECT ?2 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?3)
       INSERT INTO ${table} (${columns.map((name) => `"${name}"`).join(', ')})
       SELECT ${values.join(', ')} FROM numbers, (SELECT * FROM ${table} WHERE contact_id IS NOT NULL LIMIT 1) sample`,
    );
    for (let from = 1; from <= contacts; from += AT_ONCE)
      await statement.bind(location, from, Math.min(contacts, from + AT_ONCE - 1)).run();
  }
}

/** A D1 database whose statements are counted one by one. */
function meterDatabase(real: Database, busy: { count: number }) {
  let reads = new Map<string, Reads>();
  const { database, count } = countDatabase(real, {
    onResult(sql, { rows_read: read = 0 }) {
      const { calls, rows } = reads.get(sql) ?? { calls: 0, rows: 0 };
      reads.set(sql, { calls: calls + 1, rows: rows + read });
    },
    async during(call) {
      busy.count++;
      try {
        return await call();
      } finally {
        busy.count--;
      }
    },
  });
  return {
    database,
    rows: () => count.rowsRead,
    /** What was read since the last time. */
    take() {
      const taken = reads;
      reads = new Map();
      return taken;
    },
  };
}
