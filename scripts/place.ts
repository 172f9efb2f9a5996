// npm run place -- --contact ID: lets a person be dialed again who was taken out in CallTools. Exit codes: 0 done, 1 refused, 2 usage or connection.

import { Command } from 'commander';
import * as v from 'valibot';
import type * as api from '../shared/api-contacts.ts';
import { type RawAddress, readAddress } from './operator/address.ts';
import { createCaller } from './operator/call.ts';
import { runCommand, withAddress } from './operator/command.ts';
import { contactPath } from './operator/contact-path.ts';

const REFUSED = 1;

const Placed: v.GenericSchema<unknown, api.Placed> = v.object({
  contact_id: v.string(),
  location_id: v.string(),
  status: v.picklist(['queued', 'placed']),
});

interface Raw extends RawAddress {
  contact: string;
  location?: string;
}

const program = withAddress(
  new Command('npm run place --')
    .description(
      'Places a contact again that was taken out of its bucket in CallTools after a call (reason taken_out_in_calltools). The contact is read again, and the rules decide.',
    )
    .requiredOption('--contact <id>', 'GoHighLevel id of the contact')
    .option('--location <id>', 'its GoHighLevel location, if several have a contact with this id'),
).addHelpText('after', '\nExit codes: 0 done, 1 refused (it says why), 2 usage or connection.');

process.exitCode = await runCommand(program, place, REFUSED);

async function place(): Promise<number> {
  const raw = program.opts<Raw>();
  const path = contactPath(raw.contact, 'place', raw.location);
  const placed = await createCaller(readAddress(raw, process.env))(Placed, path, { body: {} });
  const contact = `Contact ${raw.contact} of location ${placed.location_id}`;
  console.log(
    placed.status === 'placed'
      ? `${contact} is in the dialer already.`
      : `${contact} is looked at again within seconds. GET /contacts/${raw.contact} shows the result.`,
  );
  return 0;
}
