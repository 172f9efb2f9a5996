// How one location does, as D1 knows it.

import { readCircuits } from './circuit-store.ts';
import type { Env } from './env.ts';
import type { Location } from './locations.ts';
import { readPaces } from './pace-store.ts';
import { recentRuns } from './run-store.ts';
import type { Health } from './stats-view.ts';

/** `now` is epoch ms. */
export async function healthOf(location: Location, db: Env['DB'], now: number): Promise<Health> {
  const [circuits, paces, [lastRun]] = await Promise.all([
    readCircuits(db, location.id),
    readPaces(db, location.id, now),
    recentRuns(db, location.id, 1),
  ]);
  return {
    location,
    circuits,
    paces,
    lastRun: lastRun ?? null,
    fault: location.kind === 'faulty' ? location.fault : null,
  };
}
