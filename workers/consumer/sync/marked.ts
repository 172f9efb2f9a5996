// The hash of what CallTools should hold under a number, and the state that outlives the look which asked for it: out and marked.

import { sha256Hex } from '../../../shared/hash.ts';
import { fieldNames } from '../config/settings.ts';
import type { Dialer } from '../dialer/session.ts';
import type { Wanted } from '../domain/decide.ts';
import { canonical } from '../domain/fingerprint.ts';
import type { Rules } from '../domain/rules/conditions.ts';
import type { Job } from './work.ts';

/** In none of our buckets; do-not-contact stays as it is. */
export const OUT: Wanted = { kind: 'out', doNotContact: false };
const MARKED: Wanted = { kind: 'out', doNotContact: true };

/** On which a fingerprint depends beside the state and the rules. */
type Knows = Pick<Dialer, 'settings' | 'plan'>;

/** The fingerprint of a wanted state: equal where CallTools would be given the same. */
export function fingerprintOf(wanted: Wanted, rules: Rules, { settings, plan }: Knows): Promise<string> {
  return sha256Hex(canonical(wanted, { rules, fields: fieldNames(settings), plan }));
}

/**
 * The job, which goes on wanting the do-not-contact mark that was written, until a contact that asked for it takes the request back. The
 * contact that asked may have left the number, and a read of another contact with the number shows nothing of it. Without this, reads of
 * the two would undo each other's state for ever.
 */
export async function keepMark(job: Job, rules: Rules, dialer: Knows): Promise<Job> {
  const { row, wanted, leftBy, tasks } = job;
  const takenBack = tasks.some((task) => task.row.intent === 'dnc' && task.decision?.intent !== 'dnc');
  // A number that nobody has may lose its CallTools contact to the new number of the contact that left it.
  if (wanted?.kind !== 'out' || wanted.doNotContact || leftBy !== null || takenBack) return job;
  const isMarked = row.fingerprint !== null && row.fingerprint === (await fingerprintOf(MARKED, rules, dialer));
  return isMarked ? { ...job, wanted: MARKED } : job;
}
