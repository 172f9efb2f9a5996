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
