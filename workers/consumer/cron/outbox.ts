// The outbox, drained by cron: messages that a queue would not take when ingest received them.

import { forEachLimit } from '../../../shared/concurrency.ts';
import { errorText } from '../../../shared/harmless.ts';
import type { Message } from '../../../shared/messages.ts';
import type { InvocationContext } from '../config/context.ts';
import { deleteOutbox, takeOutbox } from '../store/outbox.ts';

/** Rows a round. */
const ROUND = 50;
/**
 * Sends at once; of the 6 connections of an invocation (docs/vendors.md, Cloudflare: workers) D1 and the rest of the cron need the
 * others.
 */
const CONCURRENCY = 4;
/**
 * A send that hangs is given up: what was sent beside it is deleted only with it, and would be sent again by the next minute. Short
 * enough for a round to end within its lease though all of them hang.
 */
const SEND_TIMEOUT_MS = 4_000;
/** Rounds a minute at most, so that a full outbox does not keep one invocation for ever. */
const MAX_ROUNDS = 40;
/**
 * Sends what waits, the oldest first and what was refused before after the rest, and deletes it once the queue has it. A kill
 * in between sends a message twice, which is harmless; it never loses one. What the queue refuses stays and does not block the
 * rest. Returns how many were sent; throws where D1 fails.
 */
export async function drainOutbox({ env, world, log }: InvocationContext): Promise<number> {
  let sent = 0;
  let failed = 0;
  for (let round = 0; round < MAX_ROUNDS && failed < ROUND; round++) {
    const rows = await takeOutbox(env.DB, world.now(), ROUND);
    if (rows.length === 0) break;
    const taken: string[] = [];
    await forEachLimit(rows, CONCURRENCY, async ({ id, queue, message }) => {
      let locationId: string | null | undefined;
      try {
        const body = JSON.parse(message) as Message;
        locationId = body.locationId;
        const sending = (queue === 'events' ? env.EVENTS : env.DEAD_LETTERS).send(body);
        await inTime(sending, world.deadline(SEND_TIMEOUT_MS));
        taken.push(id);
      } catch (thrown) {
        failed++;
        const error = errorText(thrown);
        log('outbox.send_failed', { queue, locationId, error });
      }
    });
    await deleteOutbox(env.DB, taken);
    sent += taken.length;
  }
  if (sent > 0) log('outbox.drained', { messages: sent });
  return sent;
}

/** Whether what is given up takes effect all the same is not known: then it is sent twice. */
function inTime(work: Promise<unknown>, deadline: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    deadline.addEventListener('abort', () => reject(new Error('no answer in time')), { once: true });
    work.then(() => resolve(), reject);
  });
}
