// One try of a phone's job: it is unchanged, has moved, follows another number, is confirmed, or is written.

import { checkDrift, type Drift } from '../dialer/drift.ts';
import { MoreNumbers } from '../dialer/numbers.ts';
import type { Desired, Dialer, Observed } from '../dialer/session.ts';
import { placingOf, TakenOut } from '../dialer/taken-out.ts';
import { leaveOut, upsert } from '../dialer/upsert.ts';
import type { Wanted } from '../domain/decide.ts';
import { type Failure, toFailure } from '../domain/failure.ts';
import type { Rules } from '../domain/rules/conditions.ts';
import type { NumbersOf } from '../store/phones.ts';
import { follow } from './follow.ts';
import { routeOf } from './hold.ts';
import { fingerprintOf, keepMark, OUT } from './marked.ts';
import type { Job, Result } from './work.ts';

/** What the jobs of a batch share. */
export interface Batch {
  dialer: Dialer;
  rules: Rules;
  now(): number;
  /**
   * The job of this phone, planned anew with the intents under these numbers too; null where another batch is working on one of them.
   */
  replan(phoneHash: string, numbers: NumbersOf): Promise<Job | null>;
}

/**
 * How long a write that was given up may lie at the vendor's: answers after 20 s and more were seen (docs/vendors.md, CallTools:
 * speed and limits).
 */
export const DOUBT_MS = 60_000;

/** The batch while its jobs run. */
export interface BatchContext extends Batch {
  jobs: Job[];
  /** Results so far, by phone. */
  done: Map<string, Result>;
  /** The jobs of the primary contacts are done. */
  follows: boolean;
}

/** One try of a job. `observed` lasts over all of them. */
export interface Attempt {
  job: Job;
  observed: Observed;
  /** The job of the number that the contact in hand has left for this one. */
  left: Job | undefined;
  batch: BatchContext;
}

/** One try. Throws MoreNumbers, and nothing else. */
export async function tryJob(planned: Job, observed: Observed, batch: BatchContext): Promise<Result> {
  const { jobs, done, dialer, rules, now } = batch;
  const job = await keepMark(planned, rules, dialer);
  const { row, wanted } = job;
  const attempt: Attempt = { job, observed, left: leftFor(job, jobs), batch };
  if (wanted === null) return followOrAsk(attempt);
  // What may have been written before the brake held it back is taken out. Of the others CallTools is asked nothing.
  if (job.braked && !observed.mayBeInBucket && row.doubtUntil <= now())
    return ended(attempt, 'unchanged', { fingerprint: row.fingerprint });

  const destination = destinationOf(job, done);
  if (destination?.kind === 'failed') return ended(attempt, 'failed', { failure: destination.failure });
  // A write that was given up may yet bring the old number back: until then the CallTools contact is looked at under both.
  if (destination && row.doubtUntil > now()) return ended(attempt, 'moved');
  const fingerprint = await fingerprintOf(wanted, rules, dialer);
  if (destination) {
    Object.assign(observed, { callToolsId: null, mayBeInBucket: false });
    return { ...ended(attempt, 'moved'), fingerprint, doubtUntil: 0 };
  }
  const asWritten = fingerprint === row.fingerprint && !observed.wrote;
  if (asWritten && !mustConfirm(job)) return ended(attempt, 'unchanged', { fingerprint });
  const desired = desiredOf(attempt, wanted);
  return asWritten ? confirm(attempt, desired, fingerprint) : write(attempt, desired, fingerprint);
}

/** Another contact's data belongs under this phone. Throws nothing. */
async function followOrAsk(attempt: Attempt): Promise<Result> {
  const { job, observed, batch } = attempt;
  const { done, dialer, now, follows } = batch;
  try {
    const followed = follows && !job.marked && (await follow(job, done, dialer, observed, now()));
    return followed ? ended(attempt, 'follows') : ended(attempt, 'asked', { fingerprint: shownFor(job) });
  } catch (thrown) {
    return ended(attempt, 'failed', { failure: toFailure(thrown, 'calltools') });
  }
}

