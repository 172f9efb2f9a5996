// Slots for the pages of GoHighLevel's contact list, one after the other and apart from those for contacts.
//
// Without them a page waits behind up to 25 contacts, four seconds, and with it all pages that follow.

import type { D1Database } from '@cloudflare/workers-types';
import { PAGES_GO_ON_MS, PAGING_SHARE, RATED } from './rate-limits.ts';

/**
 * The share of GoHighLevel's limit that pages have beside contacts. At 100 calls in 10 s, pages that are answered in 200 ms can use
 * little more. Where no contact waits, pages have its share too.
 */
const PAGE_SHARE = 0.42;

/** The first page of a run comes after the calls whose slots were taken before it. ?1 location, ?2 now. */
const RESERVE = `
  WITH ${RATED},
  spaced AS (
    SELECT *, 1 / (rate * iif(common_at > ?2, ${PAGE_SHARE}, ${PAGE_SHARE + PAGING_SHARE})) AS gap
    FROM rated WHERE vendor = 'gohighlevel')
  INSERT INTO paces (location_id, vendor, page_at)
  SELECT ?1, vendor, iif(paging, max(page_at + gap, ?2), common_at) FROM spaced WHERE true
  ON CONFLICT (location_id, vendor) DO UPDATE SET page_at = excluded.page_at
  RETURNING page_at`;

/** Takes the next slot for a page, however far away it is. Returns the ms until then. Throws where D1 fails. */
export async function reservePageSlot(db: D1Database, locationId: string, now: number): Promise<number> {
  const taken = await db.prepare(RESERVE).bind(locationId, now).first<{ page_at: number }>();
  return Math.max(0, (taken?.page_at ?? now) - now);
}

/** A run has read its last page: contacts have the whole share at once. Throws where D1 fails. */
export async function endPageSlots(db: D1Database, locationId: string, now: number): Promise<void> {
  await db
    .prepare(`UPDATE paces SET page_at = min(page_at, ?2) WHERE location_id = ?1 AND vendor = 'gohighlevel'`)
    .bind(locationId, now - PAGES_GO_ON_MS)
    .run();
}
