// The two vendors as one batch sees them: bounded by the lease's end, their health watched.

import { type CallTools, createCallTools } from './calltools.ts';
import { createWatch, type Watch } from './circuit.ts';
import type { World } from './env.ts';
import { createGoHighLevel, type GoHighLevel } from './gohighlevel.ts';
import type { Settings } from './settings.ts';

export interface Vendors {
  ghl: GoHighLevel;
  callTools: CallTools;
  watch: Watch;
}

/** `notAfter` is epoch ms: no call runs longer. */
export function createVendors(settings: Settings, world: World, notAfter: number): Vendors {
  const watch = createWatch();
  const common = { timeoutMs: settings.VENDOR_TIMEOUT_MS, notAfter, world };
  return {
    watch,
    ghl: createGoHighLevel({
      ...common,
      baseUrl: settings.GHL_API_BASE_URL,
      apiKey: settings.GHL_API_KEY,
      version: settings.GHL_API_VERSION,
      locationId: settings.GHL_LOCATION_ID,
      guard: watch.guard('gohighlevel'),
    }),
    callTools: createCallTools({
      ...common,
      baseUrl: settings.CALLTOOLS_BASE_URL,
      token: settings.CALLTOOLS_API_KEY,
      guard: watch.guard('calltools'),
    }),
  };
}
