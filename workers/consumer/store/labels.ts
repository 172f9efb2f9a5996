// The ids of CallTools' buckets and tags in D1. They are forgotten when CallTools no longer has them, and only one instance creates one.

import type { D1Database } from '@cloudflare/workers-types';
import type { LabelKind } from '../vendors/calltools-labels.ts';
import { type Lease, number, type Row } from './sql.ts';

/** What is remembered of one managed name. */
export interface LabelRow {
  kind: LabelKind;
  name: string;
  /** The label that contacts get; null where CallTools has none of that name. */
  callToolsId: number | null;
  /** Other labels of the same name. No contact gets them, and every contact loses them. */
  otherIds: number[];
  /** The highest id of this kind that CallTools has shown; a higher one was created later. Null where it was not remembered. */
  newestId: number | null;
  updatedAt: number;
}

/** How an id became known: CallTools has just created the label for us, with nobody in it, or it showed it. */
export type LabelOrigin = 'created' | 'listed';

/** What is remembered of CallTools' buckets and tags. */
export async function readLabels(db: D1Database, locationId: string): Promise<LabelRow[]> {
  const { results } = await db.prepare('SELECT * FROM labels WHERE location_id = ?1').bind(locationId).all<Row>();
  return results.map(labelRow);
}

/** A list may lack a label that was noted this shortly before it was asked for, because clocks differ. */
const NEWS_MS = 5_000;

/** SQL: the row `l` changes in a way that affects contacts: they get another id, or must lose one more. */
const MOVED = `l.calltools_id IS NOT m.value ->> 'callToolsId' OR EXISTS (
  SELECT 1 FROM json_each(m.value ->> 'otherIds') t WHERE t.value <> l.calltools_id AND t.value NOT IN (SELECT value FROM json_each(l.twins)))`;

/** SQL: all contacts that CallTools has a contact of. Those that are kept out may be in a bucket that was not known. */
const CONCERNED = `EXISTS (SELECT 1 FROM dialer d WHERE d.location_id = ?1 AND d.calltools_id IS NOT NULL AND d.phone_hash = contacts.phone_hash)
  OR contact_id IN (SELECT d.contact_id FROM dialer d WHERE d.location_id = ?1 AND d.calltools_id IS NOT NULL)`;

/**
 * Stores labels. Where an id has changed, or one more has appeared, the next backstop reads all contacts that CallTools has a contact
 * of. It does the same where a missing label is listed: the label may have been there, and contacts were not taken out of it. A lease
 * ends only once the label exists: a list that lacks it, even the lease holder's own, must not let another instance create a duplicate.
 * A list that is older than a label does not clear it: contacts in that bucket would not be taken out of it.
 */
export async function saveLabels(
  db: D1Database,
  locationId: string,
  rows: LabelRow[],
  origin: LabelOrigin,
): Promise<void> {
  const json = JSON.stringify(rows);
  const moved = `EXISTS (SELECT 1 FROM labels l JOIN json_each(?2) m ON l.kind = m.value ->> 'kind' AND l.name = m.value ->> 'name'
    WHERE l.location_id = ?1 AND (${origin === 'listed' ? 'true' : 'l.calltools_id IS NOT NULL'}) AND (${MOVED})
      AND (m.value ->> 'callToolsId' IS NOT NULL OR l.updated_at <= (m.value ->> 'updatedAt') - ?3))`;
  await db.batch([
    db
      .prepare(
        `UPDATE contacts SET search_hash = NULL WHERE location_id = ?1 AND ${moved} AND (state = 'placed' OR ${CONCERNED})`,
      )
      .bind(locationId, json, NEWS_MS),
    db
      .prepare(
        `UPDATE dialer SET fingerprint = '' WHERE location_id = ?1 AND ${moved} AND (held = 1 OR calltools_id IS NOT NULL)`,
      )
      .bind(locationId, json, NEWS_MS),
    db
      .prepare(
        `INSERT INTO labels (location_id, kind, name, calltools_id, twins, newest_id, updated_at)
         SELECT ?1, m.value ->> 'kind', m.value ->> 'name', m.value ->> 'callToolsId', m.value ->> 'otherIds', m.value ->> 'newestId', m.value ->> 'updatedAt'
         FROM json_each(?2) m WHERE true
         ON CONFLICT (location_id, kind, name) DO UPDATE
           SET calltools_id = excluded.calltools_id, updated_at = excluded.updated_at, newest_id = excluded.newest_id,
               twins = iif(excluded.updated_at < labels.updated_at, labels.twins, excluded.twins),
               lease_until = iif(excluded.calltools_id IS NULL, labels.lease_until, 0)
         WHERE excluded.calltools_id IS NOT NULL OR labels.calltools_id IS NULL OR labels.updated_at <= excluded.updated_at - ?3`,
      )
      .bind(locationId, json, NEWS_MS),
  ]);
}

/** True when this instance alone may create the label until the lease ends. */
export async function leaseLabel(
  db: D1Database,
  { locationId, token, now, until }: Omit<Lease, 'lateMs'>,
  kind: LabelKind,
  name: string,
): Promise<boolean> {
  const leased = await db
    .prepare(
      `INSERT INTO labels (location_id, kind, name, lease_token, lease_until, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, 0)
       ON CONFLICT (location_id, kind, name) DO UPDATE
         SET lease_token = excluded.lease_token, lease_until = excluded.lease_until WHERE labels.lease_until <= ?6
       RETURNING lease_token`,
    )
    .bind(locationId, kind, name, token, until, now)
    .first<{ lease_token: string }>();
  return leased !== null;
}

/** Reads a row of `labels`. */
export function labelRow(row: Row): LabelRow {
  return {
    kind: row.kind as LabelKind,
    name: String(row.name),
    callToolsId: number(row.calltools_id),
    otherIds: JSON.parse(String(row.twins)) as number[],
    newestId: number(row.newest_id),
    updatedAt: Number(row.updated_at),
  };
}
