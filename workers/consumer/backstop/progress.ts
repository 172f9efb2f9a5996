// How far a run is and how long it will take, by what it has done in the last minutes. Pure.

import { MINUTE_MS } from '../../../shared/time.ts';
import { type Eta, etaOf, NO_ETA } from '../domain/eta.ts';
import type { Mark, Run } from '../store/runs.ts';

/** `pages`: the contact list is being read. `contacts`: it has been read, and contacts that may differ are being worked on. */
export type Phase = 'pages' | 'contacts' | 'over';

/** Marks that are kept, one a minute: enough to even out pauses, few enough to show the present rate. */
const MARKS = 5;

/** What the run is doing. */
export function phaseOf({ state, waiting }: Pick<Run, 'state' | 'waiting'>): Phase {
  if (state === 'running') return 'pages';
  return waiting === 0 ? 'over' : 'contacts';
}

/**
 * How far both phases are. Contacts are worked on while pages are still being read, and pages may add more of them: until all pages are
 * read, the end of the contacts is the earliest possible.
 */
export function progressOf(run: Run, now: number): { pages: Eta; contacts: Eta } {
  const [at, seen, processed]: Mark = run.marks.at(-1) ?? [run.startedAt, 0, 0];
  const minutes = Math.max(now - at, 1) / MINUTE_MS;
  const reading = run.state === 'running';
  const unseen = run.total === null ? null : Math.max(0, run.total - run.seen);
  return {
    pages: reading ? etaOf(unseen, (run.seen - seen) / minutes, now) : NO_ETA,
    contacts: run.waiting === 0 ? NO_ETA : etaOf(run.waiting, (run.processed - processed) / minutes, now),
  };
}

/**
 * When the whole run will be done (ISO 8601). Pages are read while contacts are worked on, so it is the later end of the two. Null: it is
 * over, or one of the two is under way and its end is not known.
 */
export function finishOf(run: Run, now: number): string | null {
  if (phaseOf(run) === 'over') return null;
  const { pages, contacts } = progressOf(run, now);
  const ends = [pages, contacts].filter(({ remaining }) => remaining !== 0).map((eta) => eta.expected_finish);
  return ends.every((end) => end !== null) ? (ends.sort().at(-1) ?? null) : null;
}

/** The run's marks with one of now. */
export function marksAfter({ marks, seen, processed }: Run, now: number): Mark[] {
  const mark: Mark = [now, seen, processed];
  return [mark, ...marks].slice(0, MARKS);
}

/** What each log line of a run says. */
export function loggedRun({
  id: runId,
  locationId,
  state,
  seen,
  total,
  queued,
  unreadable,
  processed,
  waiting,
  repaired,
  errors,
}: Run) {
  return {
    runId,
    locationId,
    state,
    seen,
    total,
    queued,
    unreadable,
    settled: processed,
    waiting,
    ...repaired,
    errors,
  };
}

/** How long it will take, for the log. */
export function loggedEta(run: Run, now: number) {
  const phase = phaseOf(run);
  const { remaining, per_minute: perMinute } = progressOf(run, now)[phase === 'pages' ? 'pages' : 'contacts'];
  const minutesLeft = remaining !== null && perMinute ? Math.ceil(remaining / perMinute) : null;
  return { phase, remaining, perMinute, minutesLeft };
}
