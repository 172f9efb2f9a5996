// What can be said of each piece of work before GoHighLevel is asked, pure: to do, nothing to do, or someone else is at it.

import type { Work } from './coalesce.ts';
import type { Task } from './plan.ts';
import type { Claimed, DialerRow } from './store.ts';

export type Triage = { kind: 'task'; task: Task } | { kind: 'skipped' } | { kind: 'busy' };

/** Judges one contact by what the claim brought back. */
export function triage(work: Work, { contacts, dialer }: Pick<Claimed, 'contacts' | 'dialer'>): Triage {
  const row = contacts.get(work.contactId);
  if (!row) return { kind: 'skipped' };
  if (!row.mine) return { kind: 'busy' };
  const phones = [...dialer.values()].filter(
    (phone) => phone.phoneHash === row.phoneHash || phone.contactId === work.contactId,
  );
  if (phones.some(({ mine }) => !mine)) return { kind: 'busy' };
  const settled = row.state === 'kept_out' && row.wish === 'none';
  if (work.ofNoConcern && settled && !phones.some(mayBeHeld)) return { kind: 'skipped' };
  return { kind: 'task', task: { work, row, decision: null, phoneHash: null, failure: null } };
}

function mayBeHeld({ held, uncertain, fingerprint }: DialerRow): boolean {
  return held || uncertain || fingerprint === null;
}
