// Dead letters of contacts, and the ids of all dead letters. The id is the same for every copy of a message, so a redelivery adds no second row.

import { sha256Hex } from '../../../shared/hash.ts';
import type { ContactChanged } from '../../../shared/messages.ts';
import type { DeadLetter } from '../store/dead-letters.ts';

/** A contact that failed for good. */
interface FailedContact {
  /** Its newest message. */
  latest: ContactChanged;
  /** Of its oldest message, epoch ms. */
  receivedAt: number;
  failure: { code: string; error: string };
  attempts: number;
}

/** The letter of a contact that failed for good. `now` is epoch ms. */
export async function contactLetter(
  { latest, receivedAt, failure, attempts }: FailedContact,
  now: number,
): Promise<DeadLetter> {
  const { locationId, contactId } = latest;
  return {
    id: await contactLetterId(locationId, contactId, failure.code),
    locationId,
    contactId,
    reason: failure.code,
    error: failure.error,
    message: { ...latest, snapshot: null },
    replayable: true,
    attempts,
    receivedAt,
    deadAt: now,
  };
}

/** The letter of a message about a location that the settings do not name. */
export function unknownLocationLetter(event: ContactChanged, now: number): Promise<DeadLetter> {
  const error = 'the hint names a location that is neither GHL_LOCATION_ID nor in LOCATIONS';
  const failure = { code: 'other_location', error };
  return contactLetter({ latest: event, receivedAt: event.receivedAt, failure, attempts: 0 }, now);
}

/** The letter of a contact that failed for this reason: one each, so that failing again every night adds none. */
export function contactLetterId(locationId: string, contactId: string, reason: string): Promise<string> {
  return hashed('d', `${locationId}|${contactId}|${reason}`);
}

/** The letter of one event, page or message, where it is not about a contact alone. */
export function singleLetterId(kind: 'webhook' | 'page' | 'message', name: string): Promise<string> {
  return hashed(kind.charAt(0), name);
}

async function hashed(prefix: string, name: string): Promise<string> {
  return `${prefix}-${(await sha256Hex(name)).slice(0, 24)}`;
}
