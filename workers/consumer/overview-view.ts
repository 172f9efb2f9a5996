// How things stand now, as one answer for the dashboard.

import { type Backlog, minutesAtMost } from './backlog.ts';
import type { BackstopTimes } from './dashboard-store.ts';
import type { Location, Locations } from './locations.ts';
import { iso } from './operator-answer.ts';
import { faultsOf } from './operator-location.ts';
import type { Run } from './run-store.ts';
import { viewRun } from './run-view.ts';
import type { Counts } from './stats-store.ts';
import { type Health, viewStats } from './stats-view.ts';
import { judgeSigns } from './verdict.ts';

export const SHOWN_RUNS = 5;

export interface OverviewFacts {
  counts: Counts;
  /** When the contacts were counted, epoch ms. */
  countedAt: number;
  health: Health[];
  backlogs: Backlog[];
  backstop: BackstopTimes[];
  /** In no order. */
  runs: Run[];
  /** Epoch ms. */
  now: number;
}

interface Asked {
  chosen: Location[];
  /** All locations are asked about, and what belongs to none. */
  everything: boolean;
  locations: Locations;
}

export function viewOverview(facts: OverviewFacts, { chosen, everything, locations }: Asked) {
  const { counts, countedAt, health, backlogs, backstop, runs, now } = facts;
  const configurationError = faultsOf(chosen, locations);
  const totals = viewStats({ counts, health, everything, configurationError, now });
  const signs = { ...facts, deadLetters: totals.dead_letters, fault: locations.fault };
  const newest = runs.toSorted((a, b) => b.startedAt - a.startedAt).slice(0, SHOWN_RUNS);
  return {
    at: iso(now),
    ...judgeSigns(signs),
    all_locations: locations.all.map(({ id, name }) => ({ id, name })),
    totals,
    contacts_counted_at: iso(countedAt),
    queues: backlogs.map((backlog) => viewBacklog(backlog, now)),
    backstop: backstop.map(({ locationId, lastCompleteAt, nextAt }) => ({
      location_id: locationId,
      last_complete_at: iso(lastCompleteAt),
      next_at: iso(nextAt),
    })),
    runs: newest.map((run) => ({ location_id: run.locationId, ...viewRun(run, now) })),
  };
}

function viewBacklog({ queue, waiting, oldestAt }: Backlog, now: number) {
  const age = oldestAt === null ? null : Math.max(0, Math.floor((now - oldestAt) / 1000));
  return { queue, waiting, oldest_age_seconds: age, minutes_at_most: minutesAtMost({ queue, waiting }) };
}
