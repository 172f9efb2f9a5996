// The one POST, for a person whom CallTools does not have. If its answer is lost, CallTools is asked at once what came of it.

import { fail, mayHaveTakenEffect } from '../domain/failure.ts';
import type { Created } from '../vendors/calltools.ts';
import type { DialerContact } from '../vendors/calltools-schema.ts';
import { type Found, hasPhone } from './find-by-phone.ts';
import { readBack } from './read-back.ts';
import { sendData } from './send.ts';
import type { Session } from './session.ts';
import { bodyFor, dataOf, recorded } from './write.ts';

/** At most this many of the ids that CallTools names as duplicates are read. */
const MAX_DUPLICATES = 5;

/** Creates the contact in its bucket. Returns the contacts that carry the number already and are still to be written; none as a rule. */
export async function create(session: Session): Promise<DialerContact[]> {
  const { desired, observed, ids, dialer } = session;
  const { callTools, settings } = dialer;
  let created: Created;
  try {
    created = await sendData(session, bodyFor(desired.wanted, ids, settings, false), (body) =>
      recorded(session, () => callTools.create(body)),
    );
  } catch (error) {
    const found = mayHaveTakenEffect(error) ? await trace(session) : null;
    if (found?.kind !== 'found') throw error;
    return found.contacts;
  }
  if (created.kind === 'duplicate') return merged(created.ids, session);
  observed.callToolsId = created.contact.id;
  await readBack(created.contact, session);
  return [];
}

/** The POST of the data alone. Returns what it made or found, which is still to be put where it is wanted. */
export async function createOutside(session: Session): Promise<DialerContact[]> {
  const { desired, observed, dialer } = session;
  const { callTools, settings } = dialer;
  const created = await sendData(session, dataOf(desired.wanted, settings), (body) =>
    recorded(session, () => callTools.create(body)),
  );
  if (created.kind === 'duplicate') return merged(created.ids, session);
  observed.callToolsId = created.contact.id;
  return [created.contact];
}

/** What is found under the phone; null where CallTools or our time does not let us look: the next try will. */
async function trace({ desired: { e164 }, dialer }: Session): Promise<Found | null> {
  try {
    return e164 === null ? null : await dialer.lookup(e164);
  } catch {
    return null;
  }
}

/** CallTools found duplicates and answered with their ids only. Those that carry the number are as good as found by it. */
async function merged(duplicates: number[], { desired, observed, dialer }: Session): Promise<DialerContact[]> {
  const { e164 } = desired;
  const carriers: DialerContact[] = [];
  for (const id of duplicates.toSorted((a, b) => a - b).slice(0, MAX_DUPLICATES)) {
    const contact = await dialer.callTools.get(id);
    if (contact && e164 !== null && hasPhone(contact, e164, dialer.settings.DEFAULT_COUNTRY)) carriers.push(contact);
  }
  if (carriers[0]) {
    observed.callToolsId = carriers[0].id;
    return carriers;
  }
  const error = 'CallTools named a duplicate that does not carry this phone';
  return fail({ kind: 'contact', code: 'unexpected_response', error });
}
