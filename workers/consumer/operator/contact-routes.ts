// One contact: its story, and what an operator can do with it.

import type { Contact, ContactFields } from '../../../shared/api/contacts.ts';
import { problem } from '../../../shared/problem.ts';
import { withRefused } from '../doctor/fields/preview.ts';
import { explain } from '../domain/explanations.ts';
import { locationsOfContact, readStory } from '../store/contact-story.ts';
import { deadLettersOfContact } from '../store/dead-letter-list.ts';
import type { ContactKey } from '../store/forget.ts';
import { actionsOfContact } from '../store/operator-orders.ts';
import { success } from './answer.ts';
import { leftOutOf, viewContact } from './contact/view.ts';
import type { Handler, OperatorDeps } from './deps.ts';
import { forget } from './forget.ts';
import { placeAgain } from './place.ts';
import { badRequest, LocationQuery, type Parsed, readAsked, readContactId } from './query.ts';
import { recheck, retry } from './retry.ts';

/** Dead letters shown with a contact. */
const LETTERS_OF_CONTACT = 20;
/** Actions of operators shown with a contact. */
const ACTIONS_OF_CONTACT = 20;

/** `GET /contacts/:id`. */
export const contact = aboutContact(async (key, { env, world, locations }) => {
  const [story, letters, actions] = await Promise.all([
    readStory(env.DB, key.locationId, key.contactId),
    deadLettersOfContact(env.DB, key.locationId, key.contactId, LETTERS_OF_CONTACT),
    actionsOfContact(env.DB, key, ACTIONS_OF_CONTACT),
  ]);
  if (story.contact === null && letters.length === 0) return notKnown();
  const location = locations.all.find(({ id }) => id === key.locationId);
  return success<Contact>(viewContact(key, { story, letters, actions }, location, world.now()));
});

/** The answer where GoHighLevel does not show a contact. */
export function notRead(result: { kind: 'gone' } | { kind: 'unread'; error: string }): Response {
  if (result.kind === 'gone')
    return problem(404, 'Contact not known', 'GoHighLevel has no such contact: it was deleted, or the id is wrong.');
  return problem(503, 'Not read', `It could not be read. ${result.error}. GET /doctor says what is wrong.`);
}

/** `GET /contacts/:id/fields`. The values are for the person who asked: they are in no log and no table. */
export const contactFields = aboutContact(async ({ locationId, contactId }, { env, locations, preview }) => {
  const location = locations.all.find(({ id }) => id === locationId);
  if (location?.kind !== 'ready')
    return problem(503, 'Configuration is faulty', `Correct this setting and deploy again: ${location?.fault}`);
  const result = await preview(contactId, location.settings);
  if (result.kind === 'gone' || result.kind === 'unread') return notRead(result);
  const { contact, dialer } = await readStory(env.DB, locationId, contactId);
  const fields = withRefused(result.preview.fields, leftOutOf(contactId, dialer));
  const notes = [...result.preview.notes, ...hindrance(contact?.reason)];
  return success<ContactFields>({
    contact_id: contactId,
    location_id: locationId,
    ...result.preview,
    fields,
    notes,
  });
});

/** What the rules do not see: another contact decides for both. */
function hindrance(reason: string | undefined): string[] {
  return reason === 'shared_phone' || reason === 'shared_contact' ? [`As last found: ${explain(reason).what}`] : [];
}

/** `POST /contacts/:id/forget`. */
export const forgetContact = aboutContact(forget);

/** `POST /contacts/:id/place`. */
export const placeContact = aboutContact(placeAgain);

/** `POST /contacts/:id/recheck`. */
export const recheckContact = aboutContact(recheck);

/** `POST /contacts/:id/retry`. */
export const retryContact = aboutContact(retry);

function aboutContact(act: (key: ContactKey, deps: OperatorDeps) => Promise<Response>): Handler {
  return async (request, deps) => {
    const key = await readContactKey(request, request.params.id ?? '', deps);
    return key.kind === 'bad' ? key.answer : act(key.value, deps);
  };
}

/** The contact of this id, in the location that the query names or, if it names none, in the only one that knows it. */
async function readContactKey(
  request: Request,
  id: string,
  { env, locations }: OperatorDeps,
): Promise<Parsed<ContactKey>> {
  const contactId = readContactId(id);
  if (contactId.kind === 'bad') return contactId;
  const asked = readAsked(request, LocationQuery, locations);
  if (asked.kind === 'bad') return asked;
  const among = asked.chosen.map((location) => location.id);
  const [locationId, ...more] = among.length > 1 ? await locationsOfContact(env.DB, among, contactId.value) : among;
  if (locationId === undefined)
    return { kind: 'bad', answer: notKnown(' Or name its location (?location=, --location).') };
  if (more.length === 0) return { kind: 'ok', value: { locationId, contactId: contactId.value } };
  const several = [locationId, ...more].join(' and ');
  const answer = badRequest(
    `Locations ${several} have a contact of this id: name one of them (?location=, --location).`,
  );
  return { kind: 'bad', answer };
}

/** `more`: what else may help. */
function notKnown(more = ''): Response {
  return problem(
    404,
    'Contact not known',
    'No webhook or sync has brought this contact yet, or no route of the rules matches its tags and it was never in the dialer. ' +
      'Check the id and the tags in GoHighLevel, and that the contact belongs to a location that the settings name. A sync looks at all contacts: start one on the page Syncs of the dashboard, or with POST /sync/trigger.' +
      more,
  );
}
