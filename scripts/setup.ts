// npm run setup: brings the pipeline onto a Cloudflare account, step by step.

import { REAL_WORLD } from '../workers/consumer/config/env.ts';
import { EXIT, type Running, runCommand } from './command/command.ts';
import { command, readOptions } from './setup/options.ts';
import { canAsk, createPrompt } from './setup/prompt.ts';
import { run } from './setup/run.ts';
import { createWrangler } from './setup/wrangler.ts';

const program = command();
await runCommand(program, setup);

async function setup({ out }: Running): Promise<number> {
  const { env } = process;
  const folder = process.cwd();
  const options = readOptions(program.opts());
  const asked = out.json ? process.stderr : process.stdout;
  const prompt = options.yes || !canAsk(process.stdin, env) ? null : createPrompt(process.stdin, asked);
  const wrangler = createWrangler(folder, env);
  try {
    const code = await run({ options, folder, env, write: out.say, prompt, wrangler, world: REAL_WORLD });
    out.result({ ok: code === EXIT.done, dry_run: options.dryRun });
    return code;
  } catch (error) {
    if (!(error instanceof Error && error.name === 'AbortError')) throw error;
    out.note('\nStopped. Run it again at any time: it goes on from here.');
    return EXIT.interrupted;
  }
}
