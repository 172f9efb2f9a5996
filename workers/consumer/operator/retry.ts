// POST /contacts/:id/retry and /recheck: tries a failed contact again, also where its dead letter was discarded or is lost, and reads any again.

import type { Rechecked, Retried } from '../../../shared/api/contacts.ts';
import type { ContactChanged } from '../../../shared/messages.ts';
import { problem } from '../../../shared/problem.ts';
import { sendAgain } from '../dead-letters/replay.ts';
import { readStory } from '../store/contact-story.ts';
import { deadLettersOfContact } from '../store/dead-letter-list.ts';
import { markReplayed } from '../store/dead-letters.ts';
import type { ContactKey } from '../store/forget.ts';
import { success } from './answer.ts';
import type { OperatorDeps } from './deps.ts';

/** A contact has at most one waiting letter for each failure reason. */
const MAX_LETTERS = 100;

/** Queues the contact to be read again and marks its waiting letters as replayed, or says why there is nothing to retry. */
export async function retry(key: ContactKey, { env, world, log }: OperatorDeps): Promise<Response> {
  const { locationId, contactId } = key;
  const [{ contact }, letters] = await Promise.all([
    readStory(env.DB, locationId, contactId),
    deadLettersOfContact(env.DB, locationId, contactId, MAX_LETTERS),
  ]);
  if (contact === null && letters.length === 0)
    return problem(404, 'Contact not known', 'There is no contact of this id here, so there is nothing to retry.');
  const waiting = letters.filter(({ status, replayable }) => status === 'waiting' && replayable);
  if (contact?.state !== 'failed' && waiting.length === 0)
    return problem(409, 'Nothing to retry', notFailed(contact?.state ?? null));
  const at = world.now();
  const reason = contact?.state === 'failed' ? contact.reason : (waiting[0]?.reason ?? '');
  const source = waiting.length > 0 ? 'replay' : 'operator';
  if (!(await sendAgain([{ locationId, contactId }], source, at, { env, world, log })))
    return problem(503, 'Not retried', 'The queue did not accept it. Nothing was changed: send this again.', {
      'retry-after': '5',
    });
  if (waiting.length > 0) await markReplayed(env.DB, waiting, at);
  log('contact.retried', { locationId, contactId, reason });
  const answer: Retried = {
    contact_id: contactId,
    location_id: locationId,
    outcome: 'retried',
    dead_letters: waiting.map(({ id }) => id),
    note: `The contact is read again from GoHighLevel, usually within seconds. GET /contacts/${contactId} shows the result.`,
  };
  return success(answer, 202);
}

/**
 * Queues the contact to be read again from GoHighLevel, and CallTools to be asked what it holds, whatever its state. Safe to do twice.
 * Throws where the queue fails.
 */
export async function recheck(key: ContactKey, { env, world, log }: OperatorDeps): Promise<Response> {
  const { locationId, contactId } = key;
  const { contact } = await readStory(env.DB, locationId, contactId);
  if (contact === null && (await deadLettersOfContact(env.DB, locationId, contactId, 1)).length === 0)
    return problem(404, 'Contact not known', 'There is no contact of this id here, so there is nothing to read again.');
  const event: ContactChanged = {
    v: 1,
    kind: 'contact.changed',
    locationId,
    contactId,
    eventType: 'Recheck',
    source: 'operator',
    eventId: world.newId(),
    occurredAt: null,
    receivedAt: world.now(),
    snapshot: null,
    verify: true,
  };
  await env.EVENTS.sendBatch([{ body: event }]);
  log('contact.recheck', { locationId, contactId });
  const note = `The contact is read again, usually within seconds. GET /contacts/${contactId} shows the result.`;
  return success<Rechecked>({ contact_id: contactId, location_id: locationId, status: 'queued', note }, 202);
}

function notFailed(state: string | null): string {
  if (state === null)
    return 'Only settled dead letters are known of this contact: POST /sync/trigger looks at all contacts.';
  return state === 'pending'
    ? 'The contact has not failed: its work is not done yet. Wait a minute, then look at GET /contacts/:id.'
    : 'The contact has not failed, see GET /contacts/:id. POST /sync/trigger looks at all contacts.';
}
