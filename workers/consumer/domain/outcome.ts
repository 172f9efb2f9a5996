// How each failure ends: one switch, pure. The queue handler then acks, retries or re-sends; it decides nothing.

import { redact } from '../../../shared/log.ts';
import type { Circuit } from '../store/circuits.ts';
import type { ContactState } from '../store/claim.ts';
import { PROBE_EVERY_MS } from '../vendors/circuit-breaker.ts';
import type { Failure, Vendor } from './failure.ts';
import type { Repair } from './repair.ts';
import { backoffSeconds, delaySecondsFor, MAX_ATTEMPTS } from './retry.ts';

export type Outcome =
  /** Taken effect. */
  | { kind: 'done'; state: ContactState; reason: string; repaired?: Repair }
  /** Certain without a call that there is nothing to do. */
  | { kind: 'skipped' }
  /** Failed in passing: the message comes back, and this counts as an attempt. */
  | { kind: 'retry'; delaySeconds: number; error: string }
  /** Not tried (lease held elsewhere, no time left): the message comes back, nothing counts. */
  | { kind: 'busy'; delaySeconds: number; error: string }
  /** The vendor or our set-up is in trouble: a fresh copy of the message waits, nothing counts. */
  | { kind: 'wait'; delaySeconds: number; error: string }
  /** Kept for a person. */
  | { kind: 'dead'; code: string; error: string };

/** First wait before work comes to look whether a circuit is still open. */
const RECHECK_MS = PROBE_EVERY_MS;
/** Longest such wait: it grows with the outage, for each look costs a queue operation. */
const MAX_RECHECK_MS = 300_000;
/** The wait as a share of how long the circuit has been open. */
const RECHECK_SHARE = 1 / 4;
/** A lease held elsewhere is over within seconds as a rule. */
const BUSY_SECONDS = 2;

/**
 * The outcome of a failed contact. `attempts` counts this try; `outage` = the vendor as a whole is known to be down; `ageMs` = since when it
 * has been asked for.
 */
export function outcomeOf(failure: Failure, attempts: number, outage: boolean, random: number, ageMs = 0): Outcome {
  const error = redact(failure.error);
  switch (failure.kind) {
    case 'throttled':
      return { kind: 'wait', delaySeconds: delaySecondsFor(failure.retryAfterMs, random), error };
    case 'setup':
    case 'refused':
      return { kind: 'wait', delaySeconds: delaySecondsFor(recheckMs(ageMs), random), error };
    case 'contact':
      return { kind: 'dead', code: failure.code, error };
    case 'busy':
      if (failure.forMs !== undefined)
        return { kind: 'wait', delaySeconds: delaySecondsFor(failure.forMs, random), error };
      return { kind: 'busy', delaySeconds: BUSY_SECONDS + Math.floor(random * 3), error };
    case 'stale_labels':
    case 'transient':
      if (outage) return { kind: 'wait', delaySeconds: delaySecondsFor(RECHECK_MS, random), error };
      if (attempts >= MAX_ATTEMPTS) return { kind: 'dead', code: 'exhausted', error };
      return { kind: 'retry', delaySeconds: backoffSeconds(attempts, random), error };
  }
}

/** The longer the wait has been, the rarer the look. */
function recheckMs(waitedMs: number): number {
  return Math.min(MAX_RECHECK_MS, Math.max(RECHECK_MS, waitedMs * RECHECK_SHARE));
}

/** Why work must not start now. */
export interface Held {
  ms: number;
  why: string;
  /** It may start then, as far as we know; an open circuit is merely looked at again. */
  passes: boolean;
}

/** Null when work may start. */
export function heldBack(circuits: Circuit[], probing: Vendor[], now: number): Held | null {
  for (const circuit of circuits) {
    if (circuit.throttledUntil > now)
      return { ms: circuit.throttledUntil - now, why: `${circuit.vendor} asked to slow down`, passes: true };
    if (circuit.openReason !== null && !probing.includes(circuit.vendor)) {
      const openMs = now - (circuit.openedAt ?? now);
      const untilProbe = Math.max(1000, circuit.probeAt - now);
      const ms = Math.min(MAX_RECHECK_MS, Math.max(untilProbe, openMs * RECHECK_SHARE));
      return { ms, why: circuit.openReason, passes: false };
    }
  }
  return null;
}

/** The outcome of work that must not start now. */
export function waiting({ ms, why }: { ms: number; why: string }, random: number): Outcome {
  return { kind: 'wait', delaySeconds: delaySecondsFor(ms, random), error: redact(why) };
}
