// What a deployment would upload, as wrangler itself builds it: a dry run makes all but the call to Cloudflare.

import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify, stripVTControlCharacters } from 'node:util';
import { afterAll, expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const folders: string[] = [];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))));

/** What wrangler says, and the script. */
async function dryRun(config: string): Promise<{ said: string; script: string }> {
  const outdir = await mkdtemp(join(tmpdir(), 'deploy-'));
  folders.push(outdir);
  const wrangler = join(ROOT, 'node_modules/wrangler/bin/wrangler.js');
  const args = [wrangler, 'deploy', '--dry-run', '--tag', '1.2.3', '--config', config, '--outdir', outdir];
  const quiet = { WRANGLER_LOG: 'log', WRANGLER_HIDE_BANNER: 'true', WRANGLER_SEND_METRICS: 'false' };
  const env = { ...process.env, ...quiet, WRANGLER_WRITE_LOGS: 'false' };
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { cwd: ROOT, env });
  const script = await readFile(join(outdir, 'index.js'), 'utf8');
  return { said: stripVTControlCharacters(stdout + stderr), script };
}

/** Names that the code reads from its environment; `needed` are those that must be there. */
async function readByCode(file: string): Promise<{ all: string[]; needed: string[] }> {
  const text = await readFile(join(ROOT, file), 'utf8');
  const [, body = ''] = /export interface Env \{\n(.*?)\n\}/s.exec(text) ?? [];
  const names = [...body.matchAll(/^ {2}([A-Z]\w+)(\??):/gm)];
  return {
    all: names.map(([, name = '']) => name),
    needed: names.flatMap(([, name = '', optional]) => (optional ? [] : name)),
  };
}

// Bounds in KiB, compressed: a fifth above what they are. The platform takes 3 MB, but what is loaded first delays the first answer.
test.each([
  ['wrangler.ingest.jsonc', 'workers/ingest/env.ts', 40],
  ['wrangler.consumer.jsonc', 'workers/consumer/config/env.ts', 400],
])('%s: it bundles, is small, and binds what the code reads', async (config, envFile, most) => {
  const { said, script } = await dryRun(config);
  expect(said).not.toMatch(/warning|error/i);
  expect(said).toContain('--dry-run: exiting now.');
  expect(Number(/gzip: ([\d.]+) KiB/.exec(said)?.[1])).toBeLessThan(most);
  // There is no Node in workerd as these workers are deployed.
  expect(script.match(/(?:from|import|require)\s*\(?\s*["']node:.*/g)).toBeNull();

  const bound = [...said.matchAll(/^env\.(\w+) /gm)].map(([, name = '']) => name);
  const { all, needed } = await readByCode(envFile);
  expect(bound.filter((name) => !all.includes(name))).toEqual([]);
  expect(needed.filter((name) => !bound.includes(name))).toEqual([]);
});
