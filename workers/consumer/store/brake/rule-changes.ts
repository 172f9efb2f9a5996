// What a change of rules takes out of the dialer, in D1. Where the rules stay the same nothing is counted.

import type { D1Database, D1PreparedStatement } from '@cloudflare/workers-types';
import type { Run } from '../runs.ts';
import { type Lease, ofLocation, type Row, underLease } from '../sql.ts';

/** Rules, as far as a change of them is noticed: `buckets` has the bucket of each route that places, by the route's name. */
export interface RulesSeen {
  hash: string;
  buckets: Record<string, string>;
}

/**
 * Called when a run begins: if the rules are others than those of the run before, counts who is in the dialer under each of the former routes.
 * Safe to do twice.
 */
export async function noteRules(
  db: D1Database,
  { id, locationId }: Pick<Run, 'id' | 'locationId'>,
  { hash, buckets }: RulesSeen,
): Promise<void> {
  const before = await db
    .prepare('SELECT hash, buckets FROM rules_seen WHERE location_id = ?1')
    .bind(locationId)
    .first<RulesSeen & { buckets: string }>();
  const save = db
    .prepare(
      `INSERT INTO rules_seen (location_id, hash, buckets) VALUES (?1, ?2, ?3)
       ON CONFLICT (location_id) DO UPDATE SET hash = excluded.hash, buckets = excluded.buckets`,
    )
    .bind(locationId, hash, JSON.stringify(buckets));
  const endEarlier = db
    .prepare('DELETE FROM rule_changes WHERE location_id = ?1 AND run_id <> ?2')
    .bind(locationId, id);
  if (before === null) await save.run();
  else if (before.hash === hash) await endEarlier.run();
  else await db.batch([endEarlier, countPlaced(db, locationId, id, before.buckets), save]);
}

function countPlaced(db: D1Database, locationId: string, runId: string, buckets: string): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO rule_changes (location_id, route, run_id, bucket, placed)
       SELECT ?1, c.route, ?2, b.value, count(*) FROM contacts c JOIN json_each(?3) b ON b.key = c.route
       WHERE c.location_id = ?1 AND c.state = 'placed' GROUP BY c.route
       ON CONFLICT DO NOTHING`,
    )
    .bind(locationId, runId, buckets);
}

/** A contact that was in the dialer, and that the rules have taken out. `route`: the one that had placed it. */
export interface Withdrawn {
  contactId: string;
  route: string;
}

/** The statement that counts these, as long as the batch holds their leases. */
export function countWithdrawn(
  db: D1Database,
  { locationId, token }: Lease,
  withdrawn: Withdrawn[],
): D1PreparedStatement {
  return db
    .prepare(
      `UPDATE rule_changes SET withdrawn = rule_changes.withdrawn + n.n
       FROM (SELECT m.value ->> 'route' AS route, count(*) AS n
         FROM json_each(?3) m CROSS JOIN contacts c ON c.location_id = ?1 AND c.contact_id = m.value ->> 'contactId'
         WHERE ${underLease('c', '?2')} GROUP BY 1) n
       WHERE ${ofLocation('rule_changes.location_id')} AND rule_changes.route = n.route`,
    )
    .bind(locationId, token, JSON.stringify(withdrawn));
}

/** A bucket that a change of rules has emptied. */
export interface Emptied {
  bucket: string;
  placed: number;
  withdrawn: number;
}

/** Smaller buckets are emptied now and then. */
const LARGE = 50;

/** Asks for the large buckets of these locations of which a change of rules has taken out more than half; see `emptied`. */
export function askEmptied(db: D1Database, locationIds: string[]): D1PreparedStatement {
  return db
    .prepare(
      `SELECT location_id, bucket, sum(placed) AS placed, sum(withdrawn) AS withdrawn FROM rule_changes
       WHERE location_id IN (SELECT value FROM json_each(?1)) GROUP BY location_id, bucket
       HAVING sum(placed) > ${LARGE} AND 2 * sum(withdrawn) > sum(placed) ORDER BY bucket`,
    )
    .bind(JSON.stringify(locationIds));
}

/** A row of `askEmptied`. */
export function emptied({ bucket, placed, withdrawn }: Row): Emptied {
  return { bucket: String(bucket), placed: Number(placed), withdrawn: Number(withdrawn) };
}
