// npm run setup: brings the pipeline onto a Cloudflare account, step by step. Exit codes: 0 done, 1 a step failed, 2 usage.

import { REAL_WORLD } from '../workers/consumer/config/env.ts';
import { runCommand } from './operator/command.ts';
import { command, readOptions } from './setup/options.ts';
import { canAsk, createPrompt } from './setup/prompt.ts';
import { run } from './setup/run.ts';
import { createWrangler } from './setup/wrangler.ts';

const STOPPED = 1;

const program = command();
process.exitCode = await runCommand(program, setup);

async function setup(): Promise<number> {
  const { env } = process;
  const folder = process.cwd();
  const options = readOptions(program.opts());
  const write = (line: string) => void process.stdout.write(`${line}\n`);
  const prompt = options.yes || !canAsk(process.stdin, env) ? null : createPrompt(process.stdin, process.stdout);
  try {
    return await run({ options, folder, env, write, prompt, wrangler: createWrangler(folder, env), world: REAL_WORLD });
  } catch (error) {
    if (!(error instanceof Error && error.name === 'AbortError')) throw error;
    console.error('\nStopped. Run it again at any time: it goes on from here.');
    return STOPPED;
  }
}
