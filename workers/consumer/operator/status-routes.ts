// How things stand: now, in numbers, and over the last days. docs/api.md describes the answers.

import type { History, Overview, Stats } from '../../../shared/api.ts';
import type { Env } from '../config/env.ts';
import { brakedIn, type Location } from '../config/locations.ts';
import { writtenFields } from '../config/settings.ts';
import { readBacklogs, waitingIn } from '../monitoring/backlog.ts';
import type { Health } from '../monitoring/status.ts';
import { readHeld } from '../store/brake/held.ts';
import { readCallFacts } from '../store/calls/counts.ts';
import { readCircuits } from '../store/circuits.ts';
import { readBacklogMarks } from '../store/health.ts';
import { failedWithoutLetter } from '../store/operator-orders.ts';
import { readPaces } from '../store/rate-limits.ts';
import { recentRuns } from '../store/runs.ts';
import {
  cachedContactCounts,
  pendingOf,
  readCounters,
  readCounts,
  readRunFacts,
  readWaiting,
} from '../store/totals.ts';
import { success } from './answer.ts';
import type { Handler } from './deps.ts';
import { historySince, viewHistory } from './history-view.ts';
import { SHOWN_RUNS, viewOverview } from './overview-view.ts';
import { faultsOf, LocationQuery, readAsked } from './query.ts';
import { viewStats } from './stats-view.ts';

/** `GET /api/v1/overview`. */
export const overview: Handler = async (request, { env, world, locations }) => {
  const asked = readAsked(request, LocationQuery, locations);
  if (asked.kind === 'bad') return asked.answer;
  const { chosen } = asked;
  const ids = chosen.map(({ id }) => id);
  const now = world.now();
  const [counted, waiting, health, backstop, backlogs, marks, calls, held, runs] = await Promise.all([
    cachedContactCounts(env.DB, ids, now),
    readWaiting(env.DB),
    readHealth(chosen, env.DB, now),
    readRunFacts(env.DB, ids),
    readBacklogs(env),
    readBacklogMarks(env.DB, now),
    readCalls(chosen, env.DB, now),
    readHeld(env.DB, brakedIn(chosen)),
    Promise.all(ids.map((id) => recentRuns(env.DB, id, SHOWN_RUNS))),
  ]);
  const { contacts, leftOut, countedAt } = counted;
  const someFailed = contacts.some(({ state }) => state === 'failed');
  const failed = someFailed ? await failedWithoutLetter(env.DB, ids) : [];
  const facts = {
    counts: { contacts, leftOut, ...waiting },
    countedAt,
    health,
    failed,
    backstop,
    backlogs,
    marks,
    calls,
    held,
    runs: runs.flat(),
    now,
  };
  const everything = asked.query.location === undefined;
  return success<Overview>(viewOverview(facts, { chosen, everything, locations }));
};

/** `GET /sync/stats`. */
export const stats: Handler = async (request, { env, world, locations }) => {
  const asked = readAsked(request, LocationQuery, locations);
  if (asked.kind === 'bad') return asked.answer;
  const { chosen } = asked;
  const now = world.now();
  const [counts, backlogs, health, calls, held] = await Promise.all([
    readCounts(
      env.DB,
      chosen.map(({ id }) => id),
    ),
    readBacklogs(env),
    readHealth(chosen, env.DB, now),
    readCalls(chosen, env.DB, now),
    readHeld(env.DB, brakedIn(chosen)),
  ]);
  const facts = {
    counts,
    calls,
    held,
    health,
    everything: asked.query.location === undefined,
    configurationError: faultsOf(chosen, locations),
    waiting: waitingIn(backlogs, pendingOf(counts)),
    now,
  };
  return success<Stats>(viewStats(facts));
};

/** `GET /api/v1/history`. */
export const history: Handler = async (request, { env, world, locations }) => {
  const asked = readAsked(request, LocationQuery, locations);
  if (asked.kind === 'bad') return asked.answer;
  const now = world.now();
  const ids = asked.chosen.map(({ id }) => id);
  const counts = await readCounters(env.DB, ids, historySince(now));
  return success<History>(viewHistory(counts, now));
};

function readCalls(locations: Location[], db: Env['DB'], now: number) {
  const polled = locations.filter((location) => location.kind === 'ready' && location.settings.calls !== null);
  return readCallFacts(
    db,
    polled.map(({ id }) => id),
    now,
  );
}

function readHealth(locations: Location[], db: Env['DB'], now: number): Promise<Health[]> {
  return Promise.all(
    locations.map(async (location) => {
      const [circuits, paces, [lastRun = null]] = await Promise.all([
        readCircuits(db, location.id),
        readPaces(db, location.id, now),
        recentRuns(db, location.id, 1),
      ]);
      const isReady = location.kind === 'ready';
      const written = isReady ? writtenFields(location.settings) : [];
      return { location, circuits, paces, lastRun, written, fault: isReady ? null : location.fault };
    }),
  );
}
