// One request, and everything that handling it may touch.

import type { Log } from '../../shared/log.ts';
import type { Env, World } from './env.ts';
import type { Keyring } from './keys.ts';
import type { Settings } from './settings.ts';

export interface RequestContext {
  env: Env;
  world: World;
  log: Log;
  settings: Settings;
  keyring: Keyring;
  /** When the request arrived, epoch ms. */
  startedAt: number;
  /** Work that goes on after the answer. */
  waitUntil(promise: Promise<unknown>): void;
}
