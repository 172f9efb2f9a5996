// npm run place: lets a person be dialed again (--contact ID), or what the brake holds back (--confirm).

import { Option } from 'commander';
import * as v from 'valibot';
import type * as api from '../shared/api/contacts.ts';
import type { Confirmed as ApiConfirmed } from '../shared/api/status.ts';
import { createCommand, EXIT, type Running, runCommand } from './command/command.ts';
import type { Output } from './command/output.ts';
import { WrongUse } from './command/sentence.ts';
import { type RawAddress, readAddress, withAddress } from './operator/address.ts';
import { type Caller, createCaller } from './operator/call.ts';
import { contactPath } from './operator/contact-path.ts';

const Placed: v.GenericSchema<unknown, api.Placed> = v.object({
  contact_id: v.string(),
  location_id: v.string(),
  status: v.picklist(['queued', 'placed']),
});

const Confirmed: v.GenericSchema<unknown, ApiConfirmed> = v.object({ confirmed: v.string(), contacts: v.number() });

interface Raw extends RawAddress {
  contact?: string;
  confirm?: string;
  location?: string;
}

const program = createCommand({
  name: 'npm run place',
  description:
    'Places a contact again that was taken out of its bucket in CallTools after a call (reason taken_out_in_calltools), or what MAX_NEW_PLACEMENTS holds back (held_by_brake). Contacts are read again, and the rules decide.',
  json: 'the answer as one JSON document',
  failed: 'refused, or the pipeline cannot be asked (it says why)',
  options: (program) =>
    withAddress(
      program
        .addOption(new Option('--contact <id>', 'GoHighLevel id of the contact').conflicts('confirm'))
        .option(
          '--confirm <run-or-hour>',
          'place all that are held back because of this run, or since this hour in UTC, such as 2026-11-29T14',
        )
        .option(
          '--location <id>',
          'its GoHighLevel location, if several have a contact with this id; with --confirm this location only',
        ),
    ),
});

await runCommand(program, place);

async function place({ out }: Running): Promise<number> {
  const raw = program.opts<Raw>();
  const call = createCaller(readAddress(raw, process.env));
  if (raw.contact !== undefined) await placeContact(raw.contact, raw.location, call, out);
  else if (raw.confirm !== undefined) await confirm(raw.confirm, raw.location, call, out);
  else throw new WrongUse('Name what is to be placed: --contact ID, or --confirm RUN_OR_HOUR.');
  return EXIT.done;
}

async function placeContact(id: string, location: string | undefined, call: Caller, out: Output): Promise<void> {
  const placed = await call(Placed, contactPath(id, 'place', location), { body: {} });
  const contact = `Contact ${id} of location ${placed.location_id}`;
  out.result(placed, () =>
    placed.status === 'placed'
      ? `${contact} is in the dialer already.`
      : `${contact} is looked at again within seconds. GET /contacts/${id} shows the result.`,
  );
}

async function confirm(runOrHour: string, location: string | undefined, call: Caller, out: Output): Promise<void> {
  const query = new URLSearchParams({ confirm: runOrHour, ...(location !== undefined && { location }) });
  const answer = await call(Confirmed, `/sync/trigger?${query}`, { body: {} });
  out.result(
    answer,
    () =>
      `${answer.contacts} contacts are read again and placed, as fast as the vendors allow. GET /sync/stats shows how many are still held back.`,
  );
}
