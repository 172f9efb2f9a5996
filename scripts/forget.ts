// npm run forget -- CONTACT_ID: erases what the pipeline keeps about one person. Exit codes: 0 done, 1 refused, 2 usage or connection.

import { Command } from 'commander';
import * as v from 'valibot';
import { type Address, readAddress, TOKEN_OPTION, URL_OPTION } from './operator/address.ts';
import { createCaller, Refused } from './operator/call.ts';
import { parseArguments } from './operator/command-line.ts';
import { Sentence } from './operator/sentence.ts';
import { confirmed } from './operator/terminal.ts';

const REFUSED = 1;
const USAGE_OR_CONNECTION = 2;

const Forgotten = v.object({
  location_id: v.string(),
  forgotten: v.object({ contacts: v.number(), numbers: v.number(), dead_letters: v.number() }),
  calltools_ids: v.array(v.number()),
  note: v.string(),
});

interface Raw {
  location?: string;
  yes?: true;
  url?: string;
  token?: string;
}

process.exitCode = await main();

async function main(): Promise<number> {
  const program = new Command('npm run forget --')
    .description(
      'Erases what the pipeline keeps about one person: ids, hashes, history, dead letters with their messages.',
    )
    .argument('<contact-id>', 'GoHighLevel id of the contact, which must have been deleted there')
    .option('--location <id>', 'of this GoHighLevel location, where several have a contact of this id')
    .option('--yes', 'do not ask (needed where nobody can answer)')
    .addOption(URL_OPTION)
    .addOption(TOKEN_OPTION)
    .addHelpText('after', '\nExit codes: 0 done, 1 refused (it says why), 2 usage or connection.')
    .allowExcessArguments(false);
  const exit = parseArguments(program, process.argv.slice(2));
  if (exit) return exit.code === 0 ? 0 : USAGE_OR_CONNECTION;
  try {
    const raw = program.opts<Raw>();
    const [contactId = ''] = program.args;
    const address = readAddress(raw, process.env);
    if (!raw.yes && !(await confirmed(`Forget all about contact ${contactId}? This cannot be undone.`))) {
      console.log('Nothing was changed.');
      return 0;
    }
    return await forget(contactId, raw.location, address);
  } catch (error) {
    if (!(error instanceof Sentence)) throw error;
    console.error(error.message);
    return error instanceof Refused ? REFUSED : USAGE_OR_CONNECTION;
  }
}

async function forget(contactId: string, location: string | undefined, address: Address): Promise<number> {
  const query = location === undefined ? '' : `?${new URLSearchParams({ location })}`;
  const path = `/contacts/${encodeURIComponent(contactId)}/forget${query}`;
  const { location_id, forgotten, calltools_ids, note } = await createCaller(address)(Forgotten, path, { body: {} });
  const { contacts, numbers, dead_letters } = forgotten;
  console.log(
    `Forgotten, of location ${location_id}: contacts ${contacts}, hashes of phone numbers ${numbers}, dead letters ${dead_letters}.`,
  );
  if (calltools_ids.length > 0) console.log(`Its contacts in CallTools (calltools_ids): ${calltools_ids.join(', ')}`);
  console.log(note);
  return 0;
}
