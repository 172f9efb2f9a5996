// Making CallTools hold what is wanted under one phone: find, write, read back, repair once. Running it twice changes nothing.

import { fail, isRefusal, VendorError } from '../domain/failure.ts';
import type { DialerContact } from '../vendors/calltools-schema.ts';
import { create, createOutside } from './create.ts';
import { inNone, isLeftBehind, isOut, withdraw, withdrawDuplicates } from './duplicates.ts';
import { find, findRemembered } from './find.ts';
import { leaveFromBuckets } from './in-parts.ts';
import { refuseNewLabels } from './labels.ts';
import { noteGone, noteNumbers } from './numbers.ts';
import { moveToNewPhone } from './phone-change.ts';
import { type Desired, type Dialer, type Observed, placingFor, type Session } from './session.ts';
import { refuseTakenOut, TakenOut } from './taken-out.ts';
import { tryAll } from './try-all.ts';
import { write } from './write.ts';

const NO_LABEL = { bucket: null, tag: null };

/**
 * Applies `desired`. A contact that was taken out after a call is left out. Throws VendorError, and MoreNumbers (numbers.ts); `observed`
 * then says how far it came.
 */
export async function upsert(desired: Desired, dialer: Dialer, observed: Observed): Promise<void> {
  try {
    await apply(desired, dialer, observed);
  } catch (error) {
    if (!(error instanceof TakenOut)) throw error;
    await leaveOut(error.contact, desired, dialer, observed);
  }
}

/** A remembered bucket id that CallTools no longer knows is looked up anew once. */
async function apply(desired: Desired, dialer: Dialer, observed: Observed): Promise<void> {
  const { labels } = dialer;
  const needed = desired.wanted.kind === 'place' ? desired.wanted : NO_LABEL;
  const ids = await labels.resolve(needed);
  try {
    await reach({ desired, observed, ids, dialer });
  } catch (error) {
    if (!isStale(error)) throw error;
    labels.forget(ids);
    const asked = await labels.resolve(needed);
    // Once is enough: a list may lag behind the contact.
    const fresh = {
      ...asked,
      newest: { bucket: Number.POSITIVE_INFINITY, tag: Number.POSITIVE_INFINITY },
      anew: true as const,
    };
    try {
      await reach({ desired: { ...desired, callToolsId: observed.callToolsId }, observed, ids: fresh, dialer });
    } catch (again) {
      if (!isStale(again)) throw again;
      fail({ kind: 'contact', code: 'membership_not_applied', error: again.message });
    }
  }
}

function isStale(error: unknown): error is VendorError {
  return error instanceof VendorError && error.failure.kind === 'stale_labels';
}

/** The way of one contact: the remembered one, else those under its phone, else the one under its earlier phone, else a new one. */
async function reach(session: Session): Promise<void> {
  const { desired, observed } = session;
  if (await writeRemembered(session)) return;

  const found = await find(session);
  if (found.kind === 'found') {
    if (!found.contacts.some(({ id }) => id === desired.previousContactId)) await checkEarlier(session);
    return writeFound(found.contacts, session, found.unseen);
  }
  if (found.kind === 'absent') observed.mayBeInBucket = false;
  if (desired.wanted.kind === 'out') {
    if (found.kind === 'unsupported') observed.unverified = true;
    return;
  }

  const { doubtMs = 0 } = desired;
  if (doubtMs > 0)
    fail({ kind: 'busy', error: 'an earlier write may still arrive at CallTools', forMs: doubtMs + 1000 });
  if (await moveToNewPhone(found, session)) return;
  // Where it cannot be looked for, a POST may find a contact that was taken out: the POST must not put it back.
  const outside = found.kind === 'unsupported' && desired.placing !== null;
  await writeFound(await (outside ? createOutside(session) : create(session)), session);
}

/** False where no contact is remembered, or CallTools no longer has it. */
async function writeRemembered(session: Session): Promise<boolean> {
  const { desired, observed, dialer } = session;
  const remembered = await findRemembered(session).catch((error) => leaveUnread(error, session));
  if (remembered === null || !(remembered.believed || (await isLeftBehind(remembered.seen, session)))) {
    observed.callToolsId = null;
    return false;
  }
  const { id, seen } = remembered;
  observed.callToolsId = id;
  if (id !== desired.previousContactId) await checkEarlier(session);
  const written = await write(id, seen, session).catch((error) =>
    withdrawOthers(error, { id, phones: seen?.phones ?? [] }, session),
  );
  if (written === null) {
    noteGone(id, dialer);
    observed.callToolsId = null;
    if (!desired.inDoubt) observed.mayBeInBucket = false;
    return false;
  }
  if (desired.wanted.kind === 'out') await withdrawDuplicates(written, session);
  // An earlier try may have moved it to this phone without learning that it did.
  if (id === desired.previousContactId) observed.moved = true;
  return true;
}

