// What people do in CallTools that a theme is about, added to a history without shifting anything else of it.

import type { Blend, Setup, Step } from './history.ts';
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
  return inserted(steps, twins);
}

/** The steps, and some by which CallTools contacts come to carry several numbers. */
export function withBlends(history: Rng, steps: Step[]): Step[] {
  const rng = history.fork('blends');
  const blends = Array.from({ length: rng.int(1, 4) }, (): [number, Step] => {
    const how = rng.pick<Blend['how']>(['make', 'add', 'add', 'merge', 'merge', 'remove']);
    const phone = rng.int(0, 2);
    const act: Blend = { do: 'blend', how, phone, other: (phone + rng.int(1, 2)) % 3 };
    // One that is there from the start, as an account that was filled by hand.
    return [rng.chance(0.3) ? 0 : rng.int(1, steps.length), { gap: rng.spread(5, 60_000), act }];
  });
  return inserted(steps, blends);
}

/** Each after so many of the steps. */
function inserted(steps: Step[], added: [number, Step][]): Step[] {
  const after = (count: number) => added.flatMap(([at, step]) => (at === count ? [step] : []));
  return [...after(0), ...steps.flatMap((step, index) => [step, ...after(index + 1)])];
}
