// How each failure ends, in one switch. Pure. The queue handler only carries it out: it acks, retries or sends again.

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

/** How the work on a contact or a page ended. */
export type Outcome =
  /** It has taken effect. */
  | { kind: 'done'; state: ContactState; reason: string; repaired?: Repair }
  /** Nothing to do, as is certain without a call. */
  | { kind: 'skipped' }
  /** A transient failure: the message comes back, and this counts as an attempt. */
  | { kind: 'retry'; delaySeconds: number; error: string }
  /** Not tried (another batch has the lease, or no time is left): the message comes back, and no attempt counts. */
  | { kind: 'busy'; delaySeconds: number; error: string }
  /** The vendor or our set-up is in trouble: a fresh copy of the message waits, and no attempt counts. */
  | { kind: 'wait'; delaySeconds: number; error: string }
  /** Kept for a person. */
  | { kind: 'dead'; code: string; error: string };

/** First wait before work checks whether a circuit is still open. */
const RECHECK_MS = PROBE_EVERY_MS;
/** A lease of another batch usually ends within seconds. */
const BUSY_SECONDS = 2;

/**
 * The outcome of a failed contact. `attempts` counts this try. `outage`: the vendor as a whole is known to be down. `ageMs`: how long ago
 * the work was asked for. `random`: from 0 to 1, spreads the waits.
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

/** The longer it has waited, the rarer we check. */
function recheckMs(waitedMs: number): number {
  return Math.min(MAX_RECHECK_MS, Math.max(RECHECK_MS, waitedMs * RECHECK_SHARE));
}

/** The outcome of work that must not start now. */
export function waiting({ ms, why }: { ms: number; why: string }, random: number): Extract<Outcome, { kind: 'wait' }> {
  return { kind: 'wait', delaySeconds: delaySecondsFor(ms, random), error: redact(why) };
}

/** Where a contact is; sync/settle.ts says what changes it. */
export type ContactState = 'pending' | 'placed' | 'kept_out' | 'failed';

/**
 * What a run repaired. `missing`: the contact was not in the dialer but belonged there. `misplaced`: it was there under another route.
 * `outdated`: its data had changed. `withdrawn`: it had to leave, or to be marked do-not-contact. `gone`: the same, because GoHighLevel
 * no longer has it. `drifted`: it was changed in CallTools by hand.
 */
export const REPAIRS = ['missing', 'misplaced', 'outdated', 'withdrawn', 'gone', 'drifted'] as const;
/** What a piece of work has fixed in CallTools. */
export type Repair = (typeof REPAIRS)[number];
