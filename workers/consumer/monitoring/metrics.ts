// What Prometheus is told: the facts of the overview as metrics. docs/operations.md lists them. Pure.

import type { HeldGroup } from '../store/brake/held.ts';
import type { CallFacts } from '../store/calls/counts.ts';
import { OTHERS, OURS } from '../store/calls/results.ts';
import type { LocationCount } from '../store/totals.ts';
import { type LatencyCount, latencyMetrics } from './latency.ts';
import type { Metric, Sample } from './prometheus.ts';
import { judgeStatus, type StatusInputs } from './status.ts';

/** Hours of counters that the latest latencies are taken from, the present one included. */
export const LATENCY_HOURS = 24;
/** Dispositions of a location that are told apart: an account may invent any number. */
const MAX_DISPOSITIONS = 100;

/** What the metrics are made from, of all locations. */
export interface MetricFacts extends Omit<StatusInputs, 'deadLetters'> {
  /** When the contacts were counted, epoch ms. */
  countedAt: number;
  /** Of the locations where CALL_RESULTS is set. */
  calls?: ReadonlyMap<string, CallFacts>;
  /** What is held back in the locations where MAX_NEW_PLACEMENTS is set. */
  held?: ReadonlyMap<string, HeldGroup[]>;
  /** Counters since midnight UTC (`today`), and of the last LATENCY_HOURS (`recent`). */
  counters: LocationCount[];
}

/** The metrics, in the order in which they are shown. */
export function metricsOf(facts: MetricFacts): Metric[] {
  const all = [
    ...statusMetrics(facts),
    ...contactMetrics(facts),
    ...waitingMetrics(facts),
    ...vendorMetrics(facts),
    ...runMetrics(facts),
    ...callMetrics(facts),
    ...workMetrics(facts),
    ...latencyMetrics(facts.counters.filter(({ kind }) => kind === 'latency') satisfies LatencyCount[]),
  ];
  return all.map((metric) => ({ ...metric, name: `contact_pipeline_${metric.name}` }));
}

function gauge(name: string, help: string, samples: Sample[]): Metric {
  return { name, type: 'gauge', help, samples };
}

/** No sample where the value is not known. */
function sample(labels: Record<string, string>, value: number | null): Sample[] {
  return value === null ? [] : [{ labels, value }];
}

const seconds = (ms: number) => Math.max(0, ms) / 1000;

function statusMetrics(facts: MetricFacts): Metric[] {
  const { counts, health } = facts;
  const deadLetters = [...counts.waitingDeadLetters.values()].reduce((sum, n) => sum + n, 0);
  const { status, causes } = judgeStatus({ ...facts, deadLetters });
  return [
    gauge(
      'status',
      'How the pipeline is: 1 for the state that it is in.',
      ['healthy', 'degraded', 'stopped'].flatMap((one) => sample({ status: one }, Number(one === status))),
    ),
    gauge(
      'causes',
      'Why it is not healthy: causes by check. location is empty where a cause concerns all.',
      tally(causes, ({ code, severity, location_id }) => ({ location: location_id ?? '', code, severity })),
    ),
    gauge(
      'settings_faulty',
      '1 while a setting of the location is faulty, so that its work waits.',
      health.flatMap(({ location, fault }) => sample({ location: location.id }, Number(fault !== null))),
    ),
  ];
}

function tally<T>(all: T[], labelsOf: (one: T) => Record<string, string>): Sample[] {
  const samples = new Map<string, Sample>();
  for (const one of all) {
    const labels = labelsOf(one);
    const key = JSON.stringify(labels);
    samples.set(key, { labels, value: (samples.get(key)?.value ?? 0) + 1 });
  }
  return [...samples.values()];
}

