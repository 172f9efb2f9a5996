// When the next run of a location is due: pure functions of its BACKSTOP_AT.

import { DAY_MS, MINUTE_MS } from '../../../shared/time.ts';

/** The first moment after `after` (epoch ms) at one of these times of the day, minutes after midnight UTC; there is at least one. */
export function nextAt(times: readonly number[], after: number): number {
  const midnight = after - (after % DAY_MS);
  const moments = [midnight, midnight + DAY_MS].flatMap((day) => times.map((minute) => day + minute * MINUTE_MS));
  return Math.min(...moments.filter((moment) => moment > after));
}

/** As `nextAt`, for times that are new here: the minute of the cron that sees them first counts too. */
export function firstAt(times: readonly number[], now: number): number {
  return nextAt(times, now - MINUTE_MS);
}
