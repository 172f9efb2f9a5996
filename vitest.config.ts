// One run for all levels, in two groups: what only computes uses every core, what boots workerd and waits for queues has the machine to itself.

import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    testTimeout: 120_000,
    hookTimeout: 120_000,
    env: { WRANGLER_LOG: 'error' },
    projects: [
      {
        extends: true,
        test: {
          name: 'computed',
          include: ['tests/{unit,simulation}/**/*.test.ts'],
          maxWorkers: '100%',
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'booted',
          include: ['tests/{worker,pipeline,browser}/**/*.test.ts'],
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
