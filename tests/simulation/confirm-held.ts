// An operator confirms what the brake holds back.

import { ADMIN_TOKEN } from './credentials.ts';
import { operate } from './operate.ts';
import type { World } from './world.ts';

/** An operator confirms all that is held back, and does not wait for the answer. */
export function confirmHeld(world: World): void {
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
  for (const key of world.brake.keys()) void world.request(`/sync/trigger?confirm=${key}`, { method: 'POST', headers });
}

/** The same until nothing is held back. */
export async function confirmAll(world: World, runDry: (what: string) => Promise<boolean>): Promise<boolean> {
  if (world.setup.brake === undefined) return true;
  for (let keys = world.brake.keys(); keys.length > 0; keys = world.brake.keys()) {
    for (const key of keys) await operate(world, 'POST', `/sync/trigger?confirm=${key}`);
    if (!(await runDry('a confirmation'))) return false;
  }
  return true;
}
