// Asks for the writes to GoHighLevel that calls have caused: one message each, in the queue of bulk work, so that fresh leads come first.

import { errorText } from '../../../shared/harmless.ts';
import type { CallWrite } from '../../../shared/messages.ts';
import type { LocationContext } from '../config/context.ts';
import { dueWrites, markSent } from '../store/calls/writes.ts';

/** Writes that one minute asks for: more than GoHighLevel takes in it. */
const MAX_WRITES = 1000;
/** Writes that are tried in a minute while GoHighLevel takes none. */
const PROBES = 3;
/** The most of one `sendBatch` (docs/vendors.md, Cloudflare: queues). */
const SEND_AT_ONCE = 100;

/**
 * Puts writes into the queue, those of rows that say no only once the person is out of the dialer. A kill in between sends some again,
 * which the batch notices. Throws where D1 fails.
 */
export async function sendWrites({ env, world, settings, log }: LocationContext): Promise<void> {
  const locationId = settings.GHL_LOCATION_ID;
  const askedAt = world.now();
  const due = await dueWrites(env.DB, locationId, askedAt, { limit: MAX_WRITES, probes: PROBES });
  for (let from = 0; from < due.length; from += SEND_AT_ONCE) {
    const some = due.slice(from, from + SEND_AT_ONCE);
    const bodies = some.map((one): CallWrite => ({ v: 1, kind: 'call.write', locationId, ...one, askedAt }));
    try {
      await env.BACKSTOP.sendBatch(bodies.map((body) => ({ body })));
    } catch (thrown) {
      log('queue.send_failed', { error: errorText(thrown) });
      return;
    }
    await markSent(env.DB, locationId, some, world.now());
  }
}
