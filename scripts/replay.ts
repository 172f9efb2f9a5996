// npm run replay -- …: shows dead letters, puts them back into the queue, or discards them.
// Exit codes: 0 all fine, 1 some failed, 2 usage or connection, 130 interrupted.

import { runCommand } from './operator/command.ts';
import { createApi } from './replay/api.ts';
import { command, readOptions } from './replay/options.ts';
import { run } from './replay/run.ts';

const program = command();
process.exitCode = await runCommand(program, () => {
  const options = readOptions(program.opts(), process.env);
  return run(options, createApi(options), interruption());
});

/** Aborts with the first Ctrl-C; the second ends the process at once. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  process.once('SIGINT', () => {
    console.error('Ending after the request that is under way …');
    controller.abort();
  });
  return controller.signal;
}
