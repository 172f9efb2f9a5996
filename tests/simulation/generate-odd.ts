// Odd answers: one record that a vendor refuses for ever, nonsense inside a 2xx, or a 404 of an odd form for everybody.

import type { Mode, Target } from './faults.ts';
import { type Action, type History, type Part, type Setup, type Step, USUAL } from './history.ts';
import type { Rng } from './rng.ts';
import { bucketsOf } from './rule-sets.ts';

/** Each with a number of its own, so that the trouble of one is nobody else's. */
const PEOPLE = 3;
/** 4040: a 404 that does not say what is missing. */
const REFUSALS = [302, 401, 403, 405, 406, 410, 4040];
/** The same of a part. */
const PART_REFUSALS = [302, 400, 400, 401, 403, 405, 406, 500, 503];
/** Of the histories about one record. */
const PARTLY_SHARE = 0.4;
const TROUBLES: [Target, Mode][] = [
  ['calltools', 'nonsense'],
  ['calltools', 'not-json'],
  ['calltools', 'empty'],
  ['write', 'nonsense-after'],
  ['gohighlevel', 'nonsense'],
  ['gohighlevel', 'empty'],
  ['ghl-contact', 'odd-missing'],
  ['ghl-contact', 'other-contact'],
  ['calltools-contact', 'odd-missing'],
];

export function oddHistory(seed: number, rng: Rng, setup: Setup): History {
  const odd = rng.chance(0.5) ? 'record' : 'vendor';
  const steps = Array.from({ length: PEOPLE }, (_, person): Step => ({ gap: rng.int(0, 3000), act: create(person) }));
  const partly = rng.fork('parts of a withdrawal');
  if (odd === 'record' && partly.chance(PARTLY_SHARE)) return partlyRefused(seed, partly, setup, steps);
  steps.push(...(odd === 'record' ? refusal(rng) : trouble(rng)));
  return { seed, setup: { ...setup, ...(odd === 'vendor' && searchable(setup)), byHand: [], odd }, steps };
}

/** People are placed, CallTools refuses a part of what takes some of them out again, and out they must go as far as it takes it. */
function partlyRefused(seed: number, rng: Rng, drawn: Setup, placed: Step[]): History {
  const setup = rng.chance(0.6) ? { ...drawn, rules: 'moving' as const } : drawn;
  const person = rng.int(0, PEOPLE - 1);
  const part = rng.pick(['mark', 'buckets', 'tags', null] as const);
  const people = part === null || rng.chance(0.7) ? [person] : placed.map((_, index) => index);
  const acts = refusals(rng, people, part, bucketsOf(setup.rules));
  const steps = [
    ...placed,
    ...acts.map((act, index): Step => ({ gap: index === 0 ? rng.int(20_000, 40_000) : 0, act })),
  ];
  for (let index = rng.int(0, 4); index > 0; index--) steps.push({ gap: rng.spread(10, 60_000), act: change(rng) });
  const together = rng.chance(0.5);
  for (const one of people) steps.push({ gap: together ? 20 : rng.spread(10, 60_000), act: withdrawal(rng, one) });
  for (let index = rng.int(0, 2); index > 0; index--) steps.push({ gap: rng.spread(10, 60_000), act: change(rng) });
  return { seed, setup: { ...setup, ...searchable(setup), onlyOutage: false, byHand: [], odd: 'record' }, steps };
}

/** `part`: null for all that is done with one of two CallTools contacts. */
function refusals(rng: Rng, people: number[], part: Part | null, buckets: string[]): Action[] {
  const status = rng.pick(PART_REFUSALS);
  const refused = rng.pick(['known', 'unknown'] as const);
  const bucket = rng.pick(buckets);
  const complains = status === 400 && rng.chance(0.7);
  return people.map((person) =>
    part === null
      ? { do: 'refuse-one-of-two', person, bucket, status, refused }
      : { do: 'refuse', vendor: 'calltools', person, status, part, complains },
  );
}

function withdrawal(rng: Rng, person: number): Action {
  if (rng.chance(0.6)) return { do: 'dnd', person, all: true, fates: USUAL };
  return { do: 'retag', person, tags: rng.pick([[], ['customer'], ['lost']]), fates: USUAL };
}

/** Where nobody can be searched for, a POST with an odd answer is a person's to look into: that is no promise of ours. */
function searchable({ callTools }: Setup): Partial<Setup> {
  return { callTools: { ...callTools, phoneFilter: 'works' }, phoneLookup: 'contacts', onlyOutage: true };
}

/** Once all are placed, person is refused by one of the vendors, while life goes on for all. */
function refusal(rng: Rng): Step[] {
  const vendor = rng.pick(['gohighlevel', 'calltools'] as const);
  const refuse = { do: 'refuse', vendor, person: rng.int(0, PEOPLE - 1), status: rng.pick(REFUSALS) } as const;
  const steps: Step[] = [{ gap: rng.int(20_000, 40_000), act: refuse }];
  for (let index = rng.int(3, 12); index > 0; index--) steps.push({ gap: rng.spread(10, 60_000), act: change(rng) });
  if (rng.chance(0.4)) steps.splice(2, 0, { gap: 1000, act: { do: 'backstop', by: 'trigger' } });
  return steps;
}

/** Nobody gets through for a while, and all have something to say in it. */
function trouble(rng: Rng): Step[] {
  const [target, mode] = rng.pick(TROUBLES);
  const ms = rng.spread(8000, 900_000);
  const steps: Step[] = [{ gap: rng.int(20_000, 40_000), act: { do: 'fault', target, mode, for: { ms } } }];
  for (let person = 0; person < PEOPLE; person++)
    steps.push({ gap: rng.int(10, 400), act: { do: 'rename', person, fates: USUAL } });
  for (let index = rng.int(0, 4); index > 0; index--) steps.push({ gap: rng.int(10, ms / 4), act: change(rng) });
  return steps;
}

function create(person: number): Action {
  return { do: 'create', person, phone: person, tags: ['cold lead'], dnd: false, fates: USUAL };
}

function change(rng: Rng): Action {
  const person = rng.int(0, PEOPLE - 1);
  const roll = rng.next();
  if (roll < 0.4) return { do: 'rename', person, fates: USUAL };
  if (roll < 0.7) return { do: 'retag', person, tags: rng.pick([['cold lead'], [], ['customer']]), fates: USUAL };
  return { do: 'dnd', person, all: rng.chance(0.5), fates: USUAL };
}
