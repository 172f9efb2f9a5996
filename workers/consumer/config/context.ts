// What every part of the consumer works with.

import type { Log } from '../../../shared/log.ts';
import type { Env, World } from './env.ts';
import type { Settings } from './settings.ts';

/** What an invocation starts with. */
export interface InvocationContext {
  env: Env;
  world: World;
  log: Log;
  /** By location: CallTools resources that ignore the phone filter. Lives as long as the isolate. */
  unsupportedLookups: Map<string, Set<string>>;
  /** True where locations share the queue: then one must not delay the messages of the others. */
  shared?: boolean;
}

/** The same for one location, whose settings have been checked. Its log lines name the location. */
export interface LocationContext extends Omit<InvocationContext, 'unsupportedLookups'> {
  settings: Settings;
  unsupportedLookups: Set<string>;
}

/** The context of one location. */
export function forLocation(
  { unsupportedLookups: byLocation, log, ...context }: InvocationContext,
  settings: Settings,
): LocationContext {
  const locationId = settings.GHL_LOCATION_ID;
  const unsupportedLookups = byLocation.get(locationId) ?? new Set<string>();
  byLocation.set(locationId, unsupportedLookups);
  return { ...context, settings, unsupportedLookups, log: (event, fields) => log(event, { locationId, ...fields }) };
}
