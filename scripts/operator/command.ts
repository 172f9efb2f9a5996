// How every operator command runs: it parses its command line, acts, and ends with an exit code.

import { type Command, CommanderError } from 'commander';
import { TOKEN_OPTION, URL_OPTION } from './address.ts';
import { Refused } from './call.ts';
import { Sentence } from './sentence.ts';

const USAGE_OR_CONNECTION = 2;

/** Adds the options that say where the pipeline is. */
export function withAddress(program: Command): Command {
  return program.addOption(URL_OPTION).addOption(TOKEN_OPTION);
}

/**
 * Parses the process's arguments into `program`, then acts. Returns the exit code: what `act` returns, 0 after --help, `refused` where
 * the pipeline refuses, and 2 for wrong usage or any other Sentence, which is shown. Throws everything else.
 */
export async function runCommand(
  program: Command,
  act: () => Promise<number>,
  refused = USAGE_OR_CONNECTION,
): Promise<number> {
  try {
    program.allowExcessArguments(false).exitOverride().parse(process.argv.slice(2), { from: 'user' });
    return await act();
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE_OR_CONNECTION;
    if (!(error instanceof Sentence)) throw error;
    console.error(error.message);
    return error instanceof Refused ? refused : USAGE_OR_CONNECTION;
  }
}
