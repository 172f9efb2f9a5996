// npm run doctor: checks everything that can be wrong and says how to fix it.

import { createCommand, EXIT, type Running, runCommand } from './command/command.ts';
import { lineWidth } from './command/terminal.ts';
import { askDoctor } from './doctor/report.ts';
import { show } from './doctor/show.ts';
import { type RawAddress, readAddress, withAddress } from './operator/address.ts';

interface Raw extends RawAddress {
  contact?: string;
  location?: string;
}

const program = createCommand({
  name: 'npm run doctor',
  description: 'Checks everything that can be wrong with the pipeline, and says how to fix it.',
  json: 'the report as one JSON document',
  done: 'nothing failed',
  failed: 'something failed, or the pipeline cannot be asked',
  options: (program) =>
    withAddress(
      program
        .option('--contact <id>', 'GoHighLevel id of a contact that is in the dialer: try whether memberships take')
        .option('--location <id>', 'this location only'),
    ),
  more: `The checks run in the pipeline itself, with its own settings and secrets. They change nothing, except with --contact: that contact is taken out of its bucket and put back, to see that CallTools does both. docs/troubleshooting.md explains each check.`,
});

await runCommand(program, doctor);

async function doctor({ out }: Running): Promise<number> {
  const raw = program.opts<Raw>();
  const address = readAddress(raw, process.env);
  const { ok, reports } = await askDoctor(address, { contact: raw.contact, location: raw.location });
  out.result({ ok, reports }, () =>
    reports.map((report) => show(report, address.url.origin, lineWidth())).join('\n\n'),
  );
  return ok ? EXIT.done : EXIT.failed;
}
