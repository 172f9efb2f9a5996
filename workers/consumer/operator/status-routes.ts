// How things stand: now, in numbers, over the last days, and in the doctor's eyes. docs/api.md describes the answers.

import type { Doctor, DoctorReport, History, Overview, Stats } from '../../../shared/api/status.ts';
import { forEachLimit } from '../../../shared/concurrency.ts';
import { readIngestStatus } from '../../../shared/ingest-status.ts';
import { HOUR_MS } from '../../../shared/time.ts';
import type { Env } from '../config/env.ts';
import { brakedIn, type Location } from '../config/locations.ts';
import { writtenFields } from '../config/settings.ts';
import { DoctorQuery, type Examinable, viewDiagnosis } from '../doctor/diagnose.ts';
import { readBacklogs, waitingIn } from '../monitoring/backlog.ts';
import { LATENCY_HOURS, metricsOf } from '../monitoring/metrics.ts';
import { EXPOSITION_TYPE, expose } from '../monitoring/prometheus.ts';
import type { Health } from '../monitoring/status.ts';
import { readHeld } from '../store/brake/held.ts';
import { readCallFacts } from '../store/calls/counts.ts';
import { readCircuits } from '../store/circuits.ts';
import { readBacklogMarks, readSetUp } from '../store/health.ts';
import { failedWithoutLetter } from '../store/operator-orders.ts';
import { readPaces } from '../store/rate-limits.ts';
import { recentRuns } from '../store/runs.ts';
import {
  cachedContactCounts,
  hourOf,
  pendingOf,
  readCounters,
  readCounts,
  readLocationCounters,
  readRunFacts,
  readWaiting,
} from '../store/totals.ts';
import { success } from './answer.ts';
import type { Handler, OperatorDeps } from './deps.ts';
import { historySince, viewHistory } from './history-view.ts';
import { type OverviewFacts, SHOWN_RUNS, viewOverview } from './overview-view.ts';
import { badRequest, faultsOf, LocationQuery, NoQuery, readAsked, readQuery } from './query.ts';
import { viewStats } from './stats-view.ts';

/** `GET /api/v1/overview`. */
export const overview: Handler = async (request, { env, world, locations }) => {
  const asked = readAsked(request, LocationQuery, locations);
  if (asked.kind === 'bad') return asked.answer;
  const { chosen } = asked;
  const facts = await readFacts(chosen, env, world.now());
  const everything = asked.query.location === undefined;
  const role = readIngestStatus(request.headers)?.role ?? 'operator';
  return success<Overview>({ role, ...viewOverview(facts, { chosen, everything, locations }) });
};

/** `GET /metrics`, of all locations. */
export const metrics: Handler = async (request, { env, world, locations }) => {
  const query = readQuery(request, NoQuery);
  if (query.kind === 'bad') return query.answer;
  const now = world.now();
  const ids = locations.all.map(({ id }) => id);
  const [facts, counters] = await Promise.all([
    readFacts(locations.all, env, now),
    readLocationCounters(env.DB, ids, hourOf(now) - (LATENCY_HOURS - 1) * HOUR_MS, now),
  ]);
  const text = expose(metricsOf({ ...facts, counters, fault: locations.fault }));
  return new Response(text, { headers: { 'content-type': EXPOSITION_TYPE, 'cache-control': 'no-store' } });
};

/** What the overview and the metrics show. Of contacts it reads a count that is a few seconds old at most, see `cachedContactCounts`. */
async function readFacts(chosen: Location[], env: OperatorDeps['env'], now: number): Promise<OverviewFacts> {
  const ids = chosen.map(({ id }) => id);
  const [counted, waiting, health, backstop, backlogs, marks, calls, held, setUp, runs] = await Promise.all([
    cachedContactCounts(env.DB, ids, now),
    readWaiting(env.DB, now),
    readHealth(chosen, env.DB, now),
    readRunFacts(env.DB, ids),
    readBacklogs(env),
    readBacklogMarks(env.DB, now),
    readCalls(chosen, env.DB, now),
    readHeld(env.DB, brakedIn(chosen)),
    readSetUp(env.DB, ids),
    Promise.all(ids.map((id) => recentRuns(env.DB, id, SHOWN_RUNS))),
  ]);
  const { countedAt, ...counts } = counted;
  const someFailed = counts.contacts.some(({ state }) => state === 'failed');
  const failed = someFailed ? await failedWithoutLetter(env.DB, ids) : [];
  return {
    counts: { ...counts, ...waiting },
    countedAt,
    health,
    failed,
    backstop,
    backlogs,
    marks,
    calls,
    held,
    setUp,
    runs: runs.flat(),
    now,
  };
}

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
      now,
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

/** Each location asks both vendors at once, and an invocation has 6 connections (docs/vendors.md). */
const EXAMINED_AT_ONCE = 2;

/** `GET /doctor`: a report for each location that is asked about. */
export const doctor: Handler = async (request, { locations, diagnose }) => {
  const asked = readAsked(request, DoctorQuery, locations);
  if (asked.kind === 'bad') return asked.answer;
  const { chosen } = asked;
  const { contact = null } = asked.query;
  if (contact !== null && chosen.length > 1)
    return badRequest('There are several locations: name the one that has this contact (?location=, --location).');
  const nowhere: Examinable = { id: null, kind: 'faulty', fault: locations.fault ?? 'There is no location.' };
  // A fault beyond a single location is reported even where some locations can be examined.
  const beyond = chosen.length === 0 || locations.fault !== null ? [nowhere] : [];
  const examined = [...beyond, ...chosen];
  const ingestStatus = readIngestStatus(request.headers);
  const found = new Map<Examinable, DoctorReport>();
  await forEachLimit(examined, EXAMINED_AT_ONCE, async (one) => {
    found.set(one, viewDiagnosis(await diagnose(one, contact, ingestStatus)));
  });
  const reports = examined.flatMap((one) => found.get(one) ?? []);
  return success<Doctor>({ ok: reports.every(({ ok }) => ok), reports });
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
