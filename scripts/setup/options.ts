// The command line of the set-up.

import { Command, CommanderError, Option } from 'commander';
import { GENERATED, SECRETS, type SecretName } from './secrets.ts';

export interface Options {
  /** Only say what would be done. */
  dryRun: boolean;
  /** Ask nothing: take the environment's values. */
  yes: boolean;
  /** Secrets to be set anew although they are set. */
  renew: SecretName[];
}

/** `exit`: help was shown, or what is wrong; nothing is left to do. */
export type Parsed = { kind: 'options'; options: Options } | { kind: 'exit'; code: number };

const MORE = `
It may be run again at any time: what is there already is left as it is, and after a failure it goes on where it stopped.
Settings and secrets are taken from the environment where it has them, under their own names (GHL_LOCATION_ID, GHL_API_KEY, …),
and asked for otherwise. ${GENERATED.join(', ')} are made up unless the environment has them.
Several Cloudflare accounts: choose one with CLOUDFLARE_ACCOUNT_ID.
Exit codes: 0 done, 1 a step failed, 2 usage.`;

export function readOptions(argv: string[]): Parsed {
  const names = SECRETS.map(({ name }) => name);
  const program = new Command('npm run setup --')
    .description('Puts the pipeline onto a Cloudflare account: queues, database, both workers, settings and secrets.')
    .option('--dry-run', 'show what would be done, and do nothing')
    .option('--yes', 'ask nothing (for automation); what is missing ends it with a word on what to set')
    .addOption(new Option('--new <secret...>', 'set these secrets anew, though they are set').choices(names))
    .addHelpText('after', MORE)
    .allowExcessArguments(false)
    .exitOverride();
  try {
    program.parse(argv, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return { kind: 'exit', code: error.exitCode };
    throw error;
  }
  const raw = program.opts<{ dryRun?: true; yes?: true; new?: SecretName[] }>();
  return { kind: 'options', options: { dryRun: raw.dryRun === true, yes: raw.yes === true, renew: raw.new ?? [] } };
}
