// npm run fields -- --contact ID: shows what would be written into CallTools for one contact.

import * as v from 'valibot';
import type * as api from '../shared/api/contacts.ts';
import { createCommand, EXIT, type Running, runCommand } from './command/command.ts';
import { lineWidth } from './command/terminal.ts';
import { harmless, table } from './command/text.ts';
import { type RawAddress, readAddress, withAddress } from './operator/address.ts';
import { createCaller } from './operator/call.ts';
import { contactPath } from './operator/contact-path.ts';

/** The account's description is looked for at several addresses. */
const TIMEOUT_MS = 90_000;

const Fields: v.GenericSchema<unknown, api.ContactFields> = v.object({
  contact_id: v.string(),
  location_id: v.string(),
  placed: v.boolean(),
  explanation: v.string(),
  fields: v.array(
    v.object({
      field: v.string(),
      value: v.nullable(v.union([v.string(), v.number(), v.boolean(), v.array(v.string())])),
      from: v.string(),
      outcome: v.picklist(['written', 'default', 'cleared', 'kept', 'dropped', 'refused']),
      note: v.nullable(v.string()),
    }),
  ),
  notes: v.array(v.string()),
});

interface Raw extends RawAddress {
  contact: string;
  location?: string;
}

const program = createCommand({
  name: 'npm run fields',
  description: 'Shows for one contact what would be written into CallTools, field by field, and what would be dropped.',
  json: 'the fields as one JSON document',
  failed: 'refused, or the pipeline cannot be asked (it says why)',
  options: (program) =>
    withAddress(
      program
        .requiredOption('--contact <id>', 'GoHighLevel id of the contact')
        .option('--location <id>', 'its GoHighLevel location, if there are several'),
    ),
  more: `The contact is read from GoHighLevel now. Nothing is written, stored or logged; the values appear on this screen only. docs/fields.md explains the fields.`,
});

await runCommand(program, fields);

async function fields({ out }: Running): Promise<number> {
  const raw = program.opts<Raw>();
  const path = contactPath(raw.contact, 'fields', raw.location);
  const answer = await createCaller(readAddress(raw, process.env))(Fields, path, { timeoutMs: TIMEOUT_MS });
  out.result(answer, () => show(answer));
  return EXIT.done;
}

function show({ contact_id, location_id, explanation, fields, notes }: api.ContactFields): string {
  const rows = fields.map(({ field, value, from, outcome, note }) => [
    field,
    shown(value),
    from,
    note === null ? outcome : `${outcome}: ${note}`,
  ]);
  return [
    `Contact ${contact_id} of location ${location_id}. ${harmless(explanation)}\n`,
    table(['FIELD', 'VALUE', 'FROM', 'OUTCOME'], rows, lineWidth()),
    ...(notes.length > 0 ? ['', ...notes.map(harmless)] : []),
  ].join('\n');
}

/** As JSON would show it, so that a text of digits is told from a number. */
function shown(value: api.FieldPreview['value']): string {
  return value === null ? '-' : JSON.stringify(value);
}
