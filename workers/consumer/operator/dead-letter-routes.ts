// Dead letters: listing them, and acting on them.

import type { DeadLetters, Discarded, Replayed } from '../../../shared/api/contacts.ts';
import { discardLetters, replayLetters } from '../dead-letters/replay.ts';
import { hasLetters, listDeadLetters } from '../store/dead-letter-list.ts';
import { success } from './answer.ts';
import { viewDeadLetters } from './dead-letter-view.ts';
import type { Handler } from './deps.ts';
import { chooseLocations, DeadLettersQuery, NoQuery, readIds, readQuery } from './query.ts';

/** `GET /dead-letters`. */
export const deadLetters: Handler = async (request, { env, world, locations }) => {
  const query = readQuery(request, DeadLettersQuery);
  if (query.kind === 'bad') return query.answer;
  const { status, reason, location, contact, error, ids, older_than, newer_than, limit, cursor } = query.value;
  const chosen = chooseLocations(locations, location);
  // Letters of a location that is no longer in the settings can still be looked at.
  if (chosen.kind === 'bad' && !(await hasLetters(env.DB, location ?? ''))) return chosen.answer;
  const now = world.now();
  const filter = {
    ids,
    reason,
    error,
    locationId: location,
    contactId: contact,
    status: status === 'all' ? undefined : status,
    before: older_than === undefined ? undefined : now - older_than,
    after: newer_than === undefined ? undefined : now - newer_than,
  };
  return success<DeadLetters>(viewDeadLetters(await listDeadLetters(env.DB, filter, limit, cursor ?? null)));
};

/** `POST /dead-letters/replay`. */
export const replay: Handler = (request, deps) =>
  actOnLetters<Replayed>(request, async (ids) => ({ outcomes: await replayLetters(ids, deps) }));

/** `POST /dead-letters/discard`. */
export const discard: Handler = (request, deps) => actOnLetters<Discarded>(request, (ids) => discardLetters(ids, deps));

async function actOnLetters<Answer extends object>(
  request: Request,
  act: (ids: string[]) => Promise<Answer>,
): Promise<Response> {
  const query = readQuery(request, NoQuery);
  if (query.kind === 'bad') return query.answer;
  const ids = await readIds(request);
  return ids.kind === 'bad' ? ids.answer : success<Answer>(await act(ids.value));
}
