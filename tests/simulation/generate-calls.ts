// Histories in which agents call people while everything else goes on.

import { type CallResults, type DispositionName, NO, OTHER } from './agents-calls.ts';
import type { Mode } from './faults.ts';
import {
  busyNumbers,
  longSilence,
  noticesOf,
  recordEdits,
  smsOf,
  writesOf,
  writeTrouble,
} from './generate-call-writes.ts';
import { type Action, type History, PEOPLE, type Setup, type Step } from './history.ts';
import type { Rng } from './rng.ts';
import { bucketsOf } from './rule-sets.ts';

/** Rows that come late are looked for so long, ms; and a little less. */
const LATE_MS = 55 * 60_000;

/** What goes wrong with the record. */
const MODES: readonly Mode[] = [
  ...([
    'slow',
    'hang',
    'reset',
    'html500',
    'unavailable',
    'throttle',
    'throttle-bare',
    'not-json',
    'forbidden',
  ] as const),
  ...(['nonsense', 'empty', 'odd-rows', 'odd-missing', 'unauthorized', 'login'] as const),
];

/** The history with CALL_RESULTS, agents, and operators. `change` makes a change in GoHighLevel. */
export function withCallResults(
  history: Rng,
  { seed, setup: usual, steps }: History,
  change: (rng: Rng) => Action,
): History {
  const rng = history.fork('call results');
  const setup = rng.chance(0.4) ? { ...usual, rules: 'moving' as const } : usual;
  const calm = rng.chance(0.3);
  const ofWrites = rng.fork('writes');
  const callResults: CallResults = {
    poll: rng.chance(0.8) ? '1m' : '5m',
    since: rng.chance(0.3),
    calm,
    writes: writesOf(ofWrites),
    dndReplaces: ofWrites.chance(0.8),
    notices: noticesOf(rng.fork('notices')),
  };
  const base = rng.chance(0.3) ? steps : peopleOf(rng, setup);
  const own = calm ? base.map((step) => (isTrouble(step.act) ? { ...step, act: change(rng) } : step)) : base;
  const before = own.slice(0, rng.int(1, Math.min(own.length, 8)));
  const mixed = before.flatMap((step) => (rng.chance(0.15) ? [step, ...callsOf(rng, setup, calm)] : [step]));
  // Nothing counts that was said before the first poll.
  if (!callResults.since || rng.chance(0.7)) mixed.push({ gap: 70_000, act: othersOf(rng) });
  mixed.push(...blockedCall(ofWrites, callResults));
  const calls = Array.from({ length: rng.int(1, 4) }, () => [
    ...callsOf(rng, setup, calm),
    ...after(rng, setup, calm, change),
  ]);
  const callTools = {
    ...setup.callTools,
    callTimes: rng.chance(0.5) ? ('iso' as const) : ('documented' as const),
    dispositionForm: rng.pick(['id', 'id', 'name', 'object'] as const),
    pageSizeMax: rng.pick([2, 3, 2, 250]),
    bucketAutomations: automationsOf(rng, setup),
  };
  return { seed, setup: { ...setup, callResults, callTools }, steps: [...mixed, ...calls.flat()].map(triggered) };
}

/** A night that comes early would move the next poll to the night. */
function triggered({ gap, act }: Step): Step {
  return { gap, act: act.do === 'backstop' ? { do: 'backstop', by: 'trigger' } : act };
}

/** People who are dialed when the first call comes, some of them at one number. */
function peopleOf(rng: Rng, setup: Setup): Step[] {
  return Array.from({ length: rng.int(1, 3) }, (_, person): Step => {
    const phone = rng.chance(0.75) ? person : rng.int(0, 2);
    const act: Action = { do: 'create', person, phone, tags: tagsOf(rng, setup), dnd: false, fates: [[30]] };
    return { gap: person === 0 ? 0 : rng.spread(5, 90_000), act };
  });
}

function tagsOf(rng: Rng, { rules }: Setup): string[] {
  if (rng.chance(0.06)) return ['newsletter'];
  return rng.chance(0.85) || rules !== 'moving' ? ['cold lead'] : ['hot lead'];
}

function isTrouble({ do: verb }: Action): boolean {
  return ['fault', 'kill', 'jump', 'delete-bucket', 'by-hand'].includes(verb);
}

/** Some dispositions take the contact out of its bucket, before or after the row appears. */
function automationsOf(rng: Rng, { rules }: Setup) {
  const named = [...NO, ...OTHER].filter(() => rng.chance(0.2));
  return named.flatMap((disposition) =>
    bucketsOf(rules).map((bucket) => ({
      disposition,
      bucket,
      afterMs: rng.chance(0.4) ? 0 : rng.spread(100, 600_000),
    })),
  );
}

