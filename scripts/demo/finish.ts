// The end of the demo: waits until the pipeline is idle, then checks that CallTools matches the rules.

import { setTimeout as sleep } from 'node:timers/promises';
import { compareVendors, type Mismatch, type Stats, unfinished } from '../../sandbox/observe/check.ts';
import type { World } from './world.ts';

const LIMIT_MS = 15_000;
const BETWEEN_LOOKS_MS = 1000;

/** The differences. Empty as soon as two looks in a row find none; otherwise what the last look found. */
export async function finalMismatches({ sandbox, operator, cron }: World, signal: AbortSignal): Promise<Mismatch[]> {
  // What the queue did not accept at first is sent now, as cron would do.
  await cron();
  let clean = 0;
  for (const end = performance.now() + LIMIT_MS; ; ) {
    const found = [...compareVendors(sandbox), ...unfinished(await operator<Stats>('GET', '/sync/stats'))];
    clean = found.length === 0 ? clean + 1 : 0;
    if (clean === 2 || performance.now() > end) return found;
    await sleep(BETWEEN_LOOKS_MS, undefined, { signal });
  }
}
