// npm run conformance as a process: against the sandbox, and on a pair of accounts that a sandbox stands for.

import { type ChildProcess, execFile } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../../../../sandbox/sandbox.ts';

const ROOT = resolve(import.meta.dirname, '../../../..');
const FILE = join(mkdtempSync(join(tmpdir(), 'conformance-')), 'report.json');

function start(args: string[], env: Record<string, string> = {}, onStart: (child: ChildProcess) => void = () => {}) {
  const options = { cwd: ROOT, timeout: 120_000, env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env } };
  return new Promise<{ code: number; out: string; err: string }>((done) => {
    const child = execFile(process.execPath, ['scripts/conformance.ts', ...args], options, (error, out, err) =>
      done({ code: error ? Number(error.code ?? -1) : 0, out, err }),
    );
    child.stdin?.end();
    onStart(child);
  });
}

test('without keys it says so, and runs against the sandbox', async () => {
  const { code, out } = await start(['--report', FILE]);
  expect([code, out]).toEqual([0, expect.stringMatching(/^GHL_API_KEY and CALLTOOLS_API_KEY are not set/)]);
  expect(out).toMatch(/\d+ assumptions, \d+ possible answers\. Each came to the result that belongs to it\./);
  expect(JSON.parse(readFileSync(FILE, 'utf8'))).toMatchObject({ on: 'sandbox', ok: true });
});

describe('with keys', () => {
  let sandbox: Sandbox;
  let env: Record<string, string>;
  beforeAll(async () => {
    sandbox = await startSandbox({
      ghlSettings: { scopes: ['contacts.readonly', 'contacts.write'], searchLagMs: 0 },
    });
    env = {
      GHL_API_KEY: 'pit-sandbox',
      GHL_API_BASE_URL: sandbox.ghlBaseUrl,
      CALLTOOLS_API_KEY: 'sandbox-token',
      CALLTOOLS_BASE_URL: sandbox.callToolsBaseUrl,
      GHL_LOCATION_ID: 'sandboxLocation0001',
    };
  });
  beforeEach(() => {
    sandbox.ghl.calls.clear();
    sandbox.callTools.calls.clear();
  });
  afterAll(() => sandbox.close());

  const calls = () => sandbox.ghl.calls.list().length + sandbox.callTools.calls.list().length;

  test('nobody to ask, and no --yes: nothing is done', async () => {
    const { code, out, err } = await start([], env);
    expect([code, out, err, calls()]).toEqual([
      2,
      '',
      expect.stringMatching(/^Nothing was done: .*--yes.*--read-only/),
      0,
    ]);
  });

  test.each([
    ['GHL_API_KEY', 'needs both keys'],
    ['CALLTOOLS_API_KEY', 'needs both keys'],
    ['GHL_LOCATION_ID', 'GHL_LOCATION_ID is not set'],
  ])('without %s nothing is done', async (name, why) => {
    const { code, err } = await start(['--yes'], { ...env, [name]: '' });
    expect([code, err, calls()]).toEqual([2, expect.stringContaining(why), 0]);
  });

  test('a number that is none is wrong use', async () => {
    const { code, err } = await start(['--yes', '--phone', '305'], env);
    expect([code, err, calls()]).toEqual([2, expect.stringMatching(/^--phone must be a number/), 0]);
  });

  test('--yes tries all of it, and leaves nothing', async () => {
    const { code, out } = await start(['--yes', '--report', FILE, '--location', 'sandboxLocation0001'], env);
    expect(out).toContain('Nothing of the test stays in either system.');
    expect([sandbox.ghl.contacts(), sandbox.callTools.contacts()]).toEqual([[], []]);
    const report = JSON.parse(readFileSync(FILE, 'utf8'));
    expect([code, report]).toEqual([0, expect.objectContaining({ on: 'accounts', ok: true, stays: [] })]);
    expect(report.counts.holds).toBeGreaterThan(20);
    expect(JSON.stringify(report)).not.toMatch(/sandboxLocation0001|pit-sandbox|sandbox-token|127\.0\.0\.1/);
  });

  test('--json is the report and nothing else; --read-only writes nothing', async () => {
    const { code, out, err } = await start(['--read-only', '--json'], env);
    expect([code, JSON.parse(out)]).toEqual([0, expect.objectContaining({ on: 'accounts', stays: [] })]);
    expect(err).toContain('--read-only forbids writes');
    const writes = [...sandbox.ghl.calls.list(), ...sandbox.callTools.calls.list()].filter(
      ({ method, path }) => method !== 'GET' && path !== '/contacts/search',
    );
    expect(writes).toEqual([]);
  });

  test('Ctrl-C in the middle removes the test contacts, and ends with 130', async () => {
    const { code, out } = await start(['--yes'], env, (child) => {
      child.stdout?.on('data', (data) => String(data).includes('ct-phone-filter') && child.kill('SIGINT'));
    });
    expect([code, out]).toEqual([130, expect.stringContaining('Stopped before the end.')]);
    expect(sandbox.callTools.calls.count({ method: 'POST', path: '/api/contacts/' })).toBeGreaterThan(0);
    expect([sandbox.ghl.contacts(), sandbox.callTools.contacts()]).toEqual([[], []]);
  });
});
