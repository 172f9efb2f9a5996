// A contact to try things with, and the commands that do, ready to paste into a shell.

import type { Sandbox } from '../../sandbox/sandbox.ts';
import type { Pipeline } from './pipeline.ts';

const EXAMPLE = { id: 'sandboxContact000001', firstName: 'Dana', phone: '+13055550142', tags: ['cold lead'] };

/** Puts the example contact into the sandbox's GoHighLevel unless it is there; sends no webhook. */
export async function seedExample({ ghl }: Sandbox): Promise<void> {
  if (ghl.contacts().some(({ id }) => id === EXAMPLE.id)) return;
  await ghl.addContact({ ...EXAMPLE, lastName: 'Example' }, { silent: true });
}

/**
 * The set-up guide's webhook for that contact, with the time at which it is pasted. With a real GoHighLevel the reader fills in the
 * contact's id.
 */
export function signedWebhook({
  url,
  locationId,
  webhookSecret,
  standIns,
}: Pick<Pipeline, 'url' | 'locationId' | 'webhookSecret' | 'standIns'>): string {
  const contact = standIns.goHighLevel ? EXAMPLE : { ...EXAMPLE, id: 'A_CONTACT_ID_OF_YOURS' };
  const [before, after] = JSON.stringify({
    type: 'ContactTagUpdate',
    location_id: locationId,
    timestamp: '@',
    contact,
  }).split('"@"');
  return [
    `body=${quote(before ?? '')}$(date +%s)000${quote(after ?? '')}`,
    `signature=$(printf '%s' "$body" | openssl dgst -sha256 -hmac ${quote(webhookSecret)} -r | cut -d' ' -f1)`,
    `curl -i ${url}/webhook/ghl -H 'Content-Type: application/json' -H "X-GHL-Signature: $signature" --data-raw "$body"`,
  ].join('\n');
}

/** Creates another contact in the sandbox's GoHighLevel, which then sends its webhooks by itself. */
export function createContact(sandbox: Sandbox): string {
  const contact = { firstName: 'Robin', phone: '+13055550143', tags: ['cold lead'] };
  return `curl -s ${sandbox.url}/sandbox/ghl/contacts -H 'Content-Type: application/json' -d ${quote(JSON.stringify(contact))}`;
}

/** As one word of a POSIX shell. */
function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
