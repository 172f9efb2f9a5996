// Sending a person's data: what CallTools refuses is left out where it may be, and what it has not kept is noted.

import type { Settings } from '../config/settings.ts';
import { VendorError } from '../domain/failure.ts';
import type { ContactBody, Created } from '../vendors/calltools.ts';
import type { DialerContact } from '../vendors/calltools-schema.ts';
import { noteEcho } from './echo.ts';
import type { Session } from './session.ts';

/**
 * A body is sent again this many times at most. CallTools names all bad fields at once, or after each other where two checks look at them; a
 * field that is to be emptied is tried in two ways.
 */
const MAX_ROUNDS = 3;

/**
 * Sends `body`. If CallTools refuses fields of it, and all of them may be missing, it is sent again without them. `observed.leftOut` says
 * which they are, and they stay out of what is sent for this number until a new job begins. Throws what `send` throws.
 */
export async function sendData<T extends Created | DialerContact | null>(
  session: Session,
  body: ContactBody,
  send: (body: ContactBody) => Promise<T>,
): Promise<T> {
  const { observed, dialer } = session;
  let whole = body;
  for (let rounds = 0; ; rounds++) {
    const { leftOut = [] } = observed;
    const sent = without(whole, leftOut);
    try {
      const answer = await send(sent);
      const contact = contactIn(answer);
      if (contact) noteEcho(optionalOf(sent, dialer.settings), contact, dialer);
      return answer;
    } catch (thrown) {
      const refused = rounds < MAX_ROUNDS ? refusedIn(thrown) : [];
      if (refused.length === 0 || !refused.every((field) => isOptional(field, dialer.settings))) throw thrown;
      // What empties a text does not empty a choice.
      const blank = refused.filter((field) => sent[field] === '');
      whole = { ...whole, ...Object.fromEntries(blank.map((field) => [field, null])) };
      const left = refused.filter((field) => !blank.includes(field));
      if (left.length > 0) observed.leftOut = [...leftOut, ...left];
    }
  }
}

function without(body: ContactBody, fields: readonly string[]): ContactBody {
  return fields.length === 0
    ? body
    : Object.fromEntries(Object.entries(body).filter(([name]) => !fields.includes(name)));
}

function contactIn(answer: Created | DialerContact | null): DialerContact | null {
  if (answer === null || !('kind' in answer)) return answer;
  return answer.kind === 'created' ? answer.contact : null;
}

/** Keys of what was sent: so each round names others. */
function refusedIn(thrown: unknown): string[] {
  if (!(thrown instanceof VendorError) || thrown.failure.kind !== 'contact') return [];
  return thrown.failure.code === 'rejected' ? (thrown.failure.fields ?? []) : [];
}

function optionalOf(body: ContactBody, settings: Settings): ContactBody {
  return Object.fromEntries(Object.entries(body).filter(([name]) => isOptional(name, settings)));
}

/** Without its number nobody can be dialed, and buckets, tags and do-not-contact say whether anybody may be. */
function isOptional(field: string, { CALLTOOLS_PHONE_FIELD }: Settings): boolean {
  return (
    field !== CALLTOOLS_PHONE_FIELD && field !== 'do_not_contact' && !/^((add|remove)_)?(buckets|tags)$/.test(field)
  );
}