/** It is what was last written. CallTools is asked whether that still holds, and drift is repaired. Throws MoreNumbers, and nothing else. */
async function confirm(attempt: Attempt, desired: Desired, fingerprint: string): Promise<Result> {
  const { observed, batch } = attempt;
  let drift: Drift | 'taken_out';
  try {
    drift = await checkOrLeaveOut(attempt, desired);
  } catch (thrown) {
    if (thrown instanceof MoreNumbers) throw thrown;
    // Nothing was written: what is known is as good as before, and nothing is in doubt.
    const known = observed.takenOut ? null : fingerprint;
    return { ...ended(attempt, 'failed', { fingerprint: known }), failure: toFailure(thrown, 'calltools') };
  }
  switch (drift) {
    case 'in_sync':
      // A field that CallTools refused is tried again.
      if (attempt.job.row.leftOut.length > 0) return write(attempt, desired, fingerprint);
      return ended(attempt, 'confirmed', { fingerprint });
    case 'taken_out':
      return written(attempt, await fingerprintOf(OUT, batch.rules, batch.dialer));
    case 'left_bucket':
      return write(attempt, { ...desired, placing: null }, fingerprint, true);
    case 'reassigned':
      return write(attempt, { ...desired, inDoubt: true }, fingerprint, true);
    case 'drifted':
      return write(attempt, desired, fingerprint, true);
  }
}

/** Throws MoreNumbers, and nothing else. */
async function write(attempt: Attempt, desired: Desired, fingerprint: string, drifted = false): Promise<Result> {
  const { observed, batch } = attempt;
  const { dialer, rules } = batch;
  try {
    await upsert(desired, dialer, observed);
    return written(attempt, observed.takenOut ? await fingerprintOf(OUT, rules, dialer) : fingerprint, drifted);
  } catch (thrown) {
    if (thrown instanceof MoreNumbers) throw thrown;
    return ended(attempt, 'failed', { failure: toFailure(thrown, 'calltools'), drifted });
  }
}

function written(attempt: Attempt, fingerprint: string, drifted = false): Result {
  return ended(attempt, 'written', { fingerprint: attempt.observed.unverified ? null : fingerprint, drifted });
}

interface End {
  fingerprint?: string | null;
  failure?: Failure | null;
  drifted?: boolean;
}

/** How the try ended. While a write that was given up may still take effect, nothing counts as known. */
function ended(
  { job, observed, left, batch: { rules, now } }: Attempt,
  kind: Result['kind'],
  { fingerprint = null, failure = null, drifted = false }: End = {},
): Result {
  const unanswered = failure?.kind === 'transient' && failure.unanswered;
  // A doubt is about a CallTools contact: it goes along to that contact's new number.
  const doubtUntil = Math.max(unanswered ? now() + DOUBT_MS : 0, job.row.doubtUntil, left?.row.doubtUntil ?? 0);
  return {
    job: observed.takenOut ? keptOut(job, routeOf(job.combined, rules), now()) : job,
    kind,
    observed,
    fingerprint: doubtUntil > now() ? null : fingerprint,
    doubtUntil,
    failure,
    drifted,
  };
}

/** The result of the number to which this one's CallTools contact has moved, or was to move; undefined where it has not. */
function destinationOf({ row, leftBy }: Job, done: Map<string, Result>): Result | undefined {
  const destination = leftBy?.phoneHash ? done.get(leftBy.phoneHash) : undefined;
  // Where another contact is primary nothing was done under the new number: what is remembered may be a move that failed.
  const isPrimary = destination !== undefined && destination.kind !== 'asked' && destination.kind !== 'follows';
  const along = isPrimary && destination.observed.callToolsId === row.callToolsId;
  return row.callToolsId !== null && along ? destination : undefined;
}

