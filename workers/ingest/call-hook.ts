// POST /webhook/calltools: CallTools tells of a call. It signs nothing, and may send part of the object, or values as Python prints them
// (docs/vendors.md, CallTools: call hooks). So a token admits it, and all that is taken from it is which contact to look for.

import type { CallsHint } from '../../shared/messages.ts';
import { validId } from '../../shared/messages.ts';
import { readBody } from './body.ts';
import { locationOf } from './location.ts';
import type { SentId } from './payload.ts';
import { type Decision, type RequestContext, refused } from './request.ts';
import { bearerToken, sameSecret } from './secret.ts';

/** What the log calls such a notice. */
export const CALL_EVENT = 'CallHook';

/** Checks the token and the location. Whatever the body holds, the notice is then accepted. */
export async function decideCallHook(request: Request, { settings, world }: RequestContext): Promise<Decision> {
  const { searchParams } = new URL(request.url);
  // CallTools can send no header of ours, so the token may stand in the address.
  const given = [bearerToken(request), searchParams.get('token')];
  const matches = await Promise.all(given.map((token) => sameSecret(token, settings.callHookToken)));
  if (!matches.includes(true)) return refused({ reason: 'wrong_calltools_token' });

  const location = locationOf(sentId(searchParams.get('location')), true, settings);
  const facts = { scheme: 'token', eventType: CALL_EVENT } as const;
  if (location.kind === 'unknown') return refused({ reason: 'no_location' }, facts);
  if (location.kind !== 'ours') return refused({ reason: 'which_location' }, facts);

  const body = await readBody(request);
  const message: CallsHint = {
    v: 1,
    kind: 'calls.hint',
    locationId: location.id,
    callToolsId: body.kind === 'bytes' ? contactIn(new TextDecoder().decode(body.bytes)) : null,
    eventId: world.newId(),
    receivedAt: world.now(),
  };
  return { kind: 'queued', message, facts: { ...facts, locationId: location.id } };
}

function sentId(text: string | null): SentId {
  if (text === null) return { kind: 'absent' };
  const id = validId(text);
  return id === null ? { kind: 'malformed' } : { kind: 'id', id };
}

/**
 * `"contact": 12`, `"contact_id": "12"`, `'contact': {'id': 12}`, `"contact": "Contact object (12)"`, in JSON, in Python's notation, or
 * in JSON within a text.
 */
const CONTACT =
  /\bcontact(?:_?id)?\\?["']?\s{0,20}[:=]\s{0,20}(?:\{\s{0,20}\\?["']id\\?["']\s{0,20}:\s{0,20})?\\?["']?(?:<?Contact[\w: ]{0,20}\()?([1-9]\d{0,14})(?![\w.-])/i;

/**
 * CallTools' id of the contact that a notice names; null where it names none that can be read. A wrong one does no harm: it is only
 * looked for.
 */
export function contactIn(text: string): number | null {
  const [, id] = CONTACT.exec(text) ?? [];
  return id === undefined ? null : Number(id);
}
