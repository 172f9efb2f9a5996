// The pipeline under test: `npm start` in a process of its own, killed in three ways and started again on the same state folder.

import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { DEFAULT_SETTINGS } from '../../sandbox/gohighlevel/settings.ts';
import { DO_NOT_CALL_TAG, NOT_INTERESTED_TAG } from '../../sandbox/observe/check.ts';
import { EXIT } from '../../scripts/command/command.ts';
import { startLocal } from '../support/local-run.ts';

/**
 * `workerd`: the workers' process alone; Miniflare starts another. `node`: `npm start` alone, which must take workerd with it.
 * `group`: every process of it at once, the guard against orphans included.
 */
export const KILLS = ['workerd', 'node', 'group'] as const;
export type Kill = (typeof KILLS)[number];

export interface Local {
  /** Kills it, and returns once it is up again. */
  kill(how: Kill): Promise<void>;
  /** A request to the sandbox's control API, path below /sandbox; the JSON of the answer. */
  sandbox<T = unknown>(method: string, path: string, body?: unknown): Promise<T>;
  /** An operator's request; the `data` of the answer. */
  operator<T>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<T>;
  /** Sends a webhook, which must be answered with 202. */
  webhook(body: string, headers: Record<string, string>): Promise<void>;
  webhookSecret: string;
  locationId: string;
  /** What all runs have printed to stdout, one text each, and to stderr. */
  output(): string[];
  errors(): string;
  /** Ends it as Ctrl-C does; throws where that leaves something behind. */
  close(): Promise<void>;
}

type Run = ReturnType<typeof startLocal>;

/** A process that has been told to end, or to begin, and has not by then, never will. */
const LIMIT_MS = 120_000;
const LOOK_EVERY_MS = 20;

const CALLS_TOKEN = 'soak-token-of-calltools';
const CALLTOOLS_KEY = 'soak-key-of-calltools';
/** What agents say, and what follows. */
export const SAYS_NO: Record<string, { tag: string; blocksCalls: boolean }> = {
  'Not Interested': { tag: NOT_INTERESTED_TAG, blocksCalls: false },
  'Wrong Number': { tag: NOT_INTERESTED_TAG, blocksCalls: false },
  'Do Not Call': { tag: DO_NOT_CALL_TAG, blocksCalls: true },
  'DNC This Number': { tag: DO_NOT_CALL_TAG, blocksCalls: true },
};
const CALL_RESULTS = {
  poll: '1m',
  // All that agents say here counts, also before the first poll.
  since: '2026-11-01',
  results: [
    ...Object.entries(SAYS_NO).map(([name, { tag, blocksCalls }]) => ({
      dispositions: [name],
      tags: [tag],
      ...(blocksCalls && { dnd: 'call' }),
      hold: true,
    })),
    { dispositions: ['Appointment Set'], tags: ['dialer: appointment'], note: true },
  ],
  otherwise: { tags: ['dialer: called'] },
};
/** The sandbox's CallTools keeps a second contact of one phone, so that a second one would show. */
const ENV = {
  SANDBOX_CALLTOOLS_DUPLICATES: 'create',
  CALL_RESULTS: JSON.stringify(CALL_RESULTS),
  CALLTOOLS_API_KEY: CALLTOOLS_KEY,
  CALLTOOLS_WEBHOOK_TOKEN: CALLS_TOKEN,
};

