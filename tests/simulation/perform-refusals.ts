// One record that a vendor refuses from now on, or a part of what is written to it.

import type { Part, RefusalAction } from './history.ts';
import type { World } from './world.ts';

/** `id`: the person's contact in GoHighLevel. `meddled` gets the numbers whose CallTools contacts were changed by hand. */
export function refuse(action: RefusalAction, id: string, world: World, meddled: Set<string>): void {
  world.refused.set(id, action);
  if (action.do === 'refuse') refuseContact(action, id, world);
  else refuseOneOfTwo(action, id, world, meddled);
}

function refuseContact(
  { vendor, status, part, complains = false }: Extract<RefusalAction, { do: 'refuse' }>,
  id: string,
  world: World,
): void {
  const isHis = vendor === 'gohighlevel' ? (url: string) => url.endsWith(`/contacts/${id}`) : contactsOf(id, world);
  const field = part && FIELDS[part];
  const isMet = (url: string, body: string) => isHis(url) && (field === undefined || body.includes(`"${field}"`));
  world.faults.refuse(isMet, { status, field: complains ? field : undefined });
}

/** How a part of a withdrawal is written on the contact's side. */
const FIELDS: Record<Part, string> = { mark: 'do_not_contact', buckets: 'remove_buckets', tags: 'remove_tags' };

function refuseOneOfTwo(
  { bucket, status, refused }: Extract<RefusalAction, { do: 'refuse-one-of-two' }>,
  id: string,
  world: World,
  meddled: Set<string>,
): void {
  const { callTools, truth, faults, strays } = world;
  const phone = truth.latest(id)?.phone ?? null;
  if (phone === null) return;
  meddled.add(phone);
  const known = callTools.withPhone(phone).map((contact) => contact.id);
  world.byHand(() => {
    const second = callTools.addContactByHand({ mobile_phone_number: phone });
    callTools.putInBucketByHand(second.id, bucket);
    const ids = refused === 'known' ? known : [second.id];
    faults.refuse((url) => ids.includes(contactIn(url) ?? 0), { status });
    strays.add(second.id);
  });
}

/** It concerns a part of what is done with a person, or one of two CallTools contacts. */
export function isPartly(action: RefusalAction): boolean {
  return action.do === 'refuse-one-of-two' || action.part !== undefined;
}

/** Whether a call is about a CallTools contact that shows this person. */
function contactsOf(id: string, { callTools }: World): (url: string) => boolean {
  return (url) => {
    const called = contactIn(url);
    return callTools.contacts().some((one) => one.id === called && one.fields.ghl_contact_id === id);
  };
}

/** The CallTools contact that a call is about. */
function contactIn(url: string): number | null {
  const [, id] = /\/api\/contacts\/(\d+)\/$/.exec(url) ?? [];
  return id === undefined ? null : Number(id);
}
