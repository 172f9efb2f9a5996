// npm run doctor: checks everything that can be wrong and says how to fix it. Exit codes: 0 nothing failed, 1 something did, 2 it could not run.

import { Command } from 'commander';
import { askDoctor } from './doctor/report.ts';
import { show } from './doctor/show.ts';
import { type RawAddress, readAddress } from './operator/address.ts';
import { runCommand, withAddress } from './operator/command.ts';

interface Raw extends RawAddress {
  contact?: string;
  location?: string;
  json?: true;
}

const MORE = `
The checks run in the pipeline itself, with its own settings and secrets. They change nothing, except with --contact: that contact is
taken out of its bucket and put back, to see that CallTools does both.
Exit codes: 0 nothing failed, 1 something failed, 2 it could not run. docs/troubleshooting.md explains each check.`;

const program = withAddress(
  new Command('npm run doctor --')
    .description('Checks everything that can be wrong with the pipeline, and says how to fix it.')
    .option('--contact <id>', 'GoHighLevel id of a contact that is in the dialer: try whether memberships take')
    .option('--location <id>', 'this location only')
    .option('--json', 'for machines'),
).addHelpText('after', MORE);

process.exitCode = await runCommand(program, doctor);

async function doctor(): Promise<number> {
  const raw = program.opts<Raw>();
  const address = readAddress(raw, process.env);
  const { ok, reports } = await askDoctor(address, { contact: raw.contact, location: raw.location });
  const shown = reports.map((report) => show(report, address.url.origin));
  console.log(raw.json ? JSON.stringify({ ok, reports }, null, 2) : shown.join('\n\n'));
  return ok ? 0 : 1;
}
