// The batch's jobs against CallTools: withdrawals first, unchanged phones not at all, and a person's contact moved along to a new phone.

import { sha256Hex } from '../../shared/hash.ts';
import type { Rules } from '../../shared/rules.ts';
import { confirm, type Held } from './confirm.ts';
import { fieldNames } from './contact-body.ts';
import { canonical, type Wanted } from './decide.ts';
import type { Dialer, Progress, Target } from './dialer-target.ts';
import { type Failure, toFailure } from './failure.ts';
import { routeOf } from './hold.ts';
import type { Job } from './plan.ts';
import { eachOf } from './pool.ts';
import { lastPlacing, placingOf, TakenOut } from './taken-out.ts';
import { leaveOut, upsert } from './upsert.ts';

/** How a job ended; `progress` holds also where it failed half-way. */
export interface Result {
  job: Job;
  /**
   * `confirmed`: unchanged, and CallTools says so itself. `asked`: another contact leads this phone, and must be looked at for
   * it. `moved`: its CallTools contact has another number now.
   */
  kind: 'written' | 'unchanged' | 'confirmed' | 'asked' | 'moved' | 'failed';
  progress: Progress;
  /** Hash of the state that CallTools provably holds, or held when it was last written to; null where that is not known. */
  fingerprint: string | null;
  /** Epoch ms: until then a write that was given up, now or earlier, may still take effect. */
  doubtUntil: number;
  failure: Failure | null;
  /** CallTools did not hold what we last wrote: someone has changed it there. */
  drifted: boolean;
}

/** How long a write that was given up may lie at the vendor's: answers after 20 s and more were seen (facts/calltools.md 8 [SEEN+]). */
export const DOUBT_MS = 60_000;
/** Phones written at once; the sixth connection of an invocation is D1's (facts/cloudflare.md [doc]). */
const CONCURRENCY = 4;

/** Runs every job; never throws. A failing job does not stop the others. */
export async function applyJobs(jobs: Job[], dialer: Dialer, rules: Rules, now: () => number): Promise<Result[]> {
  const results = new Map<string, Result>();
  const run = async (job: Job) => {
    results.set(job.row.phoneHash, await applyJob(job, jobs, results, dialer, rules, now));
  };
  const removes = ({ wanted }: Job) => wanted?.kind === 'out';
  const left = jobs.filter(({ leftBy }) => leftBy !== null);
  const first = jobs.filter(({ leftBy }) => leftBy === null);
  await eachOf([...first.filter(removes), ...first.filter((job) => !removes(job))], CONCURRENCY, run);
  // Only now is it known whether the CallTools contact went along to the new number.
  await eachOf(left, CONCURRENCY, run);
  return [...results.values()];
}

async function applyJob(
  job: Job,
  jobs: Job[],
  done: Map<string, Result>,
  dialer: Dialer,
  rules: Rules,
  now: () => number,
): Promise<Result> {
  const { row, wanted } = job;
  const route = routeOf(job.combined, rules);
  const progress: Progress = {
    callToolsId: row.callToolsId,
    held: row.held || row.uncertain,
    adopted: false,
    doNotContact: false,
    placing: lastPlacing(row),
  };
  let drifted = false;
  const left = leftFor(job, jobs);
  const result = (kind: Result['kind'], fingerprint: string | null, failure: Failure | null = null): Result => {
    const unanswered = failure?.kind === 'transient' && failure.unanswered;
    // A doubt is about a CallTools contact: it goes along to that contact's new number.
    const doubtUntil = Math.max(unanswered ? now() + DOUBT_MS : 0, row.doubtUntil, left?.row.doubtUntil ?? 0);
    const known = doubtUntil > now() ? null : fingerprint;
    const ended = progress.takenOut ? keptOut(job, route, now()) : job;
    return { job: ended, kind, progress, fingerprint: known, doubtUntil, failure, drifted };
  };

  if (wanted === null) return result('asked', shownFor(job));
  const fingerprint = await fingerprintOf(wanted, rules, dialer);
  const destination = destinationOf(job, done);
  if (destination?.kind === 'failed') return result('failed', null, destination.failure);
  // A write that was given up may yet bring the old number back: until then the CallTools contact is looked at under both.
  if (destination && row.doubtUntil > now()) return result('moved', null);
  if (destination) {
    Object.assign(progress, { callToolsId: null, held: false });
    return { ...result('moved', null), fingerprint, doubtUntil: 0 };
  }
  const asWritten = fingerprint === row.fingerprint;
  if (asWritten && !mustConfirm(job)) return result('unchanged', fingerprint);

  const target = targetOf(job, left, wanted, rules, now());
  let held: Held | 'taken_out' | null = null;
  try {
    if (asWritten) held = await confirmOrLeave(job, target, dialer, progress);
  } catch (thrown) {
    // Nothing was written: what is known of it is as good as before, and nothing is in doubt.
    return { ...result('failed', progress.takenOut ? null : fingerprint), failure: toFailure(thrown, 'calltools') };
  }
  if (held === 'as_wanted') return result('confirmed', fingerprint);
  drifted = asWritten && held !== 'taken_out';

  try {
    if (held !== 'taken_out')
      await upsert(
        { ...target, ...(held === 'outside' && { placing: null }), uncertain: row.uncertain || held === 'elsewhere' },
        dialer,
        progress,
      );
    const reached = progress.takenOut ? await fingerprintOf(OUT, rules, dialer) : fingerprint;
    return result('written', progress.unverified ? null : reached);
  } catch (thrown) {
    return result('failed', null, toFailure(thrown, 'calltools'));
  }
}

