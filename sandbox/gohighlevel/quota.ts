// GoHighLevel's rate limit: a burst window and a day, told in headers on every response (docs/vendors.md, GoHighLevel: rate limits).

import { DAY_MS } from '../../shared/time.ts';
import type { RateLimit } from '../faults.ts';
import { createRateWindow } from '../rate-window.ts';

/** Counts calls. `waitMs` above 0: this one is refused. */
export interface Quota {
  take(limit: RateLimit & { dailyMax: number }): { waitMs: number; headers: Record<string, string>; limit: RateLimit };
}

/** No Retry-After is documented, so none is sent unless a fault asks for it. */
export function createQuota(now: () => number): Quota {
  const burst = createRateWindow(now);
  const day = createDay(now);
  return {
    take(limit) {
      const { max, intervalMs, dailyMax } = limit;
      const { remaining, waitMs } = burst.take(limit);
      const today = waitMs > 0 ? day.left(dailyMax) : day.take(dailyMax);
      const headers = {
        'x-ratelimit-limit-daily': String(dailyMax),
        'x-ratelimit-daily-remaining': String(Math.max(0, today)),
        'x-ratelimit-interval-milliseconds': String(intervalMs),
        'x-ratelimit-max': String(max),
        'x-ratelimit-remaining': String(remaining),
      };
      return { waitMs: today < 0 ? DAY_MS - (now() % DAY_MS) : waitMs, headers, limit };
    },
  };
}

/** Calls of the present UTC day. A negative rest means that the call was one too many. */
function createDay(now: () => number) {
  let today = 0;
  let taken = 0;
  function turn(): void {
    const date = Math.floor(now() / DAY_MS);
    if (date !== today) taken = 0;
    today = date;
  }
  return {
    left(max: number): number {
      turn();
      return max - taken;
    },
    take(max: number): number {
      turn();
      if (taken >= max) return -1;
      taken += 1;
      return max - taken;
    },
  };
}
