// POST /api/v1/contacts/find: who has this phone number, id, CallTools id or name. What is sent is neither stored nor logged.

import * as v from 'valibot';
import type { FoundContact, FoundContacts, UnreadLocation } from '../../../../shared/api/lists.ts';
import { forEachLimit } from '../../../../shared/concurrency.ts';
import { Id } from '../../../../shared/messages.ts';
import { problem } from '../../../../shared/problem.ts';
import type { Location } from '../../config/locations.ts';
import type { Settings } from '../../config/settings.ts';
import { vendorPages } from '../../config/vendor-pages.ts';
import { phoneHash, toE164 } from '../../domain/phone.ts';
import { contactsByCallToolsId, contactsByIds, contactsByPhone } from '../../store/lists/find-contacts.ts';
import { listOf } from '../answer.ts';
import type { Handler, OperatorDeps } from '../deps.ts';
import { badRequest, LocationQuery, readAsked, readBody } from '../query.ts';
import { viewListed } from './contacts.ts';

/** Locations whose GoHighLevel is asked at once. */
const ASKED_AT_ONCE = 3;
const EXAMPLE = '{"phone": "+1 305 555 0142"}, {"id": "…"}, {"calltools_id": 123} or {"name": "…"}';

const Text = v.pipe(v.string(), v.trim(), v.minLength(1, 'must not be empty'));
const FindBody = v.strictObject({
  phone: v.optional(v.pipe(Text, v.maxLength(40, 'must be at most 40 characters long'))),
  id: v.optional(Id),
  calltools_id: v.optional(v.pipe(v.number('must be a number'), v.safeInteger('must be a whole number'))),
  name: v.optional(v.pipe(Text, v.maxLength(75, 'must be at most 75 characters long'))),
});
type FindBody = v.InferOutput<typeof FindBody>;

/** What was found in one location, or why that is not known. */
type Sought = { kind: 'found'; data: FoundContact[] } | { kind: 'unread'; error: string };

/** `POST /api/v1/contacts/find`. */
export const findContacts: Handler = async (request, deps) => {
  const asked = readAsked(request, LocationQuery, deps.locations);
  if (asked.kind === 'bad') return asked.answer;
  const body = await readBody(request, FindBody, EXAMPLE);
  if (body.kind === 'bad') return body.answer;
  const by = body.value;
  if (Object.keys(by).length !== 1) return badRequest(`Send one of these, and only one: ${EXAMPLE}.`);
  const unreadable = by.phone === undefined ? null : unreadableNumber(by.phone, asked.chosen);
  if (unreadable !== null) return badRequest(unreadable);

  const data: FoundContact[] = [];
  const unread: UnreadLocation[] = [];
  await forEachLimit(asked.chosen, ASKED_AT_ONCE, async (location) => {
    const sought = await seek(by, location, deps);
    if (sought.kind === 'found') data.push(...sought.data);
    else unread.push({ location_id: location.id, error: sought.error });
  });
  if (data.length === 0 && unread.length > 0)
    return problem(503, 'Not found out', unread.map(({ location_id, error }) => `${location_id}: ${error}`).join(' '));
  return listOf<FoundContacts>({ data, next: null, note: data.length > 0 ? null : nobody(by), unread });
};

async function seek(by: FindBody, location: Location, { env, findByName }: OperatorDeps): Promise<Sought> {
  const { id: locationId } = location;
  const known = (found: Awaited<ReturnType<typeof contactsByIds>>): Sought => ({
    kind: 'found',
    data: found.map((one) => viewListed(one, [location])),
  });
  if (by.id !== undefined) return known(await contactsByIds(env.DB, locationId, [by.id]));
  if (by.calltools_id !== undefined) return known(await contactsByCallToolsId(env.DB, locationId, by.calltools_id));
  if (location.kind === 'faulty') return { kind: 'unread', error: `Correct this setting: ${location.fault}.` };
  if (by.phone !== undefined) {
    const e164 = toE164(by.phone, location.settings.DEFAULT_COUNTRY);
    return known(e164 === null ? [] : await contactsByPhone(env.DB, locationId, await phoneHash(locationId, e164)));
  }
  const named = await findByName(by.name ?? '', location.settings);
  if (named.kind === 'unread') return named;
  const stored = new Map(
    (await contactsByIds(env.DB, locationId, named.contactIds)).map((one) => [
      one.contactId,
      viewListed(one, [location]),
    ]),
  );
  return { kind: 'found', data: named.contactIds.map((id) => stored.get(id) ?? unknownContact(id, location)) };
}

/** GoHighLevel has it; here no route has ever matched it. */
function unknownContact(contact_id: string, location: Location): FoundContact {
  const never = { reason: null, route: null, calltools_id: null, changed_at: null, read_at: null, updated_at: null };
  return {
    ...{ contact_id, location_id: location.id, state: 'unknown', reason_text: 'No route has matched it yet', ...never },
    links: vendorPages(location, contact_id, null),
  };
}

/** Why no location can read the number; null where one can, or where no settings can be read. It never repeats the number. */
function unreadableNumber(phone: string, locations: Location[]): string | null {
  const ready = locations.flatMap((one): Settings[] => (one.kind === 'ready' ? [one.settings] : []));
  if (ready.length === 0 || ready.some(({ DEFAULT_COUNTRY }) => toE164(phone, DEFAULT_COUNTRY) !== null)) return null;
  const countries = [...new Set(ready.map(({ DEFAULT_COUNTRY }) => DEFAULT_COUNTRY))].join(', ');
  return `This is no valid phone number, read as one of ${countries} (DEFAULT_COUNTRY). Give it with its country code, such as +1 305 555 0142, and without an extension.`;
}

function nobody(by: FindBody): string {
  if (by.name !== undefined)
    return 'GoHighLevel shows no contact whose name has all of these words. It may show a new contact some seconds late.';
  const what = by.phone !== undefined ? 'number' : by.id !== undefined ? 'id' : 'CallTools id';
  return `No contact with this ${what} is known here, so this pipeline has put nobody with it into the dialer. No route of the rules has matched such a contact, or no webhook or sync has brought it yet. Look in GoHighLevel, or search by name.`;
}
