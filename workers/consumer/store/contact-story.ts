// All that D1 knows of one contact, for the operator, in one round trip; and where many contacts stand.

import type { D1Database, D1Result } from '@cloudflare/workers-types';
import type { Hold } from '../domain/decide.ts';
import { askCalls, type CallStory, callStory } from './calls/results.ts';
import { type LabelRow, labelRow } from './labels.ts';
import { json, type Row, rowsOf, text } from './sql.ts';

/** A row of `contacts`, without hashes. Times are epoch ms. */
export interface ContactStory {
  state: string;
  reason: string;
  route: string | null;
  intent: string;
  attempts: number;
  error: string | null;
  lease_until: number;
  history: string;
  /** When it is read again (domain/looks.ts). */
  look_at: number | null;
  read_at: number | null;
  created_at: number;
  updated_at: number;
}

/** A row of `dialer` under the contact's number, or under an earlier number that still shows it. */
export interface DialerStory {
  contact_id: string | null;
  calltools_id: number | null;
  held: number;
  verified_at: number | null;
  /** JSON, see `Hold`. */
  hold: string | null;
  /** JSON: names of fields that its contact was written without. */
  left_out: string | null;
  /** 1 = this is the contact's present number. */
  present: number;
}

/** All that is known of one contact. */
export interface Story {
  /** Null when the contact was never worked on. */
  contact: ContactStory | null;
  dialer: DialerStory[];
  /** Ids of other contacts with the same number, at most 20. */
  samePhone: string[];
  /** Ids of contacts with other numbers that a CallTools contact carries beside this one's, at most 20. */
  sameCallToolsContact: string[];
  /** Remembered buckets and tags of which CallTools has several with one name. */
  doubled: LabelRow[];
  /** Its latest calls, newest first. */
  calls: CallStory[];
}

const HASH = '(SELECT phone_hash FROM contacts WHERE location_id = ?1 AND contact_id = ?2)';

/** SQL: a contact that its own number shows is leased with the number. */
const LEASE_UNTIL = `max(lease_until, coalesce((SELECT d.lease_until FROM dialer d
  WHERE d.location_id = ?1 AND d.phone_hash = contacts.phone_hash AND d.contact_id = ?2), 0))`;

/** Reads it. Throws what D1 throws. */
export async function readStory(db: D1Database, locationId: string, contactId: string): Promise<Story> {
  const [contact, dialer, samePhone, doubled, sameContact, calls] = await db.batch<unknown>([
    db
      .prepare(
        `SELECT state, reason, route, wish AS intent, attempts, error, ${LEASE_UNTIL} AS lease_until, history, look_at, read_at, created_at, updated_at
         FROM contacts WHERE location_id = ?1 AND contact_id = ?2`,
      )
      .bind(locationId, contactId),
    db
      .prepare(
        `SELECT contact_id, calltools_id, held, verified_at, hold, left_out, phone_hash IS ${HASH} AS present FROM dialer
         WHERE location_id = ?1 AND (phone_hash = ${HASH} OR contact_id = ?2) ORDER BY present DESC, phone_hash`,
      )
      .bind(locationId, contactId),
    db
      .prepare(
        `SELECT contact_id FROM contacts WHERE location_id = ?1 AND phone_hash = ${HASH} AND contact_id <> ?2
         ORDER BY contact_id LIMIT 20`,
      )
      .bind(locationId, contactId),
    db.prepare(`SELECT * FROM labels WHERE location_id = ?1 AND twins <> '[]' ORDER BY kind, name`).bind(locationId),
    db
      .prepare(
        `SELECT DISTINCT c.contact_id FROM calltools_numbers own
           JOIN calltools_numbers other ON other.location_id = ?1 AND other.calltools_id = own.calltools_id
           JOIN contacts c ON c.location_id = ?1 AND c.phone_hash = other.phone_hash
         WHERE own.location_id = ?1 AND own.phone_hash = ${HASH} AND other.phone_hash <> own.phone_hash AND c.contact_id <> ?2
         ORDER BY c.contact_id LIMIT 20`,
      )
      .bind(locationId, contactId),
    askCalls(db, locationId, contactId),
  ]);
  return {
    contact: (contact?.results[0] ?? null) as ContactStory | null,
    dialer: (dialer?.results ?? []) as DialerStory[],
    samePhone: idsOf(samePhone),
    sameCallToolsContact: idsOf(sameContact),
    doubled: ((doubled?.results ?? []) as Parameters<typeof labelRow>[0][]).map(labelRow),
    calls: rowsOf(calls).map(callStory),
  };
}

function idsOf(result: D1Result<unknown> | undefined): string[] {
  return ((result?.results ?? []) as { contact_id: string }[]).map(({ contact_id }) => contact_id);
}

/** Those of these locations that know a contact of this id, or have a dead letter of it. */
export async function locationsOfContact(db: D1Database, locationIds: string[], contactId: string): Promise<string[]> {
  const { results } = await db
    .prepare(
      `SELECT value AS id FROM json_each(?1)
       WHERE EXISTS (SELECT 1 FROM contacts WHERE location_id = value AND contact_id = ?2)
         OR EXISTS (SELECT 1 FROM dead_letters WHERE location_id = value AND contact_id = ?2)`,
    )
    .bind(JSON.stringify(locationIds), contactId)
    .all<{ id: string }>();
  return results.map(({ id }) => id);
}

/** Where a contact stands, as last settled. */
export interface Standing {
  state: string;
  reason: string;
  route: string | null;
  /** It wants to be dialed, and its number is in a bucket, or may be. */
  mayBeDialed: boolean;
  /** Of its number. */
  hold: Hold | null;
}

/** Where these contacts stand, by id. Those that are not known are missing. Throws what D1 throws. */
export async function readStandings(
  db: D1Database,
  locationId: string,
  contactIds: readonly string[],
): Promise<Map<string, Standing>> {
  const { results } = await db
    .prepare(
      `SELECT c.contact_id, c.state, c.reason, c.route, c.wish = 'place' AND coalesce(d.held, 0) = 1 AS may_be_dialed, d.hold
       FROM json_each(?2) m
         CROSS JOIN contacts c ON c.location_id = ?1 AND c.contact_id = m.value
         LEFT JOIN dialer d ON d.location_id = ?1 AND d.phone_hash = c.phone_hash`,
    )
    .bind(locationId, JSON.stringify(contactIds))
    .all<Row>();
  return new Map(
    results.map((row) => [
      String(row.contact_id),
      {
        state: String(row.state),
        reason: String(row.reason),
        route: text(row.route ?? null),
        mayBeDialed: row.may_be_dialed === 1,
        hold: json<Hold>(row.hold),
      },
    ]),
  );
}
