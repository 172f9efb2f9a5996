// Runs in each test file before its tests: collects which functions each of them reaches, for test-runner.ts.

import { afterEach, beforeEach } from 'vitest';

declare global {
  var __reached: Set<string>;
}

// What loading reaches, and what hooks reach that run once for all tests: it counts for each of them.
globalThis.__reached = new Set();
const shared = globalThis.__reached;

beforeEach(() => {
  globalThis.__reached = new Set();
});

afterEach(({ task }) => {
  Object.assign(task.meta, { reached: [...globalThis.__reached] });
  Object.assign(task.file.meta, { reached: [...shared] });
  globalThis.__reached = shared;
});
