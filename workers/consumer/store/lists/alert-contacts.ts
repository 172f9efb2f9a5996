// Some of the contacts that an alert is about, so that a person has something to look at. Ids only.

import type { D1Database } from '@cloudflare/workers-types';
import type { Condition } from '../../domain/checks.ts';
import { rowsOf } from '../sql.ts';
import { listContacts } from './contact-list.ts';

/** Most contacts that one alert names. */
export const NAMED = 5;
/** Of one contact several things may have failed. */
const LETTERS_READ = 4 * NAMED;

/** SQL, of the location `?1`: as many ids as `?2` says. Each reads an index from its end, or rows that are few. */
const IDS = {
  brake: `SELECT contact_id FROM new_placements WHERE location_id = ?1 AND state <> 'let_in' AND state = 'held' LIMIT ?2`,
  'left-out': `SELECT contact_id FROM dialer INDEXED BY dialer_left_out
    WHERE location_id = ?1 AND left_out IS NOT NULL AND contact_id IS NOT NULL LIMIT ?2`,
  'rules-emptied': `SELECT contact_id FROM contacts INDEXED BY contacts_by_change
    WHERE location_id = ?1 AND state = 'kept_out' AND reason IN ('route', 'no_route', 'not_permitted', 'rule_in_doubt')
      AND coalesce(reason_since, created_at) >= (
        SELECT min(r.started_at) FROM rule_changes x JOIN runs r ON r.id = x.run_id WHERE x.location_id = ?1)
    LIMIT ?2`,
  'dead-letters': `SELECT contact_id FROM dead_letters INDEXED BY dead_letters_by_age
    WHERE status = 'waiting' AND location_id = ?1 AND contact_id IS NOT NULL ORDER BY dead_at DESC LIMIT ?2`,
} satisfies Partial<Record<Condition, string>>;

/** Ids of up to five contacts that this condition of the location is about; none where it is about no contact. Throws what D1 throws. */
export async function contactsNamed(db: D1Database, locationId: string, condition: Condition): Promise<string[]> {
  switch (condition) {
    case 'brake':
    case 'left-out':
    case 'rules-emptied':
      return await ask(db, IDS[condition], locationId, NAMED);
    case 'dead-letters': {
      const withLetter = await ask(db, IDS[condition], locationId, LETTERS_READ);
      // A contact may have failed without a letter.
      return withLetter.length > 0 ? withLetter : await inState(db, locationId, 'failed');
    }
    case 'circuit-gohighlevel':
    case 'circuit-calltools':
      return await inState(db, locationId, 'pending');
    default:
      return [];
  }
}

async function ask(db: D1Database, sql: string, locationId: string, rows: number): Promise<string[]> {
  const result = await db.prepare(sql).bind(locationId, rows).all();
  return [...new Set(rowsOf(result).map((row) => String(row.contact_id)))].slice(0, NAMED);
}

async function inState(db: D1Database, locationId: string, state: 'failed' | 'pending'): Promise<string[]> {
  const { contacts } = await listContacts(db, { locationIds: [locationId], state }, NAMED, null);
  return contacts.map(({ contactId }) => contactId);
}
