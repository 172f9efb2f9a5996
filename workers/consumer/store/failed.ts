// Contacts that have failed and for which no dead letter waits: discarded, resolved by mistake, or lost. Nobody would look for them.

import type { D1Database } from '@cloudflare/workers-types';

export interface FailedContact {
  locationId: string;
  contactId: string;
  reason: string;
}

/** More are not listed. */
export const MAX_FAILED = 100;

/** For a query over `contacts c`; `+status`: looked up by contact, not by status. */
export const WITHOUT_LETTER = `c.state = 'failed' AND NOT EXISTS (SELECT 1 FROM dead_letters d
  WHERE d.location_id = c.location_id AND d.contact_id = c.contact_id AND +d.status = 'waiting')`;

/** Of these locations, and where contacts are named, only of these; one more than MAX_FAILED at most. */
export async function failedWithoutLetter(
  db: D1Database,
  locationIds: string[],
  contactIds: string[] | null = null,
): Promise<FailedContact[]> {
  const { results } = await db
    .prepare(
      `SELECT c.location_id AS locationId, c.contact_id AS contactId, c.reason FROM contacts c
       WHERE c.location_id IN (SELECT value FROM json_each(?1))
         AND (?2 IS NULL OR c.contact_id IN (SELECT value FROM json_each(?2))) AND ${WITHOUT_LETTER}
       ORDER BY c.location_id, c.contact_id LIMIT ?3`,
    )
    .bind(JSON.stringify(locationIds), contactIds && JSON.stringify(contactIds), MAX_FAILED + 1)
    .all<FailedContact>();
  return results;
}

/** Contacts that are named before the others are only counted. */
const NAMED = 5;

/** `3 (id1 rejected, id2 exhausted, …)`, for a person. */
export function namesOfFailed(failed: readonly Pick<FailedContact, 'contactId' | 'reason'>[]): string {
  const named = failed.slice(0, NAMED).map(({ contactId, reason }) => `${contactId} ${reason}`);
  const count = failed.length > MAX_FAILED ? `more than ${MAX_FAILED}` : String(failed.length);
  return `${count} (${named.join(', ')}${failed.length > NAMED ? ', …' : ''})`;
}
