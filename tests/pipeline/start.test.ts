// What `npm start` promises the person who types it: it comes up, says what one needs to know, and leaves nothing behind.

import { execFile } from 'node:child_process';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { endLocalRuns, startLocal } from '../support/local-run.ts';
import { leaksIn } from './clean-logs.ts';

const run = promisify(execFile);

let state: string;

beforeAll(async () => {
  state = await mkdtemp(join(tmpdir(), 'start-'));
});

afterEach(async () => expect(leaksIn(await endLocalRuns())).toEqual([]));
afterAll(() => rm(state, { recursive: true, force: true }));

const start = (env: Record<string, string> = {}) => startLocal(state, env);

function accepts(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return new Promise((settle) => {
    const socket = connect(Number(port), hostname, () => settle(true)).once('error', () => settle(false));
    socket.once('connect', () => socket.destroy());
  });
}

/** Waits, within the test's time limit. */
async function refused(url: string): Promise<void> {
  while (await accepts(url));
}

/** Living processes below this one. */
async function descendants(pid: number | undefined): Promise<string[]> {
  const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid=,stat=,command=']);
  const rows = stdout.split('\n').map((line) => line.trim().split(/\s+/));
  const alive = rows.filter(([, , status]) => status !== undefined && !status.startsWith('Z'));
  return alive.flatMap(([id, parent, , command = '']) => (parent === String(pid) ? [`${id} ${command}`] : []));
}

async function alive(processes: string[]): Promise<string[]> {
  const { stdout } = await run('ps', ['-A', '-o', 'pid=,stat=,command=']);
  const rows = stdout.split('\n').map((line) => line.trim().split(/\s+/));
  const now = rows.filter(([, status]) => status !== undefined && !status.startsWith('Z'));
  return processes.filter((one) => now.some(([id, , command]) => one === `${id} ${command}`));
}

describe('a local run', () => {
  it('answers, prints a signed webhook that works, and ends whole on Ctrl-C', async () => {
    const local = start({ CLOUDFLARE_ENV: 'staging' });
    await local.ready();
    const url = local.row('Ingest');
    expect((await fetch(`${url}/health`)).status).toBe(200);
    expect((await fetch(`${url}/sync/stats`)).status).toBe(401);
    const { stdout } = await run('sh', ['-c', local.command('Send a signed webhook')]);
    expect(stdout).toMatch(/^HTTP\/1.1 202/);
    expect(stdout).toContain('"status":"queued"');

    const processes = await descendants(local.child.pid);
    expect(processes.join('\n')).toContain('workerd');
    local.child.kill('SIGINT');
    expect(await local.ended).toBe(130);
    expect(await alive(processes)).toEqual([]);
    expect(await accepts(url)).toBe(false);
    expect(local.errors()).toBe('');
  });

  it('killed without a warning leaves no workerd behind, and comes up again as it was', async () => {
    const before = start();
    await before.ready();
    const url = before.row('Ingest');
    const created = await run('sh', ['-c', before.command('Create a contact')]);
    before.child.kill('SIGKILL');
    await before.ended;
    await refused(url);

    const after = start();
    await after.ready();
    expect(after.row('Admin token')).toBe(before.row('Admin token'));
    expect((await stat(join(state, 'secrets.json'))).mode & 0o777).toBe(0o600);
    const sandbox = after.row('Sandbox');
    const contacts = (await (await fetch(`${sandbox}/ghl/contacts`)).json()) as { id: string }[];
    expect(contacts.map(({ id }) => id)).toEqual(['sandboxContact000001', JSON.parse(created.stdout).id]);

    const second = start();
    expect(await second.ended).toBe(2);
    expect(second.errors()).toMatch(/^npm start: another local run uses .+: stop that one, or set LOCAL_STATE_DIR/);
  });

  it('uses the vendors and tokens of the environment instead of the sandbox', async () => {
    const local = start({
      GHL_API_BASE_URL: 'http://127.0.0.1:1/ghl',
      GHL_API_KEY: 'pit-mine',
      CALLTOOLS_BASE_URL: 'http://127.0.0.1:1/calltools',
      CALLTOOLS_API_KEY: 'mine',
      GHL_LOCATION_ID: 'myLocation',
      ADMIN_TOKEN: 'my-admin-token',
      GHL_WEBHOOK_SECRET: "it's mine",
      GHL_WORKFLOW_TOKEN: 'my-workflow-token',
    });
    await local.ready();
    expect(local.row('GoHighLevel')).toBe('http://127.0.0.1:1/ghl');
    expect(local.row('CallTools')).toBe('http://127.0.0.1:1/calltools');
    expect(local.row('Sandbox')).toBe('');
    expect(local.row('Location id')).toBe('myLocation');
    const { stdout } = await run('sh', ['-c', local.command('Send a signed webhook')]);
    expect(stdout).toContain('"status":"queued"');
    const workflow = await fetch(`${local.row('Ingest')}/webhook/ghl-workflow`, {
      method: 'POST',
      headers: { authorization: 'Bearer my-workflow-token' },
      body: JSON.stringify({ contact_id: 'aContact', location: { id: 'myLocation' } }),
    });
    expect(workflow.status).toBe(202);
  });
});

describe('a wrong setting gets one line that says what to do', () => {
  async function complaint(env: Record<string, string>): Promise<string> {
    const local = start(env);
    expect(await local.ended).toBe(2);
    expect(local.errors().trim()).not.toContain('\n');
    return local.errors().trim();
  }

  it.each([
    [{ PORT: 'many' }, 'npm start: PORT must be a whole number from 0 (any free port) to 65535, not "many"'],
    [{ SYNC_RULES: '{"routes" []}' }, 'npm start: SYNC_RULES, line 1, column 11: a colon is missing before ['],
    [{ ACK_BUDGET_MS: 'soon' }, 'npm start: ACK_BUDGET_MS must be a whole number from 0 to 10000'],
    [
      { GHL_API_BASE_URL: 'http://127.0.0.1:1', GHL_LOCATION_ID: 'mine' },
      'npm start: GHL_API_KEY is not set: a Private Integration token with the scope contacts.readonly',
    ],
  ])('%j', async (env, line) => {
    expect(await complaint(env)).toBe(line);
  });

  it('a port in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((listening) => other.once('listening', listening));
    const { port } = other.address() as AddressInfo;
    try {
      expect(await complaint({ PORT: String(port) })).toBe(
        `npm start: PORT ${port} is in use: stop what listens there, or set PORT to another one`,
      );
    } finally {
      other.close();
    }
  });
});
