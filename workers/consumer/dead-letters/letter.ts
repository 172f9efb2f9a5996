// Dead letters of contacts, and the ids of all dead letters. Every copy of a message gives the same id, so a redelivery adds no row.
//
// | status    | meaning                                | next                                                                         |
// | --------- | -------------------------------------- | ---------------------------------------------------------------------------- |
// | waiting   | a person must act                      | replayed or discarded by an operator; resolved when its contact succeeds     |
// | replayed  | its contact is in the queue again      | resolved when the contact succeeds; waiting when it fails for this reason    |
// | discarded | an operator gave it up                 | waiting when the contact fails for this reason again, or is to be replayed   |
// | resolved  | its contact has succeeded since        | waiting when the contact fails for this reason again                         |

import { sha256Hex } from '../../../shared/hash.ts';
import type { CallWrite, ContactChanged } from '../../../shared/messages.ts';
import type { WriteFailure } from '../domain/explanations.ts';
import type { DeadLetter } from '../store/dead-letters.ts';

/** A contact that failed for good. */
interface FailedContact {
  /** The newest message about it. */
  latest: ContactChanged;
  /** When the oldest message about it was received, epoch ms. */
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

/** Why a write to GoHighLevel is a dead letter. */
export interface WriteFault {
  code: WriteFailure;
  error: string;
}

/** The letter of a write to GoHighLevel that a call has caused. `now` is epoch ms. */
export async function writeLetter(
  body: CallWrite,
  { code, error }: WriteFault,
  attempts: number,
  now: number,
): Promise<DeadLetter> {
  const { locationId, contactId, askedAt: receivedAt } = body;
  const id = await writeLetterId(body);
  return {
    ...{ id, locationId, contactId, reason: code, error: `${body.step}: ${error}`, message: body },
    ...{ replayable: true, attempts, receivedAt, deadAt: now },
  };
}

/** The id of its letter: one for each write. */
export function writeLetterId({ locationId, rowId, step }: CallWrite): Promise<string> {
  return singleLetterId('call', `${locationId}|${rowId}|${step}`);
}

/** The letter of a message about a location that the settings do not name. */
export function unknownLocationLetter(event: ContactChanged, now: number): Promise<DeadLetter> {
  const error = 'the hint names a location that is neither GHL_LOCATION_ID nor in LOCATIONS';
  const failure = { code: 'other_location', error };
  return contactLetter({ latest: event, receivedAt: event.receivedAt, failure, attempts: 0 }, now);
}

/** The id of a contact's letter for a reason. There is one for each reason, so a contact that fails every night adds no letters. */
export function contactLetterId(locationId: string, contactId: string, reason: string): Promise<string> {
  return hashed('d', `${locationId}|${contactId}|${reason}`);
}

/** The id of the letter of one event, page or message that is not about a contact alone. */
export function singleLetterId(kind: 'webhook' | 'page' | 'message' | 'call', name: string): Promise<string> {
  return hashed(kind.charAt(0), name);
}

async function hashed(prefix: string, name: string): Promise<string> {
  return `${prefix}-${(await sha256Hex(name)).slice(0, 24)}`;
}
