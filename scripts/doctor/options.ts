// The command line of the doctor.

import { Command } from 'commander';
import { type Address, readAddress, TOKEN_OPTION, URL_OPTION } from '../operator/address.ts';
import { type Exit, parseArguments } from '../operator/command-line.ts';

export interface Options extends Address {
  /** GoHighLevel id of a contact whose membership may be tried; null = none. */
  contact: string | null;
  /** One location of several; null = all. */
  location: string | null;
  json: boolean;
}

export type Parsed = { kind: 'options'; options: Options } | Exit;

const MORE = `
The checks run in the pipeline itself, with its own settings and secrets. Nothing is changed, but with --contact: that contact is
taken out of its bucket and put back, to see that both take.
Exit codes: 0 nothing failed, 1 something failed, 2 it could not run. docs/troubleshooting.md explains each check.`;

export function readOptions(argv: string[], env: Record<string, string | undefined>): Parsed {
  const program = new Command('npm run doctor --')
    .description('Checks everything that can be wrong with the pipeline, and says how to mend it.')
    .option('--contact <id>', 'GoHighLevel id of a contact that is in the dialer: try whether memberships take')
    .option('--location <id>', 'this location only')
    .option('--json', 'for machines')
    .addOption(URL_OPTION)
    .addOption(TOKEN_OPTION)
    .addHelpText('after', MORE)
    .allowExcessArguments(false);
  const exit = parseArguments(program, argv);
  if (exit) return exit;
  const raw = program.opts<{ contact?: string; location?: string; json?: true; url?: string; token?: string }>();
  return {
    kind: 'options',
    options: {
      ...readAddress(raw, env),
      ...{ contact: raw.contact ?? null, location: raw.location ?? null, json: raw.json === true },
    },
  };
}
