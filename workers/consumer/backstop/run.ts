// Backstop runs: started nightly or by hand, one at a time, woken when they stand still, and told of until their last contact is done.

import type { BackstopPage } from '../../../shared/messages.ts';
import type { LocationContext } from '../config/context.ts';

import { findRun, insertRun, markRun, type Run, recentRuns, runningRun, takeStalledRun } from '../store/runs.ts';
import { endBackstop } from './finish.ts';
import { loggedPace, loggedRun, marksAfter, phaseOf } from './progress.ts';

/** A page takes seconds; a run that shows no sign of life for this long has lost its message, or it waits behind the run's contacts. */
const STALLED_MS = 60_000;
/** Whoever triggers a run by hand and joins one waits for it, and a page that is delivered again had been killed: wake it sooner. */
export const STALLED_WHEN_ASKED_MS = 20_000;
/** A run that is still going when the next night comes near has failed. */
const MAX_RUN_MS = 22 * 3_600_000;

/** Starts a run, or joins the one that is running. Throws where D1 or the queue fails; the run is then resumed by `wakeRun`. */
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

/** Called every minute: takes up a run that has lost its page, ends one that takes for ever, and tells how far runs are. */
export async function wakeRun(context: LocationContext): Promise<void> {
  const { env, settings } = context;
  // The one before may still have contacts in the queue.
  const runs = await recentRuns(env.DB, settings.GHL_LOCATION_ID, 2);
  for (const run of runs) if (run.settledAt === null) await tellProgress(run, context);
  const run = runs.find(({ state }) => state === 'running');
  if (run && !(await endOverdue(run, context))) await wake(STALLED_MS, context);
}

/** Ends a run that takes for ever; false where it does not. Whoever joined it would wait for nothing: what it saw is of another day. */
async function endOverdue(run: Run, context: LocationContext): Promise<boolean> {
  if (context.world.now() - run.startedAt <= MAX_RUN_MS) return false;
  await endBackstop(run, `stopped after ${MAX_RUN_MS / 3_600_000} hours at page ${run.page}`, context);
  return true;
}

async function tellProgress(run: Run, { env, world, log }: LocationContext): Promise<void> {
  const now = world.now();
  const over = phaseOf(run) === 'over';
  await markRun(env.DB, run, marksAfter(run, now), over ? now : null);
  if (over) log('backstop.settled', { ...loggedRun(run), ms: now - run.startedAt });
  else log('backstop.progress', { ...loggedRun(run), ...loggedPace(run, now), ...(run.error && { error: run.error }) });
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
 * Puts the page that the run stands at into the queue. Contacts of the run may stand in front of it there, by the thousand: who
 * wakes the run sends the page to the queue of real-time events, which is short.
 */
export async function sendPage(
  { id: runId, locationId, page, cursor }: Run,
  { env }: LocationContext,
  { queue = 'BACKSTOP', delaySeconds = 0 }: { queue?: 'BACKSTOP' | 'EVENTS'; delaySeconds?: number } = {},
): Promise<void> {
  const message: BackstopPage = { v: 1, kind: 'backstop.page', locationId, runId, page, cursor };
  await env[queue].send(message, { delaySeconds });
}