export async function openLocal(stateFolder: string, signal: AbortSignal): Promise<Local> {
  const runs: Run[] = [];
  const json = (body: unknown) => (body === undefined ? {} : { body: JSON.stringify(body) });
  const request = async <T>(url: string, init: RequestInit): Promise<T> => {
    const response = await fetch(url, { ...init, signal: AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)]) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${init.method} ${url} answered ${response.status}: ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  };
  let run = await start();
  const secrets = JSON.parse(await readFile(join(stateFolder, 'secrets.json'), 'utf8'));

  async function start(): Promise<Run> {
    const next = startLocal(stateFolder, ENV, { detached: true });
    runs.push(next);
    await within(next.ready(), 'npm start is ready');
    await settle(next);
    return next;
  }

  /** What the sandbox forgets, and the address that every start changes: the token may write, and calls are told of. */
  async function settle(next: Run): Promise<void> {
    const scopes = [...DEFAULT_SETTINGS.scopes, 'contacts.write'];
    await request(`${next.row('Sandbox')}/ghl/settings`, { method: 'POST', ...json({ scopes }) });
    const path = new URL('/calltools/api/resthooksubscriptions/', next.row('Sandbox')).href;
    const headers = { authorization: `Token ${CALLTOOLS_KEY}`, 'content-type': 'application/json' };
    const { results } = await request<{ results: { id: number }[] }>(path, { method: 'GET', headers });
    const url = `${next.row('Ingest')}/webhook/calltools?token=${CALLS_TOKEN}`;
    const body = json({ resthook_model: 'Historical Call Disposition', url });
    const [known] = results;
    await request(known ? `${path}${known.id}/` : path, { method: known ? 'PATCH' : 'POST', headers, ...body });
  }

  async function killWorkerd(): Promise<void> {
    const [before] = await workerdsOf(run);
    if (before === undefined) throw new Error('npm start has no workerd');
    const restarts = () => run.output().split('"local.workerd_restarted"').length - 1;
    const known = restarts();
    process.kill(before, 'SIGKILL');
    await until('another workerd runs, and the log says so', () => restarts() > known);
    await until('it answers', () => healthy(run));
    if ((await workerdsOf(run)).includes(before)) throw new Error(`workerd ${before} outlived a SIGKILL`);
  }

  async function killAll(how: 'node' | 'group'): Promise<void> {
    const workerds = await workerdsOf(run);
    const { pid = 0 } = run.child;
    process.kill(how === 'group' ? -pid : pid, 'SIGKILL');
    await within(run.ended, 'npm start is gone');
    await until('workerd is gone too', () => !workerds.some(isAlive));
    run = await start();
  }

  const until = async (what: string, condition: () => boolean | Promise<boolean>) => {
    for (const end = performance.now() + LIMIT_MS; !(await condition()); ) {
      if (performance.now() > end) throw new Error(`waited ${LIMIT_MS / 1000} s in vain until ${what}`);
      await sleep(LOOK_EVERY_MS, undefined, { signal });
    }
  };

  return {
    kill: (how) => (how === 'workerd' ? killWorkerd() : killAll(how)),
    sandbox: (method, path, body) => request(`${run.row('Sandbox')}${path}`, { method, ...json(body) }),
    async operator<T>(method: string, path: string, body: unknown) {
      const headers = { authorization: `Bearer ${run.row('Admin token')}` };
      return (await request<{ data: T }>(`${run.row('Ingest')}${path}`, { method, headers, ...json(body) })).data;
    },
    async webhook(body, headers) {
      await request(`${run.row('Ingest')}/webhook/ghl`, { method: 'POST', body, headers });
    },
    webhookSecret: secrets.GHL_WEBHOOK_SECRET,
    locationId: run.row('Location id'),
    output: () => runs.map((one) => one.output()),
    errors: () => runs.map((one) => one.errors()).join(''),
    async close() {
      const workerds = await workerdsOf(run);
      run.child.kill('SIGINT');
      const code = await within(run.ended, 'npm start ends');
      if (code !== EXIT.interrupted) throw new Error(`npm start ended with ${code}: ${run.errors()}`);
      if (workerds.some(isAlive)) throw new Error('npm start left workerd behind');
    },
  };
}

async function healthy(run: Run): Promise<boolean> {
  const answer = await fetch(`${run.row('Ingest')}/health`, { signal: AbortSignal.timeout(1000) }).catch(() => null);
  return answer?.status === 200;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Ids of the living workerds that this run has started. */
async function workerdsOf({ child }: Run): Promise<number[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=,stat=,comm=']);
  const rows = stdout.split('\n').map((line) => line.trim().split(/\s+/));
  const mine = rows.filter(([, parent, stat, command]) => {
    return parent === String(child.pid) && stat?.startsWith('Z') === false && /\bworkerd$/.test(command ?? '');
  });
  return mine.map(([pid]) => Number(pid));
}

function within<T>(work: Promise<T>, what: string): Promise<T> {
  const late = sleep(LIMIT_MS, undefined, { ref: false }).then(() => {
    throw new Error(`waited ${LIMIT_MS / 1000} s in vain until ${what}`);
  });
  return Promise.race([work, late]);
}
