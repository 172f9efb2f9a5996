// When the remaining work will be done, at the pace of the last minutes. Pure.

import { MINUTE_MS } from '../../../shared/time.ts';

/** Null = not known: nothing was done in the last minutes. */
export interface Eta {
  remaining: number | null;
  per_minute: number | null;
  /** ISO 8601. */
  expected_finish: string | null;
}

/** Nothing is left, or no end is in sight. */
export const NO_ETA: Eta = { remaining: 0, per_minute: null, expected_finish: null };

/** When `remaining` will be done, at `perMinute`. */
export function etaOf(remaining: number | null, perMinute: number, now: number): Eta {
  const known = remaining !== null && perMinute > 0;
  return {
    remaining,
    per_minute: Math.round(perMinute),
    expected_finish: known ? new Date(now + (remaining / perMinute) * MINUTE_MS).toISOString() : null,
  };
}
