// "Place again": an operator says that a person who was taken out in CallTools may be dialed again.

import type { Queue } from '@cloudflare/workers-types';
import type { ContactChanged, Message } from '../../../shared/messages.ts';
import { problem } from '../../../shared/problem.ts';
import type { Env, World } from '../config/env.ts';
import type { HoldReason } from '../domain/decide.ts';
import { explain } from '../domain/explanations.ts';
import type { ContactKey } from '../store/forget.ts';
import { releaseHolds } from '../store/operator-orders.ts';
import { success } from './answer.ts';

interface Deps {
  env: { DB: Env['DB']; EVENTS: Pick<Queue<Message>, 'sendBatch'> };
  world: Pick<World, 'now' | 'newId'>;
}

const HELD: HoldReason = 'taken_out_in_calltools';

/**
 * Ends the hold and asks for the contact: the rules then decide, from a fresh read. Safe to do twice. Throws where D1 or the queue fails;
 * the backstop then looks at the contact.
 */
export async function placeAgain(key: ContactKey, { env, world }: Deps): Promise<Response> {
  const now = world.now();
  const { contact, released, busy } = await releaseHolds(env.DB, key, now);
  if (busy > 0) return problem(409, 'Not placed again', BUSY);
  if (contact === null) return problem(404, 'Contact not known', NEVER_SEEN);
  const answer = { contact_id: key.contactId, location_id: key.locationId };
  if (released === 0 && contact.state === 'placed') return success({ ...answer, status: 'placed' });
  if (released === 0 && contact.reason !== HELD) return problem(409, 'Not placed again', otherReason(contact.reason));
  const event: ContactChanged = {
    ...{ v: 1, kind: 'contact.changed', locationId: key.locationId, contactId: key.contactId },
    ...{ eventType: 'PlaceAgain', source: 'operator', eventId: world.newId() },
    ...{ occurredAt: null, receivedAt: now, snapshot: null },
  };
  await env.EVENTS.sendBatch([{ body: event }]);
  return success({ ...answer, status: 'queued' });
}

const BUSY = 'It is being worked on. Ask again in a minute.';

const NEVER_SEEN = 'No contact of this id has been worked on here. Check the id in GoHighLevel.';

function otherReason(reason: string): string {
  const { what, todo } = explain(reason);
  return `It was not taken out in CallTools; it is where it is for another reason (${reason}). ${what} ${todo}`;
}
