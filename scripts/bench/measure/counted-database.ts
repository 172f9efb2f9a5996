// A D1 database that counts what is asked of it, as Cloudflare would bill it.

import type { D1Database, D1Meta, D1PreparedStatement } from '@cloudflare/workers-types';
import type { Database } from '../../local/migrations.ts';

/** What was asked of a database. */
export interface DatabaseCount {
  /** Calls over the network: a batch is one. */
  roundTrips: number;
  rowsRead: number;
  rowsWritten: number;
}

/** A database and its count, which grows with each call. */
export interface CountedDatabase {
  database: D1Database;
  count: DatabaseCount;
}

/** How it counts. */
interface Counting {
  /** Is told what each statement took. */
  onResult?(sql: string, meta: Partial<D1Meta>): void;
  /** Each call to the database is made within it. */
  during?<T>(call: () => Promise<T>): Promise<T>;
}

/** Of `first` all is asked, because only then D1 tells of rows. */
export function countDatabase(
  real: Database,
  { onResult = () => {}, during = (call) => call() }: Counting = {},
): CountedDatabase {
  const count: DatabaseCount = { roundTrips: 0, rowsRead: 0, rowsWritten: 0 };
  const real1 = real as unknown as D1Database;
  const originals = new WeakMap<object, { sql: string; statement: D1PreparedStatement }>();

  function ask<T>(call: () => Promise<T>): Promise<T> {
    count.roundTrips++;
    return during(call);
  }

  function note<T extends { meta: Partial<D1Meta> }>(sql: string, result: T): T {
    count.rowsRead += result.meta.rows_read ?? 0;
    count.rowsWritten += result.meta.rows_written ?? 0;
    onResult(sql, result.meta);
    return result;
  }

  function counted(sql: string, statement: D1PreparedStatement): D1PreparedStatement {
    const all = async () => note(sql, await ask(() => statement.all<Record<string, unknown>>()));
    const wrapped = {
      bind: (...values: unknown[]) => counted(sql, statement.bind(...values)),
      all,
      run: all,
      async first(column?: string) {
        const [row] = (await all()).results;
        if (row === undefined) return null;
        return column === undefined ? row : (row[column] ?? null);
      },
    } as unknown as D1PreparedStatement;
    originals.set(wrapped, { sql, statement });
    return wrapped;
  }

  const database = {
    prepare: (sql: string) => counted(sql, real1.prepare(sql)),
    async batch(statements: D1PreparedStatement[]) {
      const known = statements.flatMap((one) => originals.get(one) ?? []);
      const results = await ask(() => real1.batch(known.map(({ statement }) => statement)));
      return results.map((result, n) => note(known[n]?.sql ?? '', result));
    },
  } as unknown as D1Database;
  return { database, count };
}