function contactMetrics({ counts, countedAt, health, held = new Map() }: MetricFacts): Metric[] {
  const leftOut = (id: string) =>
    counts.leftOut.reduce((sum, { locationId, n }) => (locationId === id ? sum + n : sum), 0);
  return [
    gauge(
      'contacts',
      'Contacts that a route once matched, by state and reason.',
      counts.contacts.flatMap(({ locationId, state, reason, n }) => sample({ location: locationId, state, reason }, n)),
    ),
    gauge('contacts_counted_timestamp_seconds', 'When the contacts were counted.', sample({}, countedAt / 1000)),
    gauge(
      'contacts_left_out',
      'Contacts in the dialer without a field that CallTools refused.',
      health.flatMap(({ location: { id } }) => sample({ location: id }, leftOut(id))),
    ),
    gauge(
      'contacts_held_by_brake',
      'New contacts that MAX_NEW_PLACEMENTS holds back until they are confirmed.',
      [...held].flatMap(([location, groups]) =>
        sample(
          { location },
          groups.reduce((sum: number, group: HeldGroup) => sum + group.held, 0),
        ),
      ),
    ),
  ];
}

function waitingMetrics({ counts, health, backlogs, now }: MetricFacts): Metric[] {
  const letters = new Map([
    ...health.map(({ location }): [string | null, number] => [location.id, 0]),
    ...counts.waitingDeadLetters,
  ]);
  const { outboxDepth, outboxOldestAt } = counts;
  return [
    gauge(
      'dead_letters_waiting',
      'Dead letters that wait for a person. location is empty for those that name none.',
      [...letters].flatMap(([location, n]) => sample({ location: location ?? '' }, n)),
    ),
    gauge('outbox_messages', 'Messages that wait in the outbox.', sample({}, outboxDepth)),
    gauge(
      'outbox_oldest_age_seconds',
      'How long the oldest message waits in the outbox.',
      sample({}, outboxOldestAt === null ? 0 : seconds(now - outboxOldestAt)),
    ),
    gauge(
      'queue_messages',
      'Messages that wait in the queue, where the platform says so.',
      backlogs.flatMap(({ queue, waiting }) => sample({ queue }, waiting)),
    ),
    gauge(
      'queue_oldest_age_seconds',
      'How long the oldest message waits in the queue, where the platform says so.',
      backlogs.flatMap(({ queue, waiting, oldestAt }) => {
        const idle = waiting === 0 ? 0 : null;
        return sample({ queue }, oldestAt === null ? idle : seconds(now - oldestAt));
      }),
    ),
  ];
}

const VENDORS = ['gohighlevel', 'calltools'] as const;

function vendorMetrics({ health, now }: MetricFacts): Metric[] {
  const each = health.flatMap(({ location, circuits, paces }) =>
    VENDORS.map((vendor) => ({
      labels: { location: location.id, vendor },
      // A vendor that was never in trouble has no circuit.
      circuit: circuits.find((one) => one.vendor === vendor),
      pace: paces.get(vendor) ?? null,
    })),
  );
  return [
    gauge(
      'circuit_open',
      '1 while the work for a vendor waits, because it refuses our calls or is down.',
      each.flatMap(({ labels, circuit }) => sample(labels, Number((circuit?.openReason ?? null) !== null))),
    ),
    gauge(
      'vendor_throttled',
      '1 while a vendor has asked for no calls.',
      each.flatMap(({ labels, circuit }) => sample(labels, Number((circuit?.throttledUntil ?? 0) > now))),
    ),
    gauge(
      'vendor_pace_per_second',
      'Calls a second to a vendor that is called more slowly since it throttled us.',
      each.flatMap(({ labels, pace }) => sample(labels, pace)),
    ),
  ];
}

