// Brings a local D1 database up to date, with the same table of applied migrations that wrangler keeps.

import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Miniflare } from 'miniflare';
import type { Unstable_Config } from 'wrangler';

/** A D1 database of Miniflare’s. */
export type Database = Awaited<ReturnType<Miniflare['getD1Database']>>;

/** Applies what has not been applied yet, in the order of file names; each migration wholly or not at all. */
export async function migrate(database: Database, { configPath, d1_databases }: Unstable_Config): Promise<void> {
  const [{ migrations_dir: folder = 'migrations', migrations_table: table = 'd1_migrations' } = {}] = d1_databases;
  const { unstable_splitSqlQuery: statements } = await import('wrangler');
  const files = resolve(dirname(configPath ?? '.'), folder);
  await database
    .prepare(
      `CREATE TABLE IF NOT EXISTS "${table}" (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT UNIQUE,
        applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL
      )`,
    )
    .run();
  const { results } = await database.prepare(`SELECT name FROM "${table}"`).all<{ name: string }>();
  const applied = new Set(results.map(({ name }) => name));
  const names = (await readdir(files)).filter((name) => name.endsWith('.sql') && !applied.has(name)).sort();
  for (const name of names) {
    const sql = statements(await readFile(join(files, name), 'utf8'));
    await database.batch([
      ...sql.map((statement) => database.prepare(statement)),
      database.prepare(`INSERT INTO "${table}" (name) VALUES (?)`).bind(name),
    ]);
  }
}
