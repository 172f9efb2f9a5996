// One run for all levels, group after group: what only computes, what boots workerd and mostly waits for queues, and what needs the machine to itself.

import { defineConfig } from 'vitest/config';

/** Vendors are given up after a fraction of a second there: another test beside it would be an outage. */
const ALONE = 'tests/pipeline/half-open-network.test.ts';

/** Tests that boot workerd side by side: half their time is waiting for queues, so that more of them than cores go well together. */
const WAITING = 3;

const group = (
  name: string,
  groupOrder: number,
  include: string[],
  exclude: string[],
  maxWorkers: number | string,
) => ({
  extends: true as const,
  test: { name, include, exclude, maxWorkers, sequence: { groupOrder } },
});

export default defineConfig({
  test: {
    testTimeout: 120_000,
    hookTimeout: 120_000,
    env: { WRANGLER_LOG: 'error' },
    projects: [
      group('computed', 0, ['tests/{unit,simulation}/**/*.test.ts'], [], '100%'),
      group('booted', 1, ['tests/{worker,pipeline,browser}/**/*.test.ts'], [ALONE], WAITING),
      group('alone', 2, [ALONE], [], 1),
    ],
  },
});
