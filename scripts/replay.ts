// npm run replay -- …: shows dead letters, puts them back into the queue, or discards them.
// Exit codes: 0 all fine, 1 some failed, 2 usage or connection, 130 interrupted.

import { Sentence } from './operator/sentence.ts';
import { createApi } from './replay/api.ts';
import { readOptions } from './replay/options.ts';
import { run } from './replay/run.ts';

const USAGE_OR_CONNECTION = 2;

process.exitCode = await main();

/** Aborts with the first Ctrl-C; the second ends the process at once, as ever. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  process.once('SIGINT', () => {
    console.error('Ending after the request that is under way …');
    controller.abort();
  });
  return controller.signal;
}

async function main(): Promise<number> {
  try {
    const parsed = readOptions(process.argv.slice(2), process.env);
    if (parsed.kind === 'exit') return parsed.code === 0 ? 0 : USAGE_OR_CONNECTION;
    return await run(parsed.options, createApi(parsed.options), interruption());
  } catch (error) {
    if (!(error instanceof Sentence)) throw error;
    console.error(error.message);
    return USAGE_OR_CONNECTION;
  }
}
