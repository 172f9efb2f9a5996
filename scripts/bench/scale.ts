// Past this machine, on paper and by simulation: how much of each limit a load uses up, and how long an event then waits.

import { READS_PER_MINUTE } from '../../workers/consumer/store/rate-limits.ts';
import type { Figure } from './measure/figure.ts';
import { percentile } from './measure/statistics.ts';

const SECTION = 'scale';

/** How much there is to do. */
export interface Load {
  eventsPerHour: number;
  /** Among which they are spread evenly. */
  locations: number;
}

/** Of all events, those that may place or withdraw somebody: each costs a read. The rest costs no vendor call. An assumption. */
const MATTER = 0.3;
/** Events in one batch when there is much to do: `max_batch_size` of contact-events in wrangler.consumer.jsonc. */
const BATCH = 25;
/** `max_concurrency` of contact-events in wrangler.consumer.jsonc. */
const CONSUMERS = 10;
/** A batch's calls at 200 ms: reads five at a time, and for a third of the contacts two calls to CallTools, five at a time. */
const BATCH_SECONDS = 0.2 * (BATCH * MATTER) * (1 / 5 + 2 / 5 / 3) + 0.1;
/** claim and commit, and the phones of new contacts. */
const ROUND_TRIPS = 3;

/** Sources in docs/performance.md. All a second, but for the day's quota. */
const LIMITS = {
  queueMessages: 5000,
  /** What the pipeline takes of GoHighLevel's 100 in 10 s for webhooks. */
  ghlBurst: READS_PER_MINUTE / 60,
  ghlDay: 200_000,
  consumers: CONSUMERS,
  /** A batch of statements takes some 5 ms in a database that does one thing at a time. */
  d1RoundTrips: 200,
};

/** Share of each limit; above 1 it cannot be kept up. Vendors' limits are those of one location. */
export function usage({ eventsPerHour, locations }: Load): Record<keyof typeof LIMITS, number> {
  const perSecond = eventsPerHour / 3600;
  const readsPerLocation = (perSecond * MATTER) / locations;
  const batches = perSecond / BATCH;
  return {
    queueMessages: perSecond / LIMITS.queueMessages,
    ghlBurst: readsPerLocation / LIMITS.ghlBurst,
    ghlDay: (readsPerLocation * 86_400) / LIMITS.ghlDay,
    consumers: (batches * BATCH_SECONDS) / LIMITS.consumers,
    d1RoundTrips: (batches * ROUND_TRIPS) / LIMITS.d1RoundTrips,
  };
}

/** The limit that binds first. */
export function binding(load: Load): keyof typeof LIMITS {
  const [first] = Object.entries(usage(load)).sort(([, a], [, b]) => b - a);
  return (first?.[0] ?? 'consumers') as keyof typeof LIMITS;
}

/**
 * Seconds that events of one hour wait for a vendor's turn and for a consumer, second by second, arrivals at random: the 99th percentile
 * of what an event would meet on its arrival. Both queues are served in order; the batch's own time comes on top.
 */
export function waits({ eventsPerHour, locations }: Load, random: () => number): number {
  const mean = (eventsPerHour * MATTER) / 3600 / locations;
  const backlog = new Float64Array(locations);
  const capacity = (CONSUMERS * BATCH * MATTER) / BATCH_SECONDS;
  const waited: number[] = [];
  let shared = 0;
  for (let second = 0; second < 3600; second++) {
    for (let place = 0; place < locations; place++) {
      const arrived = poisson(mean, random);
      backlog[place] = Math.max(0, (backlog[place] ?? 0) + arrived - LIMITS.ghlBurst);
      shared += arrived;
    }
    shared = Math.max(0, shared - capacity);
    waited.push(Math.max((backlog[0] ?? 0) / LIMITS.ghlBurst, shared / capacity));
  }
  return percentile(waited, 0.99);
}

/** Knuth's method; of a large mean the normal approximation, which is all that is needed here. */
function poisson(mean: number, random: () => number): number {
  if (mean > 30) {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal));
  }
  let count = 0;
  for (let left = random(); left > Math.exp(-mean); left *= random()) count++;
  return count;
}

const LOADS: Load[] = [1, 1000].flatMap((locations) =>
  [100, 10_000, 1_000_000].map((eventsPerHour) => ({ eventsPerHour, locations })),
);

/** A second or two. */
export function benchScale(random: () => number = Math.random): Figure[] {
  return LOADS.flatMap((load): Figure[] => {
    const name = `${load.eventsPerHour.toLocaleString('en-US')} events an hour, ${load.locations} location${load.locations > 1 ? 's' : ''}`;
    const shares = Object.entries(usage(load)).map(([limit, share]) => `${limit} ${(100 * share).toPrecision(2)} %`);
    const first = binding(load);
    return [
      {
        section: SECTION,
        what: `${name}: share of ${first}, which binds first`,
        value: usage(load)[first],
        unit: '',
        note: shares.join(', '),
      },
      { section: SECTION, what: `${name}: wait for a turn, p99`, value: waits(load, random), unit: 's' },
    ];
  });
}
