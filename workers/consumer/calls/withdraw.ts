// Who said no is held in D1 first, and then withdrawn from CallTools by the same work as every other contact: at once, however many
// messages wait in the queue.

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
/** Contacts of one batch, as the queue delivers them (wrangler.consumer.jsonc). */
const BATCH = 25;
/** No batch is begun after this. */
const BUDGET_MS = 20_000;

/** Event type of the messages. */
export const CALL_RESULT = 'CallResult';

/** How people are taken out without waiting for the queue. */
export interface AtOnce {
  /** Does what the queue would do with these messages, and resolves to those that must come again. Throws where D1 fails. */
  takeOut(events: readonly ContactChanged[], context: LocationContext): Promise<ContactChanged[]>;
  /** Contacts of one poll; the others wait for the queue. */
  most: number;
}

/**
 * Finishes what is left to do for rows that say no. What cannot be finished is left to the next minute. A kill at any line repeats work,
 * which is harmless, and loses none. Throws where D1 fails. Resolves to how many numbers were held.
 */
export async function withdrawHeld(context: LocationContext, atOnce: AtOnce): Promise<number> {
  const { env, world, settings } = context;
  const startedAt = world.now();
  let all = 0;
  for (let tries = 1; ; tries++) {
    const now = world.now();
    const { held, busy } = await holdNumbers(env.DB, settings.GHL_LOCATION_ID, now, now - LATE_MS);
    all += held;
    if (busy === 0 || tries === TRIES) break;
    await world.wait(PAUSE_MS);
  }
  await withdraw(startedAt, atOnce, context);
  return all;
}

/**
 * Takes out the first contacts of held numbers, and leaves the others to the queue: those that another batch has in hand too, and all of
 * them where an earlier invocation has died while it took them out.
 */
async function withdraw(startedAt: number, { takeOut, most }: AtOnce, context: LocationContext): Promise<void> {
  const { env, world, settings } = context;
  const locationId = settings.GHL_LOCATION_ID;
  const { rowIds, contactIds, heldSince } = await contactsToWithdraw(env.DB, locationId, world.now());
  if (rowIds.length === 0) return;
  const events = contactIds.map(
    (contactId): ContactChanged => ({
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
    }),
  );
  const first = heldSince < startedAt ? [] : events.slice(0, most);
  const queued = events.slice(first.length);
  const isSent = await send(queued, context);
  const until = world.now() + BUDGET_MS;
  const left: ContactChanged[] = [];
  for (let from = 0; from < first.length; from += BATCH) {
    const some = first.slice(from, from + BATCH);
    left.push(...(world.now() < until ? await takeOut(some, context) : some));
  }
  if (!(await send(left, context)) || !isSent) return;
  const waiting = [...queued, ...left].map(({ contactId }) => contactId);
  await endHolds(env.DB, locationId, rowIds, waiting);
}

/** False where the queue has not taken all of them. */
async function send(events: readonly ContactChanged[], { env, log }: LocationContext): Promise<boolean> {
  try {
    for (let from = 0; from < events.length; from += SEND_AT_ONCE)
      await env.EVENTS.sendBatch(events.slice(from, from + SEND_AT_ONCE).map((body) => ({ body })));
    return true;
  } catch (thrown) {
    log('queue.send_failed', { error: errorText(thrown) });
    return false;
  }
}