/** Once the contacts are in the dialer: one call, or several at once, among calls of others. */
function callsOf(rng: Rng, setup: Setup, calm: boolean): Step[] {
  const made: Step[] = [{ gap: rng.spread(1000, rng.chance(0.5) ? 30_000 : 400_000), act: callOf(rng) }];
  if (!calm && rng.chance(0.25)) made.unshift(...changeBefore(rng, setup));
  if (!calm && rng.chance(0.25)) made.push(...batchAround(rng));
  if (rng.chance(0.2)) made.push(...othersNumber(rng, setup, calm));
  if (rng.chance(0.25)) made.push({ gap: rng.spread(5, 60_000), act: callOf(rng) });
  if (rng.chance(0.3)) made.unshift({ gap: rng.spread(5, 60_000), act: othersOf(rng) });
  if (!calm && rng.chance(0.35)) made.unshift({ gap: rng.spread(5, 60_000), act: recordFault(rng) });
  if (!calm && rng.chance(0.2)) made.push({ gap: rng.spread(5, 90_000), act: killOf(rng) });
  if (!calm && rng.chance(0.1)) made.push({ gap: rng.spread(1000, 600_000), act: handOf(rng, setup) });
  const others = rng.fork('writes and rows');
  if (others.chance(0.3))
    made.unshift({ gap: others.spread(5, 60_000), act: smsOf(others, others.int(0, others.int(0, 2))) });
  made.push(...around(others, calm));
  return made;
}

/** A change of the route. Its webhook has come, and the contact cannot be read before the call. */
function changeBefore(rng: Rng, setup: Setup): Step[] {
  const mode = rng.pick(['unavailable', 'slow', 'html500'] as const);
  const tags = rng.chance(0.7) ? ['hot lead'] : tagsOf(rng, setup);
  return [
    {
      gap: rng.spread(1000, 120_000),
      act: { do: 'fault', target: 'gohighlevel', mode, for: { ms: rng.spread(10_000, 400_000) } },
    },
    { gap: rng.spread(5, 2000), act: { do: 'retag', person: rng.int(0, rng.int(0, 2)), tags, fates: [[30]] } },
  ];
}

/** Before the next poll perhaps: the contact that was called goes by hand, a person gets a new number, and another one takes the old. */
function othersNumber(rng: Rng, setup: Setup, calm: boolean): Step[] {
  const phone = rng.int(0, rng.int(0, 2));
  const hand: Action = { do: 'blend', how: 'merge', phone, other: (phone + rng.int(1, 2)) % 3 };
  const rephone: Action = { do: 'rephone', person: phone, phone: rng.int(0, 3), fates: [[30]] };
  const create: Action = { do: 'create', person: 3, phone, tags: tagsOf(rng, setup), dnd: false, fates: [[30]] };
  const acts = [...(calm ? [] : [hand]), rephone, create].filter((act) => act === rephone || rng.chance(0.6));
  return acts.map((act) => ({ gap: rng.spread(5, 40_000), act }));
}

/** What goes on around a call, beside the usual. */
function around(rng: Rng, calm: boolean): Step[] {
  const trouble = !calm && rng.chance(0.3) ? [{ gap: rng.spread(5, 90_000), act: writeTrouble(rng) }] : [];
  const roll = rng.next();
  if (roll < 0.2) return [...trouble, ...recordEdits(rng)];
  if (calm || roll > 0.55) return trouble;
  if (roll < 0.27) return [...trouble, ...busyNumbers(rng)];
  return [...trouble, ...(roll < 0.45 ? longSilence(rng) : unreadChange(rng))];
}

/** Where calls block calls in GoHighLevel: one of a person who has blocked another channel. */
function blockedCall(rng: Rng, { writes }: CallResults): Step[] {
  const blocking = [...NO, ...OTHER].filter((name) => writes[name]?.dnd !== undefined);
  if (blocking.length === 0 || rng.chance(0.5)) return [];
  const call = { ...callOf(rng), phone: 0, disposition: rng.pick(blocking), rowAfterMs: 0, lateId: false } as Action;
  return [
    { gap: 5000, act: { do: 'dnd', person: 0, sms: 'active', fates: [[30]] } },
    { gap: 40_000, act: call },
  ];
}

/** The worker dies over a change of the route, whose message then comes again after the call. */
function unreadChange(rng: Rng): Step[] {
  const person = rng.int(0, rng.int(0, 2));
  const call = { ...callOf(rng), phone: person, disposition: rng.pick(NO), rowAfterMs: 0, lateId: false } as Action;
  return [
    { gap: rng.spread(1000, 60_000), act: { do: 'kill', worker: 'consumer', steps: 1, at: 'd1', effect: false } },
    { gap: 5, act: { do: 'retag', person, tags: [rng.pick(['hot lead', 'cold lead'])], fates: [[30]] } },
    { gap: rng.int(60, 2500), act: call },
  ];
}

