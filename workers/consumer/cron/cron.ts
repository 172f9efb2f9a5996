// What happens every minute: drain the outbox, start due runs, wake stalled ones, read what calls said, note the backlogs, send alerts, carry on
// replays, and once a day clean up.

import { forEachLimit } from '../../../shared/concurrency.ts';
import { errorText } from '../../../shared/harmless.ts';
import { DAY_MS, MINUTE_MS } from '../../../shared/time.ts';
import { startRun, wakeRun } from '../backstop/run.ts';
import { firstAt, nextAt } from '../backstop/schedule.ts';
import { pollCalls } from '../calls/poll.ts';
import type { AtOnce } from '../calls/withdraw.ts';
import { forLocation, type InvocationContext, type LocationContext } from '../config/context.ts';
import { readLocations } from '../config/locations.ts';
import { carryOnReplays } from '../dead-letters/replay-many.ts';
import { sendAlerts } from '../monitoring/alerts.ts';
import { markBacklogs } from '../monitoring/backlog.ts';
import { locationsToWake, moveSchedule, readSchedules, type Schedule, saveSchedules } from '../store/schedules.ts';
import { drainOutbox } from './outbox.ts';
import { cleanUp } from './retention.ts';

/** Locations that are handled at once. */
const CONCURRENCY = 2;
/** The contacts of an older run belong to a later run by now. */
const UNSETTLED_MS = 3 * DAY_MS;
/** A run that could not be started is tried again after this. */
const START_AGAIN_MS = 5 * MINUTE_MS;
/** Pages of calls that are read in one invocation: each costs four statements, and D1 takes 1,000 (docs/vendors.md, Cloudflare: D1). */
const CALL_PAGES = 60;
/** Contacts that one invocation takes out because of calls: a batch of 25 costs about fifty statements, and some calls each. */
const CALLS_TAKEN_OUT = 100;

/**
 * Runs what is due at `now` (epoch ms, the cron's own time). The parts run side by side, so that a queue that hangs delays none of the
 * others. A part or a location that fails is logged and stops no other. `takeOut`: takes people out of CallTools at once.
 */
export async function onCron(now: number, context: InvocationContext, takeOut: AtOnce['takeOut']): Promise<void> {
  const locations = await readLocations(context.env);
  const { all, fault } = locations;
  if (fault !== null) context.log('consumer.bad_setting', { error: fault });
  for (const location of all)
    if (location.kind === 'faulty')
      context.log('consumer.bad_setting', { locationId: location.id, error: location.fault });
  const ready = all.flatMap((location) => (location.kind === 'ready' ? [forLocation(context, location.settings)] : []));
  await Promise.all([
    guarded('outbox', context, () => drainOutbox(context)),
    guarded('backstop', context, () => startDue(ready, now, context)),
    guarded('wake', context, () => wakeRuns(ready, context)),
    guarded('calls', context, () => pollDue(ready, { now, takeOut }, context)),
    guarded('backlogs', context, () => markBacklogs(context)),
    guarded('alerts', context, () => sendAlerts(locations, context)),
    guarded('replays', context, () => carryOn(context)),
    guarded('cleanup', context, () => cleanUp(context)),
  ]);
}

/** Behind the real-time work, as everything in bulk. */
function carryOn({ env, world, log }: InvocationContext): Promise<void> {
  return carryOnReplays({ env: { DB: env.DB, EVENTS: env.BACKSTOP }, world, log });
}

async function guarded(
  part: string,
  { log }: Pick<InvocationContext, 'log'>,
  run: () => Promise<unknown>,
): Promise<void> {
  try {
    await run();
  } catch (thrown) {
    log('cron.failed', { part, error: errorText(thrown) });
  }
}

/** Starts the runs that are due. A location that is faulty at its time is not among `ready`: its run starts once it is fixed. */
async function startDue(ready: LocationContext[], now: number, { env }: InvocationContext): Promise<void> {
  const known = await readSchedules(env.DB);
  const changed = ready.flatMap(({ settings: { GHL_LOCATION_ID: locationId, BACKSTOP_AT: times } }): Schedule[] => {
    const before = known.get(locationId);
    if (JSON.stringify(before?.times) === JSON.stringify(times)) return [];
    // A run that was due by the earlier times and has not started stays due: it may have waited for the times to be fixed.
    return [{ locationId, times, dueAt: before && before.dueAt <= now ? before.dueAt : firstAt(times, now) }];
  });
  if (changed.length > 0) await saveSchedules(env.DB, changed);
  for (const schedule of changed) known.set(schedule.locationId, schedule);

  await forEachLimit(ready, CONCURRENCY, (context) =>
    guarded('backstop', context, async () => {
      const schedule = known.get(context.settings.GHL_LOCATION_ID);
      if (schedule && schedule.dueAt <= now) await start(schedule, now, context);
    }),
  );
}

/** The cron that moves the schedule starts the run, and then moves it to the next time. A kill in between costs minutes. */
async function start({ locationId, times, dueAt }: Schedule, now: number, context: LocationContext): Promise<void> {
  const again = now + START_AGAIN_MS;
  if (!(await moveSchedule(context.env.DB, { locationId, dueAt }, again))) return;
  await startRun('cron', context);
  await moveSchedule(context.env.DB, { locationId, dueAt: again }, nextAt(times, now));
}

/** A location without CALL_RESULTS costs nothing. */
async function pollDue(
  ready: LocationContext[],
  { now, takeOut }: { now: number; takeOut: AtOnce['takeOut'] },
  invocation: InvocationContext,
): Promise<void> {
  const polled = ready.flatMap((context) => {
    const rules = context.settings.calls;
    return rules === null ? [] : [{ context, rules }];
  });
  const share = (all: number) => Math.max(1, Math.floor(all / Math.max(1, polled.length)));
  const maxPages = share(CALL_PAGES);
  const atOnce = { takeOut, most: share(CALLS_TAKEN_OUT) };
  await forEachLimit(polled, CONCURRENCY, ({ context, rules }) =>
    guarded('calls', invocation, () => pollCalls({ rules, now, maxPages, atOnce }, context)),
  );
}

async function wakeRuns(ready: LocationContext[], { env, world }: InvocationContext): Promise<void> {
  const running = await locationsToWake(env.DB, world.now() - UNSETTLED_MS);
  await forEachLimit(
    ready.filter(({ settings }) => running.has(settings.GHL_LOCATION_ID)),
    CONCURRENCY,
    (context) => guarded('wake', context, () => wakeRun(context)),
  );
}
