// What a batch adds to the counters of its hour, pure: how contacts ended, where the hints came from, and how long they took.

import type { ContactChanged } from '../../../shared/messages.ts';
import type { Outcome } from '../domain/outcome.ts';
import { type Count, LATENCY_BOUNDS_MS, MORE } from '../store/totals.ts';
import type { Work } from './coalesce.ts';

/** `mine`: whether the batch had the contact's lease. A hint counts once, when its work is over. */
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
