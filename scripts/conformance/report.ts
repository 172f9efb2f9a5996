// The report: what was tried and what follows. It is built from sentences of our own, statuses, names of fields and types; nothing of an answer's values.

import { NOTHING } from './assumption.ts';
import { UNTRIED } from './not-tried.ts';
import type { Finding, Ran } from './run.ts';
import type { Rehearsal } from './sandbox.ts';

/** What the report says of the program that made it. */
export interface Made {
  /** Of the project. */
  version: string;
  node: string;
  /** `2026-11-30`. */
  date: string;
}

/** What an account came to. */
export interface Report extends Made {
  on: 'accounts';
  /** It came to its end, what does not hold needs nothing, and nothing of the test stays. */
  ok: boolean;
  /** GoHighLevel's, as the calls asked for it. */
  api_version: string;
  interrupted: boolean;
  counts: Counts;
  findings: Finding[];
  /** What of the test contacts and the bucket could not be removed. */
  stays: string[];
  by_hand: { section: string; look: string }[];
}

/** What the sandbox came to. */
export interface SandboxReport extends Made {
  on: 'sandbox';
  ok: boolean;
  rehearsals: {
    id: string;
    assumes: string;
    answer: string;
    result: Finding['result'];
    as_planned: boolean;
    seen: string;
    todo: string | null;
  }[];
}

interface Counts {
  holds: number;
  does_not_hold: number;
  not_tried: number;
}

/** Of a run on accounts. */
export function reportOf(
  { findings, stays, isInterrupted }: Ran,
  made: Pick<Report, keyof Made | 'api_version'>,
): Report {
  const count = (result: Finding['result']) => findings.filter((one) => one.result === result).length;
  const counts = { holds: count('holds'), does_not_hold: count('does not hold'), not_tried: count('not tried') };
  return {
    on: 'accounts',
    ok:
      !findings.some((one) => one.result === 'does not hold' && needsAction(one)) &&
      stays.length === 0 &&
      !isInterrupted,
    ...made,
    interrupted: isInterrupted,
    counts,
    findings,
    stays,
    by_hand: UNTRIED.flatMap(({ section, look }) => (look === undefined ? [] : [{ section, look }])),
  };
}

/** Something is to be set, or told to us. */
export function needsAction({ todo }: Pick<Finding, 'todo'>): boolean {
  return todo !== null && !todo.startsWith(NOTHING.slice(0, -1));
}

/** Of the sandbox. */
export function sandboxReportOf(rehearsals: readonly Rehearsal[], made: Made): SandboxReport {
  return {
    on: 'sandbox',
    ok: rehearsals.every(({ isAsPlanned }) => isAsPlanned),
    ...made,
    rehearsals: rehearsals.map(({ planned, isAsPlanned, finding: { id, assumes, result, seen, todo } }) => ({
      id,
      assumes,
      answer: planned,
      result,
      as_planned: isAsPlanned,
      seen,
      todo,
    })),
  };
}
