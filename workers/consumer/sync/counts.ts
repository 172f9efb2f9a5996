// What a batch adds to the counters of its hour, pure: how contacts ended, where the hints came from, and how long they took.

import type { ContactChanged } from '../../../shared/messages.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { Work } from './coalesce.ts';

export const COUNTED = ['outcome', 'hint', 'latency'] as const;

export interface Count {
  kind: (typeof COUNTED)[number];
  name: string;
  n: number;
  /** Counts only while the batch holds this contact's lease; null counts in any case. */
  contactId: string | null;
}

/**
 * Upper bounds of the latency buckets, ms; what took longer is in `MORE`. From a webhook's arrival until CallTools holds what it
 * should, of every hint that a webhook or a workflow sent.
 */
export const LATENCY_BOUNDS_MS = [1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 300_000] as const;
export const MORE = 'more';

const HOUR_MS = 3_600_000;

/** Epoch ms of the start of the hour. */
export function hourOf(ms: number): number {
  return ms - (ms % HOUR_MS);
}

/** `mine`: contacts whose lease the batch had. A hint counts once, when its work is over. */
export function countsOf(
  ended: readonly { work: Work; outcome: Outcome }[],
  mine: (contactId: string) => boolean,
  now: number,
): Count[] {
  return ended.flatMap(({ work, outcome }): Count[] => {
    const contactId = mine(work.contactId) ? work.contactId : null;
    const count = (kind: Count['kind'], name: string): Count => ({ kind, name, n: 1, contactId });
    const how = count('outcome', outcome.kind === 'done' ? outcome.state : outcome.kind);
    if (outcome.kind !== 'done' && outcome.kind !== 'skipped' && outcome.kind !== 'dead') return [how];
    const hints = work.events.map(({ source }) => count('hint', source));
    const timed = outcome.kind === 'done' ? work.events.filter(fromOutside) : [];
    const latencies = timed.map(({ receivedAt }) => count('latency', bucketOf(now - receivedAt)));
    return [how, ...hints, ...latencies];
  });
}

function fromOutside({ source }: ContactChanged): boolean {
  return source === 'webhook' || source === 'workflow';
}

function bucketOf(ms: number): string {
  const bound = LATENCY_BOUNDS_MS.find((bound) => ms <= bound);
  return bound === undefined ? MORE : String(bound);
}
