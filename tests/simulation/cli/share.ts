// One thread's share of the histories; it stops at its first failure.

import { parentPort, workerData } from 'node:worker_threads';
import { plantedWorkers } from '../planted.ts';
import { PLANTS } from '../plants.ts';
import { explain, simulate, tell } from '../simulate.ts';
import type { Theme } from '../themes.ts';
import { REAL_WORKERS, type Workers } from '../workers.ts';

/** Seeds `from`, `from + step`, … */
export interface Share {
  from: number;
  step: number;
  count: number;
  plant: string | undefined;
  theme: Theme | undefined;
  late: boolean;
  outage: boolean;
  /** Whether to tell what happened even where nothing failed. */
  tell: boolean;
}

export type Word = { kind: 'ran' } | { kind: 'told' | 'failed'; text: string };

const say = (word: Word) => parentPort?.postMessage(word);

async function workersOf({ plant }: Share): Promise<Workers> {
  if (plant === undefined) return REAL_WORKERS;
  const known = PLANTS[plant];
  if (!known) throw new Error(`there is no plant "${plant}": see --plant list`);
  return plantedWorkers(plant, known.edits);
}

const share = workerData as Share;
const workers = await workersOf(share);
const planted = share.plant === undefined ? {} : PLANTS[share.plant]?.among;
const options = {
  ...planted,
  ...(share.late && { late: true }),
  ...(share.outage && { outage: true }),
  ...(share.theme && { theme: share.theme }),
};
for (let index = 0; index < share.count; index++) {
  const seeds = { from: share.from + index * share.step, count: 1 };
  const [failure] = await simulate(seeds, { workers, options });
  say({ kind: 'ran' });
  if (failure) {
    say({ kind: 'failed', text: await explain(failure, workers) });
    break;
  }
  if (share.tell) say({ kind: 'told', text: await tell(seeds.from, workers, options) });
}
