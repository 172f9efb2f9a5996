// One page of a backstop run: compared, its contacts queued if they may differ, and counted. Unchanged contacts cost no call.

import { callBlocked } from '../../../shared/dnd.ts';
import type { LocationContext } from '../config/context.ts';
import { decidedBy } from '../config/settings.ts';
import type { GhlContact } from '../domain/contact.ts';
import type { FieldPlan } from '../domain/fields/field-map.ts';
import { type DecidedBy, factsFor, searchHash } from '../domain/fingerprint.ts';
import { mayMatch } from '../domain/rules/match.ts';
import { type ListedContact, markDiffering } from '../store/run-contacts.ts';
import { type Run, turnPage } from '../store/runs.ts';
import type { Cursor, SearchPage } from '../vendors/search-page.ts';
import { type Candidate, queueContacts } from './enqueue.ts';

/** More rows than twice the total and this: the pages go round in a circle. */
const ENDLESS_ROWS = 1000;
/** The same where GoHighLevel does not say how many there are: no location has as many. */
const ENDLESS_UNCOUNTED = 5_000_000;
/** Replaces the hash of a row that cannot be read whole. No row was ever settled with it, so the contact is read. */
const ODD_ROW = 'odd row';

/** Where a run goes on after a page. `unproven`: why this may not be the end of the list; null where it is. */
export type Step = { kind: 'next'; cursor: Cursor } | { kind: 'end'; unproven: string | null } | { kind: 'endless' };

/** By what the page says of the next one. The list ends with an empty page, a short one, or one that shows the last of `total`. */
export function stepAfter(
  { rows, seen, total, next }: Pick<SearchPage, 'rows' | 'seen' | 'total' | 'next'>,
  run: Pick<Run, 'page' | 'seen' | 'total' | 'firstTotal'>,
  pageSize: number,
): Step {
  if (rows === 0) return { kind: 'end', unproven: null };
  const known = total ?? run.total;
  const bound = known === null ? ENDLESS_UNCOUNTED : 2 * known + ENDLESS_ROWS;
  if (next !== null) return run.seen > bound ? { kind: 'endless' } : { kind: 'next', cursor: next };
  const all = known && Math.max(known, run.firstTotal ?? 0);
  // A total that was exceeded is wrong, and so is 0 on a page with rows.
  const proven = all ? run.seen + seen === all : known === null && rows < pageSize;
  return { kind: 'end', unproven: proven ? null : `no row of page ${run.page} says where the list goes on` };
}

/** How many contacts there are, by this page. An empty page that counts fewer than were already seen does not tell. */
export function totalOf(
  { rows, total }: Pick<SearchPage, 'rows' | 'total'>,
  { seen }: Pick<Run, 'seen'>,
): number | null {
  return rows === 0 && total !== null && total < seen ? null : total;
}

/**
 * Queues the page's contacts that may differ, and moves the run on to the next page; null when another delivery of the page was first.
 * A crash in between repeats the page. A contact that was queued twice finds nothing to do the second time.
 */
export async function comparePage(
  run: Run,
  page: SearchPage,
  step: Step,
  plan: FieldPlan,
  context: LocationContext,
): Promise<Run | null> {
  const { env, world, settings } = context;
  const by = decidedBy(settings, plan, world.now());
  const odd = new Set(page.odd);
  const again = new Set(page.again);
  const unique = [...new Map(page.contacts.map((contact) => [contact.id, contact])).values()];
  const listed = await Promise.all(
    unique.map((contact) => (odd.has(contact.id) ? oddRow(contact) : listedRow(contact, by))),
  );
  const alsoOdd = listed.filter(({ id, hash }) => hash === ODD_ROW && !odd.has(id) && !again.has(id)).length;
  const differing = await markDiffering(env.DB, run, listed, world.now());
  const candidates = listed.flatMap(({ id, hash }): Candidate[] =>
    differing.has(id) ? [{ contactId: id, searchHash: hash }] : [],
  );
  await queueContacts(candidates, 'BackstopCompare', run, context);
  const ids = { seen: listed.map(({ id }) => id), queued: candidates.map(({ contactId }) => contactId) };
  const { seen } = page;
  const unreadable = page.unreadable + alsoOdd;
  const queued = ids.queued.filter((id) => !again.has(id)).length;
  const counts = { total: totalOf(page, run), seen, queued, skipped: Math.max(0, seen - queued), unreadable };
  const cursor = step.kind === 'next' ? step.cursor : null;
  const error = step.kind === 'end' ? step.unproven : null;
  return turnPage(env.DB, run, cursor, ids, { ...counts, error }, world.now());
}

/** A row that cannot be compared, such as one nested thousands of levels deep, is an odd row too. It must not stop the page. */
async function listedRow(contact: GhlContact, by: DecidedBy): Promise<ListedContact> {
  try {
    const concerns = mayMatch(by.rules, factsFor(contact, by)) || callBlocked(contact.dnd, contact.dndSettings);
    return { id: contact.id, hash: await searchHash(contact, by), concerns };
  } catch {
    return oddRow(contact);
  }
}

function oddRow({ id }: GhlContact): ListedContact {
  return { id, hash: ODD_ROW, concerns: true };
}
