// Backstop runs: starting one, and how far they are.

import type { Runs, Triggered, TriggeredLocation } from '../../../shared/api/status.ts';
import { errorText } from '../../../shared/harmless.ts';
import { problem } from '../../../shared/problem.ts';
import type { Location } from '../config/locations.ts';
import { recentRuns } from '../store/runs.ts';
import { success } from './answer.ts';
import { confirm } from './confirm.ts';
import type { Handler, OperatorDeps } from './deps.ts';
import { faultsOf, RunsQuery, readAsked, TriggerQuery } from './query.ts';
import { viewLocatedRun, viewRun } from './run-view.ts';

/** `POST /sync/trigger`. */
export const trigger: Handler = async (request, deps) => {
  const asked = readAsked(request, TriggerQuery, deps.locations);
  if (asked.kind === 'bad') return asked.answer;
  const { chosen, query } = asked;
  if (query.confirm !== undefined) return confirm(query.confirm, chosen, deps);
  const ready = chosen.flatMap((location) => (location.kind === 'ready' ? [location.settings] : []));
  const [only] = ready;
  if (only === undefined) {
    const fault = faultsOf(chosen, deps.locations);
    return problem(503, 'Configuration is faulty', `Correct this setting and deploy again: ${fault}`);
  }
  if (chosen.length === 1) {
    const { run, joined } = await deps.startRun('trigger', only);
    return success<Triggered>({ run: viewRun(run, deps.world.now()), joined }, 202);
  }
  const runs = await Promise.all(chosen.map((location) => triggerOneOfSeveral(location, deps)));
  return success<Triggered>({ runs }, 202);
};

/** A fault of one location does not stop the others. */
async function triggerOneOfSeveral(location: Location, deps: OperatorDeps): Promise<TriggeredLocation> {
  const { id: locationId } = location;
  if (location.kind === 'faulty') return { location_id: locationId, error: location.fault };
  try {
    const { run, joined } = await deps.startRun('trigger', location.settings);
    return { location_id: locationId, run: viewRun(run, deps.world.now()), joined };
  } catch (thrown) {
    deps.log('operator.failed', { locationId, error: errorText(thrown) });
    return { location_id: locationId, error: 'It could not be started; the log says why. Send it again.' };
  }
}

/** `GET /sync/runs`. */
export const runs: Handler = async (request, { env, locations, world }) => {
  const asked = readAsked(request, RunsQuery, locations);
  if (asked.kind === 'bad') return asked.answer;
  const { limit } = asked.query;
  const found = await Promise.all(asked.chosen.map(({ id }) => recentRuns(env.DB, id, limit)));
  const newest = found.flat().sort((a, b) => b.startedAt - a.startedAt);
  return success<Runs>({ runs: newest.slice(0, limit).map((run) => viewLocatedRun(run, world.now())) });
};
