// Writes dead letters. They are kept until a person replays or discards them, or until their contact succeeds (dead-letters/letter.ts).

import type { D1Database, D1PreparedStatement } from '@cloudflare/workers-types';
import { redact } from '../../../shared/log.ts';
import { WRITE_FAILURES } from '../domain/explanations.ts';
import { underLease } from './sql.ts';

/** A dead letter as it is kept. */
export interface DeadLetter {
  id: string;
  locationId: string | null;
  contactId: string | null;
  /** Failure code, see domain/failure.ts. */
  reason: string;
  /** What failed; personal data is masked once more when it is written. */
  error: string;
  /** The queue message, or a description of one that could not be read. */
  message: unknown;
  replayable: boolean;
  /** Failed tries; 0 = not known. */
  attempts: number;
  /** Epoch ms. */
  receivedAt: number;
  deadAt: number;
}

/** dead-letters/letter.ts says what changes it. */
export type DeadLetterStatus = 'waiting' | 'replayed' | 'discarded' | 'resolved';

const INSERT = `INSERT INTO dead_letters (id, location_id, contact_id, reason, error, message, replayable, attempts, received_at, dead_at)
  SELECT m.value ->> 'id', m.value ->> 'locationId', m.value ->> 'contactId', m.value ->> 'reason', m.value ->> 'error',
         m.value -> 'message', m.value ->> 'replayable', m.value ->> 'attempts', m.value ->> 'receivedAt', m.value ->> 'deadAt'
  FROM json_each(?1) m WHERE (?2 IS NULL OR EXISTS (SELECT 1 FROM contacts c WHERE c.location_id = m.value ->> 'locationId'
    AND c.contact_id = m.value ->> 'contactId' AND ${underLease('c', '?2')}))
  ON CONFLICT (id) DO UPDATE SET reason = excluded.reason, error = excluded.error, message = excluded.message,
    replayable = excluded.replayable, attempts = excluded.attempts, dead_at = excluded.dead_at, status = 'waiting', settled_at = NULL`;

/**
 * The statement that keeps these letters. A letter that exists is overwritten and waits again. With a lease token, only letters of
 * contacts that are under the lease are kept: the new holder of another contact knows better.
 */
export function insertDeadLetters(
  db: D1Database,
  letters: DeadLetter[],
  leaseToken: string | null = null,
): D1PreparedStatement {
  return db.prepare(INSERT).bind(jsonOf(letters), leaseToken);
}

/**
 * The statement that keeps letters from the dead-letter queue, which may deliver one twice. A letter that exists stays as it is, unless
 * it is closed and this is another event. Workflow actions with one body share an event id; they differ in when they were received.
 */
export function insertDrainedLetters(db: D1Database, letters: DeadLetter[]): D1PreparedStatement {
  return db
    .prepare(
      `${INSERT} WHERE dead_letters.status <> 'waiting'
         AND (dead_letters.message ->> 'eventId' IS NOT excluded.message ->> 'eventId'
           OR dead_letters.message ->> 'receivedAt' IS NOT excluded.message ->> 'receivedAt')`,
    )
    .bind(jsonOf(letters), null);
}

/** SQL: reasons of letters about writes to GoHighLevel, which are no failures of the contact itself. */
const OF_WRITES = WRITE_FAILURES.map((code) => `'${code}'`).join(', ');

/**
 * The statement that closes the open letters of contacts that have succeeded; with a lease token, only of contacts under the lease.
 * `+status` makes SQLite look them up by contact, not by status.
 */
export function resolveDeadLetters(
  db: D1Database,
  locationId: string,
  contactIds: string[],
  now: number,
  leaseToken: string | null = null,
): D1PreparedStatement {
  return db
    .prepare(
      `UPDATE dead_letters SET status = 'resolved', settled_at = ?3
       WHERE location_id = ?1 AND contact_id IN (SELECT value FROM json_each(?2)) AND +status IN ('waiting', 'replayed')
         AND reason NOT IN (${OF_WRITES}) AND (?4 IS NULL OR EXISTS (SELECT 1 FROM contacts c WHERE c.location_id = ?1
           AND c.contact_id = dead_letters.contact_id AND ${underLease('c', '?4')}))`,
    )
    .bind(locationId, JSON.stringify(contactIds), now, leaseToken);
}

/** The statement that closes these letters if they are open: their writes have succeeded. */
export function resolveLetters(db: D1Database, ids: string[], now: number): D1PreparedStatement {
  return db
    .prepare(
      `UPDATE dead_letters SET status = 'resolved', settled_at = ?2
       WHERE id IN (SELECT value FROM json_each(?1)) AND +status IN ('waiting', 'replayed')`,
    )
    .bind(JSON.stringify(ids), now);
}

/** A letter as it was when it was read. */
export interface Seen {
  id: string;
  deadAt: number;
}

/**
 * Marks letters as replayed at `at` (epoch ms, taken before the messages were sent). A letter that has died again or was
 * resolved since stays as it is. Looked up by id, not by status: ten thousand may wait.
 */
export async function markReplayed(db: D1Database, letters: Seen[], at: number): Promise<void> {
  await db
    .prepare(
      `UPDATE dead_letters SET status = 'replayed', replays = replays + 1, replayed_at = ?2, settled_at = ?2
       FROM json_each(?1) m
       WHERE dead_letters.id = m.value ->> 'id' AND +dead_letters.dead_at = m.value ->> 'deadAt' AND +dead_letters.status = 'waiting'`,
    )
    .bind(JSON.stringify(letters), at)
    .run();
}

/** Discards those of the letters that wait; returns their ids. */
export async function discardWaiting(db: D1Database, ids: string[], now: number): Promise<string[]> {
  const { results } = await db
    .prepare(
      `UPDATE dead_letters SET status = 'discarded', settled_at = ?2
       WHERE id IN (SELECT value FROM json_each(?1)) AND status = 'waiting' RETURNING id`,
    )
    .bind(JSON.stringify(ids), now)
    .all<{ id: string }>();
  return results.map(({ id }) => id);
}

function jsonOf(letters: DeadLetter[]): string {
  return JSON.stringify(letters.map((letter) => ({ ...letter, error: redact(letter.error) })));
}
