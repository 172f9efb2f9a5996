// The doctor's report for a person: a line for each check, then what to do about those that are not ok.

import type { DoctorCheck, DoctorReport } from '../../shared/api/status.ts';
import { table } from '../command/text.ts';

const MARKS = { ok: 'ok', warning: '?', failed: 'FAILED', skipped: '-' };

/** A report as a table. `where`: the address that was asked; `width`: of the terminal. */
export function show({ checks, counts, location_id }: DoctorReport, where: string, width?: number): string {
  const rows = checks.map(({ code, status, seen, follows_from }) => [
    MARKS[status],
    follows_from === undefined ? code : `└ ${code}`,
    seen,
  ]);
  // A finding that follows from another one needs no fix of its own.
  const unwell = checks.filter((check) => isUnwell(check) && check.follows_from === undefined);
  const following = (from: string) => checks.filter((check) => isUnwell(check) && check.follows_from === from);
  const sorted = [
    ...unwell.filter(({ status }) => status === 'failed'),
    ...unwell.filter(({ status }) => status === 'warning'),
  ];
  const advice = sorted.map(({ code, status, what = '', todo = '' }) => {
    const others = following(code).map((check) => check.code);
    const also = others.length === 0 ? '' : `\n    follows:   ${others.join(', ')}`;
    return `${MARKS[status]} ${code}\n    should be: ${what}\n    to fix:    ${todo}${also}`;
  });
  const own = (status: DoctorCheck['status']) => unwell.filter((check) => check.status === status).length;
  const more =
    counts.following === 0
      ? ''
      : ` ${counts.following} more only ${counts.following === 1 ? 'follows' : 'follow'} from these.`;
  return [
    `${where}, location ${location_id ?? 'not known'}\n`,
    table(['', 'CHECK', 'SEEN'], rows, width),
    ...(advice.length > 0 ? ['', ...advice] : []),
    `\n${own('failed')} failed, ${own('warning')} to look at, ${counts.ok} ok, ${counts.skipped} skipped.${more}`,
  ].join('\n');
}

function isUnwell({ status }: DoctorCheck): boolean {
  return status === 'failed' || status === 'warning';
}
