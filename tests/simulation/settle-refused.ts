// While CallTools still refuses a part of a withdrawal: all that it takes of it is done.

import type { DialerContact } from '../../sandbox/calltools/view.ts';
import type { RefusalAction } from './history.ts';
import { folded } from './oracle.ts';
import type { Performer } from './perform.ts';
import { bucketsOf, tagsOf } from './rule-sets.ts';
import type { World } from './world.ts';

/** To be called once nothing is under way, and before the refusals end. */
export function partsAreTaken(world: World, performer: Performer): void {
  const { truth, refused, callTools } = world;
  for (const [id, action] of refused) {
    const { phone = null, wish } = truth.latest(id) ?? {};
    const isPartly = action.do === 'refuse-one-of-two' || action.part !== undefined;
    if (!isPartly || phone === null || wish === 'place' || !performer.upToDate(id) || !performer.dndHeard(id)) continue;
    for (const contact of callTools.withPhone(phone))
      for (const left of leftOf(contact, { id, action, marked: wish === 'dnc' }, world))
        world.report('kept in', `${contact.id} ${left}, although ${id} is out, and CallTools does not refuse that`);
  }
}

/** What is left to be done with a contact that CallTools does not refuse. `marked`: it is to be marked do-not-contact. */
function leftOf(
  { fields, buckets, tags, doNotContact }: DialerContact,
  { id, action, marked }: { id: string; action: RefusalAction; marked: boolean },
  { setup }: World,
): string[] {
  const isKnown = fields.ghl_contact_id === id;
  if (action.do === 'refuse-one-of-two' && isKnown === (action.refused === 'known')) return [];
  const part = action.do === 'refuse' ? action.part : undefined;
  const managed = bucketsOf(setup.rules).map(folded);
  const mayLeave = part !== 'buckets' || setup.callTools.bucketSidePatch !== 'ignored';
  const isIn = mayLeave && buckets.some((name) => managed.includes(folded(name)));
  const isTagged = part !== 'tags' && tags.some((name) => tagsOf(setup.rules).includes(name));
  const isUnmarked = part !== 'mark' && marked && !doNotContact;
  return [
    ...(isIn ? [`is in ${buckets}`] : []),
    ...(isTagged ? [`has the tags ${tags}`] : []),
    ...(isUnmarked ? ['is not marked'] : []),
  ];
}
