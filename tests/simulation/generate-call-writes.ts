// What calls write to GoHighLevel in a history, how CallTools tells of calls, and what goes wrong with both.

import { type CallResults, type DispositionName, NO, type Notices, OTHER, type Writes } from './agents-calls.ts';
import type { Mode } from './faults.ts';
import type { Action, DndStatus, Step } from './history.ts';
import type { Rng } from './rng.ts';

const FAULTS: readonly Mode[] = [
  ...(['slow', 'hang', 'silent', 'reset', 'reset-after', 'html500', 'html500-after', 'unavailable'] as const),
  ...(['throttle', 'throttle-bare', 'not-json', 'forbidden', 'no-scope', 'nonsense-after'] as const),
];

/** Some histories write nothing. */
export function writesOf(rng: Rng): CallResults['writes'] {
  if (rng.chance(0.3)) return {};
  const named = [...NO, ...OTHER].filter(() => rng.chance(0.5)).map((name) => [name, writeOf(rng, name)] as const);
  const otherwise = rng.chance(0.5) ? { otherwise: writeOf(rng, 'called') } : {};
  return { ...Object.fromEntries(named), ...otherwise };
}

function writeOf(rng: Rng, name: DispositionName | 'called'): Writes {
  const tags = [`Dialer: ${name}`, ...(rng.chance(0.3) ? ['dialer: called'] : [])];
  const writes: Writes = {
    ...(rng.chance(0.6) && { tags: [...new Set(tags)] }),
    ...(rng.chance(0.4) && { dnd: 'call' as const }),
    ...(rng.chance(0.35) && { workflow: `workflowOf${name.replaceAll(' ', '')}` }),
    ...(rng.chance(0.35) && { note: true as const }),
  };
  return Object.keys(writes).length > 0 ? writes : { tags };
}

/** Most accounts tell of nothing. */
export function noticesOf(rng: Rng): Notices | null {
  if (rng.chance(0.6)) return null;
  return {
    model: rng.chance(0.7) ? 'Historical Call Disposition' : 'Call',
    fields: rng.pick([null, ['id'], ['contact', 'disposition'], ['id', 'contact']]),
    tries: rng.int(1, 3),
  };
}

/** A write fails, or the worker dies over it. */
export function writeTrouble(rng: Rng): Action {
  if (rng.chance(0.4)) {
    const at = rng.chance(0.6) ? ('ghl-write' as const) : ('d1' as const);
    return { do: 'kill', worker: 'consumer', steps: rng.int(1, at === 'd1' ? 12 : 2), at, effect: rng.chance(0.7) };
  }
  const extent = rng.chance(0.7) ? { calls: rng.int(1, 4) } : { ms: rng.spread(1000, 600_000) };
  return { do: 'fault', target: 'ghl-write', mode: rng.pick(FAULTS), for: extent };
}

/** Somebody corrects or removes rows while the record is read, page after page. */
export function recordEdits(rng: Rng): Step[] {
  const slow: Action = { do: 'fault', target: 'record', mode: 'slow', for: { ms: rng.spread(20_000, 200_000) } };
  const edits = Array.from({ length: rng.int(1, 4) }, (): Step => {
    const to = rng.chance(0.65) ? null : rng.pick([...NO, ...OTHER]);
    return { gap: rng.spread(5, 40_000), act: { do: 'edit-row', back: rng.int(0, rng.int(0, 8)), to } };
  });
  return [...(rng.chance(0.6) ? [{ gap: rng.spread(5, 2000), act: slow }] : []), ...edits];
}

/**
 * For hours nothing runs, and then several pages are to be read: rows that a walk has passed over are too old for the next one to see again.
 * The worker dies while it reads them, or rows are removed meanwhile.
 */
export function longSilence(rng: Rng): Step[] {
  const others = (count: number): Step => {
    return { gap: 5, act: { do: 'call-others', count, gapMs: 0, disposition: 'No Answer' } };
  };
  const kill = (gap: number): Step => {
    return { gap, act: { do: 'kill', worker: 'consumer', steps: rng.int(4, 11), at: 'd1', effect: rng.chance(0.5) } };
  };
  return [
    others(rng.int(2, 8)),
    { gap: 5, act: { do: 'jump', ms: rng.int(70, 200) * 60_000 } },
    others(rng.int(2, 4)),
    ...(rng.chance(0.6) ? [kill(5), kill(60_000), kill(60_000)] : recordEdits(rng)),
  ];
}

/** Whatever the poll meets, some batch has the numbers in hand. */
export function busyNumbers(rng: Rng): Step[] {
  const slow: Action = { do: 'fault', target: 'calltools', mode: 'slow', for: { ms: rng.spread(40_000, 200_000) } };
  const renames = Array.from({ length: rng.int(6, 14) }, (_, n): Step => {
    return { gap: rng.int(2000, 9000), act: { do: 'rename', person: n % 3, fates: [[30]] } };
  });
  return [{ gap: rng.spread(5, 2000), act: slow }, ...renames];
}

/** Another channel is blocked, or allowed. */
export function smsOf(rng: Rng, person: number): Action {
  const sms = rng.pick(['active', 'active', 'permanent', 'inactive'] satisfies DndStatus[]);
  return { do: 'dnd', person, sms, fates: [[rng.spread(5, 60_000)]] };
}
