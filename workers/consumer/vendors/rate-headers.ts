// GoHighLevel's rate limit, as the headers of each answer tell it (docs/vendors.md, GoHighLevel: rate limits).

/** Null where a header is missing or makes no sense. */
export interface RateHeaders {
  /** Requests that one window allows, and how many are left of them. */
  maxCalls: number | null;
  left: number | null;
  /** Length of the window, one minute at most. */
  intervalMs: number | null;
  /** Requests that a day allows, and how many are left of them. */
  dailyMax: number | null;
  dailyLeft: number | null;
}

/** A vendor's limit for one window. */
export interface Limit {
  maxCalls: number;
  intervalMs: number;
  left: number;
}

/** We do not believe in a longer window. */
const MAX_INTERVAL_MS = 60_000;

/** What the headers say of the vendor’s limits; null for what they do not say. */
export function readRateHeaders(headers: Headers): RateHeaders {
  const number = (name: string, least: number) => {
    const value = Number(headers.get(name) ?? Number.NaN);
    return value >= least ? value : null;
  };
  const intervalMs = number('x-ratelimit-interval-milliseconds', 1);
  return {
    maxCalls: number('x-ratelimit-max', 1),
    left: number('x-ratelimit-remaining', 0),
    intervalMs: intervalMs === null ? null : Math.min(intervalMs, MAX_INTERVAL_MS),
    dailyMax: number('x-ratelimit-limit-daily', 0),
    dailyLeft: number('x-ratelimit-daily-remaining', 0),
  };
}

/** The limit that these headers name; null where they do not name all of it. */
export function limitOf(headers: Headers): Limit | null {
  const { maxCalls, intervalMs, left } = readRateHeaders(headers);
  return maxCalls === null || intervalMs === null || left === null ? null : { maxCalls, intervalMs, left };
}
