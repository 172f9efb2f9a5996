// The batch's jobs against CallTools: withdrawals first, unchanged phones not at all, and a person's contact moves to the person's new phone.

import { forEachLimit } from '../../../shared/concurrency.ts';
import { MoreNumbers } from '../dialer/numbers.ts';
import type { Observed } from '../dialer/session.ts';
import { lastPlacing } from '../dialer/taken-out.ts';
import { upsert } from '../dialer/upsert.ts';
import type { Wanted } from '../domain/decide.ts';
import { type Failure, toFailure } from '../domain/failure.ts';
import { type Attempt, type Batch, type BatchContext, desiredOf, tryJob } from './attempt.ts';
import { OUT } from './marked.ts';
import type { Job, Result } from './work.ts';

/** Phones written at once; the sixth connection of an invocation is D1's (docs/vendors.md, Cloudflare: workers). */
const CONCURRENCY = 4;
/** A job is tried so often, each time with more numbers that CallTools shows. */
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
  // Only now is it known what CallTools shows of the primary contacts, and whether a CallTools contact has moved to a new number.
  await runAll([...of(undefined), ...asked], true);
  await runAll(left, true);
  return [...results.values()];
}

/** Runs a job, and starts it anew where its CallTools contact carries numbers whose intents did not count yet. */
async function applyJob(planned: Job, batch: BatchContext): Promise<Result> {
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
      return await tryJob(job, observed, batch);
    } catch (thrown) {
      const more = thrown instanceof MoreNumbers && looks < MAX_LOOKS ? thrown.numbers : null;
      const again = more && (await batch.replan(row.phoneHash, more).catch(() => null));
      if (again === null) return stepBack({ job, observed, left: undefined, batch });
      job = again;
    }
  }
}

const BUSY: Failure = { kind: 'busy', error: 'another batch is working on a number of the same CallTools contact' };

/** Another contact may keep the other numbers out, which cannot be told now. So what this batch has placed is taken out again. */
async function stepBack(attempt: Attempt): Promise<Result> {
  const { job, observed, batch } = attempt;
  let failure = BUSY;
  try {
    // Where nobody has the number nothing was placed.
    if (observed.wrote && !job.sparesOthers) await upsert(desiredOf(attempt, OUT), batch.dialer, observed);
  } catch (thrown) {
    failure = toFailure(thrown, 'calltools');
  }
  return { job, kind: 'failed', observed, fingerprint: null, doubtUntil: job.row.doubtUntil, failure, drifted: false };
}
