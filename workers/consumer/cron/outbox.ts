// Drains the outbox: messages that a queue did not take when ingest received them, or that a batch did not come to send.

import { forEachLimit, inTime } from '../../../shared/concurrency.ts';
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
 * A send that hangs is given up: the messages sent beside it are deleted only when the round ends, and the next minute would send them
 * again. So short that a round ends within its lease even if all of its sends hang.
 */
const SEND_TIMEOUT_MS = 4_000;
/** Rounds a minute, so that a full outbox does not keep one invocation busy for ever. */
const MAX_ROUNDS = 40;
/**
 * Sends what waits, the oldest first and messages that were refused before last. Deletes each once the queue has it. A kill in between
 * sends a message twice, which is harmless; it never loses one. A message that the queue refuses stays and does not block the others.
 * Resolves to how many were sent; throws where D1 fails.
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
        const target = queue === 'events' ? env.EVENTS : env.DEAD_LETTERS;
        await inTime(() => target.send(body), world.deadline(SEND_TIMEOUT_MS));
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
