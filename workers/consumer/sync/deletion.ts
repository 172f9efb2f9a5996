// Whether to believe a deletion. One deleted contact is ordinary. An odd answer, or several deletions in a row, are checked by a search.

import { forEachLimit } from '../../../shared/concurrency.ts';
import { MINUTE_MS } from '../../../shared/time.ts';
import type { Circuit } from '../domain/circuit.ts';
import type { Known, Read } from '../domain/contact.ts';
import { type Failure, toFailure } from '../domain/failure.ts';
import { isHint } from '../domain/told.ts';
import { closed, SUSPECTS } from '../vendors/circuit-breaker.ts';
import type { Vendors } from '../vendors/clients.ts';
import type { Ask } from './ask.ts';
import { newestAt } from './coalesce.ts';
import type { Task } from './work.ts';

/** Searches at once, like reads. */
const CONCURRENCY = 5;
/** When contacts that were believed deleted are read again: the trouble may have passed. */
const AGAIN_MS = 30_000;

interface Believed {
  known: Map<Task, Known>;
  /** Contacts of which it is not known whether they still exist. */
  failed: Map<Task, Failure>;
  /** Contacts that were believed deleted just before GoHighLevel turned out to be wrong. They must be read again. */
  ask: Ask[];
}

/** What is known of each contact that was read. */
export async function believe(
  reads: ReadonlyMap<Task, Read | Failure>,
  circuits: readonly Circuit[],
  vendors: Vendors,
  now: number,
): Promise<Believed> {
  const { monitor } = vendors;
  const { known, failed, unproven, doubtful } = sorted(reads);
  if ([...known].some(([task, { kind }]) => kind === 'gone' && isToldOf(task))) monitor.worked.add('gohighlevel');
  const before = circuits.find(({ vendor }) => vendor === 'gohighlevel') ?? closed('gohighlevel');
  const found = [...known.values()].some(({ kind }) => kind === 'found');
  const inARow = new Set([...before.gone, ...unproven.map(({ work }) => work.contactId)]).size >= SUSPECTS;
  const troubled = inARow || before.openReason !== null || before.suspects.length > 0;
  const toCheck = [...doubtful.keys(), ...(troubled && !found ? unproven : [])];
  await forEachLimit(toCheck, CONCURRENCY, async (task) => {
    try {
      if (await vendors.ghl.shows(task.work.contactId)) {
        monitor.doubted = true;
        failed.set(task, doubtful.get(task) ?? transient(CONTRADICTED, isNew(task, now)));
      } else if (doubtful.has(task) && isFresh(task, now)) {
        failed.set(task, transient(TOO_EARLY, true));
      } else {
        monitor.worked.add('gohighlevel');
        known.set(task, { kind: 'gone' });
      }
    } catch (thrown) {
      failed.set(task, toFailure(thrown, 'gohighlevel'));
    }
  });
  for (const task of unproven) {
    if (toCheck.includes(task)) continue;
    known.set(task, { kind: 'gone' });
    monitor.gone.add(task.work.contactId);
  }
  const doubted = monitor.doubted ? before.gone : [];
  return { known, failed, ask: doubted.map((contactId) => ({ contactId, delayMs: AGAIN_MS })) };
}

const CONTRADICTED = 'GET /contacts/:id says that the contact was not found, but the search shows it';

const TOO_EARLY = 'GET /contacts/:id gave an odd answer, and the search may not show the contact yet';
/** The search shows what has changed after seconds, as a rule (docs/vendors.md, GoHighLevel: search). */
const SEARCH_LAG_MS = MINUTE_MS;

/** GoHighLevel spoke of it a moment ago, so it proves nothing that the search does not show it. */
function isFresh({ work, row, told }: Task, now: number): boolean {
  const hints = work.events.filter(isHint).map(newestAt);
  return Math.max(row.createdAt, told.there ?? 0, told.heard ?? 0, ...hints) > now - SEARCH_LAG_MS;
}

/** It came, or came back, a moment ago: a read may not show it yet. A contact that reads have shown for longer cannot lag. */
function isNew(task: Task, now: number): boolean {
  const { createdAt, reason } = task.row;
  return isFresh(task, now) && (createdAt > now - SEARCH_LAG_MS || reason === 'deleted');
}

function transient(error: string, lagging: boolean): Failure {
  return { kind: 'transient', vendor: 'gohighlevel', error, ...(lagging && { lagging }) };
}

/** `unproven`: one answer says that it was not found. `doubtful`: an answer that says neither. */
function sorted(reads: ReadonlyMap<Task, Read | Failure>) {
  const known = new Map<Task, Known>();
  const failed = new Map<Task, Failure>();
  const doubtful = new Map<Task, Failure>();
  const unproven: Task[] = [];
  for (const [task, read] of reads) {
    if (read.kind === 'doubtful') doubtful.set(task, read.failure);
    else if (read.kind === 'gone' && !read.flagged && !isToldOf(task)) unproven.push(task);
    else if (read.kind === 'gone' || read.kind === 'found') known.set(task, read);
    else failed.set(task, read);
  }
  return { known, failed, doubtful, unproven };
}

/** A webhook has reported the deletion, so GoHighLevel's answer confirms it. */
function isToldOf({ work }: Task): boolean {
  return work.events.some(({ source, eventType }) => source === 'webhook' && eventType === 'ContactDelete');
}
