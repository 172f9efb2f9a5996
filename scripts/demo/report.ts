// What the demo prints after its table: the bucket's contacts, the differences, and the verdict.

import type { Mismatch } from '../../sandbox/observe/check.ts';
import { BUCKET } from '../../sandbox/observe/sight.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { colour } from '../command/terminal.ts';
import type { Row } from './run.ts';

/** The bucket's contacts, one a line. */
export function bucketReport({ callTools }: Pick<Sandbox, 'callTools'>): string {
  const all = callTools.contacts();
  const members = all.filter(({ buckets }) => buckets.includes(BUCKET));
  const lines = members.map(({ id, phones, fields }) => {
    const name = `${fields.first_name} ${fields.last_name}`.padEnd(18);
    return `  ${phones.join(', ')}  ${name} ${colour('dim', `CallTools contact ${id}`)}`;
  });
  const kept = `${all.length - members.length} more contacts in CallTools, in no bucket: kept, not dialed`;
  return [colour('bold', `Bucket "${BUCKET}" in CallTools: ${members.length} to dial`), ...lines, `  ${kept}`].join(
    '\n',
  );
}

/** The last words of the demo, and whether all went well. */
export function verdict(rows: Row[], mismatches: Mismatch[], seconds: number): { ok: boolean; text: string } {
  const failed = rows.filter(({ ok }) => !ok).length;
  const faults = [
    ...(failed > 0 ? [`${failed} of ${rows.length} scenarios failed`] : []),
    ...(mismatches.length > 0 ? [`the final check found ${mismatches.length} difference(s)`] : []),
  ];
  if (faults.length > 0) return { ok: false, text: colour('red', `✗ ${faults.join(', ')}.`) };
  const all = `✓ CallTools holds exactly what the rules say; no dead letter waits, the outbox is empty, no circuit is open.`;
  return { ok: true, text: colour('green', `${all} ${seconds.toFixed(0)} s in all.`) };
}
