// What every part of the consumer works with.

import type { Log } from '../../../shared/log.ts';
import type { Env, World } from './env.ts';
import type { Settings } from './settings.ts';

/** What an invocation starts with. */
export interface InvocationContext {
  env: Env;
  world: World;
  log: Log;
  /** By location: CallTools resources known to ignore the phone filter; lives as long as the isolate. */
  unsupportedLookups: Map<string, Set<string>>;
  /** True where messages of other locations stand behind this one's in the queue: then it must not hold them up. */
  shared?: boolean;
}

/** A context on behalf of one location, whose settings have been checked; its log lines name the location. */
export interface LocationContext extends Omit<InvocationContext, 'unsupportedLookups'> {
  settings: Settings;
  unsupportedLookups: Set<string>;
}

export function forLocation(
  { unsupportedLookups: byLocation, log, ...context }: InvocationContext,
  settings: Settings,
): LocationContext {
  const locationId = settings.GHL_LOCATION_ID;
  const unsupportedLookups = byLocation.get(locationId) ?? new Set<string>();
  byLocation.set(locationId, unsupportedLookups);
  return { ...context, settings, unsupportedLookups, log: (event, fields) => log(event, { locationId, ...fields }) };
}
