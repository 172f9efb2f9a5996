// What people do in CallTools that a theme is about, added to a history without shifting anything else of it.

import type { Setup, Step } from './history.ts';
import type { Rng } from './rng.ts';
import { bucketsOf } from './rule-sets.ts';

/** How a second bucket of one name may be spelled. */
const SPELLINGS = [(name: string) => name, (name: string) => name.toLowerCase(), (name: string) => `${name} `];

/** The steps, and in half of the histories some buckets that have the name of another. */
export function withTwinBuckets(history: Rng, { rules }: Setup, steps: Step[]): Step[] {
  const rng = history.fork('twin buckets');
  if (rng.chance(0.5)) return steps;
  const twins = Array.from({ length: rng.int(1, 2) }, (): [number, Step] => {
    const spelled = rng.pick(SPELLINGS);
    const phones = [0, 1, 2].filter(() => rng.chance(0.5));
    const act = { do: 'twin-bucket', bucket: spelled(rng.pick(bucketsOf(rules))), phones } as const;
    return [rng.int(1, steps.length), { gap: rng.spread(5, 60_000), act }];
  });
  return steps.flatMap((step, index) => [step, ...twins.flatMap(([at, twin]) => (at === index + 1 ? [twin] : []))]);
}
