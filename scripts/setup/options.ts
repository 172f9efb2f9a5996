// The command line of the set-up.

import { type Command, Option } from 'commander';
import { createCommand } from '../command/command.ts';
import { GENERATED, SECRETS, type SecretName } from './secret-names.ts';

/** The command line, read. */
export interface Options {
  /** Only say what would be done. */
  dryRun: boolean;
  /** Ask nothing: take the environment's values. */
  yes: boolean;
  /** CallTools is to tell of calls at once. */
  callHooks: boolean;
  /** Secrets to be set again even if they are set. */
  renew: SecretName[];
}

const MORE = `It can be run again at any time. It leaves alone what is there already, and after a failure it goes on where it stopped.
Settings and secrets come from the environment under their own names (GHL_LOCATION_ID, GHL_API_KEY, …); it asks for the others.
${GENERATED.join(', ')} are generated unless the environment has them.
Several Cloudflare accounts: choose one with CLOUDFLARE_ACCOUNT_ID.`;

/** The command line as commander returns it. */
export interface Raw {
  dryRun?: true;
  yes?: true;
  callHooks?: true;
  new?: SecretName[];
}

/** The command with its help. */
export function command(): Command {
  const names = SECRETS.map(({ name }) => name);
  return createCommand({
    name: 'npm run setup',
    description: 'Puts the pipeline onto a Cloudflare account: queues, database, both workers, settings and secrets.',
    json: 'whether it succeeded as one JSON document',
    done: 'done, or only shown',
    failed: 'a step failed; run it again to go on from there',
    options: (program) =>
      program
        .option('--dry-run', 'show what would be done, and do nothing')
        .option(
          '--yes',
          'ask nothing (needed where nobody can answer); if something is missing, end and say what to set',
        )
        .option(
          '--call-hooks',
          'have CallTools tell of calls at once (docs/call-results.md): subscribes, and sets the token',
        )
        .addOption(new Option('--new <secret...>', 'set these secrets again, even if they are set').choices(names)),
    more: MORE,
  });
}

/** Reads what commander returns. */
export function readOptions(raw: Raw): Options {
  return {
    dryRun: raw.dryRun === true,
    yes: raw.yes === true,
    callHooks: raw.callHooks === true,
    renew: raw.new ?? [],
  };
}
