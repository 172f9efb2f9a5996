// How one location does, as D1 knows it.

import type { Env } from '../config/env.ts';
import type { Location } from '../config/locations.ts';
import type { Health } from '../monitoring/status.ts';
import { readCircuits } from '../store/circuits.ts';
import { readPaces } from '../store/rate-limits.ts';
import { recentRuns } from '../store/runs.ts';

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
