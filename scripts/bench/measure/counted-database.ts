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

/** `first` tells nothing of rows: they are missing from the count. */
export function countDatabase(real: Database): CountedDatabase {
  const count: DatabaseCount = { roundTrips: 0, rowsRead: 0, rowsWritten: 0 };
  const real1 = real as unknown as D1Database;
  const originals = new WeakMap<object, D1PreparedStatement>();

  function note({ rows_read = 0, rows_written = 0 }: Partial<D1Meta>): void {
    count.rowsRead += rows_read;
    count.rowsWritten += rows_written;
  }

  function counted(statement: D1PreparedStatement): D1PreparedStatement {
    const query = async (how: 'all' | 'run') => {
      count.roundTrips++;
      const result = await statement[how]();
      note(result.meta);
      return result;
    };
    const wrapped = {
      bind: (...values: unknown[]) => counted(statement.bind(...values)),
      all: () => query('all'),
      run: () => query('run'),
      async first(column?: string) {
        count.roundTrips++;
        return column === undefined ? statement.first() : statement.first(column);
      },
    } as unknown as D1PreparedStatement;
    originals.set(wrapped, statement);
    return wrapped;
  }

  const database = {
    prepare: (sql: string) => counted(real1.prepare(sql)),
    async batch(statements: D1PreparedStatement[]) {
      count.roundTrips++;
      const results = await real1.batch(statements.map((statement) => originals.get(statement) ?? statement));
      for (const { meta } of results) note(meta);
      return results;
    },
  } as unknown as D1Database;
  return { database, count };
}
