// Contacts by state for who looks all the time. A count reads an index entry of every contact, so the more there are, the longer one is kept.

import type { D1Database } from '@cloudflare/workers-types';
import { type ContactCount, countContacts } from './totals.ts';

export interface RecentCount {
  contacts: ContactCount[];
  /** Epoch ms. */
  countedAt: number;
}

/**
 * 10,000 contacts are counted every 3 s, as often as a dashboard asks, 100,000 every 30 s: an isolate reads 290 million rows a day at
 * most, however many tabs are open, for $0.29 (facts/cloudflare.md [doc]).
 */
const KEPT_MS_PER_CONTACT = 0.3;

/** By database and locations. An isolate that is replaced counts anew. */
const known = new WeakMap<D1Database, Map<string, RecentCount>>();

/** What was counted lately, or is now. Throws what D1 throws. */
export async function countedLately(db: D1Database, locationIds: string[], now: number): Promise<RecentCount> {
  const ofDatabase = known.get(db) ?? new Map<string, RecentCount>();
  known.set(db, ofDatabase);
  const key = JSON.stringify(locationIds);
  const before = ofDatabase.get(key);
  if (before && now < before.countedAt + keptMs(before.contacts)) return before;
  const count = { contacts: await countContacts(db, locationIds), countedAt: now };
  ofDatabase.set(key, count);
  return count;
}

function keptMs(contacts: ContactCount[]): number {
  return Math.floor(contacts.reduce((sum, { n }) => sum + n, 0) * KEPT_MS_PER_CONTACT);
}
