// Backstop runs: started nightly or by hand, one at a time, and woken when they stand still.

import type { BackstopPage } from '../../shared/messages.ts';
import type { Basis } from './basis.ts';
import { findRun, finishRun, insertRun, type Run, runningRun, takeStalledRun } from './run-store.ts';

/** A page takes seconds; a run that shows no sign of life for this long has lost its message. */
const STALLED_MS = 180_000;
/** Whoever triggers a run by hand and joins one waits for it: wake it sooner. */
const STALLED_WHEN_ASKED_MS = 20_000;
/** A run that is still going when the next night comes near has failed. */
const MAX_RUN_MS = 22 * 3_600_000;

/** Starts a run, or joins the one that is running. Throws where D1 or the queue fails; the run is then resumed by `wakeRun`. */
export async function startRun(startedBy: Run['startedBy'], basis: Basis): Promise<{ run: Run; joined: boolean }> {
  const { env, world, settings, log } = basis;
  const locationId = settings.GHL_LOCATION_ID;
  const id = world.newId();
  const now = world.now();
  if (await insertRun(env.DB, { id, locationId, startedBy, startedAt: now })) {
    const run = await findRun(env.DB, id);
    if (run) {
      await sendPage(run, basis);
      log('backstop.started', { runId: id, locationId, startedBy });
      return { run, joined: false };
    }
  }
  await wake(STALLED_WHEN_ASKED_MS, basis);
  const run = await runningRun(env.DB, locationId);
  // It may have ended between the two looks.
  return run ? { run, joined: true } : startRun(startedBy, basis);
}

/** Called every minute: sends the page of a run that has lost it again, and ends a run that takes for ever. */
export async function wakeRun(basis: Basis): Promise<void> {
  const { env, world, settings, log } = basis;
  const now = world.now();
  const run = await runningRun(env.DB, settings.GHL_LOCATION_ID);
  if (run && now - run.startedAt > MAX_RUN_MS) {
    const error = `stopped after ${MAX_RUN_MS / 3_600_000} hours at page ${run.page}`;
    await finishRun(env.DB, run, { state: 'incomplete', vanished: 0, verified: 0, error, now });
    log('backstop.incomplete', { runId: run.id, locationId: run.locationId, error });
  } else if (run) await wake(STALLED_MS, basis);
}

async function wake(stalledMs: number, basis: Basis): Promise<void> {
  const { env, world, settings, log } = basis;
  const now = world.now();
  const stalled = await takeStalledRun(env.DB, settings.GHL_LOCATION_ID, now - stalledMs, now);
  if (!stalled) return;
  await sendPage(stalled, basis);
  log('backstop.resumed', { runId: stalled.id, locationId: stalled.locationId, page: stalled.page });
}

/** Puts the page that the run stands at into the queue. */
export async function sendPage({ id: runId, locationId, page, cursor }: Run, { env }: Basis): Promise<void> {
  const message: BackstopPage = { v: 1, kind: 'backstop.page', locationId, runId, page, cursor };
  await env.BACKSTOP.send(message);
}
