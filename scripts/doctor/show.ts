// The doctor's report for a person: a line for each check, and for what is not well what was checked and what to do.

import { table } from '../replay/show.ts';
import type { Report } from './report.ts';

const MARKS = { ok: 'ok', warning: '?', failed: 'FAILED', skipped: '-' };

export function show({ checks, counts, location_id }: Report, where: string): string {
  const rows = checks.map(({ code, status, seen }) => [MARKS[status], code, seen]);
  const unwell = checks.filter(({ status }) => status === 'failed' || status === 'warning');
  // What failed comes first: the rest may only follow from it.
  const sorted = [
    ...unwell.filter(({ status }) => status === 'failed'),
    ...unwell.filter(({ status }) => status === 'warning'),
  ];
  const advice = sorted.map(
    ({ code, status, what = '', todo = '' }) =>
      `${MARKS[status]} ${code}\n    should be: ${what}\n    to mend:   ${todo}`,
  );
  return [
    `${where}, location ${location_id ?? 'not known'}\n`,
    table(['', 'CHECK', 'SEEN'], rows),
    ...(advice.length > 0 ? ['', ...advice] : []),
    `\n${counts.failed} failed, ${counts.warning} to look at, ${counts.ok} ok, ${counts.skipped} skipped.`,
  ].join('\n');
}