/** The result of the number to which this one's CallTools contact has gone along, or was to; undefined where it has not. */
function destinationOf({ row, leftBy }: Job, done: Map<string, Result>): Result | undefined {
  const destination = leftBy?.phoneHash ? done.get(leftBy.phoneHash) : undefined;
  // Where another contact leads the new number nothing was done there: what is remembered may be a move that failed.
  const along = destination?.kind !== 'asked' && destination?.progress.callToolsId === row.callToolsId;
  return row.callToolsId !== null && along ? destination : undefined;
}

function targetOf(job: Job, left: Job | undefined, wanted: Wanted, rules: Rules, now: number): Target {
  const { row, e164 } = job;
  const route = routeOf(job.combined, rules);
  return {
    ...{ e164, phoneHash: row.phoneHash, wanted, adoptable: left?.row.callToolsId ?? null },
    adoptableHeld: left?.row.held === true && !left.row.uncertain && left.row.doubtUntil <= now,
    ...{ callToolsId: row.callToolsId, uncertain: row.uncertain, doubtMs: Math.max(0, row.doubtUntil - now) },
    ...{ route, now, placing: placingOf(row, route, rules) },
    adoptablePlacing: left ? placingOf(left.row, route, rules) : null,
  };
}

const OUT: Wanted = { kind: 'out', doNotContact: false };

function fingerprintOf(wanted: Wanted, rules: Rules, { settings }: Dialer): Promise<string> {
  return sha256Hex(canonical(wanted, rules, fieldNames(settings)));
}

/** What CallTools holds; a contact that was taken out in CallTools after a call is left out. Throws VendorError. */
async function confirmOrLeave(
  job: Job,
  target: Target,
  dialer: Dialer,
  progress: Progress,
): Promise<Held | 'taken_out'> {
  try {
    return await confirm(job, target.placing, dialer, progress);
  } catch (thrown) {
    if (!(thrown instanceof TakenOut)) throw thrown;
    await leaveOut(thrown.contact, target, dialer, progress);
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
  return combined.kind === 'place' && combined.lead === row.contactId ? row.fingerprint : null;
}

/**
 * The job of a number that this job's lead has left and that nobody else wants anything of: its CallTools contact may come along. Of
 * several such numbers that of the contact in a bucket; under one of long ago there may be none.
 */
function leftFor({ combined, row }: Job, jobs: Job[]): Job | undefined {
  if (combined.kind !== 'place') return undefined;
  const left = jobs.filter(
    ({ leftBy }) => leftBy?.phoneHash === row.phoneHash && leftBy.work.contactId === combined.lead,
  );
  const known = left.filter((job) => job.row.callToolsId !== null);
  return known.find((job) => job.row.held) ?? known[0] ?? left[0];
}
