// Histories in which GoHighLevel's reads lag behind its webhooks.

import type { Action, History } from './history.ts';
import type { Rng } from './rng.ts';

/** The same history with lagging reads; `retag` makes a change of tags. */
export function withLaggingReads(history: History, rng: Rng, retag: (rng: Rng) => string[]): History {
  const { setup, steps } = history;
  const lags = rng.fork('lagging reads');
  const max = lags.spread(2000, 15_000);
  return {
    ...history,
    setup: { ...setup, readLagMs: { min: lags.chance(0.3) ? max : 0, max } },
    steps: steps.map(({ gap, act }) => ({ gap, act: visible(act, lags, retag) })),
  };
}

/** A webhook's message says nothing of names, so that an old one in a read contradicts nothing. */
function visible(act: Action, rng: Rng, retag: (rng: Rng) => string[]): Action {
  if (act.do !== 'rename') return act;
  const { person, fates } = act;
  return { do: 'retag', person, tags: retag(rng), fates };
}
