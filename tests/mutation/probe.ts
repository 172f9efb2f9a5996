// Runs in each test file before its tests: collects what they reach, for lane.ts.

import { afterEach } from 'vitest';

declare global {
  var __reached: Set<string>;
}

globalThis.__reached = new Set();

afterEach(({ task }) => {
  Object.assign(task.file.meta, { reached: [...globalThis.__reached] });
});
