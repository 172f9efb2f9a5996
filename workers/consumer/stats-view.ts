// The pipeline at a glance: where contacts are, what waits, and whether the vendors are well.

import type { Circuit } from './circuit-store.ts';
import type { Vendor } from './failure.ts';
import { iso } from './operator-answer.ts';
import type { Run } from './run-store.ts';
import { viewRun } from './run-view.ts';
import type { ContactCount, Counts } from './stats-store.ts';

const VENDORS: readonly Vendor[] = ['gohighlevel', 'calltools'];

interface Facts {
  locationId: string;
  counts: Counts;
  circuits: Circuit[];
  lastRun: Run | null;
  /** What is wrong with the settings; null when nothing is. */
  configurationError: string | null;
  /** Epoch ms. */
  now: number;
}

/** `total_contacts` are those that mattered once, not all of GoHighLevel's: see `last_run.total` for these. */
export function viewStats({ locationId, counts, circuits, lastRun, configurationError, now }: Facts) {
  const keptOut = byReason(counts.contacts, 'kept_out');
  return {
    location_id: locationId || null,
    total_contacts: sum(counts.contacts),
    synced: sum(inState(counts.contacts, 'placed')),
    failed: sum(inState(counts.contacts, 'failed')),
    excluded_customers: keptOut.route ?? 0,
    pending: sum(inState(counts.contacts, 'pending')),
    kept_out: keptOut,
    failed_by_reason: byReason(counts.contacts, 'failed'),
    dead_letters: counts.waitingDeadLetters,
    outbox: {
      depth: counts.outboxDepth,
      oldest_age_seconds:
        counts.outboxOldestAt === null ? null : Math.max(0, Math.floor((now - counts.outboxOldestAt) / 1000)),
    },
    circuits: Object.fromEntries(
      VENDORS.map((vendor) => [
        vendor,
        viewCircuit(
          circuits.find((circuit) => circuit.vendor === vendor),
          now,
        ),
      ]),
    ),
    last_run: lastRun && viewRun(lastRun, now),
    configuration_error: configurationError,
  };
}

/** A vendor never seen in trouble has no circuit yet: it is closed. */
function viewCircuit(circuit: Circuit | undefined, now: number) {
  const open = circuit !== undefined && circuit.openReason !== null;
  return {
    state: open ? 'open' : 'closed',
    reason: open ? circuit.openReason : null,
    since: open ? iso(circuit.openedAt) : null,
    throttled_until: circuit !== undefined && circuit.throttledUntil > now ? iso(circuit.throttledUntil) : null,
  };
}

function inState(contacts: ContactCount[], state: string): ContactCount[] {
  return contacts.filter((count) => count.state === state);
}

function byReason(contacts: ContactCount[], state: string): Record<string, number> {
  return Object.fromEntries(inState(contacts, state).map(({ reason, n }) => [reason, n]));
}

function sum(counts: ContactCount[]): number {
  return counts.reduce((total, { n }) => total + n, 0);
}
