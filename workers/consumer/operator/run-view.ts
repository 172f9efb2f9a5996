// A backstop run as an operator sees it.

import type { LocatedRun, Run as RunAnswer } from '../../../shared/api/status.ts';
import { finishOf, phaseOf, progressOf } from '../backstop/progress.ts';
import type { Run } from '../store/runs.ts';
import { iso } from './answer.ts';

/** Times are ISO 8601, `now` is epoch ms; `percent` of the contacts seen is null while their number is unknown. */
export function viewRun(run: Run, now: number): RunAnswer {
  const { id, state, resumes, page, seen, total, queued, skipped, unreadable, vanished, verified, error } = run;
  return {
    id,
    started_by: run.startedBy,
    state,
    phase: phaseOf(run),
    percent: percentOf(run),
    page,
    seen,
    total,
    skipped,
    unreadable,
    queued,
    vanished,
    verified,
    settled: run.processed,
    waiting: run.waiting,
    repaired: run.repaired,
    errors: run.errors,
    progress: progressOf(run, now),
    expected_finish: finishOf(run, now),
    resumes,
    error,
    started_at: iso(run.startedAt),
    heartbeat_at: iso(run.heartbeatAt),
    finished_at: iso(run.finishedAt),
    settled_at: iso(run.processedAt),
  };
}

/** The same, with the run’s location. */
export function viewLocatedRun(run: Run, now: number): LocatedRun {
  return { location_id: run.locationId, ...viewRun(run, now) };
}

/** 100 only when complete: after its last page a run also looks for contacts that have vanished. */
function percentOf({ state, seen, total }: Run): number | null {
  if (state === 'complete') return 100;
  if (!total) return null;
  return Math.min(99, Math.floor((100 * seen) / total));
}
