// D1 as SQLite in memory, with the real migrations: one statement or batch at a time, each all or nothing.

import { readdirSync, readFileSync } from 'node:fs';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import type { D1Database, D1PreparedStatement, D1Result } from '@cloudflare/workers-types';

const MIGRATIONS = new URL('../migrations/', import.meta.url);
/** docs/vendors.md, Cloudflare: D1. */
const MAX_PARAMETERS = 100;

type Value = string | number | null;
type Row = Record<string, Value>;

/** What a call to D1 passes through: it takes time there, and may fail before or after `act` has taken effect. */
export type Gate = <T>(act: () => T) => Promise<T>;

interface Bound {
  sql: string;
  values: SQLInputValue[];
}

/** A D1 database in memory. */
export interface Sqlite {
  /** The database as a worker sees it. */
  bind(gate: Gate): D1Database;
  /** Rows at once, for looking on. */
  rows(sql: string, ...values: Value[]): Row[];
  /** Empties all tables. */
  clear(): void;
}

const SCHEMA = readdirSync(MIGRATIONS)
  .sort()
  .map((name) => readFileSync(new URL(name, MIGRATIONS), 'utf8'))
  .join('\n');

/** A database of its own with all migrations. */
export function migratedDatabase(): DatabaseSync {
  const database = new DatabaseSync(':memory:');
  database.exec(SCHEMA);
  return database;
}

/** A database with all migrations applied. */
export function openSqlite(): Sqlite {
  const database = migratedDatabase();
  const statements = new Map<string, { statement: StatementSync; returns: boolean }>();
  const tables = database.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table'`).all() as { name: string }[];

  function prepared(sql: string) {
    let known = statements.get(sql);
    if (!known) {
      const statement = database.prepare(sql);
      known = { statement, returns: statement.columns().length > 0 };
      statements.set(sql, known);
    }
    return known;
  }

  function execute<T = unknown>({ sql, values }: Bound): D1Result<T> {
    const { statement, returns } = prepared(sql);
    const results = returns ? (statement.all(...values) as T[]) : [];
    const changes = returns ? 0 : Number(statement.run(...values).changes);
    return { success: true, results, meta: { changes } } as unknown as D1Result<T>;
  }

  function transact(bounds: Bound[]): D1Result[] {
    database.exec('BEGIN');
    try {
      const results = bounds.map((bound) => execute(bound));
      database.exec('COMMIT');
      return results;
    } catch (error) {
      database.exec('ROLLBACK');
      throw error;
    }
  }

  function statementOf(bound: Bound, gate: Gate): D1PreparedStatement & { bound: Bound } {
    const all = () => gate(() => execute<Row>(bound));
    const statement = {
      bound,
      bind: (...values: unknown[]) => statementOf({ ...bound, values: values.map(bindable) }, gate),
      all,
      run: all,
      async first(column?: string) {
        const [row] = (await all()).results;
        if (row === undefined) return null;
        return column === undefined ? row : (row[column] ?? null);
      },
    };
    if (bound.values.length > MAX_PARAMETERS) throw new Error('D1_ERROR: too many SQL variables');
    return statement as unknown as D1PreparedStatement & { bound: Bound };
  }

  return {
    bind: (gate) =>
      ({
        prepare: (sql: string) => statementOf({ sql, values: [] }, gate),
        batch: (batch: { bound: Bound }[]) => gate(() => transact(batch.map(({ bound }) => bound))),
      }) as unknown as D1Database,
    rows: (sql, ...values) => prepared(sql).statement.all(...values) as Row[],
    clear() {
      for (const { name } of tables) prepared(`DELETE FROM ${name}`).statement.run();
    },
  };
}

/** D1 refuses undefined and takes booleans as 0 and 1. */
function bindable(value: unknown): SQLInputValue {
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (value === null || typeof value === 'string' || typeof value === 'number') return value;
  throw new Error(`D1_TYPE_ERROR: Type '${typeof value}' not supported for value '${String(value)}'`);
}
