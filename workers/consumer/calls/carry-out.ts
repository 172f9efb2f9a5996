// The calls of a batch of writes to GoHighLevel.

import { forEachLimit } from '../../../shared/concurrency.ts';
import type { CallWrite, WriteStep } from '../../../shared/messages.ts';
import type { Settings } from '../config/settings.ts';
import { noteOf, stepsOf, writesFor } from '../domain/calls/writes.ts';
import { type Failure, toFailure } from '../domain/failure.ts';
import type { StoredWrite } from '../store/calls/writes.ts';
import type { GhlWrites, Written } from '../vendors/calls/gohighlevel-writes.ts';

/** A message about a write; `attempts` counts its deliveries. */
export interface WriteDelivery {
  body: CallWrite;
  attempts: number;
}

/** A write that this batch has the lease of. */
export interface Job {
  delivery: WriteDelivery;
  stored: StoredWrite;
}

/** How a write ended. */
export type End =
  | Written
  /** CALL_RESULTS wants it no more. */
  | { kind: 'dropped' }
  | { kind: 'failed'; failure: Failure }
  /** Not tried: another write of the batch has shown that it must wait. */
  | { kind: 'stopped'; why: 'no_scope' | 'silent' }
  /** GoHighLevel gave no answer, and may have carried out what must happen once. */
  | { kind: 'unconfirmed'; error: string };

/** A job, and how it ended. */
export interface Tried {
  job: Job;
  end: End;
}

/** Calls at once. The sixth connection of an invocation is D1's (docs/vendors.md, Cloudflare: workers). */
const CONCURRENCY = 5;
/** Writes that a second call would repeat. */
const ONCE: readonly WriteStep[] = ['workflow', 'note'];

/** Carries the jobs out, in their order. Never throws. */
export async function carryOut(jobs: readonly Job[], ghl: GhlWrites, settings: Settings): Promise<Tried[]> {
  const ends = new Map<Job, End>();
  let stop: Extract<End, { kind: 'stopped' }> | null = null;
  await forEachLimit(jobs, CONCURRENCY, async (job) => {
    const isOnce = ONCE.includes(job.stored.step);
    if (stop !== null && (stop.why === 'no_scope' || isOnce)) return void ends.set(job, stop);
    const end = await endOf(job, ghl, settings, isOnce);
    if (end.kind === 'no_scope') stop = { kind: 'stopped', why: 'no_scope' };
    if (end.kind === 'unconfirmed') stop ??= { kind: 'stopped', why: 'silent' };
    ends.set(job, end);
  });
  return jobs.map((job) => ({ job, end: ends.get(job) ?? { kind: 'stopped', why: 'silent' } }));
}

async function endOf(job: Job, ghl: GhlWrites, settings: Settings, isOnce: boolean): Promise<End> {
  try {
    return await write(job, ghl, settings);
  } catch (thrown) {
    const failure = toFailure(thrown, 'gohighlevel');
    const isDoubtful = isOnce && failure.kind === 'transient' && failure.unanswered === true;
    return isDoubtful ? { kind: 'unconfirmed', error: failure.error } : { kind: 'failed', failure };
  }
}

/** By the settings of now: they may have changed since the call. */
async function write({ delivery, stored }: Job, ghl: GhlWrites, { calls }: Settings): Promise<End> {
  const { contactId } = delivery.body;
  const { step, disposition, calledAt } = stored;
  const wanted = calls && writesFor(disposition, calls);
  if (!wanted || !stepsOf(wanted).includes(step)) return { kind: 'dropped' };
  switch (step) {
    case 'tags':
      return ghl.addTags(contactId, wanted.tags);
    case 'dnd':
      return ghl.blockCalls(contactId);
    case 'workflow':
      return ghl.startWorkflow(contactId, wanted.workflow ?? '');
    case 'note':
      return ghl.addNote(contactId, noteOf(disposition, calledAt));
  }
}
