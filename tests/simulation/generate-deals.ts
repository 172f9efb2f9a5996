// Histories about deals: made, moved, won and lost, deleted and handed on, each with webhooks that are late, lost or doubled.

import { DEALS, type DealAction, STAGES, STATUSES } from './deals.ts';
import { type Fates, type History, PEOPLE, type Step, USUAL } from './history.ts';
import type { Rng } from './rng.ts';

/** Of the webhooks that are lost elsewhere, so many are lost here. */
const LOST_SHARE = 0.2;
const LATE_MS = 400;
const UNHEARD: Fates = [[]];

/** The history with deals between its steps. `fatesOf` makes the fates of webhooks. */
export function withDeals(history: Rng, { setup, steps, ...rest }: History, fatesOf: (rng: Rng) => Fates): History {
  const rng = history.fork('deals');
  const some = (): Step[] =>
    Array.from({ length: rng.int(0, 3) }, () => ({ gap: rng.spread(10, 30_000), act: dealOf(rng, fatesOf(rng)) }));
  return {
    ...rest,
    setup: { ...setup, listShowsDeals: rng.chance(0.4) },
    steps: [...steps.flatMap((step) => [step, ...some()]).map((step) => mostlyHeard(rng, step)), ...lastOf(rng)],
  };
}

/** Where one of many webhooks is lost, nothing can be said of most phone numbers: here few are. */
function mostlyHeard(rng: Rng, { gap, act }: Step): Step {
  if (!('fates' in act) || rng.chance(LOST_SHARE)) return { gap, act };
  return { gap, act: { ...act, fates: act.fates.map((copies) => (copies.length > 0 ? copies : [LATE_MS])) } };
}

/** What is heard of at last: then nothing excuses where anybody is. Or changes that nobody hears of: a run must see them. */
function lastOf(rng: Rng): Step[] {
  if (rng.chance(0.3))
    return Array.from({ length: rng.int(0, 3) }, () => ({ gap: rng.spread(10, 900_000), act: dealOf(rng, UNHEARD) }));
  const names = Array.from({ length: PEOPLE }, (_, person): Step => {
    return { gap: rng.spread(10, 3000), act: { do: 'rename', person, fates: USUAL } };
  });
  const moves = Array.from({ length: DEALS }, (_, deal): Step => {
    const stage = rng.int(0, STAGES.length - 1);
    return { gap: rng.spread(10, 3000), act: { do: 'deal', person: 0, deal, fates: USUAL, how: 'move', stage } };
  });
  return [...names, ...moves];
}

function dealOf(rng: Rng, fates: Fates): DealAction {
  const person = rng.int(0, rng.int(0, PEOPLE - 1));
  const one = { do: 'deal', person, deal: rng.int(0, rng.int(0, DEALS - 1)), fates } as const;
  const stage = rng.chance(0.4) ? 2 : rng.int(0, STAGES.length - 1);
  const roll = rng.next();
  if (roll < 0.3) return { ...one, how: 'make', stage };
  if (roll < 0.7) return { ...one, how: 'move', stage };
  if (roll < 0.85) return { ...one, how: 'end', status: rng.int(0, STATUSES.length - 1) };
  return roll < 0.93 ? { ...one, how: 'delete' } : { ...one, how: 'hand', to: rng.int(0, PEOPLE - 1) };
}
