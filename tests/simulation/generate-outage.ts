// A vendor that is down for hours, or refuses our key for as long, while life goes on: work waits, and nothing else goes wrong.

import { HOUR_MS } from '../../shared/time.ts';
import type { Mode } from './faults.ts';
import { type Action, type History, PEOPLE, type Setup, type Step } from './history.ts';
import type { Rng } from './rng.ts';

/** Transient trouble that does not pass, or a set-up that a person must fix. */
const MODES: Mode[] = [
  'unavailable',
  'hang',
  'reset',
  'html500',
  'not-json',
  'unauthorized',
  'forbidden',
  'wrong-host',
];

/** Of `hours`; `change` makes something that a user does. */
export function outageHistory(seed: number, rng: Rng, setup: Setup, change: (rng: Rng) => Action): History {
  const hours = rng.pick([1, 3, 8, 24]);
  const vendor = rng.pick(['calltools', 'calltools', 'gohighlevel'] as const);
  const steps: Step[] = [];
  for (let person = 0; person < rng.int(1, PEOPLE); person++)
    steps.push({
      gap: rng.int(0, 3000),
      act: { do: 'create', person, phone: rng.int(0, 2), tags: ['cold lead'], dnd: false, fates: [[30]] },
    });
  const outage = { do: 'fault', target: vendor, mode: rng.pick(MODES), for: { ms: hours * HOUR_MS } } as const;
  steps.push({ gap: rng.int(0, 5000), act: outage });
  let left = hours * HOUR_MS;
  for (let index = 0; index < 6; index++) {
    const gap = rng.int(1000, left / 3);
    left -= gap;
    steps.push({ gap, act: change(rng) });
  }
  steps.push({ gap: left + 1000, act: { do: 'jump', ms: 0 } });
  return { seed, setup: { ...setup, onlyOutage: true }, steps };
}
