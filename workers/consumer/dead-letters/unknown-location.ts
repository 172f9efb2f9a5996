// Hints about a location that the settings do not name: whoever deployed the two workers must say which one is right.

import type { ContactChanged } from '../../../shared/messages.ts';
import type { Edge } from '../config/context.ts';
import { insertDeadLetters } from '../store/dead-letters.ts';
import { strayLetter } from './letter.ts';

/** Keeps them as dead letters. Throws where D1 fails. */
export async function keepStrays(events: ContactChanged[], { env, world, log }: Edge): Promise<void> {
  const letters = await Promise.all(events.map((event) => strayLetter(event, world.now())));
  await insertDeadLetters(env.DB, letters).run();
  for (const { contactId, locationId, reason } of letters) log('contact.dead', { contactId, locationId, code: reason });
}
