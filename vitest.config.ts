// One run for all levels; the pipeline level boots workerd and waits for queues, hence the long limits.

import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Of two cores one would be left idle, while most pipeline tests wait for queues.
    maxWorkers: '100%',
    env: { WRANGLER_LOG: 'error' },
  },
});
