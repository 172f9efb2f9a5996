// `npm start` answers nothing before its tables are there: not the first time, not after a kill, and not after an upgrade.

import { readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { endLocalRuns, startLocal } from '../support/local-run.ts';

const ADMIN_TOKEN = 'token-of-the-operator';
const THREE_STARTS_MS = 240_000;
let state: string;

beforeAll(async () => {
  state = await mkdtemp(join(tmpdir(), 'ready-'));
});
afterEach(async () => void (await endLocalRuns()));
afterAll(() => rm(state, { recursive: true, force: true }));

/** A port at which nobody listens. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((listening) => server.once('listening', listening));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}

/** Starts it, and asks from the first moment on: the first answer, whatever it is, and what ended up in the tables' list. */
async function firstAnswer() {
  const port = await freePort();
  const local = startLocal(state, { PORT: String(port), ADMIN_TOKEN });
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
  const ask = () =>
    fetch(`http://127.0.0.1:${port}/sync/stats`, { headers }).then(
      ({ status }) => status,
      () => null,
    );
  let status = await ask();
  while (status === null) {
    await Promise.race([new Promise((again) => setTimeout(again, 5)), local.ended]);
    status = await ask();
  }
  return { status, local };
}

/** The file that holds D1. */
function databaseFile(): string {
  const files = readdirSync(state, { recursive: true, encoding: 'utf8' });
  const found = files.filter((file) => /d1.*\/[0-9a-f]{64}\.sqlite$/.test(file));
  expect(found).toHaveLength(1);
  return join(state, found[0] ?? '');
}

/** As a version without these tables left it. */
function dropTables(): void {
  const database = new DatabaseSync(databaseFile());
  const tables = database.prepare(
    `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB '_cf_*' AND name NOT GLOB 'sqlite_*'`,
  );
  for (const { name } of tables.all())
    database.exec(name === 'd1_migrations' ? 'DELETE FROM d1_migrations' : `DROP TABLE ${name}`);
  database.close();
}

it(
  'its first answer comes from tables that are there: new, after a kill, and with a state that lacks migrations',
  async () => {
    const fresh = await firstAnswer();
    expect(fresh.status).toBe(200);
    fresh.local.child.kill('SIGKILL');
    await fresh.local.ended;

    const killed = await firstAnswer();
    expect(killed.status).toBe(200);
    await killed.local.ready();
    killed.local.child.kill('SIGINT');
    expect(await killed.local.ended).toBe(130);

    dropTables();
    const upgraded = await firstAnswer();
    expect(upgraded.status).toBe(200);
    await upgraded.local.ready();
    expect(upgraded.local.output()).not.toContain('local.workerd_restarted');
  },
  THREE_STARTS_MS,
);
