// The batch's jobs against CallTools: withdrawals first, unchanged phones not at all, and a person's contact moved along to a new phone.

import { forEachLimit } from '../../../shared/concurrency.ts';
import { checkDrift, type Drift } from '../dialer/drift.ts';
import { MoreNumbers } from '../dialer/numbers.ts';
import type { Desired, Dialer, Observed } from '../dialer/session.ts';
import { lastPlacing, placingOf, TakenOut } from '../dialer/taken-out.ts';
import { leaveOut, upsert } from '../dialer/upsert.ts';
import type { Wanted } from '../domain/decide.ts';
import { type Failure, toFailure } from '../domain/failure.ts';
import type { Rules } from '../domain/rules.ts';
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
   * The job of this phone, planned anew with the wishes under these numbers too; null where another batch is working on one of them.
   */
  replan(phoneHash: string, numbers: NumbersOf): Promise<Job | null>;
}

/**
 * How long a write that was given up may lie at the vendor's: answers after 20 s and more were seen (docs/vendors.md, CallTools:
 * speed and limits).
 */
export const DOUBT_MS = 60_000;
/** Phones written at once; the sixth connection of an invocation is D1's (docs/vendors.md, Cloudflare: workers). */
const CONCURRENCY = 4;
/** How often a job starts anew because CallTools shows still more numbers. */
const MAX_LOOKS = 4;

/** Runs every job; never throws. A failing job does not stop the others. */
export async function applyJobs(jobs: Job[], batch: Batch): Promise<Result[]> {
  const results = new Map<string, Result>();
  const runAll = (some: Job[], follows: boolean) =>
    forEachLimit(some, CONCURRENCY, async (job) => {
      results.set(job.row.phoneHash, await applyJob(job, { ...batch, jobs, done: results, follows }));
    });
  const left = jobs.filter(({ leftBy }) => leftBy !== null);
  const first = jobs.filter(({ leftBy }) => leftBy === null);
  const of = (kind: Wanted['kind'] | undefined) => first.filter(({ wanted }) => wanted?.kind === kind);
  await runAll([...of('out'), ...of('place')], false);
  const asked = [...results.values()].flatMap(({ kind, job, observed }) =>
    kind === 'asked' && !observed.wrote ? [job] : [],
  );
  // Only now is it known what CallTools shows of the contacts that lead, and whether a CallTools contact went along to a new number.
  await runAll([...of(undefined), ...asked], true);
  await runAll(left, true);
  return [...results.values()];
}

interface Scene extends Batch {
  jobs: Job[];
  done: Map<string, Result>;
  /** The contacts that lead have been seen to. */
  follows: boolean;
}

/** Runs a job, and starts it anew where its CallTools contact carries numbers whose wishes did not count yet. */
async function applyJob(planned: Job, scene: Scene): Promise<Result> {
  const { row } = planned;
  const observed: Observed = {
    callToolsId: row.callToolsId,
    mayBeInBucket: row.mayBeInBucket || row.inDoubt,
    moved: false,
    doNotContact: false,
    placing: lastPlacing(row),
  };
  let job = planned;
  for (let looks = 1; ; looks++) {
    try {
      return await tryJob(job, observed, scene);
    } catch (thrown) {
      const more = thrown instanceof MoreNumbers && looks < MAX_LOOKS ? thrown.numbers : null;
      const again = more && (await scene.replan(row.phoneHash, more).catch(() => null));
      if (again === null) return stepBack(job, observed, scene);
      job = again;
    }
  }
}

const BUSY: Failure = { kind: 'busy', error: 'another batch is working on a number of the same CallTools contact' };

/** It cannot be said now whether somebody keeps the other numbers out: what this batch has placed meanwhile is taken out again. */
async function stepBack(job: Job, observed: Observed, { dialer, rules, now }: Scene): Promise<Result> {
  let failure = BUSY;
  try {
    const target = targetOf(job, observed, undefined, OUT, rules, now());
    // Where nobody has the number nothing was placed.
    if (observed.wrote && !job.sparesOthers) await upsert(target, dialer, observed);
  } catch (thrown) {
    failure = toFailure(thrown, 'calltools');
  }
  return { job, kind: 'failed', observed, fingerprint: null, doubtUntil: job.row.doubtUntil, failure, drifted: false };
}

