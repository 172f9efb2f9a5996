// A rolling window of calls: how both vendors' rate limits are counted here. Refused calls do not count (inferred, Django REST framework's habit).

/** Counts calls in a rolling window. */
export interface RateWindow {
  /** Counts a call. `waitMs` is 0 when it is within the limit, else how long until the next one would be. */
  take(limit: { max: number; intervalMs: number }): { remaining: number; waitMs: number };
}

/** An empty window. `now` is epoch ms. */
export function createRateWindow(now: () => number): RateWindow {
  let taken: number[] = [];
  return {
    take({ max, intervalMs }) {
      const at = now();
      taken = taken.filter((time) => time > at - intervalMs);
      const oldest = taken[0];
      if (taken.length >= max)
        return { remaining: 0, waitMs: oldest === undefined ? intervalMs : oldest + intervalMs - at };
      taken.push(at);
      return { remaining: max - taken.length, waitMs: 0 };
    },
  };
}
