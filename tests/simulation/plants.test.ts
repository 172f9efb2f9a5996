// The simulation bites: every planted bug is found within a few hundred histories of its kind. And it repeats itself exactly.

import { describe, expect, test } from 'vitest';
import { installSynchronousCrypto } from '../../sandbox/synchronous-crypto.ts';
import { generate } from './generate.ts';
import { plantedWorkers } from './planted.ts';
import { PLANTS } from './plants.ts';
import { run } from './run.ts';
import { simulate } from './simulate.ts';

/** Most are found by one of the first ten. */
const HISTORIES = 600;

describe('a planted bug is found', () => {
  test.each(Object.entries(PLANTS))('%s', { timeout: 120_000 }, async (name, { edits, among, from = 1 }) => {
    const workers = await plantedWorkers(name, edits);
    const failures = await simulate({ from, count: HISTORIES }, { workers, options: among });
    expect(failures).toHaveLength(1);
  });
});

test('the same seed gives the same run, to the last call', async () => {
  const restore = installSynchronousCrypto();
  try {
    for (let seed = 1; seed <= 25; seed++) {
      const [first, second] = [await run(generate(seed)), await run(generate(seed))];
      expect(second.hash, `seed ${seed}`).toBe(first.hash);
    }
  } finally {
    restore();
  }
});
