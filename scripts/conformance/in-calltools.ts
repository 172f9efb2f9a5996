// The test contact in CallTools, as an assumption needs it.

import { CONTACT_PATH, type DialerContact } from './dialer-contact.ts';
import { NotTried } from './endings.ts';
import type { Asked, Told } from './sandbox-account.ts';
import type { Trial } from './trial.ts';

/** With its number. */
export async function withPhone({ contacts }: Trial): Promise<DialerContact> {
  const contact = await contacts.inCallTools();
  if (contact.phone === 'refused')
    throw new NotTried('CallTools refused the number for fiction. Name a number of your own with --phone.');
  if (contact.phone === 'dropped') throw new NotTried('The test contact has no number: see ct-phone-field.');
  return contact;
}

/** With do-not-contact. In doubt nobody is put into a bucket. */
export async function barred({ contacts }: Trial): Promise<DialerContact> {
  const contact = await contacts.inCallTools();
  if (!contact.isBarred)
    throw new NotTried('CallTools did not keep do-not-contact, so the test contact is put into no bucket.');
  return contact;
}

/** Changes it, once the person has agreed to `what`. */
export function patch({ caller }: Trial, id: number, what: string, body: object) {
  return caller.write('calltools', what, { method: 'PATCH', path: CONTACT_PATH, id, body });
}

/** Refuses a write that has this field. */
export function refusingField(field: string, json: unknown) {
  return ({ method, path, body }: Asked): Told | undefined => {
    const isWrite = method !== 'GET' && path.startsWith('/contacts/');
    return isWrite && body?.[field] ? { status: 400, json } : undefined;
  };
}
