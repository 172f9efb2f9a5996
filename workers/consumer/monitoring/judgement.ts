// When work is late, and when a nightly sync is missing: alerts, the doctor and the status judge by this table. Pure.

import { HOUR_MS, MINUTE_MS, spanOf } from '../../../shared/time.ts';
import type { CallHealth } from '../store/calls/counts.ts';

/** How old each may be before it is late, ms. */
const LIMITS_MS = {
  /** The oldest message of a queue. */
  queue: 30 * MINUTE_MS,
  /** The oldest message of the outbox. Cron empties it each minute. */
  outbox: 5 * MINUTE_MS,
  /** The end of the last complete run: a night and some hours. */
  backstop: 30 * HOUR_MS,
  /** The last time that the record of calls was read to its end, where the last try failed. */
  calls: 30 * MINUTE_MS,
  /** The last webhook, for the doctor. Alerts take ALERT_QUIET_HOURS. */
  webhooks: 24 * HOUR_MS,
} as const;

/** Since when it has been late, epoch ms; null where it is not. `at`: its time, null where there is none. */
export function lateAt(what: keyof typeof LIMITS_MS, at: number | null, now: number): number | null {
  return at !== null && now - at > LIMITS_MS[what] ? at + LIMITS_MS[what] : null;
}

/**
 * What is wrong with a location's runs; null when nothing is. `incomplete`: the last run ended early. `never`: none has been completed yet.
 * `late`: the last complete one ended too long ago.
 */
export interface BackstopFault {
  kind: 'incomplete' | 'never' | 'late';
  /** Since when, epoch ms. Null where no run has been started yet: nothing holds it up. */
  since: number | null;
}

/** `last`: the run to judge, `finishedAt` null while it goes on. */
export function judgeBackstop(
  last: { state: string; finishedAt: number | null } | null,
  lastCompleteAt: number | null,
  now: number,
): BackstopFault | null {
  if (last?.state === 'incomplete') return { kind: 'incomplete', since: last.finishedAt ?? now };
  if (lastCompleteAt === null) return { kind: 'never', since: last ? now : null };
  const since = lateAt('backstop', lastCompleteAt, now);
  return since === null ? null : { kind: 'late', since };
}

/** What is wrong with the calls of a location. */
export interface CallFault {
  code: 'call-record' | 'call-writes';
  /** What was seen, in a few words. */
  seen: string;
  /** Since when, epoch ms; null = not known. */
  since: number | null;
  /** When it became late, epoch ms. */
  lateAt: number;
}

/** A poll that fails once is tried again within a minute. `calls`: null where CALL_RESULTS is not set. */
export function judgeCalls(calls: CallHealth | null, now: number): CallFault[] {
  const { failure = null, polledAt = null, writeFailure = null } = calls ?? {};
  const late = polledAt === null ? now : lateAt('calls', polledAt, now);
  const last = polledAt === null ? 'It was never read' : `It was last read ${spanOf(now - polledAt)} ago`;
  return [
    ...(failure !== null && late !== null
      ? [{ code: 'call-record' as const, seen: `${last}. ${failure}`, since: polledAt, lateAt: late }]
      : []),
    ...(writeFailure !== null ? [{ code: 'call-writes' as const, seen: writeFailure, since: null, lateAt: now }] : []),
  ];
}
