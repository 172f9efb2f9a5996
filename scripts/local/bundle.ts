// Bundles the workers with wrangler, as a deploy would, and reads their configuration with wrangler's own reader.

import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, parse, resolve } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type { Unstable_Config } from 'wrangler';
import { WrongSetting } from './wrong-setting.ts';

/** A worker as wrangler sees it: its checked configuration, its bundled script, and the texts that the script imports, by name. */
export interface Bundle {
  config: Unstable_Config;
  script: string;
  texts: ReadonlyMap<string, string>;
}

/** Both workers, bundled. */
export interface Bundles {
  ingest: Bundle;
  consumer: Bundle;
}

const ROOT = resolve(import.meta.dirname, '../..');
const WRANGLER = join(dirname(createRequire(import.meta.url).resolve('wrangler/package.json')), 'bin/wrangler.js');

/** Nothing that asks the network (the banner looks for updates) or writes outside the project. */
const QUIET = {
  WRANGLER_HIDE_BANNER: 'true',
  WRANGLER_LOG: 'error',
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_WRITE_LOGS: 'false',
};

/** Both workers, from wrangler.ingest.jsonc and wrangler.consumer.jsonc; about two seconds. */
export async function bundleWorkers(signal?: AbortSignal): Promise<Bundles> {
  // wrangler's choice of a named environment, such as staging: there is none here, and it reads this variable unasked.
  delete process.env.CLOUDFLARE_ENV;
  const scratch = join(ROOT, '.local');
  await mkdir(scratch, { recursive: true });
  const folder = await mkdtemp(join(scratch, 'build-'));
  try {
    const both = await Promise.allSettled([
      bundle('wrangler.ingest.jsonc', join(folder, 'ingest'), signal),
      bundle('wrangler.consumer.jsonc', join(folder, 'consumer'), signal),
    ]);
    const [ingest, consumer] = both.map((one) => {
      if (one.status === 'rejected') throw one.reason;
      return one.value;
    });
    if (!ingest || !consumer) throw new Error('wrangler made no bundle');
    return { ingest, consumer };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function bundle(configFile: string, folder: string, signal: AbortSignal | undefined): Promise<Bundle> {
  const configPath = join(ROOT, configFile);
  const built = build(configPath, folder, signal);
  built.catch(() => {});
  // Loading wrangler takes almost a second: it is done while the builds run in processes of their own.
  const config = await readConfig(configPath);
  await built;
  const main = `${parse(config.main ?? 'index').name}.js`;
  const script = await readFile(join(folder, main), 'utf8');
  return { config, script, texts: await textsOf(script, folder) };
}

/** Throws a WrongSetting where the file is not JSON. Wrangler's own error holds the whole file, and no word on what to do. */
export async function readConfig(configPath: string): Promise<Unstable_Config> {
  const { unstable_readConfig } = await import('wrangler');
  try {
    return unstable_readConfig({ config: configPath });
  } catch (thrown) {
    const { location } = thrown as { location?: { line?: number; lineText?: string } };
    if (location?.line === undefined) throw thrown;
    const where = `${parse(configPath).base}, line ${location.line}`;
    throw new WrongSetting(`${where}: is not valid JSON (a missing quote or comma?): ${location.lineText?.trim()}`);
  }
}

/** wrangler puts each imported text beside the script, under a name that starts with its hash. */
async function textsOf(script: string, folder: string): Promise<Map<string, string>> {
  const names = (await readdir(folder)).filter((name) => script.includes(`"./${name}"`));
  return new Map(
    await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')] as const)),
  );
}

function build(configPath: string, folder: string, signal: AbortSignal | undefined): Promise<void> {
  const args = [WRANGLER, 'deploy', '--dry-run', '--config', configPath, '--outdir', folder];
  return new Promise((done, fail) => {
    const options = { cwd: ROOT, env: { ...process.env, ...QUIET }, ...(signal && { signal }) };
    execFile(process.execPath, args, options, (error, _output, messages) => {
      if (!error) return done();
      fail(new Error(`wrangler cannot bundle ${configPath}: ${stripVTControlCharacters(messages).trim()}`));
    });
  });
}
