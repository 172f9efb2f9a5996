// One write to CallTools: PATCH, read back, repair once. What may have happened is noted before a write, what did happen after it.

import type { Settings } from '../config/settings.ts';
import type { Wanted } from '../domain/decide.ts';
import { isFailedWrite, isRefusal, mayHaveTakenEffect, VendorError, worstOf } from '../domain/failure.ts';
import type { ContactBody } from '../vendors/calltools.ts';
import type { DialerContact } from '../vendors/calltools-schema.ts';
import { takeOutInParts } from './in-parts.ts';
import { allIds, type LabelIds, type ManagedIds, NO_LABELS } from './labels.ts';
import { noteNumbers } from './numbers.ts';
import { confirmPhone, misplaced, readBack } from './read-back.ts';
import { sendData } from './send.ts';
import { placingFor, type Session } from './session.ts';
import { refuseTakenOut, whereabouts } from './taken-out.ts';

/**
 * Makes the contact of this id hold what is wanted, and reads it back. `seen` is the contact as it was just read; null where it was not.
 * Returns the contact as confirmed, or null where CallTools no longer has it. Throws VendorError, MoreNumbers and TakenOut.
 */
export async function write(id: number, seen: DialerContact | null, session: Session): Promise<DialerContact | null> {
  let isPut = false;
  try {
    const written = await put(id, seen, session);
    isPut = true;
    return written && (await readBack({ ...written, word: written.word ?? seen?.word ?? null }, session));
  } catch (failure) {
    const isForParts = isRefusal(failure) || (!isPut && isFailedWrite(failure));
    if (session.desired.wanted.kind === 'place' || !isForParts) throw failure;
    return takeOutDespite(failure, id, seen, session);
  }
}

/** Where the call for a withdrawal as a whole has failed, what CallTools takes of it is done. Throws the worst failure unless all of it is done in the end. */
async function takeOutDespite(
  whole: VendorError,
  id: number,
  seen: DialerContact | null,
  session: Session,
): Promise<DialerContact | null> {
  try {
    const left = await takeOutInParts(id, seen, session);
    const out = left && (await readBack(left, session));
    // The labels may be out of date, and there may be one more to leave.
    if (whole.failure.kind === 'stale_labels' && !session.ids.anew) throw whole;
    return out;
  } catch (error) {
    if (!(error instanceof VendorError)) throw error;
    // A label that is not known to CallTools, however new our list of them is, is no reason to give up what may pass.
    const isFinal = error.failure.kind === 'stale_labels' && session.ids.anew;
    throw isFinal && isFailedWrite(whole) ? whole : worstOf([whole, error]);
  }
}

/**
 * A contact that we had placed may have been taken out after a call, and a change of its name must not bring it back. Where it should be
 * in its bucket already, its data is written alone, and the answer shows whether it is there. One that comes back is not put in before an
 * answer has shown its numbers: people merge contacts, and a number that it has gained may be somebody's who said no.
 */
async function put(id: number, seen: DialerContact | null, session: Session): Promise<DialerContact | null> {
  const { desired, ids } = session;
  const { wanted } = desired;
  const placing = placingFor(id, desired);
  if (wanted.kind === 'out' || (placing === null && seen !== null)) return patch(id, session);
  if (seen === null || placing === null || isThere(seen, wanted, ids)) {
    const written = await writeData(id, session);
    return written && place(written, session);
  }
  await refuseTakenOut(seen, placing, session);
  return patch(id, session);
}

/** One PATCH of the data alone: buckets and tags stay as they are. Null where CallTools no longer has the contact. */
export function writeData(id: number, session: Session): Promise<DialerContact | null> {
  const { desired, observed, dialer } = session;
  return sendData(session, dataOf(desired.wanted, dialer.settings), async (body) => {
    const written = await dialer.callTools.update(id, body);
    if (written !== null) observed.wrote = true;
    return written;
  });
}

/**
 * Puts a contact whose data was just written where it is wanted, unless it is there, or must stay out. Returns the answer, which is still to
 * be read back; null where CallTools no longer has the contact.
 */
