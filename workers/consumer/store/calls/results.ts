// The dispositions that CallTools has shown: each row is kept, counted and acted upon once, however often it is seen.

import type { D1Database, D1PreparedStatement } from '@cloudflare/workers-types';
import type { WriteStep } from '../../../../shared/messages.ts';
import { HOUR_MS } from '../../../../shared/time.ts';
import { json, number, ofLocation, type Row, text } from '../sql.ts';
import { hourOf } from '../totals.ts';
import { mayHaveBeenOurs, perhapsShownThen, shownThen, wasElsewhere } from './past-links.ts';

/** A row may arrive so late behind newer ones. */
export const LATE_MS = HOUR_MS;

/** A disposition that is new. Times are epoch ms. */
export interface NewResult {
  rowId: number;
  callToolsId: number | null;
  /** '' where it is not known. */
  disposition: string;
  calledAt: number | null;
  hold: boolean;
  /** What is written to GoHighLevel because of it. */
  steps: readonly WriteStep[];
}

/** Which of these rows are kept already. */
export async function knownRows(db: D1Database, locationId: string, rowIds: number[]): Promise<Set<number>> {
  const { results } = await db
    .prepare('SELECT row_id FROM call_results WHERE location_id = ?1 AND row_id IN (SELECT value FROM json_each(?2))')
    .bind(locationId, JSON.stringify(rowIds))
    .all<{ row_id: number }>();
  return new Set(results.map(({ row_id }) => row_id));
}

/** SQL: the CallTools contact `id` is one of ours, or may have been at `at`: a number of ours is remembered for it. */
const isOurs = (
  id: string,
  at: string,
) => `(EXISTS (SELECT 1 FROM dialer d WHERE d.location_id = ?1 AND d.calltools_id = ${id})
  OR EXISTS (SELECT 1 FROM calltools_numbers n WHERE n.location_id = ?1 AND n.calltools_id = ${id})
  OR ${mayHaveBeenOurs(id, at)})`;

/** SQL: a GoHighLevel contact that the CallTools contact `id` shows, if `more` (SQL) is true of its row `d`; of several, the one in a bucket. */
const shownNow = (id: string, more: string) => `(SELECT d.contact_id FROM dialer d
  WHERE ${ofLocation('d.location_id')} AND d.calltools_id = ${id} AND d.contact_id IS NOT NULL AND ${more}
  ORDER BY d.held DESC, d.updated_at DESC, d.phone_hash LIMIT 1)`;

/**
 * SQL: the GoHighLevel contact that the CallTools contact `id` showed at `at`. Else one that it shows now and that was on no other CallTools
 * contact then, else one that it may have shown. At last anybody whom it shows: a merge is noticed later than it was made.
 */
export const shownBy = (
  id: string,
  at: string,
) => `coalesce(${shownThen(id, at)}, ${shownNow(id, `NOT ${wasElsewhere(id, at)}`)},
  ${perhapsShownThen(id, at)}, ${shownNow(id, 'true')})`;

/** The counter of rows about contacts that are not ours; all others are counted by disposition. */
export const OTHERS = 'call_of_others';
/** The counters of our contacts' rows. */
export const OURS = 'call';
/** Stands for a disposition whose name is not known. */
export const UNKNOWN = 'unknown';

/**
 * Statements, for one batch, that count and keep what is new among these rows. Where another poll has kept a row in the meantime it stays
 * as it is, and is not counted again.
 */
export function keepResults(
  db: D1Database,
  locationId: string,
  results: readonly NewResult[],
  now: number,
): D1PreparedStatement[] {
  const rows = JSON.stringify(results);
  return [
    db
      .prepare(
        `INSERT INTO counters (location_id, hour, kind, name, n)
         SELECT ?1, ?3, iif(ours, '${OURS}', '${OTHERS}'), iif(ours, disposition, 'all'), count(*) FROM (
           SELECT ${isOurs("m.value ->> 'callToolsId'", "m.value ->> 'calledAt'")} AS ours,
             iif(m.value ->> 'disposition' = '', '${UNKNOWN}', m.value ->> 'disposition') AS disposition
           FROM json_each(?2) m WHERE NOT EXISTS (
             SELECT 1 FROM call_results r WHERE r.location_id = ?1 AND r.row_id = m.value ->> 'rowId'))
         WHERE true GROUP BY 3, 4
         ON CONFLICT (location_id, hour, kind, name) DO UPDATE SET n = n + excluded.n`,
      )
      .bind(locationId, rows, hourOf(now)),
    db
      .prepare(
        `INSERT INTO call_results (location_id, row_id, calltools_id, contact_id, disposition, called_at, seen_at, hold, pending)
         SELECT ?1, m.value ->> 'rowId', m.value ->> 'callToolsId', ${shownBy("m.value ->> 'callToolsId'", "m.value ->> 'calledAt'")}, m.value ->> 'disposition',
           m.value ->> 'calledAt', ?3, m.value ->> 'hold', m.value ->> 'hold' AND m.value ->> 'callToolsId' IS NOT NULL
         FROM json_each(?2) m WHERE true
         ON CONFLICT (location_id, row_id) DO NOTHING`,
      )
      .bind(locationId, rows, now),
  ];
}

/** A call as the contact's story shows it. */
export interface CallStory {
  disposition: string;
  calledAt: number | null;
  seenAt: number;
  hold: boolean;
  heldAt: number | null;
  /** `sent`: its message is in the queue. */
  writes: { step: WriteStep; state: 'waiting' | 'sent' | 'done' | 'dropped' | 'failed'; at: number }[];
}

/** Calls that a story shows. */
export const SHOWN_CALLS = 20;

/** The statement that reads the latest calls of a contact, for `callStory`. */
export function askCalls(db: D1Database, locationId: string, contactId: string): D1PreparedStatement {
  return db
    .prepare(
      `SELECT disposition, called_at, seen_at, hold, held_at,
         (SELECT json_group_array(json_object('step', step, 'state', state, 'at', at)) FROM call_writes w
          WHERE w.location_id = ?1 AND w.row_id = call_results.row_id) AS writes
       FROM call_results WHERE location_id = ?1 AND contact_id = ?2 ORDER BY seen_at DESC, row_id DESC LIMIT ${SHOWN_CALLS}`,
    )
    .bind(locationId, contactId);
}

/** A row of that statement. */
export function callStory(row: Row): CallStory {
  return {
    disposition: text(row.disposition) ?? '',
    calledAt: number(row.called_at),
    seenAt: Number(row.seen_at),
    hold: row.hold === 1,
    heldAt: number(row.held_at),
    writes: json<CallStory['writes']>(row.writes) ?? [],
  };
}
