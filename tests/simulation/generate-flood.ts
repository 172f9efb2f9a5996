// Hundreds of contacts at once, through an outage or against a slow vendor: they drain at the vendors' pace, and nothing is given up.

import { HOUR_MS } from '../../shared/time.ts';
import type { Mode } from './faults.ts';
import type { History, Setup, Step } from './history.ts';
import type { Rng } from './rng.ts';

export type Flood =
  /** Nothing fails. */
  | 'import'
  /** A vendor is down for hours while contacts keep coming in. */
  | 'outage'
  /** CallTools refuses every write for hours, and answers reads. */
  | 'writes'
  /** CallTools takes 5 requests a second. */
  | 'slow';

const MODES: Record<'outage' | 'writes', Mode[]> = {
  outage: ['unavailable', 'hang', 'unauthorized'],
  writes: ['unavailable', 'html500', 'reset'],
};

export function floodHistory(seed: number, rng: Rng, setup: Setup, flood: Flood): History {
  const steps: Step[] = [];
  if (flood === 'import') {
    steps.push({ gap: 0, act: { do: 'import', count: 250 } });
  } else if (flood === 'slow') {
    for (const gap of [0, 300_000, 300_000]) steps.push({ gap, act: { do: 'import', count: 100 } });
  } else {
    const ms = rng.pick([1, 3]) * HOUR_MS;
    const target = flood === 'writes' ? 'write' : rng.pick(['calltools', 'gohighlevel'] as const);
    steps.push({ gap: 0, act: { do: 'fault', target, mode: rng.pick(MODES[flood]), for: { ms } } });
    for (const gap of [1000, ms / 2, ms / 2 - 60_000]) steps.push({ gap, act: { do: 'import', count: 60 } });
    steps.push({ gap: 61_000, act: { do: 'jump', ms: 0 } });
  }
  const retryAfter = (['none', 'seconds', 'date'] as const)[seed % 3] ?? 'none';
  return {
    seed,
    setup: {
      ...setup,
      // What cannot be searched for has dead letters of its own.
      callTools: { ...setup.callTools, phoneFilter: 'works' },
      phoneLookup: 'contacts',
      onlyOutage: true,
      byHand: [],
      searchHidesCallDnd: false,
      pageSize: 500,
      flood: { callToolsLimit: flood === 'slow' ? { max: 50, intervalMs: 10_000, retryAfter } : null },
    },
    steps,
  };
}
