// What every part of the consumer works with.

import type { Log } from '../../shared/log.ts';
import type { Env, World } from './env.ts';
import type { Settings } from './settings.ts';

/** What an invocation starts with. */
export interface Edge {
  env: Env;
  world: World;
  log: Log;
  /** CallTools resources known to ignore the phone filter; lives as long as the isolate. */
  unsupportedLookups: Set<string>;
}

/** An edge whose settings have been checked. */
export interface Basis extends Edge {
  settings: Settings;
}
