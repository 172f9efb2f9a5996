// What the doctor can check: one code each, which docs/troubleshooting.md explains word for word.

import type { CheckCode } from '../domain/checks.ts';
import type { Vendor } from '../domain/failure.ts';

export type Status = 'ok' | 'warning' | 'failed' | 'skipped';

/** One check's result. `seen` says what there is, without personal data. */
export interface Check {
  code: CheckCode;
  status: Status;
  seen: string;
  /** What to do, where it is more exact than what CHECKS says. */
  todo?: string;
  /** The check whose trouble this one merely follows from. */
  followsFrom?: CheckCode;
  /** Whose trouble it is. */
  vendors?: Vendor[];
  /** Epoch ms: since when it is not well, where that is known. */
  since?: number;
}

export const ok = (code: CheckCode, seen: string): Check => ({ code, status: 'ok', seen });
export const warning = (code: CheckCode, seen: string): Check => ({ code, status: 'warning', seen });
export const failed = (code: CheckCode, seen: string): Check => ({ code, status: 'failed', seen });
/** `from`: the check that must be well first. */
export const skipped = (code: CheckCode, seen: string, from?: CheckCode): Check => ({
  ...{ code, status: 'skipped', seen },
  ...(from && { followsFrom: from }),
});
