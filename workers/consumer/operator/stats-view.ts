// The pipeline at a glance: where contacts are, what waits, and whether the vendors are well.

import type { Env } from '../config/env.ts';
import type { Location } from '../config/locations.ts';
import type { Circuit } from '../domain/circuit.ts';
import { troubleOf } from '../domain/circuit-text.ts';
import type { Vendor } from '../domain/failure.ts';
import type { Health } from '../monitoring/status.ts';
import { readCircuits } from '../store/circuits.ts';
import { readPaces } from '../store/rate-limits.ts';
import { recentRuns } from '../store/runs.ts';
import type { ContactCount, Counts } from '../store/totals.ts';
import { iso } from './answer.ts';
import { viewRun } from './run-view.ts';

const VENDORS: readonly Vendor[] = ['gohighlevel', 'calltools'];

interface Facts {
  counts: Counts;
  /** Of the locations that are asked about. */
  health: Health[];
  /** All dead letters count, also those of no location; else only those of the locations. */
  everything: boolean;
  /** What is wrong with the settings; null when nothing is. */
  configurationError: string | null;
  /** Contacts that wait, about; null where that is not known. */
  waiting: number | null;
  /** Epoch ms. */
  now: number;
}

/**
 * Totals over the locations; where there are several, `locations` has those of each, and `circuits` show a vendor in trouble wherever
 * it is. `total_contacts` are those that mattered once, not all of GoHighLevel's: see `last_run.total` for these.
 */
export function viewStats({ counts, health, everything, configurationError, waiting, now }: Facts) {
  const [first, ...more] = health;
  const runs = health.flatMap(({ lastRun }) => lastRun ?? []).sort((a, b) => b.startedAt - a.startedAt);
  const letters = everything
    ? [...counts.waitingDeadLetters.values()]
    : health.map(({ location }) => counts.waitingDeadLetters.get(location.id) ?? 0);
  return {
    location_id: more.length > 0 ? null : (first?.location.id ?? null),
    ...viewContacts(counts.contacts),
    dead_letters: letters.reduce((total, n) => total + n, 0),
    outbox: {
      depth: counts.outboxDepth,
      oldest_age_seconds:
        counts.outboxOldestAt === null ? null : Math.max(0, Math.floor((now - counts.outboxOldestAt) / 1000)),
    },
    circuits: viewCircuits(health, { now, waiting }),
    last_run: runs[0] ? viewRun(runs[0], now) : null,
    configuration_error: configurationError,
    ...(more.length > 0 && { locations: health.map((one) => viewLocation(one, counts, { now, waiting })) }),
  };
}

function viewLocation(health: Health, counts: Counts, at: At) {
  const { now } = at;
  const { location, lastRun, fault } = health;
  return {
    location_id: location.id,
    name: location.name,
    ...viewContacts(counts.contacts.filter(({ locationId }) => locationId === location.id)),
    dead_letters: counts.waitingDeadLetters.get(location.id) ?? 0,
    circuits: viewCircuits([health], at),
    last_run: lastRun && viewRun(lastRun, now),
    configuration_error: fault,
  };
}

function viewContacts(contacts: ContactCount[]) {
  const keptOut = byReason(contacts, 'kept_out');
  return {
    total_contacts: sum(contacts),
    synced: sum(inState(contacts, 'placed')),
    failed: sum(inState(contacts, 'failed')),
    excluded_customers: keptOut.route ?? 0,
    pending: sum(inState(contacts, 'pending')),
    kept_out: keptOut,
    failed_by_reason: byReason(contacts, 'failed'),
  };
}

type At = Pick<Facts, 'now' | 'waiting'>;

/** Each vendor where it is worst: open, then throttled for longest; and the slowest pace. */
function viewCircuits(health: Health[], at: At) {
  const worst = health
    .flatMap(({ circuits }) => circuits)
    .toSorted(
      (a, b) => Number(b.openReason !== null) - Number(a.openReason !== null) || b.throttledUntil - a.throttledUntil,
    );
  return Object.fromEntries(
    VENDORS.map((vendor) => [
      vendor,
      viewCircuit(
        worst.find((circuit) => circuit.vendor === vendor),
        health.flatMap(({ paces }) => paces.get(vendor) ?? []),
        at,
      ),
    ]),
  );
}

/** A vendor never seen in trouble has no circuit yet: it is closed. */
function viewCircuit(circuit: Circuit | undefined, paces: number[], { now, waiting }: At) {
  const open = circuit !== undefined && circuit.openReason !== null;
  const trouble = circuit === undefined ? null : troubleOf(circuit, { now, waiting });
  return {
    state: open ? 'open' : 'closed',
    reason: open ? circuit.openReason : null,
    since: open ? iso(circuit.openedAt) : null,
    throttled_until: circuit !== undefined && circuit.throttledUntil > now ? iso(circuit.throttledUntil) : null,
    trouble: trouble && {
      kind: trouble.kind,
      says: trouble.says,
      next_try_at: iso(trouble.nextTryAt),
      waiting,
      what: trouble.what,
      what_to_do: trouble.todo,
    },
    paced_to_per_second: paces.length === 0 ? null : Math.round(Math.min(...paces) * 10) / 10,
  };
}

function inState(contacts: ContactCount[], state: string): ContactCount[] {
  return contacts.filter((count) => count.state === state);
}

function byReason(contacts: ContactCount[], state: string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { reason, n } of inState(contacts, state)) counts[reason] = (counts[reason] ?? 0) + n;
  return counts;
}

function sum(counts: ContactCount[]): number {
  return counts.reduce((total, { n }) => total + n, 0);
}

/** `now` is epoch ms. */
export async function healthOf(location: Location, db: Env['DB'], now: number): Promise<Health> {
  const [circuits, paces, [lastRun]] = await Promise.all([
    readCircuits(db, location.id),
    readPaces(db, location.id, now),
    recentRuns(db, location.id, 1),
  ]);
  return {
    location,
    circuits,
    paces,
    lastRun: lastRun ?? null,
    fault: location.kind === 'faulty' ? location.fault : null,
  };
}
