// CallTools contacts with several numbers, as remembered in D1. A contact with one number costs no row and no statement.

import type { D1Database, D1PreparedStatement } from '@cloudflare/workers-types';
import { keepOvertaken } from './calls/past-links.ts';
import { dialerRows, intentsByPhone } from './claim.ts';
import { labelRow } from './labels.ts';
import {
  doubtAfter,
  type Lease,
  leasePhones,
  linkedTo,
  ofLocation,
  readIntents,
  readPhones,
  rowsOf,
  underLease,
} from './sql.ts';

/** Numbers of a CallTools contact, as hashes. */
export interface NumbersOf {
  callToolsId: number;
  hashes: string[];
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

/** What has become known of a CallTools contact's numbers. */
export interface NumbersChange {
  callToolsId: number;
  added: string[];
  removed: string[];
  /** All that it had or has, as hashes. */
  all: string[];
}

/** A phone that a contact in hand turned out to have. */
export interface NewPhone {
  contactId: string;
  phoneHash: string;
}

/**
 * Leases phones that were not known before the contacts were read, and ties the contacts to them: from here on a crash
 * leaves a trace of the write that may have happened. Earlier phones of these contacts stay tied to them, and both are marked for another
 * look, for the same reason. A new contact that its number shows is tied by that alone, until the commit. Labels are read anew: another
 * instance may have created a bucket since the first claim, and used it here.
 * `withCalls`: whom a number showed that is tied to another contact now is remembered.
 */
export async function claimPhones(db: D1Database, lease: Lease, phones: NewPhone[], withCalls = false) {
  const { locationId, token, now, until, lateMs } = lease;
  const json = JSON.stringify(phones);
  const fresh = `SELECT m.value ->> 'phoneHash' AS phone_hash FROM json_each(?3) m`;
  const hashes = linkedTo(fresh);
  const left = `(SELECT c.phone_hash FROM json_each(?3) m
      CROSS JOIN contacts c ON c.location_id = ?1 AND c.contact_id = m.value ->> 'contactId'
    WHERE ${underLease('c', '?2')} AND c.phone_hash <> m.value ->> 'phoneHash')`;
  const leaver = `(SELECT min(c.contact_id) FROM json_each(?3) m
      CROSS JOIN contacts c ON c.location_id = ?1 AND c.contact_id = m.value ->> 'contactId'
    WHERE ${underLease('c', '?2')} AND c.phone_hash = dialer.phone_hash)`;
  const overtaken = withCalls ? [keepOvertaken(db, lease, left, leaver, json)] : [];
  const results = await db.batch([
    ...overtaken,
    db
      .prepare(
        `INSERT INTO dialer (location_id, phone_hash, contact_id, unsettled, lease_token, lease_until, updated_at)
         SELECT ?1, phone_hash, contact_id, 1, ?2, ?4, ?5 FROM (
           SELECT m.value ->> 'phoneHash' AS phone_hash, min(m.value ->> 'contactId') AS contact_id
           FROM json_each(?3) m GROUP BY 1
           UNION ALL
           SELECT d.phone_hash, NULL FROM dialer d
           WHERE ${ofLocation('d.location_id')} AND d.phone_hash IN ${hashes} AND d.phone_hash NOT IN (${fresh}))
         WHERE true
         ON CONFLICT (location_id, phone_hash) DO UPDATE
           SET lease_token = excluded.lease_token, lease_until = excluded.lease_until, unsettled = unsettled + 1,
             doubt_until = ${doubtAfter('?6')}
           WHERE dialer.lease_until <= ?5`,
      )
      .bind(locationId, token, json, until, now, lateMs),
    db
      .prepare(
        `UPDATE dialer SET fingerprint = NULL, contact_id = ${leaver}
         WHERE ${ofLocation()} AND lease_token = ?2 AND phone_hash IN ${left}`,
      )
      .bind(locationId, token, json),
    db
      .prepare(
        `WITH m AS MATERIALIZED (SELECT value FROM json_each(?3))
         UPDATE contacts SET phone_hash = m.value ->> 'phoneHash',
           search_hash = iif(phone_hash <> m.value ->> 'phoneHash', NULL, search_hash)
         FROM m
         WHERE ${ofLocation('contacts.location_id')} AND contacts.contact_id = m.value ->> 'contactId' AND ${underLease('contacts', '?2')}
           AND EXISTS (SELECT 1 FROM dialer d WHERE d.location_id = ?1 AND d.phone_hash = m.value ->> 'phoneHash' AND d.lease_token = ?2
             AND NOT (contacts.state = 'pending' AND contacts.phone_hash IS NULL AND d.contact_id = contacts.contact_id))`,
      )
      .bind(locationId, token, json),
    readPhones(db, lease, hashes, json),
    readIntents(db, lease, hashes, json),
    db.prepare('SELECT * FROM labels WHERE location_id = ?1').bind(locationId),
  ]);
  const [dialer, intents, labels] = results.slice(-3);
  return {
    dialer: dialerRows(dialer, token),
    intents: intentsByPhone(intents),
    labels: rowsOf(labels).map(labelRow),
  };
}

/**
 * Remembers the numbers that a CallTools contact turned out to carry, and leases their rows, with all that count together with them.
 * A batch that claims one of them from now on claims the others too, so no intent changes while this batch writes.
 */
export async function claimLinked(db: D1Database, lease: Lease, numbers: NumbersOf) {
  const { locationId, now } = lease;
  const json = JSON.stringify(numbers.hashes);
  const linked = linkedTo('SELECT value AS phone_hash FROM json_each(?3)');
  const [, , dialer, intents] = await db.batch([
    addNumbers(db, locationId, now, [numbers]),
    leasePhones(db, lease, linked, json),
    readPhones(db, lease, linked, json),
    readIntents(db, lease, linked, json),
  ]);
  return { dialer: dialerRows(dialer, lease.token), intents: intentsByPhone(intents) };
}
