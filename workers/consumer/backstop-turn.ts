// One page of a backstop run: looked at, compared, queued as far as it may differ, and counted. Unchanged contacts cost no call.

import { callBlocked } from '../../shared/dnd.ts';
import { matchRoute } from '../../shared/rules.ts';
import { type Candidate, queueContacts } from './backstop-queue.ts';
import type { Basis } from './basis.ts';
import { type Failure, toFailure } from './failure.ts';
import type { Cursor, SearchPage } from './gohighlevel.ts';
import { markDiffering } from './run-contact-store.ts';
import { type Run, turnPage } from './run-store.ts';
import { searchHash } from './search-hash.ts';
import type { Settings } from './settings.ts';
import type { Vendors } from './vendors.ts';

export type Looked = { kind: 'found'; page: SearchPage } | { kind: 'failed'; failure: Failure };

/** Rows beyond twice as many as there are: the pages go round in a circle. */
const ENDLESS_ROWS = 1000;
/** What a page takes where GoHighLevel answers within 200 ms. */
const PAGE_MS = 250;
/** Longer than this no contact waits for the pages of its run. */
const MAX_WAIT_FOR_PAGES_S = 600;

/** One page of the contact list. Never rejects: it may be asked for ahead, and turn out not to be needed. */
export async function lookAtPage(cursor: Cursor | null, { ghl }: Vendors, settings: Settings): Promise<Looked> {
  try {
    return { kind: 'found', page: await ghl.search(cursor, settings.BACKSTOP_PAGE_SIZE) };
  } catch (thrown) {
    return { kind: 'failed', failure: toFailure(thrown, 'gohighlevel') };
  }
}

/** Where the run goes on after this page; null after the last. */
export function nextCursor({ contacts, next }: SearchPage, { cursor, seen, total }: Run): Cursor | null | 'endless' {
  if (contacts.length === 0 || JSON.stringify(next) === JSON.stringify(cursor)) return null;
  return total !== null && seen > 2 * total + ENDLESS_ROWS ? 'endless' : next;
}

/**
 * Queues the page's contacts that may differ, and then turns it over; null when another delivery of the page was first. A crash
 * in between repeats the page: who was queued twice is worked on twice, and the second time finds nothing to do.
 */
export async function turnOver(
  run: Run,
  { contacts, total }: SearchPage,
  cursor: Cursor | null,
  basis: Basis,
): Promise<Run | null> {
  const { env, world, settings } = basis;
  const { rules } = settings;
  const unique = [...new Map(contacts.map((contact) => [contact.id, contact])).values()];
  const listed = await Promise.all(
    unique.map(async (contact) => ({
      id: contact.id,
      hash: await searchHash(contact, settings),
      concerns: matchRoute(rules, contact.tags) !== -1 || callBlocked(contact.dnd, contact.dndSettings),
    })),
  );
  const differing = await markDiffering(env.DB, run, listed, world.now());
  const candidates = listed.flatMap(({ id, hash }): Candidate[] =>
    differing.has(id) ? [{ contactId: id, searchHash: hash }] : [],
  );
  const rowsLeft = cursor === null || total === null ? 0 : total - run.seen - listed.length;
  await queueContacts(candidates, 'BackstopCompare', run, basis, waitForPages(rowsLeft, settings.BACKSTOP_PAGE_SIZE));
  const ids = { seen: listed.map(({ id }) => id), queued: candidates.map(({ contactId }) => contactId) };
  const [seen, queued] = [listed.length, candidates.length];
  return turnPage(env.DB, run, cursor, ids, { total, seen, queued, skipped: seen - queued }, world.now());
}

/**
 * Seconds that a contact waits in the queue, so that it comes when the pages are over. Reads of contacts and pages share one
 * limit: 25 contacts that take their turns in front of a page hold up the whole chain of pages for four seconds.
 */
function waitForPages(rowsLeft: number, pageSize: number): number {
  if (rowsLeft <= 0) return 0;
  const pages = Math.ceil(rowsLeft / pageSize) + 1; // and the one that finds the end
  return Math.min(Math.ceil((pages * PAGE_MS) / 1000), MAX_WAIT_FOR_PAGES_S);
}
