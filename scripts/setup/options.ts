// The command line of the set-up.

import { Command, Option } from 'commander';
import { type Exit, parseArguments } from '../operator/command-line.ts';

import { GENERATED, SECRETS, type SecretName } from './secret-names.ts';

export interface Options {
  /** Only say what would be done. */
  dryRun: boolean;
  /** Ask nothing: take the environment's values. */
  yes: boolean;
  /** Secrets to be set anew although they are set. */
  renew: SecretName[];
}

export type Parsed = { kind: 'options'; options: Options } | Exit;

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
    .option('--yes', 'ask nothing (needed where nobody can answer); what is missing ends it with a word on what to set')
    .addOption(new Option('--new <secret...>', 'set these secrets anew, though they are set').choices(names))
    .addHelpText('after', MORE)
    .allowExcessArguments(false);
  const exit = parseArguments(program, argv);
  if (exit) return exit;
  const raw = program.opts<{ dryRun?: true; yes?: true; new?: SecretName[] }>();
  return { kind: 'options', options: { dryRun: raw.dryRun === true, yes: raw.yes === true, renew: raw.new ?? [] } };
}
