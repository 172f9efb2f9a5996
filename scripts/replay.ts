// npm run replay -- …: shows dead letters, puts them back into the queue, or discards them.

import { runCommand } from './command/command.ts';
import { createApi } from './replay/api.ts';
import { command, readOptions } from './replay/options.ts';
import { run } from './replay/run.ts';

/** The request that is under way is given up after 30 s. */
const ENDS_WITHIN_MS = 40_000;

const program = command();
await runCommand(
  program,
  ({ out, stop }) => {
    const options = readOptions(program.opts(), process.env);
    stop.addEventListener('abort', () => out.note('Ending after the request that is under way …'));
    return run(options, createApi(options), stop, out);
  },
  { endsWithinMs: ENDS_WITHIN_MS },
);