/**
 * A contact that CallTools refuses to show leaves its buckets all the same. It may carry somebody else's number by now: it is not marked,
 * for a mark is never taken back, and who is to be dialed on it is put in again. Throws what has kept it, or something worse.
 */
async function leaveUnread(error: unknown, session: Session): Promise<never> {
  const { callToolsId: id, wanted } = session.desired;
  let worst = error;
  if (wanted.kind === 'out' && id !== null && isRefusal(error))
    await leaveFromBuckets(id, session, [error]).catch((thrown) => {
      worst = thrown;
    });
  return withdrawOthers(worst, { id: null, phones: [] }, session);
}

/** A contact that cannot be taken out keeps no other with its number in a bucket. Throws what has kept it, or something worse. */
async function withdrawOthers(
  error: unknown,
  known: Parameters<typeof withdrawDuplicates>[0],
  session: Session,
): Promise<never> {
  if (session.desired.wanted.kind === 'out' && error instanceof VendorError)
    await tryAll([known], () => withdrawDuplicates(known, session), [error]);
  throw error;
}

/** The person has another contact under the new number: if the one under the earlier number was taken out, that one stays out too. */
async function checkEarlier(session: Session): Promise<void> {
  const { wanted, previousContactId, previousPlacing } = session.desired;
  if (wanted.kind === 'out' || previousContactId === null || previousPlacing === null) return;
  const earlier = await session.dialer.callTools.get(previousContactId);
  try {
    if (earlier) await refuseTakenOut(earlier, previousPlacing, session);
  } catch (error) {
    throw error instanceof TakenOut ? new TakenOut(null) : error;
  }
}

/**
 * Writes to contacts that carry the number already. One that may not be dialed is kept, so that the number is not dialed by way of another;
 * else one that is in a bucket of ours; else the oldest, which may be made by hand. A withdrawal concerns them all, and goes on although
 * one of them fails, or was `unseen`: that is thrown in the end.
 */
async function writeFound(
  found: DialerContact[],
  session: Session,
  unseen: readonly VendorError[] = [],
): Promise<void> {
  const { desired, observed, ids, dialer } = session;
  const { wanted } = desired;
  for (const contact of found) await noteNumbers(contact, desired, dialer);
  const inside = found.find(({ buckets }) => buckets !== null && !inNone(buckets, ids.bucket));
  const contacts: DialerContact[] = [];
  for (const contact of found)
    contacts.push(inside ? contact : await refuseTakenOut(contact, placingFor(contact.id, desired), session));
  const first = contacts.find(({ doNotContact }) => doNotContact) ?? inside ?? contacts[0];
  if (!first) return;
  if (wanted.kind === 'place') {
    const others = contacts.filter((contact) => contact !== first);
    await withdraw(others, session);
  }
  // Where several are to go, none is remembered until all are out: another try must look for them all again.
  if (wanted.kind === 'place' || contacts.length + unseen.length === 1) observed.callToolsId = first.id;
  let anyInBucket = unseen.length > 0;
  const writeOne = async (contact: DialerContact) => {
    observed.doNotContact ||= contact.doNotContact === true;
    observed.mayBeInBucket = !inNone(contact.buckets, ids.bucket);
    try {
      refuseNewLabels(contact, ids);
      if (wanted.kind === 'out' && isOut(contact, wanted.doNotContact, ids)) return;
      if ((await write(contact.id, contact, session)) === null)
        fail({ kind: 'transient', vendor: 'calltools', error: 'the contact vanished while it was being changed' });
    } finally {
      anyInBucket ||= observed.mayBeInBucket;
      observed.mayBeInBucket = anyInBucket;
    }
  };
  await tryAll(wanted.kind === 'out' ? contacts : [first], writeOne, unseen);
  observed.callToolsId = first.id;
}

/**
 * Leaves a contact out that was taken out after a call, and takes it out of any other bucket or tag of ours. `contact` is null where the one
 * that was taken out is under the person's earlier number. Throws VendorError.
 */
export async function leaveOut(
  contact: DialerContact | null,
  desired: Desired,
  dialer: Dialer,
  observed: Observed,
): Promise<void> {
  const out: Desired = {
    ...desired,
    wanted: { kind: 'out', doNotContact: false },
    placing: null,
    previousPlacing: null,
    previousContactId: null,
  };
  Object.assign(observed, { takenOut: true, placing: null });
  if (contact === null) return apply(out, dialer, observed);
  observed.callToolsId = contact.id;
  observed.doNotContact ||= contact.doNotContact === true;
  const ids = await dialer.labels.resolve(NO_LABEL);
  observed.mayBeInBucket = !isOut(contact, false, ids);
  // Nobody is dialed at the number by way of another contact either.
  if (!observed.mayBeInBucket) return withdrawDuplicates(contact, { desired: out, observed, ids, dialer });
  await apply({ ...out, callToolsId: contact.id, inDoubt: false }, dialer, observed);
}
