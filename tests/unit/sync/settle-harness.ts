// The settling of one contact.

import { settle } from '../../../workers/consumer/sync/settle.ts';
import type { Result } from '../../../workers/consumer/sync/work.ts';
import { jobsOf, resultOf, taskOf } from '../../support/batch-harness.ts';

export const NOW = 500_000;
export const CLAIMED_AT = 400_000;

export function settled(task: ReturnType<typeof taskOf>, results: Result[], down: string[] = []) {
  return settle(task, results, (vendor) => down.includes(vendor), { now: NOW, claimedAt: CLAIMED_AT, random: 0.5 });
}

/** One contact whose number `p` ended so. */
export function alone(
  options: Parameters<typeof taskOf>[0],
  changes: Partial<Result> = {},
  remembered?: Parameters<typeof jobsOf>[1],
) {
  const task = taskOf(options);
  return settled(
    task,
    [...jobsOf([task], remembered).values()].map((job) => resultOf(job, changes)),
  );
}

export const LED = [{ contactId: 'two', intent: 'place' as const, priority: 0 }];
