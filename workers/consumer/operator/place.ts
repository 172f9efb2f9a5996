// "Place again": an operator says that a person who was taken out in CallTools, or said no in a call, may be dialed again.

import type { Placed } from '../../../shared/api/contacts.ts';
import type { ContactChanged } from '../../../shared/messages.ts';
import { problem } from '../../../shared/problem.ts';
import type { HoldReason } from '../domain/decide.ts';
import { explain } from '../domain/explanations.ts';
import type { ContactKey } from '../store/forget.ts';
import { releaseHolds } from '../store/operator-orders.ts';
import { success } from './answer.ts';
import type { OperatorDeps } from './deps.ts';

const HELD: readonly string[] = ['taken_out_in_calltools', 'said_no'] satisfies HoldReason[];

/**
 * Ends the hold and queues the contact; the rules then decide from a fresh read. Safe to do twice. Throws where D1 or the queue fails;
 * the backstop then looks at the contact.
 */
export async function placeAgain(key: ContactKey, { env, world, log }: OperatorDeps): Promise<Response> {
  const now = world.now();
  const { contact, released, busy } = await releaseHolds(env.DB, key, now);
  if (busy > 0) return problem(409, 'Not placed again', BUSY);
  if (contact === null) return problem(404, 'Contact not known', NEVER_SEEN);
  const answer = (status: Placed['status']): Response => {
    log('contact.place_again', { ...key });
    return success<Placed>({ contact_id: key.contactId, location_id: key.locationId, status });
  };
  if (released === 0 && contact.state === 'placed') return answer('placed');
  if (released === 0 && !HELD.includes(contact.reason))
    return problem(409, 'Not placed again', otherReason(contact.reason));
  const event: ContactChanged = {
    v: 1,
    kind: 'contact.changed',
    locationId: key.locationId,
    contactId: key.contactId,
    eventType: 'PlaceAgain',
    source: 'operator',
    eventId: world.newId(),
    occurredAt: null,
    receivedAt: now,
    snapshot: null,
  };
  await env.EVENTS.sendBatch([{ body: event }]);
  return answer('queued');
}

const BUSY = 'It is being worked on. Ask again in a minute.';

const NEVER_SEEN = 'The pipeline has never worked on a contact with this id. Check the id in GoHighLevel.';

function otherReason(reason: string): string {
  const { what, todo } = explain(reason);
  return `It was neither taken out in CallTools nor said no in a call; its state has another reason (${reason}). ${what} ${todo}`;
}
