// npm run rules: the rules, before they are deployed. Exit codes: 0 fine, 1 faulty, 2 usage.

import { Command } from 'commander';
import { runCommand } from './operator/command.ts';
import { findFaults, findWarnings } from './rules/check.ts';

const FAULTY = 1;

const program = new Command('npm run rules --')
  .description('Looks at the rules of this folder: rules.jsonc, and SYNC_RULES in wrangler.consumer.jsonc.')
  .option('--check', 'say what is wrong with the rules and settings, without a question to anybody')
  .addHelpText('after', '\nExit codes: 0 nothing is wrong, 1 something is, 2 usage.');

process.exitCode = await runCommand(program, check);

async function check(): Promise<number> {
  const faults = await findFaults();
  for (const line of [...faults, ...(await findWarnings())]) console.error(line);
  return faults.length === 0 ? 0 : FAULTY;
}
