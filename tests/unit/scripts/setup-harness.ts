// npm run setup, in a copy of the configuration, against a make-believe Cloudflare account: as a process with a stand-in first in the
// PATH where wrangler would be, and, for the many ways to fail, in process.

import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { CONSUMER_CONFIG, INGEST_CONFIG } from '../../../scripts/setup/config-file.ts';
import type { Options } from '../../../scripts/setup/options.ts';
import type { Prompt } from '../../../scripts/setup/prompt.ts';
import { run } from '../../../scripts/setup/run.ts';
import { RULES_FILE_NAME } from '../../../workers/consumer/config/settings.ts';
import { VirtualClock, worldOn } from '../../support/virtual-clock.ts';
import { type Account, anAccount, perform } from './setup-wrangler.ts';

export const ROOT = resolve(import.meta.dirname, '../../..');
export const KEYS = { GHL_API_KEY: 'pit-of-the-test', CALLTOOLS_API_KEY: 'calltools-of-the-test' };
export const VALUES = { GHL_LOCATION_ID: 'myLocation', CALLTOOLS_BASE_URL: 'https://east-1.calltools.io' };

const unreachable = () => Promise.reject(new TypeError('fetch failed'));

/** An address at which nobody is: a process must not ask the real vendors. */
export const NOWHERE = 'http://127.0.0.1:1';

/** A person who takes what is offered by default, else what is offered last, except as said here. */
export const person = (answers: Partial<Prompt> = {}): Prompt => ({
  ask: async (_question, fallback = '') => fallback,
  askSecret: async () => '',
  confirm: async (_question, fallback = true) => fallback,
  choose: async (_question, choices, fallback) => fallback ?? choices.at(-1)?.value ?? '',
  chooseSome: async () => [],
  ...answers,
});

interface Given {
  env?: Record<string, string>;
  options?: Partial<Options>;
  prompt?: Prompt;
  /** What the vendors answer; without it they cannot be reached. */
  vendors?: (request: Request) => Promise<Response>;
  /** Gets what is written, also where it ends with an error. */
  shown?: string[];
}

/** A copy of the configuration, for as long as the test, and an account on which nothing is yet but for `changes`. */
export async function setupStage(changes: Partial<Account> = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'setup-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const file of [CONSUMER_CONFIG, INGEST_CONFIG, RULES_FILE_NAME])
    await copyFile(join(ROOT, file), join(folder, file));

  const stage = {
    folder,
    account: anAccount(changes),
    config: (file: string) => readFile(join(folder, file), 'utf8'),

    /** Runs it in process: the exit code, and all that was written. */
    async setup({ env = { ...VALUES, ...KEYS }, options = {}, prompt, vendors = unreachable, shown = [] }: Given = {}) {
      let out = '';
      let chosen = {};
      const code = await run({
        options: { dryRun: false, yes: !prompt, callHooks: false, checkUp: true, renew: [], answers: {}, ...options },
        folder,
        prompt: prompt ?? null,
        env,
        world: worldOn(new VirtualClock(), vendors),
        write: (line) => {
          shown.push(`${line}\n`);
          out += `${line}\n`;
        },
        wrangler: {
          run: async (args, { input = '', env: more = {} } = {}) =>
            perform(stage.account, args, input, { ...env, ...chosen, ...more }),
          useAccount(id) {
            chosen = { CLOUDFLARE_ACCOUNT_ID: id };
          },
          runVisibly: async (args) => perform(stage.account, args, '', env).ok,
        },
      });
      for (const key of Object.values(KEYS)) expect(out).not.toContain(key);
      return { code, out };
    },

    /** Runs the script as npm would, with nobody at the keyboard. */
    async script(args: string[], env: Record<string, string> = {}, input = '') {
      const standIn = join(import.meta.dirname, 'setup-wrangler.ts');
      const file = join(folder, 'account.json');
      await writeFile(join(folder, 'wrangler'), `#!/bin/sh\nexec "${process.execPath}" "${standIn}" "${file}" "$@"\n`);
      await chmod(join(folder, 'wrangler'), 0o755);
      await writeFile(file, JSON.stringify(stage.account));
      const path = [folder, dirname(process.execPath), process.env.PATH].join(delimiter);
      const ended = await new Promise<{ code: number; out: string; err: string }>((done) => {
        const options = { cwd: folder, env: { PATH: path, HOME: process.env.HOME, ...env } };
        const child = execFile(
          process.execPath,
          [join(ROOT, 'scripts/setup.ts'), ...args],
          options,
          (error, out, err) => done({ code: error ? Number(error.code) : 0, out, err }),
        );
        child.stdin?.on('error', () => {});
        child.stdin?.end(input);
      });
      for (const key of Object.values(KEYS)) expect(ended.out + ended.err).not.toContain(key);
      stage.account = JSON.parse(await readFile(file, 'utf8'));
      return ended;
    },
  };
  return stage;
}
