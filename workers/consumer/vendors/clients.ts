// The two vendors as one batch sees them: bounded by the lease's end, their health watched.

import type { World } from '../config/env.ts';
import type { Settings } from '../config/settings.ts';
import type { Circuit } from '../domain/circuit.ts';
import type { Vendor } from '../domain/failure.ts';
import { type CallTools, createCallTools } from './calltools.ts';
import { type CallMonitor, createCallMonitor } from './circuit-breaker.ts';
import { createGoHighLevel, type GoHighLevel } from './gohighlevel.ts';
import type { Http } from './http.ts';
import { createRateLimiter, limited, type RateLimiter } from './rate-limiter.ts';
import { createPeople } from './text.ts';

/** Both clients, and what watches their calls. */
export interface Vendors {
  ghl: GoHighLevel;
  callTools: CallTools;
  monitor: CallMonitor;
  limiter: RateLimiter;
}

interface Known {
  /** Without one no call waits. */
  limiter?: RateLimiter;
  /** As claimed. */
  circuits?: readonly Circuit[];
}

/** `notAfter` is epoch ms: no call runs longer. */
export function createVendors(
  settings: Settings,
  world: World,
  notAfter: number,
  { limiter = createRateLimiter([], world.now()), circuits = [] }: Known = {},
): Vendors {
  const monitor = createCallMonitor(circuits);
  const guard = (vendor: Vendor) => (http: Http) =>
    limited(monitor.guard(vendor)(http), {
      vendor,
      limiter,
      world,
      notAfter,
      isStopped: () => monitor.stopped.has(vendor),
    });

  // Either vendor may repeat what the other one has told us.
  const people = createPeople();
  const common = { timeoutMs: settings.VENDOR_TIMEOUT_MS, notAfter, world, people };
  const ghl = createGoHighLevel({
    ...common,
    baseUrl: settings.GHL_API_BASE_URL,
    apiKey: settings.GHL_API_KEY,
    version: settings.GHL_API_VERSION,
    locationId: settings.GHL_LOCATION_ID,
    guard: guard('gohighlevel'),
  });
  const callTools = createCallTools({
    ...common,
    baseUrl: settings.CALLTOOLS_BASE_URL,
    token: settings.CALLTOOLS_API_KEY,
    guard: guard('calltools'),
  });
  monitor.refusals.probes = { gohighlevel: () => ghl.search(null, 1), calltools: callTools.probeRights };
  return { monitor, limiter, ghl, callTools };
}
