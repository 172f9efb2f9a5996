// How far a run is, and how long it will take, from what it has done in the last minutes. Pure.

import type { Mark, Run } from '../store/runs.ts';

/** `pages`: the contact list is being read. `contacts`: it has been; contacts that may differ are being worked on. */
export type Phase = 'pages' | 'contacts' | 'over';

/** Null is what cannot be said: with nothing done in the last minutes no end is in sight. */
export interface Pace {
  remaining: number | null;
  per_minute: number | null;
  /** ISO 8601. */
  expected_finish: string | null;
}

/** Marks are kept for this many minutes: long enough to even out pauses, short enough to tell of now. */
const MARKS = 5;
const MINUTE_MS = 60_000;

export function phaseOf({ state, waiting }: Pick<Run, 'state' | 'waiting'>): Phase {
  if (state === 'running') return 'pages';
  return waiting === 0 ? 'over' : 'contacts';
}

/**
 * Where both phases stand. Contacts are worked on while pages are still read, which may add more of them: until then their
 * end is the earliest possible.
 */
export function progressOf(run: Run, now: number): { pages: Pace; contacts: Pace } {
  const [at, seen, settled]: Mark = run.marks.at(-1) ?? [run.startedAt, 0, 0];
  const minutes = Math.max(now - at, 1) / MINUTE_MS;
  const reading = run.state === 'running';
  const unseen = run.total === null ? null : Math.max(0, run.total - run.seen);
  return {
    pages: reading ? paceOf(unseen, (run.seen - seen) / minutes, now) : NO_PACE,
    contacts: run.waiting === 0 ? NO_PACE : paceOf(run.waiting, (run.settled - settled) / minutes, now),
  };
}

/** Nothing is left, or no end is in sight. */
export const NO_PACE: Pace = { remaining: 0, per_minute: null, expected_finish: null };

/** The end of what remains, at this many a minute. */
export function paceOf(remaining: number | null, perMinute: number, now: number): Pace {
  const known = remaining !== null && perMinute > 0;
  return {
    remaining,
    per_minute: Math.round(perMinute),
    expected_finish: known ? new Date(now + (remaining / perMinute) * MINUTE_MS).toISOString() : null,
  };
}

/** The run's marks with one of now. */
export function marksAfter({ marks, seen, settled }: Run, now: number): Mark[] {
  const mark: Mark = [now, seen, settled];
  return [mark, ...marks].slice(0, MARKS);
}
