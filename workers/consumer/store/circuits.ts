// The circuit of each vendor in D1, shared by all instances.

import type { D1Database, D1PreparedStatement, D1Result } from '@cloudflare/workers-types';
import type { Circuit, CircuitChange } from '../domain/circuit.ts';
import type { Vendor } from '../domain/failure.ts';
import { number, type Row, rowsOf, text } from './sql.ts';

/**
 * Statements for the claim's round trip, for the vendors that will be called (`called`). Where the probe of one of their open circuits is
 * due, they take those of all: a batch that may try one vendor and not the other gets nowhere, and its probe would be wasted, again and
 * again. They read all circuits. `now` and `probeAt`, when the next probe is due then, are epoch ms.
 */
export function circuitStatements(
  db: D1Database,
  locationId: string,
  now: number,
  probeAt: number,
  called: Vendor[] = ['gohighlevel', 'calltools'],
) {
  const statements: D1PreparedStatement[] = [
    db
      .prepare(
        `UPDATE circuits SET probe_at = ?3 WHERE location_id = ?1 AND open_reason IS NOT NULL
           AND vendor IN (SELECT value FROM json_each(?4)) AND EXISTS (
             SELECT 1 FROM circuits due WHERE due.location_id = ?1 AND due.open_reason IS NOT NULL AND due.probe_at <= ?2
               AND due.vendor IN (SELECT value FROM json_each(?4)))
         RETURNING vendor`,
      )
      .bind(locationId, now, probeAt, JSON.stringify(called)),
    db.prepare('SELECT * FROM circuits WHERE location_id = ?1').bind(locationId),
  ];
  const read = ([taken, all]: D1Result[]) => ({
    probing: rowsOf(taken).map(({ vendor }) => vendor as Vendor),
    circuits: rowsOf(all).map(circuitOf),
  });
  return { statements, read };
}

/** All circuits of a location, for the operator. */
export async function readCircuits(db: D1Database, locationId: string): Promise<Circuit[]> {
  const { results } = await db.prepare('SELECT * FROM circuits WHERE location_id = ?1').bind(locationId).all<Row>();
  return results.map(circuitOf);
}

/** The statement that saves these circuits. `now` is epoch ms. */
export function saveCircuits(
  db: D1Database,
  locationId: string,
  now: number,
  circuits: CircuitChange[],
): D1PreparedStatement {
  const unlessKept = (column: string) =>
    `${column} = iif((SELECT m.value ->> 'keeps' FROM json_each(?3) m WHERE m.value ->> 'vendor' = excluded.vendor),
       circuits.${column}, excluded.${column})`;
  return db
    .prepare(
      `INSERT INTO circuits
         (location_id, vendor, open_reason, open_kind, opened_at, probe_at, throttled_until, failures, suspects, refused, gone,
          needs_work, updated_at)
       SELECT ?1, m.value ->> 'vendor', m.value ->> 'openReason', m.value ->> 'openKind', m.value ->> 'openedAt', m.value ->> 'probeAt',
              m.value ->> 'throttledUntil', m.value ->> 'failures', m.value ->> 'suspects', m.value ->> 'refused',
              m.value ->> 'gone', m.value ->> 'needsWork', ?2
       FROM json_each(?3) m WHERE true
       ON CONFLICT (location_id, vendor) DO UPDATE SET ${['open_reason', 'open_kind', 'opened_at', 'needs_work'].map(unlessKept).join(', ')},
         probe_at = max(probe_at, excluded.probe_at), throttled_until = max(throttled_until, excluded.throttled_until),
         failures = excluded.failures, suspects = excluded.suspects, refused = excluded.refused, gone = excluded.gone,
         updated_at = excluded.updated_at`,
    )
    .bind(locationId, now, JSON.stringify(circuits));
}

/** A row of the table as a circuit. */
export function circuitOf(row: Row): Circuit {
  return {
    vendor: row.vendor as Vendor,
    openReason: text(row.open_reason),
    openKind: openKindOf(row),
    openedAt: number(row.opened_at),
    probeAt: Number(row.probe_at),
    throttledUntil: Number(row.throttled_until),
    failures: Number(row.failures),
    suspects: JSON.parse(String(row.suspects)) as string[],
    refused: JSON.parse(String(row.refused)) as Record<string, number>,
    gone: JSON.parse(String(row.gone)) as string[],
    needsWork: row.needs_work === 1,
  };
}

/** An open circuit without a kind is down. */
function openKindOf({ open_reason, open_kind }: Row): Circuit['openKind'] {
  if (typeof open_reason !== 'string') return null;
  return open_kind === 'refused' ? 'refused' : 'down';
}
