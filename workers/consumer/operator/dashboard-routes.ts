// The dashboard's own two questions: how do things stand, and what happened lately. docs/api.md describes the answers.

import { problem } from '../../../shared/problem.ts';
import type { Env } from '../config/env.ts';
import type { Locations } from '../config/locations.ts';
import { type Measurable, readBacklogs } from '../monitoring/backlog.ts';
import { readBacklogMarks } from '../store/backlogs.ts';
import { readCounters } from '../store/counters.ts';
import { failedWithoutLetter } from '../store/operator-orders.ts';
import { recentRuns } from '../store/runs.ts';
import { cachedContactCounts, readBackstopTimes, readWaiting } from '../store/totals.ts';
import { iso, success } from './answer.ts';
import { historySince, viewHistory } from './history-view.ts';
import { SHOWN_RUNS, viewOverview } from './overview-view.ts';
import { chooseLocations, LocationQuery, readQuery } from './query.ts';
import { healthOf } from './stats-view.ts';

/** What the routes need of the worker. */
export interface DashboardDeps {
  env: { DB: Env['DB'] } & Measurable;
  world: { now(): number };
  locations: Locations;
}

/** `GET /api/v1/overview`. Throws what D1 throws. */
export async function overview(request: Request, { env, world, locations }: DashboardDeps): Promise<Response> {
  const query = readQuery(request, LocationQuery);
  if (query.kind === 'bad') return problem(400, 'Bad request', query.detail);
  const chosen = chooseLocations(locations, query.value.location);
  if (chosen.kind === 'bad') return chosen.answer;
  const ids = chosen.locations.map(({ id }) => id);
  const now = world.now();
  const [counted, waiting, health, backstop, backlogs, marks, runs] = await Promise.all([
    cachedContactCounts(env.DB, ids, now),
    readWaiting(env.DB),
    Promise.all(chosen.locations.map((location) => healthOf(location, env.DB, now))),
    readBackstopTimes(env.DB, ids),
    readBacklogs(env),
    readBacklogMarks(env.DB, now),
    Promise.all(ids.map((id) => recentRuns(env.DB, id, SHOWN_RUNS))),
  ]);
  const { contacts, countedAt } = counted;
  const someFailed = contacts.some(({ state }) => state === 'failed');
  const failed = someFailed ? await failedWithoutLetter(env.DB, ids) : [];
  const facts = {
    counts: { contacts, ...waiting },
    countedAt,
    health,
    failed,
    backstop,
    backlogs,
    marks,
    runs: runs.flat(),
    now,
  };
  return success(
    viewOverview(facts, { chosen: chosen.locations, everything: query.value.location === undefined, locations }),
  );
}

/** `GET /api/v1/history`. Throws what D1 throws. */
export async function history(request: Request, { env, world, locations }: DashboardDeps): Promise<Response> {
  const query = readQuery(request, LocationQuery);
  if (query.kind === 'bad') return problem(400, 'Bad request', query.detail);
  const chosen = chooseLocations(locations, query.value.location);
  if (chosen.kind === 'bad') return chosen.answer;
  const now = world.now();
  const ids = chosen.locations.map(({ id }) => id);
  const counts = await readCounters(env.DB, ids, historySince(now));
  return success({ at: iso(now), ...viewHistory(counts, now) });
}