function runMetrics({ health, backstop }: MetricFacts): Metric[] {
  const last = (name: string, help: string, read: (run: NonNullable<(typeof health)[number]['lastRun']>) => number) =>
    gauge(
      name,
      help,
      health.flatMap(({ location, lastRun }) => sample({ location: location.id }, lastRun && read(lastRun))),
    );
  const at = (ms: number | null) => (ms === null ? null : ms / 1000);
  return [
    last('run_running', '1 while the newest run reads the contact list.', ({ state }) => Number(state === 'running')),
    last('run_incomplete', '1 where the newest run ended incomplete.', ({ state }) => Number(state === 'incomplete')),
    last('run_started_timestamp_seconds', 'When the newest run was started.', ({ startedAt }) => startedAt / 1000),
    last('run_contacts_seen', 'Contacts that the newest run has seen.', ({ seen }) => seen),
    last('run_contacts_queued', 'Contacts that the newest run looks at closely.', ({ queued }) => queued),
    last('run_errors', 'Contacts of the newest run that ended as dead letters.', ({ errors }) => errors),
    gauge(
      'run_repaired',
      'Differences that the newest run has fixed, by kind.',
      health.flatMap(({ location, lastRun }) =>
        Object.entries(lastRun?.repaired ?? {}).flatMap(([kind, n]) => sample({ location: location.id, kind }, n)),
      ),
    ),
    gauge(
      'run_last_complete_timestamp_seconds',
      'When the last complete run ended.',
      backstop.flatMap(({ locationId, lastCompleteAt }) => sample({ location: locationId }, at(lastCompleteAt))),
    ),
    gauge(
      'run_next_timestamp_seconds',
      'When the next run is due.',
      backstop.flatMap(({ locationId, nextAt }) => sample({ location: locationId }, at(nextAt))),
    ),
  ];
}

function callMetrics({ calls = new Map<string, CallFacts>() }: MetricFacts): Metric[] {
  const each = (read: (facts: CallFacts) => number | null) =>
    [...calls].flatMap(([location, facts]) => sample({ location }, read(facts)));
  return [
    gauge(
      'call_record_read_timestamp_seconds',
      'When the record of calls was last read to its end.',
      each(({ polledAt }) => (polledAt === null ? null : polledAt / 1000)),
    ),
    gauge(
      'call_record_failing',
      '1 while the record of calls cannot be read.',
      each(({ failure }) => Number(failure !== null)),
    ),
    gauge(
      'call_writes_failing',
      '1 while GoHighLevel takes no writes that calls cause.',
      each(({ writeFailure }) => Number(writeFailure !== null)),
    ),
  ];
}

/** They start again at midnight UTC, because counters are not kept for ever. Prometheus takes that for a restart. */
function workMetrics({ counters }: MetricFacts): Metric[] {
  const counter = (name: string, help: string, kind: string, label: string | null, max = Number.POSITIVE_INFINITY) => ({
    ...{ name, type: 'counter' as const, help },
    samples: bounded(
      counters.filter((one) => one.kind === kind),
      max,
    ).map(({ locationId, name, today }) => ({
      labels: { location: locationId, ...(label !== null && { [label]: name }) },
      value: today,
    })),
  });
  return [
    counter('work_total', 'How work on contacts ended since midnight UTC.', 'outcome', 'outcome'),
    counter('change_notices_total', 'Change notices processed since midnight UTC, by source.', 'hint', 'source'),
    counter(
      'calls_total',
      'Calls of our contacts since midnight UTC, by disposition.',
      OURS,
      'disposition',
      MAX_DISPOSITIONS,
    ),
    counter('calls_of_others_total', 'Calls of contacts that are not ours since midnight UTC.', OTHERS, null),
  ];
}

/** At most `max` names of a location: the others count together, as `(others)`. */
function bounded(counts: LocationCount[], max: number): LocationCount[] {
  const names = new Map<string, number>();
  const kept: LocationCount[] = [];
  const rest = new Map<string, LocationCount>();
  for (const count of counts) {
    const { locationId } = count;
    names.set(locationId, (names.get(locationId) ?? 0) + 1);
    if ((names.get(locationId) ?? 0) <= max) kept.push(count);
    else {
      const before = rest.get(locationId) ?? { ...count, name: '(others)', today: 0, recent: 0 };
      rest.set(locationId, { ...before, today: before.today + count.today, recent: before.recent + count.recent });
    }
  }
  return [...kept, ...rest.values()];
}
