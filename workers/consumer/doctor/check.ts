// A check of the doctor. Each has a code, which docs/troubleshooting.md explains word for word.

import type { CheckCode } from '../domain/checks.ts';
import type { Vendor } from '../domain/failure.ts';

/** How a check ended. `skipped`: it could not be made. */
export type Status = 'ok' | 'warning' | 'failed' | 'skipped';

/** The result of one check. `seen` says what was found, without personal data. */
export interface Check {
  code: CheckCode;
  status: Status;
  seen: string;
  /** What to do, where it is more exact than what CHECKS says. */
  todo?: string;
  /** The check that must be fixed first: this one only follows from it. */
  followsFrom?: CheckCode;
  /** The vendors that it is about. */
  vendors?: Vendor[];
  /** Since when it has not been well, epoch ms, where that is known. */
  since?: number;
}

/** A check that found all well. */
export const ok = (code: CheckCode, seen: string): Check => ({ code, status: 'ok', seen });
/** A check that found something to look at. */
export const warning = (code: CheckCode, seen: string): Check => ({ code, status: 'warning', seen });
/** A check that found something to fix. */
export const failed = (code: CheckCode, seen: string): Check => ({ code, status: 'failed', seen });
/** `from`: the check that must be well first. */
export const skipped = (code: CheckCode, seen: string, from?: CheckCode): Check => ({
  code,
  status: 'skipped',
  seen,
  ...(from && { followsFrom: from }),
});
