// Histories with a brake: operators confirm now and then, and hours pass.

import { MINUTE_MS } from '../../shared/time.ts';
import type { History, Step } from './history.ts';
import type { Rng } from './rng.ts';

/** The history with a brake, with confirmations now and then, and with hours that pass. */
export function withBrake(history: Rng, { setup, steps, ...rest }: History): History {
  const rng = history.fork('brake');
  const between = (): Step[] => {
    if (rng.chance(0.25)) return [{ gap: rng.spread(10, 20_000), act: { do: 'confirm' } }];
    return rng.chance(0.12) ? [{ gap: rng.int(20, 70) * MINUTE_MS, act: { do: 'confirm' } }] : [];
  };
  return {
    ...rest,
    setup: { ...setup, byHand: [], brake: rng.chance(0.8) ? 1 : 2 },
    steps: steps.flatMap((step) => [step, ...between()]),
  };
}
