// wrangler as a command: the one that comes first in the PATH, which under npm is the project's own.

import { spawn } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';
import { Sentence } from '../command/sentence.ts';
import { HOOK_SECRET, SECRETS } from './secret-names.ts';

/** How a command ended. */
export interface Ran {
  ok: boolean;
  stdout: string;
  /** All that it said, without colours. */
  said: string;
}

/** Runs wrangler. */
export interface Wrangler {
  /** Runs it to its end with nobody to answer its questions. `input` goes to its stdin: secrets are never arguments. */
  run(args: string[], how?: { input?: string; env?: Record<string, string> }): Promise<Ran>;
  /** From now on all is done on this account. */
  useAccount(id: string): void;
  /** The same as `run` with the person's terminal: true when it succeeded. */
  runVisibly(args: string[]): Promise<boolean>;
}

/** No update banner, no log file, and no named environment that another project has left in the shell. */
const QUIET = { WRANGLER_HIDE_BANNER: 'true', WRANGLER_WRITE_LOGS: 'false', NO_COLOR: '1' };

/** Throws a Sentence where there is no wrangler at all. */
export function createWrangler(folder: string, env: NodeJS.ProcessEnv): Wrangler {
  const { CLOUDFLARE_ENV: _, ...rest } = env;
  const own: NodeJS.ProcessEnv = { ...rest, ...QUIET };
  // What it does not need it does not get.
  for (const name of [...SECRETS.map((secret) => secret.name), HOOK_SECRET]) Reflect.deleteProperty(own, name);

  function start(args: string[], more: Record<string, string>, stdio: 'inherit' | 'pipe') {
    const child = spawn('wrangler', args, { cwd: folder, env: { ...own, ...more }, stdio });
    const ended = new Promise<number | null>((resolve, reject) => {
      child.once('error', () =>
        reject(new Sentence('There is no wrangler: run this as `npm run setup`, after `npm ci`.')),
      );
      child.once('close', resolve);
    });
    return { child, ended };
  }

  return {
    async run(args, { input = '', env: more = {} } = {}) {
      const { child, ended } = start(args, more, 'pipe');
      let stdout = '';
      let said = '';
      child.stdout?.setEncoding('utf8').on('data', (text) => {
        stdout += text;
        said += text;
      });
      child.stderr?.setEncoding('utf8').on('data', (text) => {
        said += text;
      });
      // It may end without having read it.
      child.stdin?.on('error', () => {}).end(input);
      return { ok: (await ended) === 0, stdout, said: stripVTControlCharacters(said).trim() };
    },
    useAccount(id) {
      own.CLOUDFLARE_ACCOUNT_ID = id;
    },
    runVisibly: async (args) => (await start(args, {}, 'inherit').ended) === 0,
  };
}
