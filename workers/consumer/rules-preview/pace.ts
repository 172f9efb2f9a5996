// The pace of a preview: at most 65 % of GoHighLevel's limit, and less while other programs use it. Nothing of it is stored.

import type { Vendor } from '../domain/failure.ts';
import type { Limit } from '../vendors/rate-headers.ts';
import type { RateLimiter } from '../vendors/rate-limiter.ts';

/** The share of the limit that a preview takes at most. */
const SHARE = 0.65;
/** Where no answer names the limit (docs/vendors.md, GoHighLevel: rate limits). */
const DOCUMENTED = { maxCalls: 100, intervalMs: 10_000 };

/** A limiter for GoHighLevel alone. It lives as long as the preview. */
export function createPreviewPace(): RateLimiter {
  let gapMs = gapOf(DOCUMENTED);
  /** Epoch ms: no call before. */
  let nextAt = 0;
  return {
    next(_vendor: Vendor, now: number) {
      const at = Math.max(now, nextAt);
      nextAt = at + gapMs;
      return at;
    },
    note(_vendor: Vendor, limit: Limit | null, now: number) {
      if (!limit) return;
      gapMs = gapOf(limit);
      nextAt = Math.max(nextAt, now + refillMs(limit));
    },
    changes: () => [],
  };
}

function gapOf({ maxCalls, intervalMs }: Pick<Limit, 'maxCalls' | 'intervalMs'>): number {
  return intervalMs / (maxCalls * SHARE);
}

/** How long the window takes to have again what is not ours; 0 while others leave enough. */
function refillMs({ maxCalls, intervalMs, left }: Limit): number {
  const others = maxCalls * (1 - SHARE);
  return left < others ? ((others - left) / maxCalls) * intervalMs : 0;
}
