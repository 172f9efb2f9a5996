// Who said no is held in D1 first, and then withdrawn from CallTools by the same work as every other contact.

import { errorText } from '../../../shared/harmless.ts';
import type { ContactChanged } from '../../../shared/messages.ts';
import type { LocationContext } from '../config/context.ts';
import { contactsToWithdraw, endHolds, holdNumbers } from '../store/calls/holds.ts';
import { LATE_MS } from '../store/calls/results.ts';

/** Tries of one poll where a batch has a number in hand, and the pause between them. Batches usually end within seconds. */
const TRIES = 4;
const PAUSE_MS = 2000;
/** The most of one `sendBatch` (docs/vendors.md, Cloudflare: queues). */
const SEND_AT_ONCE = 100;

/** Event type of the messages. */
export const CALL_RESULT = 'CallResult';

/**
 * Finishes what is left to do for rows that say no. What cannot be finished is left to the next minute. A kill at any line repeats work,
 * which is harmless, and loses none. Throws where D1 or the queue fails. Resolves to how many numbers were held.
 */
export async function withdrawHeld(context: LocationContext): Promise<number> {
  const { env, world, settings } = context;
  let all = 0;
  for (let tries = 1; ; tries++) {
    const now = world.now();
    const { held, busy } = await holdNumbers(env.DB, settings.GHL_LOCATION_ID, now, now - LATE_MS);
    all += held;
    await askForHeld(context);
    if (busy === 0 || tries === TRIES) return all;
    await world.wait(PAUSE_MS);
  }
}

/** Puts the contacts of held numbers into the queue. */
async function askForHeld({ env, world, settings, log }: LocationContext): Promise<void> {
  const locationId = settings.GHL_LOCATION_ID;
  const { rowIds, contactIds } = await contactsToWithdraw(env.DB, locationId, world.now());
  if (rowIds.length === 0) return;
  const messages = contactIds.map((contactId): { body: ContactChanged } => ({
    body: {
      v: 1,
      kind: 'contact.changed',
      locationId,
      contactId,
      eventType: CALL_RESULT,
      source: 'call',
      eventId: world.newId(),
      occurredAt: null,
      receivedAt: world.now(),
      snapshot: null,
    },
  }));
  try {
    for (let from = 0; from < messages.length; from += SEND_AT_ONCE)
      await env.EVENTS.sendBatch(messages.slice(from, from + SEND_AT_ONCE));
  } catch (thrown) {
    log('queue.send_failed', { error: errorText(thrown) });
    return;
  }
  await endHolds(env.DB, locationId, rowIds);
}
