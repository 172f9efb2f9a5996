// How each failure ends: one switch, pure. The queue handler then acks, retries or re-sends; it decides nothing.

import { redact } from '../../../shared/log.ts';

import type { Failure } from './failure.ts';

import {
  backoffSeconds,
  delaySecondsFor,
  MAX_ATTEMPTS,
  MAX_RECHECK_MS,
  PROBE_EVERY_MS,
  RECHECK_SHARE,
} from './retry.ts';

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
/** A lease held elsewhere is over within seconds as a rule. */
const BUSY_SECONDS = 2;

/**
 * The outcome of a failed contact. `attempts` counts this try; `outage` = the vendor as a whole is known to be down; `ageMs` = since when it
 * has been asked for.
 */
export function outcomeOf(
  failure: Failure,
  attempts: number,
  outage: boolean,
  random: number,
  ageMs = 0,
): Exclude<Outcome, { kind: 'done' | 'skipped' }> {
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

/** The outcome of work that must not start now. */
export function waiting({ ms, why }: { ms: number; why: string }, random: number): Extract<Outcome, { kind: 'wait' }> {
  return { kind: 'wait', delaySeconds: delaySecondsFor(ms, random), error: redact(why) };
}

export type ContactState = 'pending' | 'placed' | 'kept_out' | 'failed';

/**
 * `missing`: belonged into the dialer and was not there. `misplaced`: was there under another route than its own. `outdated`: its
 * data had changed. `withdrawn`: had to leave, or to be marked do-not-contact. `gone`: the same, because GoHighLevel has it no
 * more. `drifted`: had been changed in CallTools by hand.
 */
export const REPAIRS = ['missing', 'misplaced', 'outdated', 'withdrawn', 'gone', 'drifted'] as const;
export type Repair = (typeof REPAIRS)[number];
