// Fetching pages of the contact list, one ahead, each in its slot of GoHighLevel's limit.

import type { LocationContext } from '../config/context.ts';
import { type Failure, toFailure } from '../domain/failure.ts';
import { reservePageSlot } from '../store/rate-limits.ts';
import type { Run } from '../store/runs.ts';
import type { Vendors } from '../vendors/clients.ts';
import type { OpportunityPage } from '../vendors/opportunities.ts';
import type { SearchPage } from '../vendors/search-page.ts';

/** A page, or why it could not be read. */
export type Fetched = { kind: 'found'; page: SearchPage } | { kind: 'failed'; failure: Failure };

/** The page at a cursor, `before` rows into a list of `total`. Never rejects: it may be asked for ahead, and turn out not to be needed. */
export interface PageReader {
  fetch(cursor: Run['cursor'], before: number, total: number | null): Promise<Fetched>;
  /** Resolves once no slot is being reserved any more. */
  end(): Promise<void>;
}

/** Reads pages until `patientUntil` (epoch ms): a slot that comes later is not waited for. */
export function createPageReader(
  { locationId }: Pick<Run, 'locationId'>,
  patientUntil: number,
  { ghl }: Pick<Vendors, 'ghl'>,
  context: LocationContext,
): PageReader {
  const { world, settings } = context;
  const size = settings.BACKSTOP_PAGE_SIZE;
  let slot: Promise<number> | null = null;
  return {
    async fetch(cursor, before, total) {
      const at = await (slot ?? nextSlot(locationId, context));
      const ms = Math.max(0, at - world.now());
      if (world.now() + ms > patientUntil)
        return { kind: 'failed', failure: { kind: 'busy', error: 'GoHighLevel’s limit is used up', forMs: ms } };
      if (ms > 0) await world.wait(ms);
      // Reserved while this page is on its way. Later, D1 would answer only after 500 contacts have been compared.
      const isLast = total !== null && before + size >= total;
      slot = isLast ? null : nextSlot(locationId, context);
      try {
        return { kind: 'found', page: await ghl.search(cursor, size) };
      } catch (thrown) {
        return { kind: 'failed', failure: toFailure(thrown, 'gohighlevel') };
      }
    },
    async end() {
      await slot;
    },
  };
}

/** A page of the location's opportunities, or why it could not be read. `no_scope`: the token may not read them. */
export type FetchedOpportunities =
  | { kind: 'found'; page: OpportunityPage | 'no_scope' }
  | { kind: 'failed'; failure: Failure };

/** The next page of the run's sweep, in its slot. Never rejects. */
export async function fetchOpportunities(
  { locationId, sweep }: Pick<Run, 'locationId' | 'sweep'>,
  { ghl }: Pick<Vendors, 'ghl'>,
  context: LocationContext,
): Promise<FetchedOpportunities> {
  const ms = (await nextSlot(locationId, context)) - context.world.now();
  if (ms > 0) await context.world.wait(ms);
  try {
    return { kind: 'found', page: await ghl.opportunityPage(sweep?.cursor ?? null) };
  } catch (thrown) {
    return { kind: 'failed', failure: toFailure(thrown, 'gohighlevel') };
  }
}

/** Epoch ms from which GoHighLevel's limit has room for a page. Where D1 does not say, GoHighLevel's own 429 will. */
async function nextSlot(locationId: string, { env, world }: LocationContext): Promise<number> {
  const now = world.now();
  try {
    return now + (await reservePageSlot(env.DB, locationId, now));
  } catch {
    return now;
  }
}
