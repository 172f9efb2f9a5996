// Dead letters of contacts that could not be done: one per contact and reason, so that failing again each night adds none.

import type { ContactChanged } from '../../../shared/messages.ts';
import type { DeadLetter } from '../store/dead-letters.ts';
import type { Settled } from '../sync/settle.ts';
import { contactLetterId } from './letter-id.ts';

/** The letter, where the outcome is one. `now` is epoch ms. */
export async function deadLetterOf(
  { task, outcome }: Settled,
  locationId: string,
  now: number,
): Promise<DeadLetter | null> {
  if (outcome.kind !== 'dead') return null;
  const { work, row } = task;
  const { contactId } = work;
  return {
    ...{ locationId, contactId, reason: outcome.code, error: outcome.error },
    id: await contactLetterId(locationId, contactId, outcome.code),
    message: { ...work.latest, snapshot: null },
    replayable: true,
    attempts: row.attempts + 1,
    receivedAt: work.events[0].receivedAt,
    deadAt: now,
  };
}

/** The letter of a hint about a location that is not ours. */
export async function strayLetter(event: ContactChanged, now: number): Promise<DeadLetter> {
  const { locationId, contactId, receivedAt } = event;
  return {
    ...{ locationId, contactId, reason: 'other_location', receivedAt, deadAt: now },
    id: await contactLetterId(locationId, contactId, 'other_location'),
    error: 'the hint names a location that is neither GHL_LOCATION_ID nor in LOCATIONS',
    message: { ...event, snapshot: null },
    replayable: true,
    attempts: 0,
  };
}
