// What goes wrong at the vendors while people work: one trouble at a time at each of them, and calm in between.

import type { DialerContact } from '../../sandbox/calltools/view.ts';
import type { FaultRule } from '../../sandbox/faults.ts';
import type { Rng } from '../simulation/rng.ts';
import type { Local } from './local.ts';
import { ALL_THE_TIME, ODD_AT_CALLTOOLS, ODD_AT_GHL, type Trouble, type Whom } from './odd.ts';
import type { People } from './people.ts';

type Vendor = 'ghl' | 'calltools';

const TROUBLES: Trouble[] = [
  { name: 'HTML 500', rules: [rule({ kind: 'html500' }, 6)] },
  { name: 'slow', latency: 700 },
  { name: 'connections reset', rules: [rule({ kind: 'reset' }, 6)] },
  { name: 'answers that are not JSON', rules: [rule({ kind: 'not-json' }, 4)] },
];
/** Of which nobody learns whether it was applied. */
const LOST_WRITES: Trouble = { name: 'writes applied, answers lost', rules: writes({ kind: 'after-reset' }) };
const SLOW_WRITES: Trouble = { name: 'slow writes', rules: writes({ kind: 'latency', ms: 2500 }) };
const OF: Record<Vendor, Trouble[]> = {
  ghl: [...TROUBLES, ...ODD_AT_GHL],
  calltools: [...TROUBLES, LOST_WRITES, SLOW_WRITES, ...ODD_AT_CALLTOOLS],
};

/** Each halves the pace, which doubles again within five minutes: more often, and little else would be proved in an hour. */
const THROTTLES: Trouble[] = [
  { name: '429, Retry-After', rules: [rule({ kind: 'throttle', seconds: 2 }, 4)] },
  { name: '429 with a date', rules: [rule({ kind: 'throttle', seconds: 2, retryAfter: 'date' }, 4)] },
];
const THROTTLED_EVERY_MS = 300_000;

/** Opens the circuit, which is looked at again only after 30 s: once a minute is enough. */
const LOCKED_OUT: Trouble[] = [
  { name: '401', rules: [rule({ kind: 'status', status: 401 }, ALL_THE_TIME)] },
  { name: 'login page', odd: true, rules: [rule({ kind: 'login-redirect' }, ALL_THE_TIME)] },
];
const LOCKED_OUT_EVERY_MS = 60_000;
const LOCKED_OUT_FROM_MS = 12_000;
const LASTS_MS = [1500, 4000] as const;
/** Long enough for work to get done: a vendor that is never well proves nothing. */
const CALM_MS = [3000, 12_000] as const;

export interface Troubles {
  /** To be called often: begins and ends what is due. Returns what has begun, in words. */
  turn(now: number): Promise<string[]>;
  /** Counts the answers so far; to be called before the sandbox dies, which forgets what was planned. */
  beforeKill(): Promise<void>;
  clear(): Promise<void>;
  /** Calls that met a fault, and those among them that were answered oddly. */
  count: { troubles: number; faults: number; odd: number };
}

/** `now` is in ms, of any clock. */
export function createTroubles(local: Local, people: People, rng: Rng): Troubles {
  const due: Record<Vendor, { at: number; calm: boolean }> = {
    // Later, so that the first trouble at CallTools has calls to meet.
    ghl: { at: LASTS_MS[1], calm: true },
    calltools: { at: 0, calm: true },
  };
  /** Each once before one comes again; the most dangerous one first, so that a short soak has it too. */
  const next: Record<Vendor, Trouble[]> = { ghl: [], calltools: [LOST_WRITES] };
  const lockedOut: Trouble[] = [];
  const throttles: Trouble[] = [];
  const throttledAt: Record<Vendor, number> = { ghl: -THROTTLED_EVERY_MS, calltools: -THROTTLED_EVERY_MS };
  let lockedOutAt = LOCKED_OUT_FROM_MS - LOCKED_OUT_EVERY_MS;
  /** What is not counted yet. */
  const planned: Record<Vendor, { times: number; odd: boolean }> = {
    ghl: { times: 0, odd: false },
    calltools: { times: 0, odd: false },
  };
  const count = { troubles: 0, faults: 0, odd: 0 };

  async function tally(vendor: Vendor): Promise<void> {
    const { rules } = await local.sandbox<{ rules: FaultRule[] }>('GET', `/${vendor}/faults`);
    const met = Math.max(0, planned[vendor].times - sum(rules));
    planned[vendor].times = 0;
    count.faults += met;
    if (planned[vendor].odd) count.odd += met;
  }

  async function end(vendor: Vendor): Promise<void> {
    await tally(vendor);
    await local.sandbox('DELETE', `/${vendor}/faults`);
  }

  function draw(vendor: Vendor, now: number): Trouble {
    const locks = rng.next() < 0.15 && now - lockedOutAt >= LOCKED_OUT_EVERY_MS;
    if (locks) lockedOutAt = now;
    if (locks) return drawn(lockedOut, LOCKED_OUT);
    if (rng.next() > 0.15 || now - throttledAt[vendor] < THROTTLED_EVERY_MS) return drawn(next[vendor], OF[vendor]);
    throttledAt[vendor] = now;
    return drawn(throttles, THROTTLES);
  }

  function drawn(pile: Trouble[], all: Trouble[]): Trouble {
    if (pile.length === 0) pile.push(...rng.shuffled(all));
    return pile.pop() as Trouble;
  }

  async function begin(vendor: Vendor, now: number): Promise<string> {
    const { name, rules, latency, odd = false } = draw(vendor, now);
    const plan = typeof rules === 'function' ? rules(await someone(vendor)) : rules;
    await local.sandbox('POST', `/${vendor}/faults`, { ...(plan && { rules: plan }), ...(latency && { latency }) });
    planned[vendor] = { times: sum(plan ?? []), odd };
    count.troubles++;
    return `${vendor}: ${name}`;
  }

  async function someone(vendor: Vendor): Promise<Whom> {
    const [one, two] = rng.shuffled(await people.contacts());
    const { id = '', tags, phone } = two ?? {};
    const [record, other] = [one?.id ?? 'nobody', { id, tags, phone }];
    if (vendor === 'ghl') return { record, other };
    const shown = await local.sandbox<DialerContact[]>('GET', '/calltools/contacts');
    return { record: String(shown.length > 0 ? rng.pick(shown).id : 'nobody'), other };
  }

  return {
    count,
    async turn(now) {
      const begun: string[] = [];
      for (const vendor of ['ghl', 'calltools'] as const) {
        const { at, calm } = due[vendor];
        if (now < at) continue;
        const [least, most] = calm ? LASTS_MS : CALM_MS;
        due[vendor] = { at: now + rng.int(least, most), calm: !calm };
        if (calm) begun.push(await begin(vendor, now));
        else await end(vendor);
      }
      return begun;
    },
    async beforeKill() {
      await tally('ghl');
      await tally('calltools');
    },
    async clear() {
      await end('ghl');
      await end('calltools');
    },
  };
}

function sum(rules: readonly FaultRule[]): number {
  return rules.reduce((total, { times = 0 }) => total + times, 0);
}

function writes(fault: FaultRule['do']): FaultRule[] {
  return ['POST', 'PATCH'].map((method) => ({ ...rule(fault, 4), match: { method, path: '/api/contacts/' } }));
}

function rule(fault: FaultRule['do'], times?: number): FaultRule {
  return { ...(times && { times }), do: fault };
}
