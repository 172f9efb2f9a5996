// The end of a run's pages: contacts that no page showed, and those whose turn it is, are read one by one.

import type { ContactChanged } from '../../shared/messages.ts';
import type { Basis } from './basis.ts';
import { contactsToVerify, finishRun, type Run, unseenContacts } from './run-store.ts';

export interface Candidate {
  contactId: string;
  searchHash?: string;
}

/** sendBatch takes 100 messages (facts/cloudflare.md [doc]). */
const BATCH = 100;
const CHUNK = 500;
const DAY_MS = 86_400_000;
/** Search lies about DND, so each placed contact is read at least once in 7 days: a seventh of them a night, and stragglers. */
const VERIFY = { share: 1 / 7, overdueMs: 6 * DAY_MS, freshMs: DAY_MS / 2 };

/** Ends a run whose pages are all handled. Only a complete one says that a contact which no page showed may be gone. */
export async function finishBackstop(run: Run, basis: Basis): Promise<void> {
  const { env, world, log } = basis;
  const complete = run.total === null || run.seen >= run.total;
  const vanished = complete ? await queueUnseen(run, basis) : 0;
  const now = world.now();
  const due = await contactsToVerify(env.DB, run, {
    share: VERIFY.share,
    overdue: now - VERIFY.overdueMs,
    fresh: now - VERIFY.freshMs,
  });
  await queueContacts(
    due.map((contactId) => ({ contactId })),
    'BackstopVerify',
    basis,
  );

  const state = complete ? 'complete' : 'incomplete';
  const error = complete
    ? null
    : `GoHighLevel said ${run.total} contacts and showed ${run.seen}; no deletion is inferred`;
  await finishRun(env.DB, run, { state, vanished, verified: due.length, error, now });
  const { seen, queued, skipped } = run;
  const ids = { runId: run.id, locationId: run.locationId };
  log(`backstop.${state}`, { ...ids, seen, queued, skipped, vanished, verified: due.length, ms: now - run.startedAt });
}

async function queueUnseen(run: Run, basis: Basis): Promise<number> {
  let count = 0;
  for (let after = ''; ; ) {
    const ids = await unseenContacts(basis.env.DB, run, after, CHUNK);
    await queueContacts(
      ids.map((contactId) => ({ contactId })),
      'BackstopUnseen',
      basis,
    );
    count += ids.length;
    const last = ids.at(-1);
    if (last === undefined || ids.length < CHUNK) return count;
    after = last;
  }
}

/** Puts contacts into the backstop's queue. Throws where the queue fails. */
export async function queueContacts(
  candidates: Candidate[],
  eventType: string,
  { env, world, settings }: Basis,
): Promise<void> {
  const receivedAt = world.now();
  const messages = candidates.map((candidate): { body: ContactChanged } => ({
    body: {
      ...{ v: 1, kind: 'contact.changed', locationId: settings.GHL_LOCATION_ID, eventType, source: 'backstop' },
      ...{ eventId: world.newId(), occurredAt: null, receivedAt, snapshot: null },
      ...candidate,
    },
  }));
  for (let from = 0; from < messages.length; from += BATCH)
    await env.BACKSTOP.sendBatch(messages.slice(from, from + BATCH));
}