/** Batches that take long have the numbers in hand when the next poll comes. */
function batchAround(rng: Rng): Step[] {
  const slow: Action = { do: 'fault', target: 'calltools', mode: 'slow', for: { ms: rng.spread(20_000, 200_000) } };
  const renamed = [0, 1, 2].map(
    (person): Step => ({ gap: rng.spread(5, 30_000), act: { do: 'rename', person, fates: [[30]] } }),
  );
  return [{ gap: rng.spread(5, 2000), act: slow }, ...renamed];
}

function callOf(rng: Rng): Action {
  const disposition: DispositionName = rng.chance(0.75) ? rng.pick(NO) : rng.pick(OTHER);
  const isLate = rng.chance(0.3);
  return {
    do: 'agent-call',
    phone: rng.int(0, rng.int(0, 2)),
    disposition,
    rowAfterMs: isLate ? rng.spread(500, rng.chance(0.7) ? 300_000 : LATE_MS) : 0,
    lateId: isLate && rng.chance(0.5),
    hangUpAfterMs: rng.spread(1000, 200_000),
  };
}

function othersOf(rng: Rng): Action {
  const disposition = rng.pick([...NO, ...OTHER]);
  return { do: 'call-others', count: rng.int(1, 8), gapMs: rng.pick([0, 20, 300, 40_000]), disposition };
}

function recordFault(rng: Rng): Action {
  const extent = rng.chance(0.6) ? { calls: rng.int(1, 4) } : { ms: rng.spread(1000, 900_000) };
  return { do: 'fault', target: rng.pick(['record', 'dispositions'] as const), mode: rng.pick(MODES), for: extent };
}

function killOf(rng: Rng): Action {
  const at = rng.pick(['any', 'any', 'd1', 'send'] as const);
  return { do: 'kill', worker: 'consumer', steps: rng.int(1, at === 'any' ? 30 : 8), at, effect: rng.chance(0.5) };
}

function handOf(rng: Rng, { rules }: Setup): Action {
  const phone = rng.int(0, rng.int(0, 2));
  if (rng.chance(0.4))
    return { do: 'by-hand', edit: rng.pick(['take-out', 'remove']), phone, bucket: rng.pick(bucketsOf(rules)) };
  return { do: 'blend', how: rng.pick(['add', 'merge', 'make', 'remove']), phone, other: (phone + rng.int(1, 2)) % 3 };
}

/** What follows in GoHighLevel, and what operators do. */
function after(rng: Rng, setup: Setup, calm: boolean, change: (rng: Rng) => Action): Step[] {
  const steps: Step[] = [];
  for (let count = rng.int(1, 5); count > 0; count--) {
    const gap = rng.chance(0.3) ? rng.spread(5, 2000) : rng.spread(2000, 400_000);
    const person = rng.int(0, rng.int(0, 2));
    const fates = [rng.chance(0.15) ? [] : [rng.spread(5, 60_000)]];
    // Made again with the number, or with another one.
    if (rng.chance(0.15)) steps.push({ gap, act: { do: 'delete', person, fates } }, again(rng, setup, person));
    else steps.push({ gap, act: followUp(rng, setup, calm, change) });
  }
  return steps;
}

function again(rng: Rng, setup: Setup, person: number): Step {
  const phone = rng.chance(0.7) ? person : rng.int(0, 2);
  const act: Action = { do: 'create', person, phone, tags: tagsOf(rng, setup), dnd: false, fates: [[30]] };
  return { gap: rng.spread(100, 300_000), act };
}

/** Mostly what must not undo a hold: the route stays what it was. */
function followUp(rng: Rng, setup: Setup, calm: boolean, change: (rng: Rng) => Action): Action {
  const person = rng.int(0, rng.int(0, rng.int(0, PEOPLE - 1)));
  const fates = [rng.chance(0.15) ? [] : [rng.spread(5, 60_000)]];
  const roll = rng.next();
  if (roll < 0.16) return { do: 'rename', person, fates };
  if (roll < 0.36) return { do: 'rephone', person, phone: rng.int(0, 3), fates };
  if (roll < 0.39) return smsOf(rng, person);
  if (roll < 0.46) return { do: 'dnd', person, all: rng.chance(0.5), fates };
  if (roll < 0.54) return { do: 'delete', person, fates };
  if (roll < 0.66)
    return { do: 'create', person, phone: rng.int(0, rng.int(0, 2)), tags: tagsOf(rng, setup), dnd: false, fates };
  if (roll < 0.7) return { do: 'merge', person, into: rng.int(0, PEOPLE - 1), fates };
  if (roll < 0.8) return { do: 'backstop', by: 'trigger' };
  if (roll < 0.86) return { do: 'place-again', person };
  if (roll < 0.92 && !calm) return killOf(rng);
  return rng.chance(0.4) ? change(rng) : { do: 'rename', person, fates };
}
