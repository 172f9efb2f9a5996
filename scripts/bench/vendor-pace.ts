// How fast the sandbox's vendors answer, and how often they may be asked, set for one part of the bench.

import type { GoHighLevelSettings } from '../../sandbox/gohighlevel/settings.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';

/** A vendor’s rate limit. */
export type Limit = GoHighLevelSettings['rateLimit'];

/** No limit to speak of. */
export const UNLIMITED: Limit = { max: 100_000, intervalMs: 1000, dailyMax: 10_000_000 };
/** GoHighLevel's own (docs/vendors.md, GoHighLevel: rate limits). */
export const DOCUMENTED: Limit = { max: 100, intervalMs: 10_000, dailyMax: 200_000 };

/** From now on every call of either vendor takes `latencyMs`, and GoHighLevel takes no more calls than `limit` allows. */
export function paceVendors({ ghl, callTools }: Sandbox, latencyMs: number, limit: Limit): void {
  ghl.settings.rateLimit = limit;
  ghl.faults.latency = latencyMs;
  callTools.faults.latency = latencyMs;
}
