// npm run forget -- CONTACT_ID: erases what the pipeline keeps about one person.

import * as v from 'valibot';
import type * as api from '../shared/api/contacts.ts';
import { createCommand, EXIT, type Running, runCommand } from './command/command.ts';
import { confirmed } from './command/terminal.ts';
import { type RawAddress, readAddress, withAddress } from './operator/address.ts';
import { createCaller } from './operator/call.ts';
import { contactPath } from './operator/contact-path.ts';

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

const program = createCommand({
  name: 'npm run forget',
  description:
    'Erases what the pipeline keeps about one person: ids, hashes, history, dead letters with their messages.',
  json: 'what was erased as one JSON document; null where you said no',
  failed: 'refused, or the pipeline cannot be asked (it says why)',
  options: (program) =>
    withAddress(
      program
        .argument('<contact-id>', 'GoHighLevel id of the contact, which must have been deleted there')
        .option('--location <id>', 'its GoHighLevel location, if several have a contact with this id')
        .option('--yes', 'do not ask (needed where nobody can answer)'),
    ),
});

await runCommand(program, forget);

async function forget({ out }: Running): Promise<number> {
  const raw = program.opts<Raw>();
  const [contactId = ''] = program.args;
  const call = createCaller(readAddress(raw, process.env));
  if (!raw.yes && !(await confirmed(`Forget all about contact ${contactId}? This cannot be undone.`))) {
    out.result(null, () => 'Nothing was changed.');
    return EXIT.done;
  }
  const answer = await call(Forgotten, contactPath(contactId, 'forget', raw.location), { body: {} });
  out.result(answer, () => show(answer));
  return EXIT.done;
}

function show({ location_id, forgotten, calltools_ids, note }: api.Forgotten): string {
  const { contacts, numbers, dead_letters } = forgotten;
  return [
    `Forgotten in location ${location_id}: contacts ${contacts}, hashes of phone numbers ${numbers}, dead letters ${dead_letters}.`,
    ...(calltools_ids.length > 0 ? [`Its contacts in CallTools (calltools_ids): ${calltools_ids.join(', ')}`] : []),
    note,
  ].join('\n');
}
