// POST /contacts/:id/retry: tries a failed contact again, also where its dead letter was discarded or is lost.

import type { Queue } from '@cloudflare/workers-types';
import type { Log } from '../../../shared/log.ts';
import type { Message } from '../../../shared/messages.ts';
import { problem } from '../../../shared/problem.ts';
import type { Env, World } from '../config/env.ts';
import { sendAgain } from '../dead-letters/replay.ts';
import { readStory } from '../store/contact-story.ts';
import { deadLettersOfContact } from '../store/dead-letter-list.ts';
import { markReplayed } from '../store/dead-letters.ts';
import type { ContactKey } from '../store/forget.ts';
import { success } from './answer.ts';

interface Deps {
  env: { DB: Env['DB']; EVENTS: Pick<Queue<Message>, 'sendBatch'> };
  world: Pick<World, 'now' | 'newId'>;
  log: Log;
}

/** More letters than failure reasons a contact cannot have waiting. */
const MAX_LETTERS = 100;

/** Sends the contact to be read afresh, and marks its waiting letters as replayed; or says why there is nothing to retry. */
export async function retryContact(key: ContactKey, { env, world, log }: Deps): Promise<Response> {
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
    return problem(503, 'Not retried', 'The queue would not take it. Nothing was changed: send this again.', {
      'retry-after': '5',
    });
  if (waiting.length > 0) await markReplayed(env.DB, waiting, at);
  log('contact.retried', { locationId, contactId, reason });
  const note = `The contact is read afresh from GoHighLevel, within seconds as a rule. GET /contacts/${contactId} says what became of it.`;
  return success(
    {
      ...{ contact_id: contactId, location_id: locationId, outcome: 'retried' },
      dead_letters: waiting.map(({ id }) => id),
      note,
    },
    202,
  );
}

function notFailed(state: string | null): string {
  if (state === null)
    return 'Only settled dead letters are known of this contact: POST /sync/trigger looks at all contacts.';
  return state === 'pending'
    ? 'The contact has not failed: its work is not done yet. Wait a minute, then GET /contacts/:id says how it stands.'
    : 'The contact has not failed (GET /contacts/:id says how it stands). To have all contacts looked at: POST /sync/trigger.';
}