export async function place(written: DialerContact, session: Session): Promise<DialerContact | null> {
  const { desired, observed, ids, dialer } = session;
  const { wanted, route } = desired;
  const placing = placingFor(written.id, desired);
  await noteNumbers(written, desired, dialer);
  if (wanted.kind === 'out' || placing === null) return patch(written.id, session);
  const contact = { ...written, buckets: written.buckets ?? (await dialer.callTools.bucketsOf(written.id)) };
  if (isThere(contact, wanted, ids)) {
    observed.placing = { ...placing, ...whereabouts(wanted, ids), route: placing.route ?? route };
    observed.stayed = true;
    return contact;
  }
  await refuseTakenOut(contact, placing, session);
  // Somebody may have given it another number by hand, and it must not be dialed at that one.
  await confirmPhone(contact, session);
  return patch(contact.id, session);
}

/** It is in the wanted bucket, and has the wanted tag, and no others of ours. Tags that are not shown are assumed to be right. */
export function isThere(
  { buckets, tags }: Pick<DialerContact, 'buckets' | 'tags'>,
  { bucket, tag }: { bucket: string; tag: string | null },
  ids: LabelIds,
): boolean {
  const wrongTags = tags === null ? [] : misplaced(tags, ids.tag, tag);
  return misplaced(buckets ?? [], ids.bucket, bucket).length + wrongTags.length === 0;
}

/** One PATCH of all that is wanted; null where CallTools no longer has the contact. */
function patch(id: number, session: Session): Promise<DialerContact | null> {
  const { desired, ids, dialer } = session;
  return sendData(session, bodyFor(desired.wanted, ids, dialer.settings, true), (body) =>
    recorded(session, () => dialer.callTools.update(id, body)),
  );
}

/** While a placing write is under way the contact may be in a bucket. After a clear refusal, or a 404, it is where it was. */
export async function recorded<T>({ desired, observed }: Session, send: () => Promise<T>): Promise<T> {
  const { mayBeInBucket, placing } = observed;
  if (desired.wanted.kind === 'place') {
    observed.mayBeInBucket = true;
    observed.placing ??= { at: desired.now, route: desired.route, bucket: null, tag: null, word: null };
  }
  try {
    const written = await send();
    if (written === null) Object.assign(observed, { mayBeInBucket, placing });
    else observed.wrote = true;
    return written;
  } catch (error) {
    if (!mayHaveTakenEffect(error)) Object.assign(observed, { mayBeInBucket, placing });
    throw error;
  }
}

/** Body with the person's data alone. */
export function dataOf(wanted: Wanted, settings: Settings): ContactBody {
  return bodyFor(wanted, NO_LABELS, settings, false);
}

/** Body of the whole write: fields, buckets and tags together. A POST has no removals. */
export function bodyFor(wanted: Wanted, ids: LabelIds, settings: Settings, removals: boolean): ContactBody {
  const bucket = wanted.kind === 'place' ? ids.bucket.get(wanted.bucket)?.[0] : undefined;
  const tag = wanted.kind === 'place' && wanted.tag !== null ? ids.tag.get(wanted.tag)?.[0] : undefined;
  const others = (managed: ManagedIds, kept: number | undefined) => allIds(managed).filter((id) => id !== kept);
  const lists = {
    add_buckets: bucket === undefined ? [] : [bucket],
    remove_buckets: removals ? others(ids.bucket, bucket) : [],
    add_tags: tag === undefined ? [] : [tag],
    remove_tags: removals ? others(ids.tag, tag) : [],
  };
  const filled = Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0));
  if (wanted.kind === 'out') return { ...filled, ...(wanted.doNotContact && { do_not_contact: true as const }) };
  const { person } = wanted;
  return {
    ...person.fields,
    [settings.CALLTOOLS_PHONE_FIELD]: person.phone,
    ...(person.email && settings.CALLTOOLS_EMAIL_FIELD && { [settings.CALLTOOLS_EMAIL_FIELD]: person.email }),
    ...(settings.CALLTOOLS_EXTERNAL_ID_FIELD && { [settings.CALLTOOLS_EXTERNAL_ID_FIELD]: person.contactId }),
    ...filled,
  };
}
