// While CallTools still refuses a part of a withdrawal: all that it takes of it is done.

import type { DialerContact } from '../../sandbox/calltools/view.ts';
import { HOUR_MS } from '../../shared/time.ts';
import type { RefusalAction } from './history.ts';
import { isClear } from './odd-watch.ts';
import { folded } from './oracle.ts';
import type { Performer } from './perform.ts';
import { isPartly } from './perform-refusals.ts';
import { bucketsOf, tagsOf } from './rule-sets.ts';
import type { World } from './world.ts';

/** Retries and waits are over by then. */
const LONG_MS = 4 * HOUR_MS;

/** Lets the work run dry while the refusals last, and looks at what has been done. `dry`: nothing is under way. */
export async function settleRefused(world: World, performer: Performer, dry: () => boolean): Promise<void> {
  const { clock, refused, report } = world;
  if (![...refused.values()].some(isPartly)) return;
  await clock.runUntil(dry, clock.now + LONG_MS);
  // With all people refused CallTools may seem to be down: then work waits for it.
  if (refused.size === 1 && !dry()) report('endless', 'what is refused');
  partsAreTaken(world, performer);
}

function partsAreTaken(world: World, performer: Performer): void {
  const { truth, refused, callTools } = world;
  for (const [id, action] of refused) {
    const { phone = null, wish } = truth.latest(id) ?? {};
    if (!isPartly(action) || phone === null || wish === 'place' || !performer.upToDate(id) || !performer.dndHeard(id))
      continue;
    for (const contact of callTools.withPhone(phone))
      for (const left of leftOf(contact, { action, marked: wish === 'dnc' }, world))
        world.report('kept in', `${contact.id} ${left}, although ${id} is out, and CallTools does not refuse that`);
  }
}

/** What is left to be done with a contact that CallTools does not refuse. `marked`: it is to be marked do-not-contact. */
function leftOf(
  { id, buckets, tags, doNotContact }: DialerContact,
  { action, marked }: { action: RefusalAction; marked: boolean },
  { setup, strays }: World,
): string[] {
  const isStray = strays.has(id);
  const isOne = action.do === 'refuse-one-of-two' && isStray === (action.refused === 'unknown');
  // The other one of two is found by a row of a list, which may not show enough of it.
  if (isOne && isStray) return [];
  const part = action.do === 'refuse' ? action.part : undefined;
  const managed = bucketsOf(setup.rules).map(folded);
  const side = setup.callTools.bucketSidePatch === 'ignored' || (isOne && !isClear(action.status)) ? 'closed' : 'open';
  const mayLeave = (!isOne && part !== 'buckets') || side === 'open';
  const isIn = mayLeave && buckets.some((name) => managed.includes(folded(name)));
  if (isOne) return isIn ? [`is in ${buckets}`] : [];
  const isTagged = part !== 'tags' && tags.some((name) => tagsOf(setup.rules).includes(name));
  const isUnmarked = part !== 'mark' && marked && !doNotContact;
  return [
    ...(isIn ? [`is in ${buckets}`] : []),
    ...(isTagged ? [`has the tags ${tags}`] : []),
    ...(isUnmarked ? ['is not marked'] : []),
  ];
}
