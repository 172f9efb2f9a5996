// Histories in which the vendors quote what they were sent.

import type { Step } from './history.ts';
import type { Rng } from './rng.ts';

/** The steps; in some, a vendor that fails quotes the person that it was asked about. */
export function withQuotes(history: Rng, steps: Step[]): Step[] {
  const rng = history.fork('quotes');
  return steps.map((step) => {
    const { act } = step;
    const fails = act.do === 'fault' && (act.mode === 'unavailable' || act.mode === 'html500');
    return fails && rng.chance(0.6) ? { ...step, act: { ...act, mode: 'quotes' } } : step;
  });
}
