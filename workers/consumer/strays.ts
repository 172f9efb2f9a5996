// Hints about a location that the settings do not name: whoever deployed the two workers must say which one is right.

import type { ContactChanged } from '../../shared/messages.ts';
import type { Edge } from './basis.ts';
import { strayLetter } from './dead-contact.ts';
import { insertDeadLetters } from './dead-letter-store.ts';

/** Keeps them as dead letters. Throws where D1 fails. */
export async function keepStrays(events: ContactChanged[], { env, world, log }: Edge): Promise<void> {
  const letters = await Promise.all(events.map((event) => strayLetter(event, world.now())));
  await insertDeadLetters(env.DB, letters).run();
  for (const { contactId, locationId, reason } of letters) log('contact.dead', { contactId, locationId, code: reason });
}
