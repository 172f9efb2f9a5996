// The counters as the dashboard's charts need them: every hour and every day is there, even if nothing happened.

import type { History, Latency, Span } from '../../../shared/api/status.ts';
import { DAY_MS, HOUR_MS } from '../../../shared/time.ts';
import { latencyOf } from '../monitoring/latency.ts';
import { OURS } from '../store/calls/results.ts';
import { type HourCount, hourOf, LATENCY_BOUNDS_MS, MORE } from '../store/totals.ts';
import { iso } from './answer.ts';

const HOURS = 24;
const DAYS = 14;
/** The promised time from a webhook until CallTools holds what it should. */
const PROMISE_MS = 5_000;

/** Epoch ms of the oldest counter that a history needs: days are days of UTC. */
export function historySince(now: number): number {
  return now - (now % DAY_MS) - (DAYS - 1) * DAY_MS;
}

/** The last 24 hours, this one included, by hour; the last 14 days, today included, by day; how long webhooks took in the former. */
export function viewHistory(counts: HourCount[], now: number): History {
  const lastDay = hourOf(now) - (HOURS - 1) * HOUR_MS;
  return {
    at: iso(now),
    hours: spans(counts, lastDay, HOUR_MS, HOURS),
    days: spans(counts, historySince(now), DAY_MS, DAYS),
    latency: viewLatency(counts.filter(({ hour, kind }) => kind === 'latency' && hour >= lastDay)),
  };
}

function spans(counts: HourCount[], start: number, length: number, many: number): Span[] {
  return Array.from({ length: many }, (_, index) => {
    const from = start + index * length;
    const own = counts.filter(({ hour }) => hour >= from && hour < from + length);
    const of = (kind: string) => sums(own.filter((count) => count.kind === kind));
    return { from: iso(from), outcomes: of('outcome'), hints: of('hint'), calls: of(OURS) };
  });
}

function sums(counts: HourCount[]): Record<string, number> {
  const totals: Record<string, number> = {};
  for (const { name, n } of counts) totals[name] = (totals[name] ?? 0) + n;
  return totals;
}

/** `within_promise` is a share from 0 to 1; null while there is nothing to count. */
function viewLatency(counts: HourCount[]): Latency {
  const byBucket = sums(counts);
  const buckets = [...LATENCY_BOUNDS_MS, null].map((bound) => ({
    up_to_ms: bound,
    n: byBucket[bound === null ? MORE : String(bound)] ?? 0,
  }));
  const total = buckets.reduce((sum, { n }) => sum + n, 0);
  const kept = buckets.reduce(
    (sum, { up_to_ms, n }) => (up_to_ms !== null && up_to_ms <= PROMISE_MS ? sum + n : sum),
    0,
  );
  return {
    promise_ms: PROMISE_MS,
    total,
    within_promise: total === 0 ? null : kept / total,
    p50_ms: latencyOf(counts, 0.5),
    p95_ms: latencyOf(counts, 0.95),
    buckets,
  };
}
