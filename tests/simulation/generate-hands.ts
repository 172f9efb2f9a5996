// What people do in CallTools that a theme is about, added to a history without shifting anything else of it.

import { type Action, type Blend, type History, PEOPLE, type Setup, type Step } from './history.ts';
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

/** Each is placed after some of the steps. */
function inserted(steps: Step[], added: [number, Step][]): Step[] {
  const after = (count: number) => added.flatMap(([at, step]) => (at === count ? [step] : []));
  return [...after(0), ...steps.flatMap((step, index) => [step, ...after(index + 1)])];
}

/** The history with calls in it that end in "no", and with people who drag others out without any call. */
export function withCalls(history: Rng, { setup, steps, seed }: History): History {
  const rng = history.fork('said no');
  const callTimes = rng.chance(0.5) ? 'iso' : 'documented';
  const calls = Array.from({ length: rng.int(1, 4) }, (): [number, Step[]] => [
    // Mostly late: what changes afterwards makes it right to dial again.
    rng.chance(0.6) ? steps.length : rng.int(1, steps.length),
    callsOf(rng, setup),
  ]);
  return {
    seed,
    setup: { ...setup, calls: true, callTools: { ...setup.callTools, callTimes } },
    steps: inserted(
      steps,
      calls.flatMap(([at, made]) => made.map((step): [number, Step] => [at, step])),
    ),
  };
}

/** A call, and what follows from it in GoHighLevel. */
function callsOf(rng: Rng, setup: Setup): Step[] {
  const made: Step[] = [{ gap: rng.spread(30_000, 900_000), act: callOf(rng, setup) }];
  for (let person = 0; person < PEOPLE; person++)
    if (rng.chance(0.3)) made.push({ gap: rng.spread(100, 600_000), act: { do: 'rename', person, fates: [[30]] } });
  if (rng.chance(0.2)) made.push({ gap: rng.spread(1000, 600_000), act: { do: 'backstop', by: 'cron' } });
  return made;
}

function callOf(rng: Rng, { rules }: Setup): Action {
  const phone = rng.int(0, rng.int(0, 2));
  if (rng.chance(0.15)) return { do: 'by-hand', edit: 'take-out', phone, bucket: rng.pick(bucketsOf(rules)) };
  const afterMs = rng.chance(0.15) ? null : rng.chance(0.4) ? 0 : rng.spread(100, 600_000);
  return { do: 'say-no', phone, afterMs, noted: rng.pick(['usual', 'usual', 'undated', 'unreadable'] as const) };
}
