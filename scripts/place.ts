// npm run place -- --contact ID: lets a person be dialed again who was taken out in CallTools. Exit codes: 0 done, 1 refused, 2 usage or connection.

import { Command } from 'commander';
import * as v from 'valibot';
import { type Address, readAddress, TOKEN_OPTION, URL_OPTION } from './operator/address.ts';
import { createCaller, Refused } from './operator/call.ts';
import { parseArguments } from './operator/command-line.ts';
import { Sentence } from './operator/sentence.ts';

const REFUSED = 1;
const USAGE_OR_CONNECTION = 2;

const Placed = v.object({ contact_id: v.string(), location_id: v.string(), status: v.picklist(['queued', 'placed']) });

interface Raw {
  contact: string;
  location?: string;
  url?: string;
  token?: string;
}

process.exitCode = await main();

async function main(): Promise<number> {
  const program = new Command('npm run place --')
    .description(
      'Places a contact again that was taken out of its bucket in CallTools after a call (reason taken_out_in_calltools). The rules decide, from a fresh read.',
    )
    .requiredOption('--contact <id>', 'GoHighLevel id of the contact')
    .option('--location <id>', 'of this GoHighLevel location, where several have a contact of this id')
    .addOption(URL_OPTION)
    .addOption(TOKEN_OPTION)
    .addHelpText('after', '\nExit codes: 0 done, 1 refused (it says why), 2 usage or connection.')
    .allowExcessArguments(false);
  const exit = parseArguments(program, process.argv.slice(2));
  if (exit) return exit.code === 0 ? 0 : USAGE_OR_CONNECTION;
  try {
    const { contact, location, ...where } = program.opts<Raw>();
    return await place(contact, location, readAddress(where, process.env));
  } catch (error) {
    if (!(error instanceof Sentence)) throw error;
    console.error(error.message);
    return error instanceof Refused ? REFUSED : USAGE_OR_CONNECTION;
  }
}

async function place(contactId: string, location: string | undefined, address: Address): Promise<number> {
  const query = location === undefined ? '' : `?${new URLSearchParams({ location })}`;
  const path = `/contacts/${encodeURIComponent(contactId)}/place${query}`;
  const { location_id, status } = await createCaller(address)(Placed, path, { body: {} });
  console.log(
    status === 'placed'
      ? `Contact ${contactId} of location ${location_id} is in the dialer already.`
      : `Contact ${contactId} of location ${location_id} is looked at again within seconds. GET /contacts/${contactId} says what became of it.`,
  );
  return 0;
}
