// What goes wrong at the vendors while people work: one trouble at a time at each of them, and calm in between.

import type { FaultRule } from '../../sandbox/faults.ts';
import type { Rng } from '../simulation/rng.ts';
import type { Local } from './local.ts';

type Vendor = 'ghl' | 'calltools';

interface Trouble {
  name: string;
  rules?: FaultRule[];
  /** Ms that every call takes. */
  latency?: number;
}

const TROUBLES: Trouble[] = [
  { name: 'HTML 500', rules: [rule({ kind: 'html500' }, 6)] },
  { name: '429, Retry-After', rules: [rule({ kind: 'throttle', seconds: 2 }, 4)] },
  { name: '429 with a date', rules: [rule({ kind: 'throttle', seconds: 2, retryAfter: 'date' }, 4)] },
  { name: 'slow', latency: 700 },
  { name: 'connections reset', rules: [rule({ kind: 'reset' }, 6)] },
  { name: 'answers that are not JSON', rules: [rule({ kind: 'not-json' }, 4)] },
];
/** Of which nobody learns whether it was applied. */
const LOST_WRITES: Trouble = { name: 'writes applied, answers lost', rules: writes({ kind: 'after-reset' }) };
const SLOW_WRITES: Trouble = { name: 'slow writes', rules: writes({ kind: 'latency', ms: 2500 }) };
const OF: Record<Vendor, Trouble[]> = { ghl: TROUBLES, calltools: [...TROUBLES, LOST_WRITES, SLOW_WRITES] };

/** Opens the circuit, which is looked at again only after 30 s: once a minute is enough. */
const LOCKED_OUT: Trouble = { name: '401', rules: [rule({ kind: 'status', status: 401 })] };
const LOCKED_OUT_EVERY_MS = 60_000;
const LOCKED_OUT_FROM_MS = 12_000;
const LASTS_MS = [1500, 4000] as const;

export interface Troubles {
  /** To be called often: begins and ends what is due. Returns what has begun, in words. */
  turn(now: number): Promise<string[]>;
  clear(): Promise<void>;
}

/** `now` is in ms, of any clock. */
export function createTroubles(local: Local, rng: Rng): Troubles {
  const due: Record<Vendor, { at: number; calm: boolean }> = {
    // Later, so that the first trouble at CallTools has calls to meet.
    ghl: { at: LASTS_MS[1], calm: true },
    calltools: { at: 0, calm: true },
  };
  /** Each once before one comes again; the most dangerous one first, so that a short soak has it too. */
  const next: Record<Vendor, Trouble[]> = { ghl: [], calltools: [LOST_WRITES] };
  let lockedOutAt = LOCKED_OUT_FROM_MS - LOCKED_OUT_EVERY_MS;

  const end = (vendor: Vendor) => local.sandbox('DELETE', `/${vendor}/faults`);

  async function begin(vendor: Vendor, now: number): Promise<string> {
    const lockedOut = rng.next() < 0.15 && now - lockedOutAt >= LOCKED_OUT_EVERY_MS;
    if (lockedOut) lockedOutAt = now;
    if (next[vendor].length === 0) next[vendor].push(...rng.shuffled(OF[vendor]));
    const { name, rules, latency } = (lockedOut ? null : next[vendor].pop()) ?? LOCKED_OUT;
    await local.sandbox('POST', `/${vendor}/faults`, { ...(rules && { rules }), ...(latency && { latency }) });
    return `${vendor}: ${name}`;
  }

  return {
    async turn(now) {
      const begun: string[] = [];
      for (const vendor of ['ghl', 'calltools'] as const) {
        const { at, calm } = due[vendor];
        if (now < at) continue;
        due[vendor] = { at: now + rng.int(...LASTS_MS), calm: !calm };
        if (calm) begun.push(await begin(vendor, now));
        else await end(vendor);
      }
      return begun;
    },
    async clear() {
      await end('ghl');
      await end('calltools');
    },
  };
}

function writes(fault: FaultRule['do']): FaultRule[] {
  return ['POST', 'PATCH'].map((method) => ({ ...rule(fault, 4), match: { method, path: '/api/contacts/' } }));
}

function rule(fault: FaultRule['do'], times?: number): FaultRule {
  return { ...(times && { times }), do: fault };
}
