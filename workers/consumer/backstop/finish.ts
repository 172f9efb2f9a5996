// The one end of a run: contacts that no page showed, and those due to be verified, are put into the queue.

import { DAY_MS } from '../../../shared/time.ts';
import type { LocationContext } from '../config/context.ts';
import { endPageSlots } from '../store/rate-limits.ts';
import { contactsToVerify, markQueued, markUnseen } from '../store/run-contacts.ts';
import { finishRun, type Run } from '../store/runs.ts';
import { queueContacts } from './enqueue.ts';
import { loggedRun } from './progress.ts';

/** Why a run ends. */
export type RunEnd =
  /** All of its pages are handled. */
  | { kind: 'pages_done' }
  /** There are far more pages than contacts. */
  | { kind: 'endless' }
  /** A page cannot be read. */
  | { kind: 'page_failed'; error: string }
  | { kind: 'overdue'; hours: number };

const CHUNK = 500;
/** A contact that was confirmed this recently, because it had changed, is not verified in the same night. */
const FRESH_MS = DAY_MS / 2;

/**
 * Ends a run. Only a complete one may conclude that a contact which no page showed is gone, and even then the contact is read before it
 * is withdrawn. Contacts are verified in any case: which ones are due does not depend on the list.
 */
export async function endRun(run: Run, end: RunEnd, context: LocationContext): Promise<void> {
  const { env, world, log } = context;
  const error = shortfall(run, end);
  await endPageSlots(env.DB, run.locationId, world.now());
  const vanished = error === null ? await queueUnseen(run, context) : 0;
  const verified = await queueDue(run, context);
  const now = world.now();
  const state = error === null ? 'complete' : 'incomplete';
  // Another delivery ended the run first, and has logged it.
  if (!(await finishRun(env.DB, run, { state, vanished, verified, error, now }))) return;
  const { skipped, page: pages } = run;
  const ended = { state, pages, skipped, vanished, verified, ms: now - run.startedAt, error: error ?? undefined };
  log(`backstop.${state}`, { ...loggedRun(run), ...ended });
}

/** Why the run is not complete, for a person; null where it is. */
function shortfall(run: Run, end: RunEnd): string | null {
  switch (end.kind) {
    case 'pages_done':
      return unseenRest(run);
    case 'endless':
      return `GoHighLevel said ${run.total} contacts, and its pages do not end`;
    case 'page_failed':
      return end.error;
    case 'overdue':
      return `stopped after ${end.hours} hours at page ${run.page}`;
  }
}

/**
 * Contacts come and go while pages are read. So a run is complete when it saw as many as there were at its start or at its end, whichever
 * is less. Where GoHighLevel does not count them, any number will do but none.
 */
function unseenRest({ seen, total, firstTotal, error }: Run): string | null {
  if (error !== null) return `${error}; no deletion is inferred`;
  const complete = total === null ? seen > 0 : seen >= Math.min(total, firstTotal ?? total);
  const said = total === null ? 'did not say how many contacts there are' : `said ${total} contacts`;
  return complete ? null : `GoHighLevel ${said} and showed ${seen}; no deletion is inferred`;
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
 * The search may hide DND, and no webhook reports what is changed by hand in CallTools. So each contact is read in both systems once in
 * VERIFY_WITHIN_DAYS: a share of them each night, in one night less than that, and those that were left over.
 */
async function queueDue(run: Run, context: LocationContext): Promise<number> {
  const { env, world, settings } = context;
  const days = settings.VERIFY_WITHIN_DAYS;
  const fresh = world.now() - FRESH_MS;
  const due = await contactsToVerify(env.DB, run, {
    share: 1 / (days - 1),
    fresh,
    lastNight: fresh,
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
