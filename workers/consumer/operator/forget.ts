// Erasure: deletes all that the pipeline keeps about one person, once nobody can be dialed because of it.

import type { Forgotten } from '../../../shared/api/contacts.ts';
import { problem } from '../../../shared/problem.ts';
import { explain } from '../domain/explanations.ts';
import { type ContactKey, forgetContact, type Hold, readHold } from '../store/forget.ts';
import { success } from './answer.ts';
import type { OperatorDeps } from './deps.ts';

/**
 * Forgets the contact, or says why not. A contact that is still in the dialer is not forgotten: we would no longer know whom to take
 * out. Neither is one that keeps its number out: another contact with the number would then be dialed. Throws where D1 fails.
 */
export async function forget(key: ContactKey, { env, world, log }: OperatorDeps): Promise<Response> {
  const db = env.DB;
  const now = world.now();
  const hold = await readHold(db, key, now);
  if (hold.contact === null && hold.deadLetters === 0 && hold.numbers.length === 0 && hold.outbox === 0)
    return problem(404, 'Contact not known', 'Nothing is kept about a contact with this id.');
  const obstacle = obstacleOf(hold, now);
  if (obstacle !== null) return problem(409, 'Not forgotten', obstacle);
  const forgotten = await forgetContact(db, key, now);
  if (hold.contact !== null && forgotten.contacts === 0) return problem(409, 'Not forgotten', BUSY);
  log('contact.forgotten', { ...key });
  return success<Forgotten>({
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
  'GoHighLevel and CallTools keep their own data: delete the person there too (calltools_ids are their contacts in CallTools). ' +
  'A contact that is still in GoHighLevel comes back here with its next event or backstop run. ' +
  'Cloudflare keeps logs (ids only) for days, and backups of the database (D1 Time Travel) for up to 30 days.';

const BUSY = 'It is being worked on, or CallTools has not answered a write yet. Ask again in a few minutes.';

const STILL_HELD =
  'GoHighLevel no longer has it, but one of its numbers in CallTools is in a bucket, or may be. GET /contacts/:id names the number (dialer) and the contacts with the same number (same_phone). ' +
  'Start a run (POST /sync/trigger), fix the dead letters of those contacts, and ask again.';

/** Why the contact cannot be forgotten now, and what to do; null where it can. */
function obstacleOf({ contact, numbers, lost, outbox }: Hold, now: number): string | null {
  const gone = contact?.reason === 'deleted' && contact.state === 'kept_out';
  // What CallTools holds for another contact with the same number belongs to that contact.
  const mine = gone ? numbers.filter(({ others }) => !others) : numbers;
  if (contact && contact.intent !== 'none')
    return `GoHighLevel still had it when it was last read (${contact.reason}). Delete the contact in GoHighLevel, wait until GET /contacts/:id says "deleted" (POST /sync/trigger looks at all contacts), and ask again.`;
  const [reason] = lost;
  if (reason !== undefined)
    return `A dead letter (${reason}) waits: ${explain(reason).what} If the contact were forgotten now, nobody would look for it. Find the person in CallTools by name and take it out of its bucket. Then replay the letter, or discard it (npm run replay -- --discard --contact …), and ask again.`;
  if (mine.some(({ held }) => held) && !gone)
    return 'It is in the dialer, or may be. Delete the contact in GoHighLevel, wait until GET /contacts/:id says "deleted", and ask again.';
  if (mine.some(({ held }) => held)) return STILL_HELD;
  if ((contact && contact.leaseUntil > now) || mine.some(({ quiet }) => !quiet)) return BUSY;
  if (outbox > 0)
    return 'A message about it waits in the outbox, which is emptied as soon as it is due. Ask again in ten minutes.';
  return null;
}
