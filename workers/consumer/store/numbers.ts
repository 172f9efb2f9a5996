// CallTools contacts with several numbers, as remembered in D1. A contact with one number costs no row and no statement.

import type { D1Database, D1PreparedStatement } from '@cloudflare/workers-types';
import { ofLocation } from './sql.ts';

/** The numbers of a CallTools contact, as hashes. */
export interface NumbersOf {
  callToolsId: number;
  hashes: string[];
}

/**
 * SQL: the phone hashes of `seeds` (a SELECT of one column `phone_hash`) and all that share a CallTools contact with them. It goes on
 * from a number that some contact has a wish for, and stops at one that is nobody's, such as the switchboard of a company.
 */
export const linkedTo = (seeds: string) => `(
  WITH RECURSIVE linked (phone_hash, seed) AS (
    SELECT phone_hash, 1 FROM (${seeds})
    UNION
    SELECT other.phone_hash, 0 FROM linked
      CROSS JOIN calltools_numbers own ON ${ofLocation('own.location_id')} AND own.phone_hash = linked.phone_hash
      CROSS JOIN calltools_numbers other ON ${ofLocation('other.location_id')} AND other.calltools_id = own.calltools_id
    WHERE linked.seed OR EXISTS (
      SELECT 1 FROM contacts c WHERE ${ofLocation('c.location_id')} AND c.phone_hash = linked.phone_hash AND c.wish <> 'none'))
  SELECT phone_hash FROM linked)`;

/** SQL: the CallTools contacts that carry the number of a row of `dialer`, with all their numbers: [[id, hash], …] as JSON. */
export const CARRIERS = `(
  SELECT json_group_array(json_array(other.calltools_id, other.phone_hash)) FROM calltools_numbers own
    CROSS JOIN calltools_numbers other ON other.location_id = own.location_id AND other.calltools_id = own.calltools_id
  WHERE own.location_id = dialer.location_id AND own.phone_hash = dialer.phone_hash) AS carriers`;

/** Hashes by CallTools id, from a row that was read with `CARRIERS`. */
export function readCarriers(json: string | number | null | undefined): Map<number, string[]> {
  const carriers = new Map<number, string[]>();
  for (const [id, hash] of JSON.parse(String(json ?? '[]')) as [number, string][])
    carriers.set(id, [...(carriers.get(id) ?? []), hash]);
  return carriers;
}

/** Adds numbers to what is remembered of a CallTools contact. */
export function addNumbers(db: D1Database, locationId: string, now: number, added: NumbersOf[]): D1PreparedStatement {
  return db
    .prepare(
      `INSERT OR IGNORE INTO calltools_numbers (location_id, calltools_id, phone_hash, seen_at)
       SELECT ?1, m.value ->> 'callToolsId', h.value, ?3 FROM json_each(?2) m, json_each(m.value, '$.hashes') h`,
    )
    .bind(locationId, JSON.stringify(added), now);
}

/** Forgets numbers that CallTools contacts no longer carry. */
export function removeNumbers(db: D1Database, locationId: string, removed: NumbersOf[]): D1PreparedStatement {
  return db
    .prepare(
      `DELETE FROM calltools_numbers WHERE location_id = ?1 AND (calltools_id, phone_hash) IN (
         SELECT m.value ->> 'callToolsId', h.value FROM json_each(?2) m, json_each(m.value, '$.hashes') h)`,
    )
    .bind(locationId, JSON.stringify(removed));
}

/** Contacts that want to be dialed under one of these numbers. */
export async function dialedUnder(db: D1Database, locationId: string, hashes: string[]): Promise<string[]> {
  const { results } = await db
    .prepare(
      `SELECT contact_id FROM contacts WHERE ${ofLocation()} AND wish = 'place'
         AND phone_hash IN (SELECT value FROM json_each(?2))`,
    )
    .bind(locationId, JSON.stringify(hashes))
    .all<{ contact_id: string }>();
  return results.map((row) => row.contact_id).sort();
}

/** What has become known of a contact's numbers. */
export interface NumbersChange {
  callToolsId: number;
  added: string[];
  removed: string[];
  /** All that it had or has. */
  all: string[];
}
