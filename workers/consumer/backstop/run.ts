// Backstop runs: started nightly or by hand, one at a time for a location, and resumed when they stand still.
//
// | state      | meaning                                       | next                                                              |
// | ---------- | --------------------------------------------- | ----------------------------------------------------------------- |
// | running    | its pages are being read                      | complete or incomplete, by `endRun` (finish.ts) and nothing else  |
// | complete   | it saw the whole list                         | none                                                              |
// | incomplete | it ended without having seen the whole list   | none                                                              |
//
// A run that has ended still has contacts in the queue. `processedAt` is set when the last of them is done.

import type { BackstopPage } from '../../../shared/messages.ts';
import { HOUR_MS, MINUTE_MS } from '../../../shared/time.ts';
import type { LocationContext } from '../config/context.ts';
import { findRun, insertRun, markRun, type Run, recentRuns, runningRun, takeStalledRun } from '../store/runs.ts';
import { endRun } from './finish.ts';
import { loggedEta, loggedRun, marksAfter, phaseOf } from './progress.ts';

/** A page takes seconds. A run without a sign of life for this long has lost its message, or waits behind its own contacts. */
const STALLED_MS = MINUTE_MS;
/** The same where somebody waits: an operator who starts a run by hand, or a page that comes again after its invocation was killed. */
export const STALLED_WHEN_ASKED_MS = 20_000;
/** A run that is still going when the next night comes near has failed. */
const MAX_RUN_MS = 22 * HOUR_MS;

/** Starts a run, or joins the one that is running. Throws where D1 or the queue fails; `wakeRun` then resumes the run. */
export async function startRun(
  startedBy: Run['startedBy'],
  context: LocationContext,
): Promise<{ run: Run; joined: boolean }> {
  const { env, world, settings, log } = context;
  const locationId = settings.GHL_LOCATION_ID;
  const id = world.newId();
  const now = world.now();
  if (await insertRun(env.DB, { id, locationId, startedBy, startedAt: now })) {
    const run = await findRun(env.DB, id);
    if (run) {
      await sendPage(run, context);
      log('backstop.started', { runId: id, locationId, startedBy });
      return { run, joined: false };
    }
  }
  const going = await runningRun(env.DB, locationId);
  if (going) await endOverdue(going, context);
  await wake(STALLED_WHEN_ASKED_MS, context);
  const run = await runningRun(env.DB, locationId);
  // It may have ended between the two looks.
  return run ? { run, joined: true } : startRun(startedBy, context);
}

/** Called every minute: resumes a run that has lost its page, ends one that takes too long, and logs how far runs are. */
export async function wakeRun(context: LocationContext): Promise<void> {
  const { env, settings } = context;
  // The run before may still have contacts in the queue.
  const runs = await recentRuns(env.DB, settings.GHL_LOCATION_ID, 2);
  for (const run of runs) if (run.processedAt === null) await logProgress(run, context);
  const run = runs.find(({ state }) => state === 'running');
  if (run && !(await endOverdue(run, context))) await wake(STALLED_MS, context);
}

/** Ends a run that takes too long; false where it does not. A new run cannot join it: what it saw is of another day. */
async function endOverdue(run: Run, context: LocationContext): Promise<boolean> {
  if (context.world.now() - run.startedAt <= MAX_RUN_MS) return false;
  await endRun(run, { kind: 'overdue', hours: MAX_RUN_MS / HOUR_MS }, context);
  return true;
}

async function logProgress(run: Run, { env, world, log }: LocationContext): Promise<void> {
  const now = world.now();
  const over = phaseOf(run) === 'over';
  await markRun(env.DB, run, marksAfter(run, now), over ? now : null);
  if (over) log('backstop.settled', { ...loggedRun(run), ms: now - run.startedAt });
  else log('backstop.progress', { ...loggedRun(run), ...loggedEta(run, now), ...(run.error && { error: run.error }) });
}

async function wake(stalledMs: number, context: LocationContext): Promise<void> {
  const stalled = await resumeStalled(stalledMs, context);
  if (stalled) await sendPage(stalled, context, { queue: 'EVENTS' });
}

/** Takes up a run that has stood still for `stalledMs`, for this caller alone; null where there is none. */
export async function resumeStalled(
  stalledMs: number,
  { env, world, settings, log }: LocationContext,
): Promise<Run | null> {
  const now = world.now();
  const stalled = await takeStalledRun(env.DB, settings.GHL_LOCATION_ID, now - stalledMs, now);
  if (stalled) log('backstop.resumed', { ...loggedRun(stalled), page: stalled.page });
  return stalled;
}

/**
 * Puts the page at which the run stands into the queue. Thousands of the run's own contacts may be ahead of it in the backstop's queue, so
 * a run that is woken gets its page through the short queue of real-time events.
 */
export async function sendPage(
  { id: runId, locationId, page, cursor }: Run,
  { env }: LocationContext,
  { queue = 'BACKSTOP', delaySeconds = 0 }: { queue?: 'BACKSTOP' | 'EVENTS'; delaySeconds?: number } = {},
): Promise<void> {
  const message: BackstopPage = { v: 1, kind: 'backstop.page', locationId, runId, page, cursor };
  await env[queue].send(message, { delaySeconds });
}
