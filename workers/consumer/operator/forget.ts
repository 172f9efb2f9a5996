// Erasure: all that the pipeline keeps about one person goes, when a person has asked for it and nobody is dialed because of it.

import { problem } from '../../../shared/problem.ts';
import type { Env } from '../config/env.ts';
import { explain } from '../domain/explanations.ts';
import { type ContactKey, forgetContact, type Hold, readHold } from '../store/forget.ts';
import { success } from './answer.ts';

/**
 * Forgets the contact, or says why not. Only a contact without a say in the dialer is forgotten: of one that is in it we would no longer
 * know whom to take out, and one that is kept out would be dialed by its number's other contacts. Throws where D1 fails.
 */
export async function forget(key: ContactKey, db: Env['DB'], now: number): Promise<Response> {
  const hold = await readHold(db, key, now);
  if (hold.contact === null && hold.deadLetters === 0 && hold.numbers.length === 0 && hold.outbox === 0)
    return problem(
      404,
      'Contact not known',
      'Nothing is kept about a contact of this id, so that there is nothing to forget.',
    );
  const obstacle = obstacleOf(hold, now);
  if (obstacle !== null) return problem(409, 'Not forgotten', obstacle);
  const forgotten = await forgetContact(db, key, now);
  if (hold.contact !== null && forgotten.contacts === 0) return problem(409, 'Not forgotten', BUSY);
  return success({
    contact_id: key.contactId,
    location_id: key.locationId,
    forgotten: {
      contacts: forgotten.contacts,
      numbers: forgotten.dialer,
      dead_letters: forgotten.deadLetters,
    },
    calltools_ids: hold.numbers.flatMap(({ others, callToolsId }) => (others ? [] : (callToolsId ?? []))),
    note: NOTE,
  });
}

const NOTE =
  'GoHighLevel and CallTools keep their own data: delete the person there (calltools_ids are their contacts in CallTools). ' +
  'A contact that is still in GoHighLevel comes back here with its next event or backstop run. ' +
  'Cloudflare keeps logs (ids only) for days, and backups of the database (D1 Time Travel) for up to 30 days.';

const BUSY = 'It is being worked on, or a write to CallTools is in doubt. Ask again in a few minutes.';

const STILL_HELD =
  'GoHighLevel has it no more, but a number that CallTools shows it under is in a bucket, or may be: GET /contacts/:id names it (dialer), and who has the same number (same_phone). ' +
  'Start a run (POST /sync/trigger), mend the dead letters of those contacts, and ask again.';

/** Why the contact cannot be forgotten now, with what to do; null where nothing is in the way. */
export function obstacleOf({ contact, numbers, lost, outbox }: Hold, now: number): string | null {
  const gone = contact?.reason === 'deleted' && contact.state === 'kept_out';
  // What CallTools holds for somebody else with the same number is that one's.
  const mine = gone ? numbers.filter(({ others }) => !others) : numbers;
  if (contact && contact.intent !== 'none')
    return `GoHighLevel had it when it was last read (${contact.reason}), and its dialer follows that. Delete the contact in GoHighLevel, wait until GET /contacts/:id says "deleted" (POST /sync/trigger looks at all contacts), and ask again.`;
  const [reason] = lost;
  if (reason !== undefined)
    return `A dead letter (${reason}) waits: ${explain(reason).what} Forgotten, nobody would look for it. Find the person in CallTools by name and take it out of its bucket, then replay the letter, or discard it (npm run replay -- --discard --contact …), and ask again.`;
  if (mine.some(({ held }) => held) && !gone)
    return 'It is in the dialer, or may be. Delete the contact in GoHighLevel, wait until GET /contacts/:id says "deleted", and ask again.';
  if (mine.some(({ held }) => held)) return STILL_HELD;
  if ((contact && contact.leaseUntil > now) || mine.some(({ quiet }) => !quiet)) return BUSY;
  if (outbox > 0)
    return 'A message about it waits in the outbox, which is drained each minute. Ask again in a few minutes.';
  return null;
}