/** What the job wants of CallTools. Once it has written, the contact that it wrote to is certain. */
export function desiredOf({ job, observed, left, batch }: Attempt, wanted: Wanted): Desired {
  const { row, e164, numbers, dialed, sparesOthers, carriers, linked } = job;
  const { rules } = batch;
  const now = batch.now();
  const route = routeOf(job.combined, rules);
  const wrote = observed.wrote === true && observed.callToolsId !== null;
  // It may have been put into its bucket under another of its numbers.
  const same = linked.filter((other) => other.callToolsId !== null && carriers.includes(other.callToolsId));
  const placings = [row, ...same].map((other) => placingOf(other, route, rules));
  return {
    e164,
    phoneHash: row.phoneHash,
    wanted,
    dialed,
    sparesOthers,
    carriers,
    // Nobody wants anything of the numbers that the contact in hand has left.
    numbers: left ? new Set([...numbers, ...left.numbers]) : numbers,
    callToolsId: wrote ? observed.callToolsId : row.callToolsId,
    inDoubt: row.inDoubt && !wrote,
    doubtMs: Math.max(0, row.doubtUntil - now),
    route,
    now,
    placing: placings.find((placing) => placing !== null) ?? null,
    previousContactId: left?.row.callToolsId ?? null,
    previousNumbers: left?.row.inDoubt
      ? new Set(allLeftFor(job, batch.jobs).map(({ row: { phoneHash } }) => phoneHash))
      : null,
    previousPlacing: left ? placingOf(left.row, route, rules) : null,
  };
}

/** What CallTools holds. A contact that was taken out in CallTools after a call is left out. Throws VendorError and MoreNumbers. */
async function checkOrLeaveOut(
  { job, observed, batch: { dialer } }: Attempt,
  desired: Desired,
): Promise<Drift | 'taken_out'> {
  try {
    // Numbers that the contact has left count for a write only.
    return await checkDrift({ ...desired, numbers: job.numbers }, dialer, observed);
  } catch (thrown) {
    if (!(thrown instanceof TakenOut)) throw thrown;
    await leaveOut(thrown.contact, desired, dialer, observed);
    return 'taken_out';
  }
}

/** The job, now that its number was taken out in CallTools. */
function keptOut(job: Job, route: string | null, at: number): Job {
  const reason = 'taken_out_in_calltools';
  return {
    ...job,
    combined: { kind: 'out', doNotContact: false, hold: reason },
    hold: { reason, route: route ?? '', at },
  };
}

/** There is a CallTools contact to look at, and the backstop asks for it. After a failure it is not known whether it may be dialed. */
function mustConfirm({ row, tasks }: Job): boolean {
  return row.callToolsId !== null && tasks.some(({ work, row: { state } }) => work.verify || state === 'failed');
}

/**
 * What CallTools shows under the phone is certain only where it shows the primary contact: as soon as another contact is primary, it is
 * out of date.
 */
function shownFor({ row, combined, marked }: Job): string | null {
  return !marked && combined.kind === 'place' && combined.primary === row.contactId ? row.fingerprint : null;
}

/** The jobs of the numbers that this job's primary contact has left and that nobody else wants anything of. */
function allLeftFor({ combined, row }: Job, jobs: Job[]): Job[] {
  if (combined.kind !== 'place') return [];
  return jobs.filter(({ leftBy }) => leftBy?.phoneHash === row.phoneHash && leftBy.work.contactId === combined.primary);
}

/**
 * That one of them whose CallTools contact may move here: the one in a bucket, else one that has a contact. An old number may have none.
 */
export function leftFor(job: Job, jobs: Job[]): Job | undefined {
  const left = allLeftFor(job, jobs);
  const known = left.filter(({ row }) => row.callToolsId !== null);
  return known.find(({ row }) => row.mayBeInBucket) ?? known[0] ?? left[0];
}
