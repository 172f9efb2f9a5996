// When to try again, pure: by what the vendor said, the attempt and a random number.

import { HOUR_MS } from '../../../shared/time.ts';

/** First wait of the backoff; doubles with each attempt. */
const BASE_SECONDS = 4;
/** Longest wait of the backoff. */
const CAP_SECONDS = 900;
/** Queues take delays up to 24 h (docs/vendors.md, Cloudflare: queues). */
const MAX_DELAY_SECONDS = 86_400;
/** Longest wait that we believe of a vendor: the header may be nonsense. */
const MAX_RETRY_AFTER_MS = HOUR_MS;

/** One batch may try this often while a circuit is open. */
export const PROBE_EVERY_MS = 30_000;
/** Longest wait before work checks again whether a circuit is still open: it grows with the outage, because each check costs a queue operation. */
export const MAX_RECHECK_MS = 300_000;
/** That wait as a share of how long the circuit has been open. */
export const RECHECK_SHARE = 1 / 4;

/** Tries of one contact while the circuit is closed: about 30 min of full-jitter backoff. Then it becomes a dead letter. */
export const MAX_ATTEMPTS = 8;

/** Exponential backoff with full jitter, whole seconds, at least 1. `attempt` counts from 1. */
export function backoffSeconds(attempt: number, random: number): number {
  const ceiling = Math.min(CAP_SECONDS, BASE_SECONDS * 2 ** Math.max(0, attempt - 1));
  return 1 + Math.floor(random * ceiling);
}

/** A delay that a queue accepts, never shorter than `ms`, spread by up to a quarter so that waiters do not return as one. */
export function delaySecondsFor(ms: number, random: number): number {
  return Math.min(MAX_DELAY_SECONDS, Math.max(1, Math.ceil((ms * (1 + random / 4)) / 1000)));
}

/**
 * Milliseconds to wait, from `Retry-After` as seconds or as an HTTP date; else `fallbackMs`.
 * Source of both forms: RFC 9110, 10.2.3.
 */
export function retryAfterMs(header: string | null, now: number, fallbackMs: number): number {
  if (header === null || header.trim() === '') return fallbackMs;
  const seconds = Number(header);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - now;
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), MAX_RETRY_AFTER_MS) || fallbackMs : fallbackMs;
}
