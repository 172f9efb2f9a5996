// "Place them": an operator confirms what the brake holds back (MAX_NEW_PLACEMENTS).

import type { Confirmed } from '../../../shared/api/status.ts';
import type { ContactChanged } from '../../../shared/messages.ts';
import { problem } from '../../../shared/problem.ts';
import type { Location } from '../config/locations.ts';
import { confirmHeld, readHeld } from '../store/brake/held.ts';
import { success } from './answer.ts';
import type { OperatorDeps } from './deps.ts';

/** sendBatch takes 100 messages (docs/vendors.md, Cloudflare: queues). */
const BATCH = 100;
/** Sends at once. */
const AT_ONCE = 4;

/**
 * Confirms what is held back under a run or an hour in these locations, and queues it behind the real-time work: each contact is read
 * again, and the rules decide. Safe to do twice. Throws where D1 or the queue fails; the next run then looks at the contacts.
 */
export async function confirm(runOrHour: string, chosen: Location[], deps: OperatorDeps): Promise<Response> {
  const ids = chosen.map(({ id }) => id);
  let contacts = 0;
  for (const locationId of ids) {
    const confirmed = await confirmHeld(deps.env.DB, locationId, runOrHour);
    contacts += confirmed.length;
    await queue(locationId, confirmed, deps);
  }
  if (contacts === 0) return problem(404, 'Nothing is held back', await whatIsHeld(ids, deps));
  deps.log('brake.confirmed', { runOrHour, contacts });
  return success<Confirmed>({ confirmed: runOrHour, contacts }, 202);
}

async function queue(locationId: string, contactIds: string[], { env, world }: OperatorDeps): Promise<void> {
  const receivedAt = world.now();
  const messages = contactIds.map((contactId): { body: ContactChanged } => ({
    body: {
      v: 1,
      kind: 'contact.changed',
      locationId,
      contactId,
      eventType: 'BrakeConfirmed',
      source: 'operator',
      eventId: world.newId(),
      occurredAt: null,
      receivedAt,
      snapshot: null,
    },
  }));
  const batches = Array.from({ length: Math.ceil(messages.length / BATCH) }, (_, n) =>
    messages.slice(n * BATCH, (n + 1) * BATCH),
  );
  for (let from = 0; from < batches.length; from += AT_ONCE)
    await Promise.all(batches.slice(from, from + AT_ONCE).map((batch) => env.BACKSTOP.sendBatch(batch)));
}

async function whatIsHeld(locationIds: string[], { env }: OperatorDeps): Promise<string> {
  const groups = [...(await readHeld(env.DB, locationIds)).values()].flat();
  const held = groups.map(({ held, confirm }) => `${held} under ${confirm}`).join(', ');
  const others = held === '' ? 'Nothing is held back at the moment.' : `Held back at the moment: ${held}.`;
  return `Nothing is held back under this run or hour, or it has been placed already. ${others}`;
}
