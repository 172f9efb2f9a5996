// How much of ingest must be loaded before its first answer, and how long that takes.

import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { closedLoop, postRequest } from './load.ts';
import type { Figure } from './measure/figure.ts';
import { median } from './measure/statistics.ts';
import { INGEST_VARS } from './webhooks.ts';
import { serveBare } from './workerd.ts';

const SECTION = 'size';
const ROOT = resolve(import.meta.dirname, '../..');
const STARTS = 9;
const QUIET = { WRANGLER_HIDE_BANNER: 'true', WRANGLER_LOG: 'error', WRANGLER_SEND_METRICS: 'false' };

const EMPTY = `import { AutoRouter } from 'itty-router';
export default AutoRouter().all('*', () => new Response('{}', { status: 202 }));
`;
const DATE = '2026-10-01';
const FLAGS = ['no_nodejs_compat', 'no_nodejs_compat_v2'];

/** Takes about fifteen seconds. */
export async function benchSize(): Promise<Figure[]> {
  await mkdir(join(ROOT, '.local'), { recursive: true });
  const folder = await mkdtemp(join(ROOT, '.local/size-'));
  try {
    await writeFile(join(folder, 'empty.ts'), EMPTY);
    const config = { name: 'empty', main: 'empty.ts', compatibility_date: DATE, compatibility_flags: FLAGS };
    await writeFile(join(folder, 'empty.json'), JSON.stringify(config));
    const [ours, empty] = await Promise.all([
      minified(join(ROOT, 'wrangler.ingest.jsonc'), join(folder, 'ours'), 'index.js'),
      minified(join(folder, 'empty.json'), join(folder, 'empty'), 'empty.js'),
    ]);
    const starts = await startTimes(ours, empty);
    const zipped = (script: string) => gzipSync(script).length / 1024;
    return [
      {
        section: SECTION,
        what: 'ingest worker, minified and gzipped',
        value: zipped(ours),
        unit: 'KB',
        floor: { what: 'empty itty-router worker', value: zipped(empty) },
        targets: [{ kind: 'at-most', limit: 30 }],
      },
      {
        section: SECTION,
        what: 'start of workerd until the first answer',
        value: starts.ours,
        unit: 'ms',
        floor: { what: 'empty itty-router worker', value: starts.empty },
        targets: [{ kind: 'floor-plus', limit: 10 }],
        note: `median of ${STARTS} starts each, in turn`,
      },
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function minified(config: string, outdir: string, file: string): Promise<string> {
  const wrangler = join(ROOT, 'node_modules/wrangler/bin/wrangler.js');
  const args = [wrangler, 'deploy', '--dry-run', '--minify', '--config', config, '--outdir', outdir];
  await promisify(execFile)(process.execPath, args, { cwd: ROOT, env: { ...process.env, ...QUIET } });
  return readFile(join(outdir, file), 'utf8');
}

async function startTimes(ours: string, empty: string): Promise<{ ours: number; empty: number }> {
  const took = { ours: [] as number[], empty: [] as number[] };
  for (let n = 0; n < STARTS; n++) {
    for (const [name, script] of [['empty', empty] as const, ['ours', ours] as const]) {
      const worker = await serveBare({
        script,
        compatibilityDate: DATE,
        compatibilityFlags: FLAGS,
        vars: INGEST_VARS,
        queues: ['EVENTS', 'DEAD_LETTERS'],
      });
      // Unsigned, so refused at once: what counts is that the worker has been loaded.
      const requests = [postRequest('/webhook/ghl', {}, new Uint8Array())];
      const { latencies } = await closedLoop({ port: worker.port, requests, connections: 1, ms: 1 });
      took[name].push(worker.startMs + (latencies[0] ?? Number.NaN));
      await worker.stop();
    }
  }
  return { ours: median(took.ours), empty: median(took.empty) };
}
