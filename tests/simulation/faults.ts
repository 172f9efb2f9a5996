// What goes wrong, planned by the history: the next calls of some kind, or all calls of some time.

import type { Clock } from '../../sandbox/virtual-clock.ts';

/**
 * Which interactions a fault can meet. `write` is a POST or PATCH of a CallTools contact or bucket; `…-contact` is a call
 * about one contact by its id. `lists`: of custom fields and users.
 */
export type Target =
  | 'calltools'
  | 'write'
  | 'gohighlevel'
  | 'd1'
  | 'send'
  | 'ghl-contact'
  /** A write to a GoHighLevel contact. */
  | 'ghl-write'
  | 'calltools-contact'
  | 'lists'
  /** The record of calls; the list of dispositions. */
  | 'record'
  | 'dispositions';

export type Mode =
  /** Answers late, but in time. */
  | 'slow'
  /** Nothing happens and no answer comes. */
  | 'hang'
  | 'reset'
  /** It took effect, and the answer is lost: the caller waits in vain, or the connection breaks. */
  | 'silent'
  | 'reset-after'
  /** An HTML page, before or after it took effect. */
  | 'html500'
  | 'html500-after'
  | 'unavailable'
  /** 503, with an error that names the person. */
  | 'quotes'
  | 'throttle'
  | 'throttle-date'
  | 'throttle-bare'
  | 'not-json'
  | 'unauthorized'
  | 'forbidden'
  /** GoHighLevel's token may not write. */
  | 'no-scope'
  | 'login'
  | 'wrong-host'
  /** A 200 that is no success: an error in JSON, before or after it took effect, or no body. */
  | 'nonsense'
  | 'nonsense-after'
  | 'empty'
  /** A 404 that does not say what is missing; another contact's data. */
  | 'odd-missing'
  | 'other-contact'
  /** A list whose rows are of another form. */
  | 'odd-rows'
  /** A field or list of the body is lost on the way. */
  | 'drop-phone'
  | 'drop-bucket'
  | 'drop-dnc'
  /** It takes effect after the caller has given up. */
  | 'late'
  /** Fails before or after it took effect (D1, queues). */
  | 'fail'
  | 'fail-after';

export interface Fault {
  target: Target;
  mode: Mode;
  /** How many calls it meets, or for how long all of them (ms). */
  for: { calls: number } | { ms: number };
}

/** `body`: as it is sent. */
type IsAbout = (url: string, body: string) => boolean;

/** `field`: the one that the answer complains about. */
export interface Refusal {
  status: number;
  field?: string | undefined;
}

interface Active {
  target: Target;
  mode: Mode;
  callsLeft: number;
  until: number;
}

export interface Faults {
  plan(fault: Fault): void;
  /** Every call that is about this record, or has this in its body, is refused so. */
  refuse(isAbout: IsAbout, refusal: Refusal): void;
  /** How this call is refused, if it is. */
  refusal(url: string, body: unknown): Refusal | null;
  /** The fault that this interaction meets; `targets` says what it is. */
  meet(targets: readonly Target[]): Mode | null;
  clear(): void;
  /** What was met so far. */
  readonly met: ReadonlySet<Mode>;
}

export function createFaults(clock: Clock): Faults {
  let active: Active[] = [];
  const seen = new Set<Mode>();
  let refused: { isAbout: IsAbout; refusal: Refusal }[] = [];
  return {
    met: seen,
    plan({ target, mode, for: extent }) {
      const forCalls = 'calls' in extent;
      active.push({
        target,
        mode,
        callsLeft: forCalls ? extent.calls : Number.POSITIVE_INFINITY,
        until: forCalls ? Number.POSITIVE_INFINITY : clock.now + extent.ms,
      });
    },
    meet(targets) {
      if (active.length === 0) return null;
      active = active.filter(({ callsLeft, until }) => callsLeft > 0 && until > clock.now);
      const met = active.find(({ target }) => targets.includes(target));
      if (!met) return null;
      met.callsLeft -= 1;
      seen.add(met.mode);
      return met.mode;
    },
    refuse(isAbout, refusal) {
      refused.push({ isAbout, refusal });
      // A 400 that complains about no field is no word about the record.
      seen.add(refusal.status > 400 && refusal.status < 500 ? 'forbidden' : 'unavailable');
    },
    refusal: (url, body) => refused.find(({ isAbout }) => isAbout(url, String(body)))?.refusal ?? null,
    clear() {
      active = [];
      refused = [];
    },
  };
}

const REFUSING: readonly Mode[] = ['unauthorized', 'forbidden', 'login', 'wrong-host'];

/** An open circuit says `refused` only where a vendor has refused, and `down` only where one has failed otherwise. */
export function isNamed(kind: unknown, met: ReadonlySet<Mode>): boolean {
  const refusing = [...met].filter((mode) => REFUSING.includes(mode)).length;
  return kind === 'refused' ? refusing > 0 : refusing < met.size;
}
