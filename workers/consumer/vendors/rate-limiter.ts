// The pace of one batch's calls: each waits for its turn, so that all instances together stay within a vendor's limit.

import type { World } from '../config/env.ts';
import type { Vendor } from '../domain/failure.ts';
import type { Http } from './http.ts';
import { type Limit, limitOf } from './rate-headers.ts';

/** Real-time work has turns of its own besides those for everyone: a backstop never takes them. */
export type Urgency = 'realtime' | 'bulk';

/** The turns that a batch may use with one vendor. Times in epoch ms; a vendor without a known limit has none. */
export interface Turns {
  vendor: Vendor;
  /** Calls per ms that the vendor bears, as far as we know. */
  rate: number;
  /** Calls that one contact needs as a rule. */
  callsEach: number;
  /** Turns that the contacts need as a rule. */
  asked: number;
  /** Turns taken, both kinds together. */
  granted: number;
  /** Of these, turns of the real-time lane. */
  ofLane: number;
  startAt: number;
  gapMs: number;
  laneStartAt: number;
  laneGapMs: number;
  /** The limit as stored; null where the vendor never named one. */
  maxCalls: number | null;
  intervalMs: number | null;
}

/** What the batch changes in a vendor's pace. */
export interface PaceChange {
  vendor: Vendor;
  /** Turns used beyond those taken (below 0: not used), as ms by which everyone's next turn moves. */
  moveMs: number;
  /** Where everyone's turns ended once this batch had taken its own, epoch ms: unused ones are given back only while none follow. */
  endAt: number;
  /** Epoch ms: no turn before. */
  notBefore: number;
  maxCalls: number | null;
  intervalMs: number | null;
  /** Calls per ms after a 429; null where there was none. */
  learnedRate: number | null;
  /** Epoch ms of the claim: a batch that set out before the last backOff has nothing to teach. */
  since: number;
}

/** A vendor that throttles without a known limit is given at least half of this at first: 10 a second is a guess in public code (facts/calltools.md 8). */
const FIRST_GUESS = 10 / 1000;
/** However often it throttles. */
const LEAST_RATE = 0.2 / 1000;
/** With fewer requests left than this in the vendor's window, calls of this batch and all others wait: other programs may share the quota. */
const RESERVE = 8;

/** Gives out the turns of one batch and counts its calls. */
export interface RateLimiter {
  /** Epoch ms of the next call's turn; `now` or earlier where it may go at once. Counts the call. */
  next(vendor: Vendor, now: number): number;
  /** An answer of `now` named this limit. With few requests left, the next calls wait. */
  note(vendor: Vendor, limit: Limit | null, now: number): void;
  /** What has changed, `throttled`: vendors that answered 429. */
  changes(throttled: (vendor: Vendor) => boolean, now: number): PaceChange[];
}

export function createPacer(turns: readonly Turns[], claimedAt: number): RateLimiter {
  const calls = new Map<Vendor, { count: number; firstAt: number }>();
  const limits = new Map<Vendor, Limit>();
  /** Epoch ms: no call before. */
  const pauses = new Map<Vendor, number>();
  const clocks = new Map(turns.map((one) => [one.vendor, turnClock(one)]));

  function changeOf(vendor: Vendor, throttled: boolean, now: number): PaceChange[] {
    const known = turns.find((one) => one.vendor === vendor);
    const { count = 0, firstAt = now } = calls.get(vendor) ?? {};
    const limit = limits.get(vendor);
    const { moveMs, endAt } = known ? settle(known, count) : { moveMs: 0, endAt: 0 };
    const short = limit ? shortMs(limit) : 0;
    const learnedRate = throttled ? backOff(known?.rate ?? count / Math.max(1000, now - firstAt), known) : null;
    const other = limit && (limit.maxCalls !== known?.maxCalls || limit.intervalMs !== known?.intervalMs);
    if (moveMs === 0 && short === 0 && learnedRate === null && !other) return [];
    const { maxCalls = null, intervalMs = null } = limit ?? {};
    const notBefore = short > 0 ? now + short : 0;
    return [{ vendor, moveMs, endAt, notBefore, maxCalls, intervalMs, learnedRate, since: claimedAt }];
  }

  return {
    next(vendor, now) {
      const counted = calls.get(vendor) ?? { count: 0, firstAt: now };
      calls.set(vendor, { ...counted, count: counted.count + 1 });
      const from = Math.max(now, pauses.get(vendor) ?? 0);
      return Math.max(from, clocks.get(vendor)?.(from) ?? from);
    },
    note(vendor, limit, now) {
      if (!limit) return;
      limits.set(vendor, limit);
      pauses.set(vendor, now + shortMs(limit));
    },
    changes: (throttled, now) =>
      (['gohighlevel', 'calltools'] as const).flatMap((vendor) => changeOf(vendor, throttled(vendor), now)),
  };
}

/** What `count` calls make of everyone's turns that were taken. Unused ones of the lane are not given back: it fills by itself. */
function settle({ granted, ofLane, startAt, gapMs }: Turns, count: number): Pick<PaceChange, 'moveMs' | 'endAt'> {
  const common = granted - ofLane;
  return { moveMs: Math.max(count - granted, -common) * gapMs, endAt: startAt + common * gapMs };
}

/** Half of what was too much. A vendor with turns has had its first guess. */
function backOff(rate: number, known: Turns | undefined): number {
  return Math.max(LEAST_RATE, (known ? rate : Math.max(rate, FIRST_GUESS)) / 2);
}

/**
 * One turn after the other, the earlier of both kinds first. Turns that went by unused are not made up for in a burst:
 * those that are left move along.
 */
function turnClock({ granted, ofLane, startAt, gapMs, laneStartAt, laneGapMs }: Turns): (now: number) => number {
  let lane = 0;
  let nextAt = startAt;
  let common = 0;
  return (now) => {
    const laneAt = lane < ofLane ? laneStartAt + lane * laneGapMs : Number.POSITIVE_INFINITY;
    const commonAt = common < granted - ofLane || lane >= ofLane ? nextAt : Number.POSITIVE_INFINITY;
    if (laneAt <= commonAt) {
      lane++;
      return laneAt;
    }
    common++;
    const at = Math.max(commonAt, now);
    nextAt = at + gapMs;
    return at;
  };
}

/** Of so many contacts, those that the turns suffice for; at least one. */
export function roomFor(contacts: number, turns: readonly Turns[]): number {
  const short = turns.filter(({ asked, granted }) => granted < asked);
  return Math.max(1, Math.min(contacts, ...short.map(({ granted, callsEach }) => Math.floor(granted / callsEach))));
}

/** How long calls wait for the vendor's window to refill, no longer than it lasts. */
function shortMs({ maxCalls, intervalMs, left }: Limit): number {
  return left < RESERVE ? Math.min(intervalMs, ((RESERVE - left) * intervalMs) / maxCalls) : 0;
}

interface Limited {
  vendor: Vendor;
  limiter: RateLimiter;
  world: Pick<World, 'now' | 'wait'>;
  /** Epoch ms: no call waits longer. */
  notAfter: number;
  /** True once each further call fails at once: none waits. */
  isStopped(): boolean;
}

/** The same calls, each when its turn comes. */
export function limited(http: Http, { vendor, limiter, world, notAfter, isStopped }: Limited): Http {
  return {
    async call(call) {
      if (!isStopped()) {
        const now = world.now();
        const ms = Math.min(limiter.next(vendor, now), notAfter) - now;
        if (ms > 0) await world.wait(ms);
      }
      const answer = await http.call(call);
      limiter.note(vendor, limitOf(answer.headers), world.now());
      return answer;
    },
  };
}
