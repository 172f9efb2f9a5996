// npm run forget -- CONTACT_ID: erases what the pipeline keeps about one person. Exit codes: 0 done, 1 refused, 2 usage or connection.

import { Command } from 'commander';
import * as v from 'valibot';
import type * as api from '../shared/api/contacts.ts';
import { type RawAddress, readAddress } from './operator/address.ts';
import { createCaller } from './operator/call.ts';
import { runCommand, withAddress } from './operator/command.ts';
import { contactPath } from './operator/contact-path.ts';
import { confirmed } from './operator/terminal.ts';

const REFUSED = 1;

const Forgotten: v.GenericSchema<unknown, api.Forgotten> = v.object({
  contact_id: v.string(),
  location_id: v.string(),
  forgotten: v.object({ contacts: v.number(), numbers: v.number(), dead_letters: v.number() }),
  calltools_ids: v.array(v.number()),
  note: v.string(),
});

interface Raw extends RawAddress {
  location?: string;
  yes?: true;
}

const program = withAddress(
  new Command('npm run forget --')
    .description(
      'Erases what the pipeline keeps about one person: ids, hashes, history, dead letters with their messages.',
    )
    .argument('<contact-id>', 'GoHighLevel id of the contact, which must have been deleted there')
    .option('--location <id>', 'its GoHighLevel location, if several have a contact with this id')
    .option('--yes', 'do not ask (needed where nobody can answer)'),
).addHelpText('after', '\nExit codes: 0 done, 1 refused (it says why), 2 usage or connection.');

process.exitCode = await runCommand(program, forget, REFUSED);

async function forget(): Promise<number> {
  const raw = program.opts<Raw>();
  const [contactId = ''] = program.args;
  const call = createCaller(readAddress(raw, process.env));
  if (!raw.yes && !(await confirmed(`Forget all about contact ${contactId}? This cannot be undone.`))) {
    console.log('Nothing was changed.');
    return 0;
  }
  const answer = await call(Forgotten, contactPath(contactId, 'forget', raw.location), { body: {} });
  const { contacts, numbers, dead_letters } = answer.forgotten;
  console.log(
    `Forgotten in location ${answer.location_id}: contacts ${contacts}, hashes of phone numbers ${numbers}, dead letters ${dead_letters}.`,
  );
  if (answer.calltools_ids.length > 0)
    console.log(`Its contacts in CallTools (calltools_ids): ${answer.calltools_ids.join(', ')}`);
  console.log(answer.note);
  return 0;
}
