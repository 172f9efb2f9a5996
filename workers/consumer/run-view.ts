// A backstop run as an operator sees it.

import { iso } from './operator-answer.ts';
import type { Run } from './run-store.ts';

/** Times are ISO 8601; `percent` of the contacts seen is null while their number is unknown. */
export function viewRun(run: Run) {
  const { id, state, page, seen, total, queued, skipped, vanished, verified, error } = run;
  return {
    id,
    started_by: run.startedBy,
    state,
    percent: percentOf(run),
    page,
    seen,
    total,
    queued,
    skipped,
    vanished,
    verified,
    error,
    started_at: iso(run.startedAt),
    heartbeat_at: iso(run.heartbeatAt),
    finished_at: iso(run.finishedAt),
  };
}

/** 100 only when complete: after its last page a run also checks who has vanished. */
function percentOf({ state, seen, total }: Run): number | null {
  if (state === 'complete') return 100;
  if (!total) return null;
  return Math.min(99, Math.floor((100 * seen) / total));
}
