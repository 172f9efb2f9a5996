// Whom a run was about is forgotten in time, also where the sums of the run stay.

import { expect, test } from 'vitest';
import { openSqlite } from '../../../sandbox/d1-sqlite.ts';
import { DAY_MS } from '../../../shared/time.ts';
import type { InvocationContext } from '../../../workers/consumer/config/context.ts';
import { cleanUp } from '../../../workers/consumer/cron/retention.ts';
import { NOON } from '../../support/virtual-clock.ts';

test('contacts go before their run, after 90 days; those of a run that is running stay', async () => {
  const sqlite = openSqlite();
  const run = (id: string, agoDays: number, state: string, finished: boolean) =>
    sqlite.rows(
      `INSERT INTO runs (id, location_id, started_by, state, started_at, heartbeat_at, finished_at) VALUES (?1, 'here', 'cron', ?2, ?3, ?3, ?4)`,
      ...[id, state, NOON - agoDays * DAY_MS, finished ? NOON - agoDays * DAY_MS : null],
    );
  run('old', 92, 'complete', true);
  run('last', 91, 'complete', true);
  run('going', 95, 'running', false);
  const name = (id: string, n: number) =>
    sqlite.rows(
      `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2)
       INSERT INTO run_contacts (run_id, contact_id, kind, at) SELECT ?1, 'c' || i, 'missing', 0 FROM n`,
      ...[id, n],
    );
  name('old', 1001);
  name('last', 1);
  name('going', 1);
  await cleanUp({
    env: { DB: sqlite.bind(async (act) => act()) },
    world: { now: () => NOON },
    log: () => {},
  } as unknown as InvocationContext);
  expect(sqlite.rows('SELECT id FROM runs ORDER BY id').map(({ id }) => id)).toEqual(['going', 'last']);
  expect(sqlite.rows('SELECT run_id FROM run_contacts').map(({ run_id }) => run_id)).toEqual(['going']);
});
