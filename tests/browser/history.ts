// A fortnight of an ordinary business, for pictures.

import type { Database } from '../../scripts/local/migrations.ts';
import { HOUR_MS } from '../../shared/time.ts';
import { hourOf } from '../../workers/consumer/store/totals.ts';

/** Adds counters for 14 days: busy by day, quiet at night, a run at 02:00. */
export async function seedHistory(database: Database, locationId: string): Promise<void> {
  const now = hourOf(Date.now());
  const rows = Array.from({ length: 14 * 24 }, (_, n) => countersOf(now - (n + 1) * HOUR_MS, n)).flat();
  await database
    .prepare(
      `INSERT OR IGNORE INTO counters (location_id, hour, kind, name, n)
       SELECT ?1, m.value ->> 0, m.value ->> 1, m.value ->> 2, m.value ->> 3 FROM json_each(?2) m`,
    )
    .bind(locationId, JSON.stringify(rows))
    .run();
}

type Row = [hour: number, kind: string, name: string, n: number];

function countersOf(hour: number, n: number): Row[] {
  const clock = new Date(hour).getUTCHours();
  const busy = Math.round((clock >= 12 && clock <= 23 ? 40 : 6) * (1 + 0.4 * Math.sin(n * 1.7)));
  const night = clock === 2 ? 60 : 0;
  return [
    [hour, 'outcome', 'placed', busy],
    [hour, 'outcome', 'kept_out', Math.round(busy / 3)],
    [hour, 'outcome', 'skipped', Math.round(busy * 0.8)],
    [hour, 'outcome', 'retry', n % 5],
    [hour, 'outcome', 'dead', n % 7 === 0 ? 1 : 0],
    [hour, 'hint', 'webhook', busy * 2],
    [hour, 'hint', 'workflow', Math.round(busy / 4)],
    [hour, 'hint', 'backstop', night],
    [hour, 'hint', 'followup', n % 3],
    [hour, 'latency', '1000', Math.round(busy * 0.6)],
    [hour, 'latency', '2000', Math.round(busy * 1.3)],
    [hour, 'latency', '5000', Math.round(busy * 0.3)],
    [hour, 'latency', '10000', n % 6 === 0 ? 1 : 0],
  ];
}
