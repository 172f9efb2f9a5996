// Which fields a contact of this CallTools account has, by the account's own API description and by an existing contact.

import * as v from 'valibot';
import type { World } from '../config/env.ts';
import type { Settings } from '../config/settings.ts';
import { createHttp } from '../vendors/http.ts';
import { type Check, failed, ok, skipped, warning } from './check.ts';

/** Where accounts were seen to describe their API; which one an account has is not known (docs/vendors.md, CallTools: API description). */
const DESCRIPTIONS = [
  '/api-docs/swagger/?format=openapi',
  '/api-docs/?format=openapi',
  '/api/swagger/?format=openapi',
  '/api/schema/?format=openapi',
];

const Models = v.record(v.string(), v.fallback(v.looseObject({ properties: v.optional(v.looseObject({})) }), {}));
/** OpenAPI 2 or 3. */
const Description = v.object({
  definitions: v.optional(Models, {}),
  components: v.optional(v.object({ schemas: v.optional(Models, {}) }), {}),
});

/** Names of the contact's fields by the account's API description; null where there is none to read. Never throws. */
export async function describedFields(settings: Settings, world: World, notAfter: number): Promise<Set<string> | null> {
  const http = createHttp({
    vendor: 'calltools',
    baseUrl: settings.CALLTOOLS_BASE_URL.replace(/\/api$/, ''),
    // `application/json` is answered with 406 (docs/vendors.md, CallTools: API description).
    headers: { authorization: `Token ${settings.CALLTOOLS_API_KEY}`, accept: '*/*' },
    timeoutMs: settings.VENDOR_TIMEOUT_MS,
    throttleMs: () => 0,
    meaning: () => 'refused',
    hint: () => null,
    notAfter,
    world,
  });
  for (const path of DESCRIPTIONS) {
    const call = { method: 'GET', path, about: 'list', shape: Description, optional: true } as const;
    const answer = await http.call(call).catch(() => null);
    const fields = answer?.ok ? contactFieldsIn(answer.data) : null;
    if (fields) return fields;
  }
  return null;
}

/**
 * The model of a contact is known by fields that every account has (docs/vendors.md, CallTools: contact fields); models of other
 * names may come near it.
 */
function contactFieldsIn({ definitions, components }: v.InferOutput<typeof Description>): Set<string> | null {
  const models = Object.values({ ...definitions, ...components.schemas }).map(({ properties = {} }) => properties);
  const contacts = models.filter((fields) => 'do_not_contact' in fields && 'add_buckets' in fields);
  return contacts.length === 0 ? null : new Set(contacts.flatMap((fields) => Object.keys(fields)));
}

/** What is known of the account's fields. */
export interface Fields {
  described: Set<string> | null;
  /** Of an existing contact; null where there is none. */
  shown: Set<string> | null;
}

/** The three settings that name fields. */
export function checkFields(settings: Settings, fields: Fields): Check[] {
  const external = settings.CALLTOOLS_EXTERNAL_ID_FIELD;
  return [
    checkField('calltools-phone-field', settings.CALLTOOLS_PHONE_FIELD, /phone/i, fields),
    checkField('calltools-email-field', settings.CALLTOOLS_EMAIL_FIELD, /mail/i, fields),
    external === ''
      ? skipped('calltools-external-id-field', 'None is set.')
      : checkField('calltools-external-id-field', external, /_id$|^id_/i, fields),
  ];
}

function checkField(
  code: 'calltools-phone-field' | 'calltools-email-field' | 'calltools-external-id-field',
  name: string,
  alike: RegExp,
  { described, shown }: Fields,
): Check {
  const likeIt = (among: Set<string>) =>
    [...among]
      .filter((field) => isFieldLike(field, alike))
      .sort()
      .join(', ') || 'none';
  // A description may be CallTools' general one; a field that no contact has is dropped without a word (docs/vendors.md, CallTools:
  // writes).
  if (described?.has(name) && shown && !shown.has(name))
    return warning(
      code,
      `${name} is in the account’s API description, but an existing contact does not have it. Fields like it there: ${likeIt(shown)}.`,
    );
  if (described?.has(name) || shown?.has(name)) {
    const where = [described?.has(name) && 'the account’s API description', shown?.has(name) && 'an existing contact'];
    return ok(code, `${name} is in ${where.filter(Boolean).join(' and in ')}.`);
  }
  if (!described && !shown)
    return warning(code, `${name} cannot be checked: the account has no contact yet, and does not describe its API.`);
  const all = new Set([...(described ?? []), ...(shown ?? [])]);
  return failed(code, `This account has no field ${name}. Fields like it: ${likeIt(all)}.`);
}

/** Fields of related rows and of the federal list are not to be written to (docs/vendors.md, CallTools: contact fields). */
function isFieldLike(field: string, alike: RegExp): boolean {
  return (
    alike.test(field) &&
    !field.startsWith('_') &&
    !/fdnc|^uuid$|call_uuid|email_addresses|emails_sent|disposition/.test(field)
  );
}
