// Contacts by what a person knows of them. Each statement is answered from an index.

import type { D1Database } from '@cloudflare/workers-types';
import type { Row } from '../sql.ts';
import { LISTED, type ListedContact, listedContact } from './contact-list.ts';

/** More are not shown. A number usually belongs to a handful of contacts. */
const MAX_FOUND = 100;

/** Those of these ids that are known. */
export function contactsByIds(db: D1Database, locationId: string, ids: string[]): Promise<ListedContact[]> {
  return find(db, 'SELECT value FROM json_each(?2)', locationId, JSON.stringify(ids));
}

/** Contacts that have this number (see phoneHash), and the one that CallTools shows under it. */
export function contactsByPhone(db: D1Database, locationId: string, hash: string): Promise<ListedContact[]> {
  return find(db, under('SELECT ?2 AS phone_hash'), locationId, hash);
}

/** Contacts that have a number of this CallTools contact, and those that it shows. */
export function contactsByCallToolsId(db: D1Database, locationId: string, id: number): Promise<ListedContact[]> {
  const numbers = `SELECT phone_hash FROM dialer WHERE location_id = ?1 AND calltools_id = ?2
    UNION SELECT phone_hash FROM calltools_numbers WHERE location_id = ?1 AND calltools_id = ?2`;
  return find(db, under(numbers), locationId, id);
}

/** SQL: ids of contacts that have one of these numbers, or are shown under it. */
function under(numbers: string): string {
  return `SELECT o.contact_id FROM (${numbers}) n CROSS JOIN contacts o ON o.location_id = ?1 AND o.phone_hash = n.phone_hash
    UNION SELECT d.contact_id FROM (${numbers}) n CROSS JOIN dialer d ON d.location_id = ?1 AND d.phone_hash = n.phone_hash`;
}

async function find(db: D1Database, ids: string, locationId: string, value: string | number): Promise<ListedContact[]> {
  const { results } = await db
    .prepare(
      `SELECT ${LISTED} FROM contacts c WHERE c.location_id = ?1 AND c.contact_id IN (${ids}) ORDER BY c.contact_id LIMIT ?3`,
    )
    .bind(locationId, value, MAX_FOUND)
    .all<Row>();
  return results.map(listedContact);
}
