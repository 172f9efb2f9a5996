// The pipeline at a glance: where contacts are, what waits, and whether the vendors are well.

import type {
  BrakeCounts,
  CallCounts,
  Circuits,
  ContactCounts,
  FieldCounts,
  LocationStats,
  Stats,
  VendorState,
} from '../../../shared/api/status.ts';
import type { Circuit } from '../domain/circuit.ts';
import { troubleOf } from '../domain/circuit-text.ts';
import type { Vendor } from '../domain/failure.ts';
import type { Health } from '../monitoring/status.ts';
import type { HeldGroup } from '../store/brake/held.ts';
import type { CallFacts } from '../store/calls/counts.ts';
import { problemsOf, sumLeftOut } from '../store/fields.ts';
import type { ContactCount, Counts } from '../store/totals.ts';
import { iso } from './answer.ts';
import { viewRun } from './run-view.ts';

/** What the statistics are made from. */
export interface StatsFacts {
  counts: Counts;
  /** Of the locations that are asked about. */
  health: Health[];
  /** All dead letters count, also those without a location; otherwise only those of the locations. */
  everything: boolean;
  /** What is wrong with the settings; null when nothing is. */
  configurationError: string | null;
  /** Of the locations where CALL_RESULTS is set. */
  calls?: ReadonlyMap<string, CallFacts>;
  /** What is held back in the locations where MAX_NEW_PLACEMENTS is set. */
  held?: ReadonlyMap<string, HeldGroup[]>;
  /** Contacts that wait, about; null where that is not known. */
  waiting: number | null;
  /** Epoch ms. */
  now: number;
}

/**
 * Totals over the locations. Where there are several, `locations` has those of each, and `circuits` shows each vendor where it is worst.
 * `total_contacts` counts contacts that a route once matched, not all of GoHighLevel's; `last_run.total` counts those.
 */
export function viewStats({
  counts,
  health,
  everything,
  configurationError,
  waiting,
  calls = new Map(),
  held = new Map(),
  now,
}: StatsFacts): Stats {
  const [first, ...more] = health;
  const runs = health.flatMap(({ lastRun }) => lastRun ?? []).sort((a, b) => b.startedAt - a.startedAt);
  const letters = everything
    ? [...counts.waitingDeadLetters.values()]
    : health.map(({ location }) => counts.waitingDeadLetters.get(location.id) ?? 0);
  return {
    location_id: more.length > 0 ? null : (first?.location.id ?? null),
    ...viewContacts(counts.contacts),
    ...viewFields(health, counts, now),
    dead_letters: letters.reduce((total, n) => total + n, 0),
    outbox: {
      depth: counts.outboxDepth,
      oldest_age_seconds:
        counts.outboxOldestAt === null ? null : Math.max(0, Math.floor((now - counts.outboxOldestAt) / 1000)),
    },
    circuits: viewCircuits(health, { now, waiting }),
    last_run: runs[0] ? viewRun(runs[0], now) : null,
    calls: viewCalls([...calls.values()]),
    brake: viewBrake(held),
    configuration_error: configurationError,
    ...(more.length > 0 && {
      locations: health.map((one) => viewLocation(one, counts, { now, waiting, calls, held })),
    }),
  };
}

function viewLocation(health: Health, counts: Counts, at: At & Pick<StatsFacts, 'calls' | 'held'>): LocationStats {
  const { now } = at;
  const { location, lastRun, fault } = health;
  const held = at.held?.get(location.id);
  return {
    location_id: location.id,
    name: location.name,
    ...viewContacts(counts.contacts.filter(({ locationId }) => locationId === location.id)),
    ...viewFields([health], counts, now),
    dead_letters: counts.waitingDeadLetters.get(location.id) ?? 0,
    circuits: viewCircuits([health], at),
    last_run: lastRun && viewRun(lastRun, now),
    calls: viewCalls([at.calls?.get(location.id)].filter((one) => one !== undefined)),
    brake: viewBrake(new Map(held ? [[location.id, held]] : [])),
    configuration_error: fault,
  };
}

function viewContacts(contacts: ContactCount[]): ContactCounts {
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

function viewFields(health: Health[], { leftOut, fieldReports }: Counts, now: number): FieldCounts {
  const ids = health.map(({ location }) => location.id);
  const problems = health.map(({ location, written }) => problemsOf(fieldReports.get(location.id) ?? [], written, now));
  const all = (kind: 'absent' | 'altered') => [...new Set(problems.flatMap((one) => one[kind]))].sort();
  return {
    left_out: sumLeftOut(leftOut.filter(({ locationId }) => ids.includes(locationId))),
    fields: { absent: all('absent'), altered: all('altered') },
  };
}

/** Of several locations the one whose record was read longest ago counts. */
function viewCalls(facts: CallFacts[]): CallCounts | null {
  if (facts.length === 0) return null;
  const counts = facts.flatMap((one) => one.counts);
  const sumBy = (when: 'today' | 'recent') => {
    const sums: Record<string, number> = {};
    for (const { disposition, [when]: n } of counts)
      if (disposition !== null && n > 0) sums[disposition] = (sums[disposition] ?? 0) + n;
    return sums;
  };
  const others = (when: 'today' | 'recent') =>
    counts.reduce((sum, { disposition, [when]: n }) => (disposition === null ? sum + n : sum), 0);
  const polled = facts.map(({ polledAt }) => polledAt);
  return {
    polled_at: polled.includes(null) ? null : iso(Math.min(...polled.map(Number))),
    failure: facts.find(({ failure }) => failure !== null)?.failure ?? null,
    write_failure: facts.find(({ writeFailure }) => writeFailure !== null)?.writeFailure ?? null,
    today: sumBy('today'),
    last_14_days: sumBy('recent'),
    of_others: { today: others('today'), last_14_days: others('recent') },
  };
}

/** `held`: an entry for each location where the brake is set. */
function viewBrake(held: ReadonlyMap<string, HeldGroup[]>): BrakeCounts | null {
  if (held.size === 0) return null;
  const groups = [...held].flatMap(([location_id, groups]) =>
    groups.map(({ confirm, held, since }) => ({ location_id, confirm, held, since: iso(since) })),
  );
  return {
    held: groups.reduce((total, { held }) => total + held, 0),
    since: groups.map(({ since }) => since).sort()[0] ?? null,
    groups,
  };
}

type At = Pick<StatsFacts, 'now' | 'waiting'>;

/** Each vendor where it is worst: open, then throttled for longest; and its slowest pace. */
function viewCircuits(health: Health[], at: At): Circuits {
  const worst = health
    .flatMap(({ circuits }) => circuits)
    .toSorted(
      (a, b) => Number(b.openReason !== null) - Number(a.openReason !== null) || b.throttledUntil - a.throttledUntil,
    );
  const of = (vendor: Vendor) =>
    viewCircuit(
      worst.find((circuit) => circuit.vendor === vendor),
      health.flatMap(({ paces }) => paces.get(vendor) ?? []),
      at,
    );
  return { gohighlevel: of('gohighlevel'), calltools: of('calltools') };
}

/** A vendor that was never in trouble has no circuit yet: it is closed. */
function viewCircuit(circuit: Circuit | undefined, paces: number[], { now, waiting }: At): VendorState {
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
