// What happens every minute: the outbox is drained, due runs are started, those that stand still are woken,
// what waits is noted, alerts are sent, and once a day what is too old is removed.

import { forEachLimit } from '../../../shared/concurrency.ts';
import { errorText } from '../../../shared/harmless.ts';
import { startRun, wakeRun } from '../backstop/run.ts';
import { firstAt, nextAt } from '../backstop/schedule.ts';
import { forLocation, type InvocationContext, type LocationContext } from '../config/context.ts';
import { readLocations } from '../config/locations.ts';
import { sendAlerts } from '../monitoring/alerts.ts';
import { markBacklogs } from '../monitoring/backlog.ts';
import { locationsToWake, moveSchedule, readSchedules, type Schedule, saveSchedules } from '../store/schedules.ts';
import { drainOutbox } from './outbox.ts';
import { cleanUp } from './retention.ts';

/** Locations that are seen to at once. */
const CONCURRENCY = 2;
/** Contacts of an older run than this are another run's by now. */
const UNSETTLED_MS = 3 * 86_400_000;
/** A run that could not be started is tried again after this. */
const START_AGAIN_MS = 5 * 60_000;

/**
 * Runs what is due at `now` (epoch ms, the cron's own time). The parts run side by side, so that a queue that hangs holds none of the
 * others up; a part, or a location, that fails is logged and stops no other.
 */
export async function onCron(now: number, context: InvocationContext): Promise<void> {
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
    guarded('backlogs', context, () => markBacklogs(context)),
    guarded('alerts', context, () => sendAlerts(locations, context)),
    guarded('cleanup', context, () => cleanUp(context)),
  ]);
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

/** Starts the runs that are due. A location that is faulty when its time comes is not among `ready`: it is due once it is mended. */
async function startDue(ready: LocationContext[], now: number, { env }: InvocationContext): Promise<void> {
  const known = await readSchedules(env.DB);
  const changed = ready.flatMap(({ settings: { GHL_LOCATION_ID: locationId, BACKSTOP_AT: times } }): Schedule[] => {
    const before = known.get(locationId);
    if (JSON.stringify(before?.times) === JSON.stringify(times)) return [];
    // One that was due by the times before and has not started stays due: it may have waited for these times to be mended.
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

/** Whoever moves the schedule starts the run, and moves it to the next time once that is done: a kill in between costs minutes. */
async function start({ locationId, times, dueAt }: Schedule, now: number, context: LocationContext): Promise<void> {
  const again = now + START_AGAIN_MS;
  if (!(await moveSchedule(context.env.DB, { locationId, dueAt }, again))) return;
  await startRun('cron', context);
  await moveSchedule(context.env.DB, { locationId, dueAt: again }, nextAt(times, now));
}

async function wakeRuns(ready: LocationContext[], { env, world }: InvocationContext): Promise<void> {
  const running = await locationsToWake(env.DB, world.now() - UNSETTLED_MS);
  await forEachLimit(
    ready.filter(({ settings }) => running.has(settings.GHL_LOCATION_ID)),
    CONCURRENCY,
    (context) => guarded('wake', context, () => wakeRun(context)),
  );
}
