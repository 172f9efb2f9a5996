// npm run setup: brings the pipeline onto a Cloudflare account, step by step. Exit codes: 0 done, 1 a step failed, 2 usage.

import { Sentence } from './operator/sentence.ts';
import { readOptions } from './setup/options.ts';
import { canAsk, createPrompt } from './setup/prompt.ts';
import { run } from './setup/run.ts';
import { createWrangler } from './setup/wrangler.ts';

const STOPPED = 1;
const USAGE = 2;

process.exitCode = await main();

async function main(): Promise<number> {
  const { env } = process;
  const folder = process.cwd();
  const write = (line: string) => void process.stdout.write(`${line}\n`);
  try {
    const parsed = readOptions(process.argv.slice(2));
    if (parsed.kind === 'exit') return parsed.code === 0 ? 0 : USAGE;
    const { options } = parsed;
    const prompt = options.yes || !canAsk(process.stdin, env) ? null : createPrompt(process.stdin, process.stdout);
    return await run({ options, folder, env, write, prompt, wrangler: createWrangler(folder, env) });
  } catch (error) {
    if (error instanceof Error && error.name === 'AbortError') {
      console.error('\nStopped. Run it again at any time: it goes on from here.');
      return STOPPED;
    }
    if (!(error instanceof Sentence)) throw error;
    console.error(error.message);
    return USAGE;
  }
}
