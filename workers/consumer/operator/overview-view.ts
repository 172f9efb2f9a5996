// How things stand now, as one answer for the dashboard.

import type { Overview, QueueState, Stats } from '../../../shared/api/status.ts';
import type { People } from '../../../shared/api/verdict.ts';
import type { Location, Locations } from '../config/locations.ts';
import { type Backlog, etaOfBacklog, minutesAtMost, waitingIn } from '../monitoring/backlog.ts';
import { settingUp, vendorsInWords } from '../monitoring/set-up.ts';
import { type Health, judgeStatus } from '../monitoring/status.ts';
import { verdictOf } from '../monitoring/verdict.ts';
import type { HeldGroup } from '../store/brake/held.ts';
import type { CallFacts } from '../store/calls/counts.ts';
import type { BacklogMark, RunFacts, SetUpFacts } from '../store/health.ts';
import type { FailedContact } from '../store/operator-orders.ts';
import type { Run } from '../store/runs.ts';
import { type Counts, pendingOf } from '../store/totals.ts';
import { iso } from './answer.ts';
import { faultsOf } from './query.ts';
import { viewLocatedRun } from './run-view.ts';
import { viewStats } from './stats-view.ts';

/** The overview shows this many of the newest runs. */
export const SHOWN_RUNS = 5;

/** What the overview is made from. */
export interface OverviewFacts {
  counts: Counts;
  /** When the contacts were counted, epoch ms. */
  countedAt: number;
  health: Health[];
  /** Failed contacts for which no dead letter waits. */
  failed: FailedContact[];
  backlogs: Backlog[];
  /** What waited in the last minutes. */
  marks: BacklogMark[];
  /** One entry for each location. */
  backstop: RunFacts[];
  /** In no order. */
  runs: Run[];
  /** Of the locations where CALL_RESULTS is set. */
  calls?: ReadonlyMap<string, CallFacts>;
  /** What is held back in the locations where MAX_NEW_PLACEMENTS is set. */
  held?: ReadonlyMap<string, HeldGroup[]>;
  setUp: SetUpFacts;
  /** Epoch ms. */
  now: number;
}

interface Asked {
  chosen: Location[];
  /** All locations are asked about, and what belongs to no location. */
  everything: boolean;
  locations: Locations;
}

/** The answer to `GET /api/v1/overview`. Pure. */
export function viewOverview(facts: OverviewFacts, { chosen, everything, locations }: Asked): Omit<Overview, 'role'> {
  const { counts, countedAt, health, backlogs, marks, backstop, runs, calls, held, now } = facts;
  const configurationError = faultsOf(chosen, locations);
  const totals = viewStats({
    counts,
    health,
    everything,
    configurationError,
    waiting: waitingIn(backlogs, pendingOf(counts)),
    ...(calls && { calls }),
    ...(held && { held }),
    now,
  });
  const inputs = { ...facts, deadLetters: totals.dead_letters, fault: locations.fault };
  const { status, causes } = judgeStatus(inputs);
  const vendors = vendorsInWords({ ...facts, locations: chosen });
  const steps = settingUp({ ...facts, locations: chosen });
  const newest = runs.toSorted((a, b) => b.startedAt - a.startedAt).slice(0, SHOWN_RUNS);
  return {
    at: iso(now),
    status,
    verdict: verdictOf({
      status,
      causes,
      vendors,
      steps,
      held: { n: totals.brake?.held ?? 0, since: totals.brake?.since ?? null },
      nameOf: chosen.length > 1 ? (id) => chosen.find((one) => one.id === id)?.name ?? id : null,
    }),
    causes,
    setting_up: steps && { steps },
    people: viewPeople(totals, counts, everything ? null : chosen),
    vendors,
    all_locations: locations.all.map(({ id, name }) => ({ id, name })),
    totals,
    contacts_counted_at: iso(countedAt),
    queues: backlogs.map((backlog) =>
      viewBacklog(backlog, marks, { now, well: chosen.length === locations.all.length && areWell(health, now) }),
    ),
    backstop: backstop.map(({ locationId, lastCompleteAt, nextAt }) => ({
      location_id: locationId,
      last_complete_at: iso(lastCompleteAt),
      next_at: iso(nextAt),
    })),
    runs: newest.map((run) => viewLocatedRun(run, now)),
  };
}

/** `only`: dead letters of other locations, or of none, are left out. */
function viewPeople(totals: Stats, { lettersAlone }: Counts, only: Location[] | null): People {
  const sum = (numbers: number[]) => numbers.reduce((total, n) => total + n, 0);
  const alone = [...lettersAlone].filter(([id]) => only === null || only.some((one) => one.id === id));
  return {
    in_dialer: totals.synced,
    kept_out: sum(Object.values(totals.kept_out)),
    waiting: totals.pending,
    needs_you: totals.failed + sum(alone.map(([, n]) => n)),
  };
}

/** While a vendor is down or slow, no upper bound can be given, only what was measured. */
function areWell(health: Health[], now: number): boolean {
  return health.every(
    ({ circuits, paces }) =>
      paces.size === 0 &&
      circuits.every(({ openReason, throttledUntil }) => openReason === null && throttledUntil <= now),
  );
}

function viewBacklog(
  backlog: Backlog,
  marks: BacklogMark[],
  { now, well }: { now: number; well: boolean },
): QueueState {
  const { queue, waiting, oldestAt } = backlog;
  const age = oldestAt === null ? null : Math.max(0, Math.floor((now - oldestAt) / 1000));
  const { per_minute, expected_finish } = etaOfBacklog(backlog, marks, now);
  const minutes_at_most = well || waiting === 0 ? minutesAtMost({ queue, waiting }) : null;
  return { queue, waiting, oldest_age_seconds: age, minutes_at_most, per_minute, expected_finish };
}
