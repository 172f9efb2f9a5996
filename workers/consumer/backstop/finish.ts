// The end of a run's pages: contacts that no page showed, and those whose turn it is, are read one by one.

import { DAY_MS } from '../../../shared/time.ts';
import type { LocationContext } from '../config/context.ts';
import { endPageSlots } from '../store/page-slots.ts';
import { contactsToVerify, markQueued, markUnseen } from '../store/run-contacts.ts';
import { finishRun, type Run } from '../store/runs.ts';
import { queueContacts } from './enqueue.ts';
import { loggedRun } from './progress.ts';

const CHUNK = 500;
/** Who was confirmed by a change of this day is not asked about in its night. */
const FRESH_MS = DAY_MS / 2;

/**
 * Ends a run whose pages are all handled. Only a complete one says that a contact which no page showed may be gone. Contacts
 * come and go while pages are read: it is complete when it saw as many as there were at its start or at its end, whichever
 * is less, or, where GoHighLevel does not count them, any at all. Even then nobody is withdrawn but by an answer about that one contact.
 */
export function finishBackstop(run: Run, context: LocationContext): Promise<void> {
  const { seen, total, firstTotal } = run;
  const complete = total === null ? seen > 0 : seen >= Math.min(total, firstTotal ?? total);
  if (run.error !== null) return endBackstop(run, `${run.error}; no deletion is inferred`, context);
  const said = total === null ? 'did not say how many contacts there are' : `said ${total} contacts`;
  return endBackstop(run, complete ? null : `GoHighLevel ${said} and showed ${seen}; no deletion is inferred`, context);
}

/** Ends a run; `error` says why it is not complete. Contacts are verified in any case: whose turn it is does not depend on the list. */
export async function endBackstop(run: Run, error: string | null, context: LocationContext): Promise<void> {
  const { env, world, log } = context;
  await endPageSlots(env.DB, run.locationId, world.now());
  const vanished = error === null ? await queueUnseen(run, context) : 0;
  const verified = await queueDue(run, context);
  const now = world.now();
  const state = error === null ? 'complete' : 'incomplete';
  // Another delivery was first, and has told of it.
  if (!(await finishRun(env.DB, run, { state, vanished, verified, error, now }))) return;
  const { skipped, page: pages } = run;
  const told = { state, pages, skipped, vanished, verified, ms: now - run.startedAt, error: error ?? undefined };
  log(`backstop.${state}`, { ...loggedRun(run), ...told });
}

async function queueUnseen(run: Run, context: LocationContext): Promise<number> {
  let count = 0;
  for (let after = ''; ; ) {
    const ids = await markUnseen(context.env.DB, run, after, CHUNK);
    const candidates = ids.map((contactId) => ({ contactId }));
    await queueContacts(candidates, 'BackstopUnseen', run, context);
    count += ids.length;
    const last = ids.at(-1);
    if (last === undefined || ids.length < CHUNK) return count;
    after = last;
  }
}

/**
 * Search lies about DND and nobody tells what is changed in CallTools by hand, so each contact is read in both once in
 * VERIFY_WITHIN_DAYS: a share of them a night, spread over one night less, and whoever has been left over.
 */
async function queueDue(run: Run, context: LocationContext): Promise<number> {
  const { env, world, settings } = context;
  const days = settings.VERIFY_WITHIN_DAYS;
  const fresh = world.now() - FRESH_MS;
  const due = await contactsToVerify(env.DB, run, {
    ...{ share: 1 / (days - 1), fresh, lastNight: fresh },
    overdue: world.now() - (days - 1) * DAY_MS + FRESH_MS,
  });
  for (let from = 0; from < due.length; from += CHUNK) {
    const ids = due.slice(from, from + CHUNK);
    await markQueued(env.DB, run, ids);
    const candidates = ids.map((contactId) => ({ contactId, verify: true as const }));
    await queueContacts(candidates, 'BackstopVerify', run, context);
  }
  return due.length;
}
