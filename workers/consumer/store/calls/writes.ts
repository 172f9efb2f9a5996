// The writes to GoHighLevel that follow from dispositions. A row waits until its message is sent, and stays until it is done: a kill
// repeats work, and loses none.

import type { D1Database, D1PreparedStatement, D1Result } from '@cloudflare/workers-types';
import type { WriteStep } from '../../../../shared/messages.ts';
import { number, ofLocation, type Row, rowsOf, text } from '../sql.ts';
import { JOIN_PAST } from './past-links.ts';
import { LATE_MS, shownBy } from './results.ts';

/** Names one write. */
export interface WriteKey {
  rowId: number;
  step: WriteStep;
}

/** The statement that keeps the writes of these rows. */
export function keepWrites(
  db: D1Database,
  locationId: string,
  results: readonly { rowId: number; steps: readonly WriteStep[] }[],
  now: number,
): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO call_writes (location_id, row_id, step, at)
       SELECT ?1, m.value ->> 'rowId', s.value, ?3 FROM json_each(?2) m CROSS JOIN json_each(m.value -> 'steps') s WHERE true
       ON CONFLICT (location_id, row_id, step) DO NOTHING`,
    )
    .bind(locationId, JSON.stringify(results.map(({ rowId, steps }) => ({ rowId, steps }))), now);
}

/** A write whose message is to be sent. */
export interface DueWrite extends WriteKey {
  contactId: string;
}

/** SQL: a number of the row's CallTools contact, or of whom it showed then, is held, and CallTools may still have it in a bucket. */
const STILL_IN = `(EXISTS (SELECT 1 FROM dialer d WHERE ${ofLocation('d.location_id')} AND d.calltools_id = r.calltools_id AND d.held = 1
    AND d.hold IS NOT NULL)
  OR EXISTS (SELECT 1 FROM calltools_numbers n CROSS JOIN dialer d ON d.location_id = ?1 AND d.phone_hash = n.phone_hash
    WHERE n.location_id = ?1 AND n.calltools_id = r.calltools_id AND d.held = 1 AND d.hold IS NOT NULL)
  OR EXISTS (SELECT 1 FROM (SELECT 1) ${JOIN_PAST} WHERE d.held = 1 AND d.hold IS NOT NULL))`;

/** Writes that one look considers: while GoHighLevel takes none, they may be a great many. */
const CONSIDERED = 5000;

/** SQL: the oldest writes that wait. */
const WAITING = `(SELECT row_id, step FROM call_writes WHERE location_id = ?1 AND state = 'waiting' ORDER BY row_id LIMIT ${CONSIDERED})`;

/** SQL: GoHighLevel refuses every write. */
const BLOCKED = '(SELECT write_failure FROM call_polls WHERE location_id = ?1) IS NOT NULL';

/**
 * Writes that wait and may begin, at most `limit`: those of a row that says no once the person is out of the dialer. While GoHighLevel
 * takes no writes, a few of them are tried (`probes`), by chance, so that none of them can stand in the way. A row about a contact that is
 * not ours writes nothing; a batch may note an hour later at most which contact it has created. Throws where D1 fails.
 */
export async function dueWrites(
  db: D1Database,
  locationId: string,
  now: number,
  { limit, probes }: { limit: number; probes: number },
): Promise<DueWrite[]> {
  const [, , due] = await db.batch<Row>([
    db
      .prepare(
        `UPDATE call_results SET contact_id = ${shownBy('call_results.calltools_id', 'call_results.called_at')}
         WHERE location_id = ?1 AND contact_id IS NULL
           AND row_id IN (SELECT row_id FROM ${WAITING})`,
      )
      .bind(locationId),
    db
      .prepare(
        `DELETE FROM call_writes WHERE location_id = ?1 AND state = 'waiting' AND row_id IN (
           SELECT w.row_id FROM ${WAITING} w LEFT JOIN call_results r ON r.location_id = ?1 AND r.row_id = w.row_id
           WHERE r.contact_id IS NULL AND (r.calltools_id IS NULL OR r.seen_at < ?2))`,
      )
      .bind(locationId, now - LATE_MS),
    db
      .prepare(
        `SELECT w.row_id, w.step, r.contact_id FROM ${WAITING} w
           CROSS JOIN call_results r ON r.location_id = ?1 AND r.row_id = w.row_id
         WHERE r.contact_id IS NOT NULL
           AND (r.hold = 0 OR (r.pending = 0 AND NOT ${STILL_IN}))
         ORDER BY iif(${BLOCKED}, random(), w.row_id), w.step LIMIT iif(${BLOCKED}, ?3, ?2)`,
      )
      .bind(locationId, limit, probes),
  ]);
  return rowsOf(due).map(({ row_id, step, contact_id }) => ({
    rowId: Number(row_id),
    step: step as WriteStep,
    contactId: String(contact_id),
  }));
}

/** SQL: the row is one of the keys ?2. */
const AMONG = `(row_id, step) IN (SELECT value ->> 'rowId', value ->> 'step' FROM json_each(?2))`;

/** Moves steps from one state to the other; those that are in another state stay as they are. */
const moveSteps =
  (from: 'waiting' | 'sent', to: 'waiting' | 'sent') =>
  async (db: D1Database, locationId: string, keys: readonly WriteKey[], now: number): Promise<void> => {
    await db
      .prepare(
        `UPDATE call_writes SET state = '${to}', at = ?3 WHERE location_id = ?1 AND state = '${from}' AND ${AMONG}`,
      )
      .bind(locationId, JSON.stringify(keys), now)
      .run();
  };

/** Their messages are in the queue. */
export const markSent = moveSteps('waiting', 'sent');

/** They wait for a message again, for as long as nothing can be written. */
export const takeBack = moveSteps('sent', 'waiting');

/** Who writes; times are epoch ms. */
export interface WriteLease {
  locationId: string;
  token: string;
  now: number;
  until: number;
}

/** A write as it is stored, with what its call said. */
export interface StoredWrite extends WriteKey {
  state: string;
  /** This batch has the lease. */
  mine: boolean;
  disposition: string;
  /** When the call was, or when it was first seen, epoch ms. */
  calledAt: number;
}

/** Statements that lease these writes unless they are over or another batch has them, and read them. */
export function claimWrites(
  db: D1Database,
  { locationId, token, now, until }: WriteLease,
  keys: readonly WriteKey[],
): D1PreparedStatement[] {
  const json = JSON.stringify(keys);
  return [
    db
      .prepare(
        `UPDATE call_writes SET lease_token = ?3, lease_until = ?5
         WHERE location_id = ?1 AND lease_until <= ?4 AND state NOT IN ('done', 'dropped') AND ${AMONG}`,
      )
      .bind(locationId, json, token, now, until),
    db
      .prepare(
        `SELECT w.*, r.disposition, coalesce(r.called_at, r.seen_at) AS called_at FROM call_writes w
           CROSS JOIN call_results r ON r.location_id = w.location_id AND r.row_id = w.row_id
         WHERE w.location_id = ?1 AND (w.row_id, w.step) IN (SELECT value ->> 'rowId', value ->> 'step' FROM json_each(?2))`,
      )
      .bind(locationId, json),
  ];
}

/** What the second of them brought back. */
export function storedWrites(result: D1Result | undefined, token: string): StoredWrite[] {
  return rowsOf(result).map((row) => ({
    rowId: Number(row.row_id),
    step: row.step as WriteStep,
    state: String(row.state),
    mine: text(row.lease_token) === token,
    disposition: text(row.disposition) ?? '',
    calledAt: Number(row.called_at),
  }));
}

/** The statement that notes, before they are written, whose tags will come back as webhooks. */
export function noteTags(
  db: D1Database,
  locationId: string,
  contactIds: readonly string[],
  now: number,
): D1PreparedStatement {
  return db
    .prepare(
      'UPDATE contacts SET tags_written_at = ?3 WHERE location_id = ?1 AND contact_id IN (SELECT value FROM json_each(?2))',
    )
    .bind(locationId, JSON.stringify(contactIds), now);
}

/** The statement that ends these writes, as far as this batch has the lease, and returns it. */
export function endWrites(
  db: D1Database,
  { locationId, token }: WriteLease,
  ends: readonly (WriteKey & { state: string })[],
  now: number,
): D1PreparedStatement {
  return db
    .prepare(
      `UPDATE call_writes SET state = m.value ->> 'state', at = ?4, lease_token = NULL, lease_until = 0 FROM json_each(?2) m
       WHERE call_writes.location_id = ?1 AND call_writes.lease_token = ?3 AND ${AMONG}
         AND call_writes.row_id = m.value ->> 'rowId' AND call_writes.step = m.value ->> 'step'`,
    )
    .bind(locationId, JSON.stringify(ends), token, now);
}

/** The statement that notes why GoHighLevel takes no writes; null = it does. */
export function noteWriteFailure(db: D1Database, locationId: string, failure: string | null): D1PreparedStatement {
  return db
    .prepare('UPDATE call_polls SET write_failure = ?2 WHERE location_id = ?1 AND write_failure IS NOT ?2')
    .bind(locationId, failure);
}

/** What is known of writes to GoHighLevel. */
export interface WriteState {
  /** Why it takes none of anybody; null = nothing speaks against it. */
  failure: string | null;
  /** When one succeeded last, epoch ms; null = none of the latest 5,000 writes did. */
  doneAt: number | null;
}

/** Do-not-disturb does not count as a success: where it was set already, nothing was written. Throws where D1 fails. */
export async function readWriteState(db: D1Database, locationId: string): Promise<WriteState> {
  const row = await db
    .prepare(
      `SELECT (SELECT write_failure FROM call_polls WHERE location_id = ?1) AS failure,
         (SELECT at FROM (SELECT * FROM call_writes INDEXED BY call_writes_by_age ORDER BY at DESC LIMIT ${CONSIDERED})
          WHERE location_id = ?1 AND state = 'done' AND step <> 'dnd' LIMIT 1) AS done_at`,
    )
    .bind(locationId)
    .first<Row>();
  return { failure: text(row?.failure), doneAt: number(row?.done_at) };
}
