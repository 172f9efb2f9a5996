// How a statement about some contacts of a location names the location.
//
// There are no statistics in D1 unless somebody makes them, and SQLite then takes a location for ten rows: it would rather read
// all of them than look up 25 by their whole key. `likely` says that the location is most of the table.

import type { D1Result } from '@cloudflare/workers-types';

/** For `?1`, the location. */
export const ofLocation = (column = 'location_id') => `likely(${column} = ?1)`;

export interface Lease {
  locationId: string;
  token: string;
  /** Epoch ms. */
  now: number;
  until: number;
  /** For so long after its lease's end a write of a holder that died may still take effect, ms. */
  lateMs: number;
}

export type Raw = Record<string, string | number | null>;

/** No rows where there is no result. */
export const rowsOf = (result: D1Result | undefined): Raw[] => (result?.results ?? []) as Raw[];

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