/** One try. Throws MoreNumbers, and nothing else. */
async function tryJob(planned: Job, observed: Observed, scene: Scene): Promise<Result> {
  const { jobs, done, dialer, rules, now } = scene;
  const job = await keepMark(planned, rules, dialer);
  const { row, wanted } = job;
  const left = leftFor(job, jobs);
  const result: End = (kind, fingerprint, failure = null, drifted = false) => {
    const unanswered = failure?.kind === 'transient' && failure.unanswered;
    // A doubt is about a CallTools contact: it goes along to that contact's new number.
    const doubtUntil = Math.max(unanswered ? now() + DOUBT_MS : 0, row.doubtUntil, left?.row.doubtUntil ?? 0);
    const known = doubtUntil > now() ? null : fingerprint;
    const ended = observed.takenOut ? keptOut(job, routeOf(job.combined, rules), now()) : job;
    return { job: ended, kind, observed, fingerprint: known, doubtUntil, failure, drifted };
  };

  if (wanted === null) {
    try {
      const follows = scene.follows && !job.marked && (await follow(job, done, dialer, observed, now()));
      return follows ? result('follows', null) : result('asked', job.marked ? null : shownFor(job));
    } catch (thrown) {
      return result('failed', null, toFailure(thrown, 'calltools'));
    }
  }
  const fingerprint = await fingerprintOf(wanted, rules, dialer);
  const destination = destinationOf(job, done);
  if (destination?.kind === 'failed') return result('failed', null, destination.failure);
  // A write that was given up may yet bring the old number back: until then the CallTools contact is looked at under both.
  if (destination && row.doubtUntil > now()) return result('moved', null);
  if (destination) {
    Object.assign(observed, { callToolsId: null, mayBeInBucket: false });
    return { ...result('moved', null), fingerprint, doubtUntil: 0 };
  }
  const asWritten = fingerprint === row.fingerprint && !observed.wrote;
  if (asWritten && !mustConfirm(job)) return result('unchanged', fingerprint);
  const target = targetOf(job, observed, left, wanted, rules, now());
  return bring(job, { target, fingerprint, asWritten }, observed, result, scene);
}

type End = (kind: Result['kind'], fingerprint: string | null, failure?: Failure | null, drifted?: boolean) => Result;

interface Goal {
  target: Desired;
  fingerprint: string;
  /** It is what was last written, and is only to be confirmed. */
  asWritten: boolean;
}

/** Confirms or writes. Throws MoreNumbers, and nothing else. */
async function bring(
  job: Job,
  { target, fingerprint, asWritten }: Goal,
  observed: Observed,
  result: End,
  { dialer, rules }: Scene,
): Promise<Result> {
  let drift: Drift | 'taken_out' | null = null;
  try {
    if (asWritten) drift = await confirmOrLeave(job, target, dialer, observed);
  } catch (thrown) {
    if (thrown instanceof MoreNumbers) throw thrown;
    // Nothing was written: what is known of it is as good as before, and nothing is in doubt.
    return { ...result('failed', observed.takenOut ? null : fingerprint), failure: toFailure(thrown, 'calltools') };
  }
  if (drift === 'in_sync') return result('confirmed', fingerprint);
  const drifted = asWritten && drift !== 'taken_out';

  try {
    if (drift !== 'taken_out')
      await upsert(
        {
          ...target,
          ...(drift === 'left_bucket' && { placing: null }),
          inDoubt: target.inDoubt || drift === 'reassigned',
        },
        dialer,
        observed,
      );
    const reached = observed.takenOut ? await fingerprintOf(OUT, rules, dialer) : fingerprint;
    return result('written', observed.unverified ? null : reached, null, drifted);
  } catch (thrown) {
    if (thrown instanceof MoreNumbers) throw thrown;
    return result('failed', null, toFailure(thrown, 'calltools'), drifted);
  }
}

