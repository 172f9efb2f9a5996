// How writes to GoHighLevel end, and what is kept of it.

import type { D1Database, D1PreparedStatement } from '@cloudflare/workers-types';
import type { LocationContext } from '../config/context.ts';
import type { World } from '../config/env.ts';
import { type WriteFault, writeLetter, writeLetterId } from '../dead-letters/letter.ts';
import type { Failure } from '../domain/failure.ts';
import { type Outcome, outcomeOf } from '../domain/outcome.ts';
import { endWrites, noteWriteFailure, type WriteLease } from '../store/calls/writes.ts';
import { insertDeadLetters, resolveLetters } from '../store/dead-letters.ts';
import type { Tried } from './carry-out.ts';

/** A write that is over for this batch. */
export interface Ended extends Tried {
  outcome: Outcome;
  /** Its new state, as it is stored. */
  state: string;
  /** Why it cannot be done. */
  fault: WriteFault | null;
}

/** What is known of GoHighLevel after the batch: what each failure means, and whether it is down. */
interface Judgement {
  judged(failure: Failure): Failure;
  down: boolean;
}

/** While GoHighLevel did not answer a write that must happen once, others like it wait so long. */
const SILENT: Failure = { kind: 'busy', error: 'GoHighLevel does not answer', forMs: 60_000 };
const SKIPPED: Outcome = { kind: 'skipped' };

/** The outcome of a write. A token that may not write is nobody's fault: the write waits in D1 until a few tries show that it may. */
export function settle(tried: Tried, { judged, down }: Judgement, { now, random }: World): Ended {
  const { job, end } = tried;
  const { delivery, stored } = job;
  const over = (state: string): Ended => ({ ...tried, outcome: SKIPPED, state, fault: null });
  const dead = (code: WriteFault['code'], error: string): Ended => ({
    ...tried,
    outcome: { kind: 'dead', code, error },
    state: 'failed',
    fault: { code, error },
  });
  switch (end.kind) {
    case 'done':
    case 'gone':
      return over('done');
    case 'dropped':
      return over('dropped');
    case 'no_scope':
      return over('waiting');
    case 'unconfirmed':
      return dead('write_unconfirmed', end.error);
    case 'stopped':
      if (end.why === 'no_scope') return over('waiting');
      break;
    case 'failed':
  }
  const failure = end.kind === 'failed' ? judged(end.failure) : SILENT;
  const ageMs = now() - delivery.body.askedAt;
  const outcome = outcomeOf(failure, delivery.attempts, down, random(), ageMs);
  if (outcome.kind === 'dead')
    return dead(outcome.code === 'exhausted' ? 'write_failed' : 'write_refused', outcome.error);
  return { ...tried, outcome, state: stored.state, fault: null };
}

/** Statements that keep how these writes ended. */
export async function endStatements(
  db: D1Database,
  lease: WriteLease,
  ended: readonly Ended[],
  now: number,
): Promise<D1PreparedStatement[]> {
  const { locationId } = lease;
  const letters = await Promise.all(
    ended.flatMap(({ job: { delivery }, fault }) =>
      fault ? [writeLetter(delivery.body, fault, delivery.attempts, now)] : [],
    ),
  );
  const succeeded = await Promise.all(
    ended.flatMap(({ job, state }) => (state === 'done' ? [writeLetterId(job.delivery.body)] : [])),
  );
  const refused = ended.flatMap(({ end }) => (end.kind === 'no_scope' ? [end.error] : []));
  const isTaken = ended.some(({ end }) => end.kind === 'done');
  return [
    endWrites(
      db,
      lease,
      ended.map(({ job: { stored }, state }) => ({ rowId: stored.rowId, step: stored.step, state })),
      now,
    ),
    ...(letters.length > 0 ? [insertDeadLetters(db, letters)] : []),
    ...(succeeded.length > 0 ? [resolveLetters(db, succeeded, now)] : []),
    ...(refused.length > 0 || isTaken ? [noteWriteFailure(db, locationId, refused[0] ?? null)] : []),
  ];
}

/** Names no value: ids, the step and the end. */
export function logEnd({ job, end, outcome, fault }: Ended, { log }: LocationContext): void {
  const { rowId, step, contactId } = job.delivery.body;
  const error = 'error' in outcome ? outcome.error : end.kind === 'no_scope' ? end.error : undefined;
  log(fault ? 'calls.write_dead' : 'calls.write', {
    contactId,
    rowId,
    step,
    outcome: outcome.kind === 'skipped' ? end.kind : outcome.kind,
    ...(fault && { code: fault.code }),
    ...(error !== undefined && { error }),
  });
}
