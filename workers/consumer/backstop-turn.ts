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

/** One page of the contact list. Never rejects: it may be asked for ahead, and turn out not to be needed. */
export async function lookAtPage(cursor: Cursor | null, { ghl }: Vendors, settings: Settings): Promise<Looked> {
  try {
    return { kind: 'found', page: await ghl.search(cursor, settings.BACKSTOP_PAGE_SIZE) };
  } catch (thrown) {
    return { kind: 'failed', failure: toFailure(thrown, 'gohighlevel') };
  }
}

/** How many there are, by this page. An empty one that counts fewer than were seen already is no end of the list to go by. */
function totalOf({ contacts, total }: SearchPage, { seen }: Run): number | null {
  return contacts.length === 0 && total !== null && total < seen ? null : total;
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
export async function turnOver(run: Run, page: SearchPage, cursor: Cursor | null, basis: Basis): Promise<Run | null> {
  const { env, world, settings } = basis;
  const { rules } = settings;
  const unique = [...new Map(page.contacts.map((contact) => [contact.id, contact])).values()];
  const listed = await Promise.all(
    unique.map(async (contact) => ({
      id: contact.id,
      hash: await searchHash(contact, settings),
      concerns:
        matchRoute(rules, contact.tags) !== -1 ||
        callBlocked(contact.dnd, contact.dndSettings) ||
        page.oddTags.includes(contact.id),
    })),
  );
  const differing = await markDiffering(env.DB, run, listed, world.now());
  const candidates = listed.flatMap(({ id, hash }): Candidate[] =>
    differing.has(id) ? [{ contactId: id, searchHash: hash }] : [],
  );
  await queueContacts(candidates, 'BackstopCompare', run, basis);
  const ids = { seen: listed.map(({ id }) => id), queued: candidates.map(({ contactId }) => contactId) };
  const [seen, queued] = [listed.length, candidates.length];
  const counts = { total: totalOf(page, run), seen, queued, skipped: seen - queued };
  return turnPage(env.DB, run, cursor, ids, counts, world.now());
}
