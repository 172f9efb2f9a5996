// POST /contacts/: a contact that the API makes (docs/vendors.md, GoHighLevel: writes).

import { json } from '../answers.ts';
import { randomId, type World } from '../world.ts';
import { BLANK_CONTACT, type ContactInput, type GhlContact, normalise } from './contact.ts';
import type { Editor } from './editor.ts';
import { refusal } from './refusals.ts';
import type { GoHighLevelSettings } from './settings.ts';
import { showDetail } from './show.ts';
import type { Store } from './store.ts';

interface Options {
  store: Store;
  editor: Editor;
  settings: Pick<GoHighLevelSettings, 'allowDuplicatePhones' | 'reshape'>;
  locationId: string;
  world: World;
  traceId: () => string;
}

/** The contact as it is then, or why it is not made. How a second contact with a phone is refused is inferred. */
export function createContact(
  body: Record<string, unknown>,
  version: string,
  { store, editor, settings, locationId, world, traceId }: Options,
): Response {
  const { locationId: location, ...input } = body as ContactInput & { locationId?: unknown };
  if (location !== locationId) return refusal(403, 'The token does not have access to this location.', traceId());
  const at = new Date(world.now()).toISOString();
  const fresh = { id: randomId(world.random), dateAdded: at, dateUpdated: at, locationId };
  const contact: GhlContact = { ...structuredClone(BLANK_CONTACT), ...normalise(input), ...fresh };
  const isTaken = store.all().some(({ phone }) => phone !== '' && phone === contact.phone);
  if (isTaken && !settings.allowDuplicatePhones)
    return refusal(400, 'This location does not allow duplicated contacts.', traceId());
  editor.save(null, contact);
  return json(201, { contact: settings.reshape(showDetail(contact, version), 'detail'), traceId: traceId() });
}
