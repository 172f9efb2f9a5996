// What people do by hand to contacts in CallTools.

import { type Action, type Blend, PHONES } from './history.ts';
import type { World } from './world.ts';

/** `meddled` gets the numbers that it concerns. */
export function handOf(
  { edit, phone, bucket }: Extract<Action, { do: 'by-hand' }>,
  world: World,
  meddled: Set<string>,
): void {
  const { callTools } = world;
  const number = PHONES[phone] ?? '';
  const ours = callTools
    .contacts()
    .filter(({ phones, fields }) => phones.includes(number) && fields.ghl_contact_id !== '');
  for (const { id } of ours) {
    meddled.add(number);
    world.byHand(() => {
      if (edit === 'take-out') callTools.takeOutByHand(id);
      else if (edit === 'put-in') callTools.putInBucketByHand(id, bucket);
      else if (edit === 'unmark') callTools.editContactByHand(id, { do_not_contact: false });
      else callTools.deleteContact(id);
    });
  }
}

/** What comes of it is found when CallTools is looked at next, as all that is done by hand. `meddled` as above. */
export function blend({ how, phone, other }: Blend, world: World, meddled: Set<string>): void {
  const { callTools } = world;
  const [number, added] = [PHONES[phone] ?? '', PHONES[other] ?? ''];
  const [contact, second] = [callTools.withPhone(number)[0], callTools.withPhone(added)[0]];
  const before = [...(contact?.phones ?? []), ...(second?.phones ?? [])];
  for (const one of [number, added, ...before]) {
    meddled.add(one);
    world.blended.add(one);
  }
  world.byHand(() => {
    if (how === 'make') callTools.addContactByHand({ mobile_phone_number: number, home_phone_number: added });
    if (!contact) return;
    const merges = how === 'merge' && second && second.id !== contact.id;
    if (merges) callTools.mergeContactsByHand(contact.id, second.id);
    if (how === 'add') callTools.editContactByHand(contact.id, { office_phone_number: added });
    const field = Object.entries(contact.fields).find(([name, value]) => /phone/.test(name) && value === added)?.[0];
    if (how === 'remove' && field !== undefined) callTools.editContactByHand(contact.id, { [field]: '' });
  });
}
