// How long webhooks took until CallTools held what it should, as metrics. Pure.

import { LATENCY_BOUNDS_MS, type LocationCount, MORE } from '../store/totals.ts';
import type { Metric, Sample } from './prometheus.ts';

/** How many took a time: `name` is the bucket's upper bound in ms, or MORE. */
export type LatencyCount = Pick<LocationCount, 'locationId' | 'name' | 'today' | 'recent'>;

/**
 * A histogram since midnight UTC, and the half (p50) and 95 % (p95) of the last 24 hours, for readers without histograms: each is the
 * upper bound of its bucket, so the truth is at most that.
 */
export function latencyMetrics(counts: readonly LatencyCount[]): Metric[] {
  const locations = [...new Set(counts.map(({ locationId }) => locationId))];
  const by = (which: 'today' | 'recent') =>
    locations.map((location) => ({
      location,
      buckets: cumulative(
        counts.filter(({ locationId }) => locationId === location).map((one) => [one.name, one[which]]),
      ),
    }));
  const help = 'of webhooks in the last 24 hours were in the dialer within this time, or less.';
  const quantile = (name: string, share: number, many: string): Metric => ({
    ...{ name, type: 'gauge', help: `${many} ${help}` },
    samples: by('recent').flatMap(({ location, buckets }) => {
      const value = quantileOf(buckets, share);
      return value === null ? [] : [{ labels: { location }, value }];
    }),
  });
  return [
    {
      name: 'latency_seconds',
      type: 'histogram',
      help: 'Time from a webhook until the dialer held what it should, since midnight UTC.',
      samples: by('today').flatMap(({ location, buckets }) => histogram(location, buckets)),
    },
    quantile('latency_p50_seconds', 0.5, 'Half'),
    quantile('latency_p95_seconds', 0.95, '95 %'),
  ];
}

/** Within how many ms a share (0 to 1) was in the dialer: the upper bound of its bucket. Null: nothing to measure, or above all bounds. */
export function latencyOf(counts: readonly { name: string; n: number }[], share: number): number | null {
  const seconds = quantileOf(cumulative(counts.map(({ name, n }) => [name, n])), share);
  return seconds === null || seconds === Number.POSITIVE_INFINITY ? null : seconds * 1000;
}

/** Upper bound in seconds, and how many took at most that. */
type Bucket = [upTo: number, n: number];

function cumulative(counts: [string, number][]): Bucket[] {
  let n = 0;
  return [...LATENCY_BOUNDS_MS, null].map((bound): Bucket => {
    const name = bound === null ? MORE : String(bound);
    n += counts.reduce((sum, [one, many]) => (one === name ? sum + many : sum), 0);
    return [bound === null ? Number.POSITIVE_INFINITY : bound / 1000, n];
  });
}

function histogram(location: string, buckets: Bucket[]): Sample[] {
  const total = buckets.at(-1)?.[1] ?? 0;
  return [
    ...buckets.map(([upTo, value]): Sample => {
      const le = upTo === Number.POSITIVE_INFINITY ? '+Inf' : String(upTo);
      return { suffix: '_bucket', labels: { location, le }, value };
    }),
    { suffix: '_count', labels: { location }, value: total },
  ];
}

/** Null while there is nothing to measure. */
function quantileOf(buckets: Bucket[], share: number): number | null {
  const total = buckets.at(-1)?.[1] ?? 0;
  if (total === 0) return null;
  return buckets.find(([, n]) => n >= share * total)?.[0] ?? null;
}