/** The result of the number to which this one's CallTools contact has gone along, or was to; undefined where it has not. */
function destinationOf({ row, leftBy }: Job, done: Map<string, Result>): Result | undefined {
  const destination = leftBy?.phoneHash ? done.get(leftBy.phoneHash) : undefined;
  // Where another contact leads the new number nothing was done there: what is remembered may be a move that failed.
  const leadsThere = destination !== undefined && destination.kind !== 'asked' && destination.kind !== 'follows';
  const along = leadsThere && destination.observed.callToolsId === row.callToolsId;
  return row.callToolsId !== null && along ? destination : undefined;
}

/** What the job wants of CallTools. Once it has written, the contact that it wrote to is certain. */
function targetOf(
  job: Job,
  observed: Observed,
  left: Job | undefined,
  wanted: Wanted,
  rules: Rules,
  now: number,
): Desired {
  const { row, e164, numbers, dialed, sparesOthers, carriers, linked } = job;
  const route = routeOf(job.combined, rules);
  const wrote = observed.wrote === true && observed.callToolsId !== null;
  const callToolsId = wrote ? observed.callToolsId : row.callToolsId;
  // It may have been put into its bucket under another of its numbers.
  const same = linked.filter((other) => other.callToolsId !== null && carriers.includes(other.callToolsId));
  const placings = [row, ...same].map((other) => placingOf(other, route, rules));
  return {
    ...{ e164, phoneHash: row.phoneHash, wanted, dialed, sparesOthers, carriers },
    previousContactId: left?.row.callToolsId ?? null,
    // Nobody wants anything of the numbers that the contact in hand has left.
    numbers: left ? new Set([...numbers, ...left.numbers]) : numbers,
    ...{ callToolsId, inDoubt: row.inDoubt && !wrote, doubtMs: Math.max(0, row.doubtUntil - now) },
    ...{ route, now, placing: placings.find((placing) => placing !== null) ?? null },
    previousPlacing: left ? placingOf(left.row, route, rules) : null,
  };
}

/** What CallTools holds; a contact that was taken out in CallTools after a call is left out. Throws VendorError. */
async function confirmOrLeave(
  job: Job,
  target: Desired,
  dialer: Dialer,
  observed: Observed,
): Promise<Drift | 'taken_out'> {
  try {
    // Numbers that the contact has left count for a write only.
    return await checkDrift({ ...target, numbers: job.numbers }, dialer, observed);
  } catch (thrown) {
    if (!(thrown instanceof TakenOut)) throw thrown;
    await leaveOut(thrown.contact, target, dialer, observed);
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

/**
 * There is a CallTools contact to look at, and the backstop asks for it; or a failure stands where it was remembered whether the contact
 * may be dialed.
 */
function mustConfirm({ row, tasks }: Job): boolean {
  return row.callToolsId !== null && tasks.some(({ work, row: { state } }) => work.verify || state === 'failed');
}

/** What CallTools shows under the phone is settled only as the lead's: of anyone else it is out of date as soon as another leads. */
function shownFor({ row, combined }: Job): string | null {
  return combined.kind === 'place' && combined.primary === row.contactId ? row.fingerprint : null;
}

/**
 * The job of a number that this job's lead has left and that nobody else wants anything of: its CallTools contact may come along. Of
 * several such numbers that of the contact in a bucket; under one of long ago there may be none.
 */
function leftFor({ combined, row }: Job, jobs: Job[]): Job | undefined {
  if (combined.kind !== 'place') return undefined;
  const left = jobs.filter(
    ({ leftBy }) => leftBy?.phoneHash === row.phoneHash && leftBy.work.contactId === combined.primary,
  );
  const known = left.filter((job) => job.row.callToolsId !== null);
  return known.find((job) => job.row.mayBeInBucket) ?? known[0] ?? left[0];
}
