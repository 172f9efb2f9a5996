// What the statements share: how they name a location, a lease and linked numbers, how numbers are leased, and how rows are read.

import type { D1Database, D1PreparedStatement, D1Result } from '@cloudflare/workers-types';

/**
 * SQL: the row is of `?1`, the location. D1 has no statistics, so SQLite expects ten rows for a location, and would read all of them rather
 * than look up 25 by their whole key. `likely` says that the location is most of the table.
 */
export const ofLocation = (column = 'location_id') => `likely(${column} = ?1)`;

/**
 * SQL: the batch with this token (a parameter such as `?2`) works on the contact `c`. A contact that its own number shows is leased with
 * the number: one lease for both is one row less to write at the claim, and nobody else can claim the contact without the number.
 */
export const underLease = (c: string, token: string) => `(${c}.lease_token = ${token} OR EXISTS (
  SELECT 1 FROM dialer l WHERE l.location_id = ${c}.location_id AND l.phone_hash = ${c}.phone_hash AND l.lease_token = ${token}))`;

/** What one batch holds its contacts and phones with. */
export interface Lease {
  locationId: string;
  token: string;
  /** Epoch ms. */
  now: number;
  /** Epoch ms. */
  until: number;
  /** A write of a holder that died may still take effect for this long after its lease ends, ms. */
  lateMs: number;
}

/** A value as D1 returns it. */
type Value = string | number | null | undefined;
/** A row as D1 returns it, by column. */
export type Row = Record<string, string | number | null>;

/** The rows of a statement of a batch; none where there is no result. */
export const rowsOf = (result: D1Result | undefined): Row[] => (result?.results ?? []) as Row[];

/** Null where the column holds no text. */
export const text = (value: Value): string | null => (typeof value === 'string' ? value : null);
/** Null where the column holds no number. */
export const number = (value: Value): number | null => (typeof value === 'number' ? value : null);
/** What we wrote as JSON; null where the column holds none. */
export const json = <T>(value: Value): T | null => (typeof value === 'string' ? (JSON.parse(value) as T) : null);

/**
 * SQL: the phone hashes of `seeds` (a SELECT of one column `phone_hash`) and all that share a CallTools contact with them. It goes on
 * from a number that some contact has an intent for, and stops at one that no contact has, such as the switchboard of a company.
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

/** SQL: the doubt that a claim finds. An earlier claim that was never committed may have left a write under way. */
export const doubtAfter = (lateMs: string) =>
  `iif(dialer.unsettled > 0, max(dialer.doubt_until, dialer.lease_until + ${lateMs}), dialer.doubt_until)`;

/**
 * The statement that leases the known ones of these phones, unless another batch holds them. `hashes` is SQL in parentheses that selects
 * phone hashes by `?3`, which is `json`, and by `?4`, which is now; so in the two statements below.
 */
export function leasePhones(db: D1Database, lease: Lease, hashes: string, json: string): D1PreparedStatement {
  const { locationId, token, now, until, lateMs } = lease;
  return db
    .prepare(
      `UPDATE dialer SET lease_token = ?2, lease_until = ?5, unsettled = unsettled + 1, doubt_until = ${doubtAfter('?6')}
       WHERE ${ofLocation()} AND lease_until <= ?4 AND phone_hash IN ${hashes}`,
    )
    .bind(locationId, token, json, now, until, lateMs);
}

/** SQL that is always true, and names the parameters of `hashes`. */
const NAMED = '?2 IS NOT NULL AND ?4 IS NOT NULL';

/** The statement that reads these phones, for `dialerRows`. */
export function readPhones(
  db: D1Database,
  { locationId, token, now }: Lease,
  hashes: string,
  json: string,
): D1PreparedStatement {
  return db
    .prepare(`SELECT *, ${CARRIERS} FROM dialer WHERE ${ofLocation()} AND ${NAMED} AND phone_hash IN ${hashes}`)
    .bind(locationId, token, json, now);
}

/** The statement that reads the intents of all contacts with these phones, for `intentsByPhone`. */
export function readIntents(
  db: D1Database,
  { locationId, token, now }: Lease,
  hashes: string,
  json: string,
): D1PreparedStatement {
  return db
    .prepare(
      `SELECT contact_id, phone_hash, wish, wish_rank FROM contacts
       WHERE ${ofLocation()} AND ${NAMED} AND phone_hash IN ${hashes}`,
    )
    .bind(locationId, token, json, now);
}
