// The rate limiter of one batch: each call waits for its slot, so that all instances together stay within a vendor's limit.

import type { World } from '../config/env.ts';
import type { Vendor } from '../domain/failure.ts';
import type { Http } from './http.ts';
import { type Limit, limitOf } from './rate-headers.ts';

/** Real-time work has reserved slots besides those for all work. To bulk work they are lent, as far as real-time work can spare them. */
export type Urgency = 'realtime' | 'bulk';

/** The slots that a batch may use with one vendor. Times in epoch ms; a vendor without a known limit has none. */
export interface Slots {
  vendor: Vendor;
  /** Calls per ms that the vendor accepts, as far as we know. */
  rate: number;
  /** Calls that one contact needs as a rule. */
  callsEach: number;
  /** Slots that the contacts need as a rule. */
  asked: number;
  /** Slots taken, both kinds together. */
  granted: number;
  /** Of these, slots of the share that is reserved for real-time work, or lent. */
  reserved: number;
  startAt: number;
  gapMs: number;
  reservedStartAt: number;
  reservedGapMs: number;
  /** The limit as stored; null where the vendor never named one. */
  maxCalls: number | null;
  intervalMs: number | null;
}

/** What the batch changes of a vendor's slots and limit. */
export interface PaceChange {
  vendor: Vendor;
  /** Slots used beyond those taken (below 0: not used), as ms by which the next free slot moves. */
  moveMs: number;
  /** Where the slots of this batch end, epoch ms: unused ones are given back only while no later ones are taken. */
  endAt: number;
  /** Epoch ms: no slot before. */
  notBefore: number;
  maxCalls: number | null;
  intervalMs: number | null;
  /** Calls per ms after a 429; null where there was none. */
  learnedRate: number | null;
  /** Epoch ms of the claim: a batch that was claimed before the rate was last lowered does not lower it again. */
  since: number;
}

/**
 * A vendor that throttles without a known limit is given at least half of this at first: 10 a second is a guess in public code
 * (docs/vendors.md, CallTools: speed and limits).
 */
const FIRST_GUESS = 10 / 1000;
/** However often it throttles. */
const LEAST_RATE = 0.2 / 1000;
/** With fewer requests left than this in the vendor's window, calls of this batch and all others wait: other programs may share the quota. */
const RESERVE = 8;

/** Gives out the slots of one batch and counts its calls. */
export interface RateLimiter {
  /** Epoch ms of the next call's slot; `now` or earlier where it may go at once. Counts the call. */
  next(vendor: Vendor, now: number): number;
  /** An answer of `now` named this limit. With few requests left, the next calls wait. */
  note(vendor: Vendor, limit: Limit | null, now: number): void;
  /** What has changed. `throttled`: vendors that answered 429. */
  changes(throttled: (vendor: Vendor) => boolean, now: number): PaceChange[];
}

/** A limiter over the slots that this batch has claimed. `claimedAt` is epoch ms. */
export function createRateLimiter(slots: readonly Slots[], claimedAt: number): RateLimiter {
  const calls = new Map<Vendor, { count: number; firstAt: number }>();
  const limits = new Map<Vendor, Limit>();
  /** Epoch ms: no call before. */
  const pauses = new Map<Vendor, number>();
  const clocks = new Map(slots.map((one) => [one.vendor, slotClock(one, claimedAt)]));

  function changeOf(vendor: Vendor, throttled: boolean, now: number): PaceChange[] {
    const known = slots.find((one) => one.vendor === vendor);
    const { count = 0, firstAt = now } = calls.get(vendor) ?? {};
    const limit = limits.get(vendor);
    const { moveMs, endAt } = known ? returnSlots(known, clocks.get(vendor)?.common() ?? 0) : { moveMs: 0, endAt: 0 };
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
      return Math.max(from, clocks.get(vendor)?.next(from) ?? from);
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

/**
 * Gives back the common slots that were not used, or takes those used beyond; `used` is how many were. Reserved ones are not given back: they
 * fill up by themselves.
 */
function returnSlots({ granted, reserved, startAt, gapMs }: Slots, used: number): Pick<PaceChange, 'moveMs' | 'endAt'> {
  const common = granted - reserved;
  return { moveMs: (used - common) * gapMs, endAt: startAt + common * gapMs };
}

/** Half of what was too much. A vendor with slots has had its first guess. */
function backOff(rate: number, known: Slots | undefined): number {
  return Math.max(LEAST_RATE, (known ? rate : Math.max(rate, FIRST_GUESS)) / 2);
}

/**
 * One slot after the other, the earlier of both kinds first; `common` tells how many of them were not reserved ones. Only those saved up
 * before `claimedAt` allow a burst: of slots that went by unused since, those that are left move on.
 */
function slotClock(
  { granted, reserved, startAt, gapMs, reservedStartAt, reservedGapMs }: Slots,
  claimedAt: number,
): {
  next(now: number): number;
  common(): number;
} {
  let early = 0;
  let common = 0;
  let commonAt = startAt;
  let reservedAt = reservedStartAt;
  const next = (now: number) => {
    const hasReserved = early < reserved;
    const hasCommon = common < granted - reserved || !hasReserved;
    if (hasReserved && (!hasCommon || reservedAt <= commonAt)) {
      early++;
      const at = reservedAt < claimedAt ? reservedAt : Math.max(reservedAt, now);
      reservedAt = at + reservedGapMs;
      return at;
    }
    common++;
    const at = Math.max(commonAt, now);
    commonAt = at + gapMs;
    return at;
  };
  return { next, common: () => common };
}

/** How many of so many contacts the slots suffice for; at least one. */
export function roomFor(contacts: number, slots: readonly Slots[]): number {
  const short = slots.filter(({ asked, granted }) => granted < asked);
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

/** The same calls, each in its slot. */
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
