// What a local run that was killed leaves in D1: its queues were in memory, so that what waited in them is gone.

import { expect, test } from 'vitest';
import { openSqlite } from '../../../sandbox/d1-sqlite.ts';
import { forgetLastRun, forgetLastWorkerd } from '../../../scripts/local/after-kill.ts';
import type { Database } from '../../../scripts/local/migrations.ts';
import { phaseOf } from '../../../workers/consumer/backstop/progress.ts';
import { recentRuns } from '../../../workers/consumer/store/runs.ts';

const LOCATION = 'loc';

test.each([
  { what: 'still read pages', state: 'running', settledAt: null, queued: ['a'], ends: 'incomplete' },
  { what: 'had contacts in the queue', state: 'complete', settledAt: null, queued: ['a', 'b'], ends: 'incomplete' },
  { what: 'was over, though not yet announced', state: 'complete', settledAt: null, queued: [], ends: 'complete' },
  { what: 'was over', state: 'complete', settledAt: 3, queued: [], ends: 'complete' },
])('a run that $what: $ends, and nobody waits', async ({ state, settledAt, queued, ends }) => {
  const db = openSqlite().bind(async (act) => act());
  await db
    .prepare(
      `INSERT INTO runs (id, location_id, started_by, state, started_at, heartbeat_at, settled_at) VALUES ('r', ?1, 'trigger', ?2, 1, 2, ?3)`,
    )
    .bind(LOCATION, state, settledAt)
    .run();
  for (const id of queued)
    await db
      .prepare(
        `INSERT INTO contacts (location_id, contact_id, queued_run, created_at, updated_at) VALUES (?1, ?2, 'r', 1, 1)`,
      )
      .bind(LOCATION, id)
      .run();

  await forgetLastRun(db as unknown as Database);

  const [run] = await recentRuns(db, LOCATION, 1);
  if (!run) throw new Error('there is no run');
  expect({ state: run.state, phase: phaseOf(run), waiting: run.waiting }).toEqual({
    state: ends,
    phase: 'over',
    waiting: 0,
  });
  expect(run.error).toEqual(ends === 'complete' ? null : expect.stringMatching(/start a new run\.$/));
});

test.each([
  ['a killed run', forgetLastRun],
  ['a killed workerd', forgetLastWorkerd],
])('a write to GoHighLevel whose message was in a queue of %s waits to be sent again', async (_, forget) => {
  const sqlite = openSqlite();
  const db = sqlite.bind(async (act) => act());
  const states = ['waiting', 'sent', 'done', 'dropped', 'failed'];
  for (const [row, state] of states.entries())
    await db
      .prepare(`INSERT INTO call_writes (location_id, row_id, step, state, at) VALUES (?1, ?2, 'tags', ?3, 1)`)
      .bind(LOCATION, row, state)
      .run();

  await forget(db as unknown as Database);

  const left = sqlite.rows('SELECT state FROM call_writes ORDER BY row_id').map(({ state }) => state);
  expect(left).toEqual(['waiting', 'waiting', 'done', 'dropped', 'failed']);
});
