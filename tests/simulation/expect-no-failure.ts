// Seeds as tests, a chunk of them each: a failing one is told with its shortest history.

import { expect, test } from 'vitest';
import type { Options } from './generate.ts';
import { explain, type Seeds, simulate } from './simulate.ts';

/** A test for every `chunk` of these seeds. */
export function expectNoFailure({ from, count, chunk }: Seeds & { chunk: number }, options: Options = {}): void {
  for (let first = from; first < from + count; first += chunk) {
    const seeds = { from: first, count: Math.min(chunk, from + count - first) };
    test(`seeds ${first} to ${first + seeds.count - 1}: every promise holds`, { timeout: 120_000 }, async () => {
      const [failure] = await simulate(seeds, { options });
      if (failure) expect.fail(await explain(failure));
    });
  }
}
