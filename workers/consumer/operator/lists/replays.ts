// POST /api/v1/replays and GET /api/v1/replays/:replay: many dead letters are replayed by one order, whose progress can be looked at.

import * as v from 'valibot';
import type { Replay as ReplayAnswer, ReplayStarted } from '../../../../shared/api/lists.ts';
import { errorText } from '../../../../shared/harmless.ts';
import { problem } from '../../../../shared/problem.ts';
import { startReplay } from '../../dead-letters/replay-many.ts';
import { beginReplay, countReplay, findReplay, type Replay, type ReplayCounts } from '../../store/lists/replays.ts';
import { iso, success } from '../answer.ts';
import type { Handler } from '../deps.ts';
import {
  chooseLocations,
  errorPart,
  letterIds,
  letterReason,
  location,
  NoQuery,
  readBody,
  readQuery,
} from '../query.ts';

const EXAMPLE = '{"reason": "rejected"}, {"error": "zip_code"}, {"location": "…"}, {"ids": ["…"]} or {} for all';
const ReplayBody = v.strictObject({
  reason: v.optional(letterReason),
  error: v.optional(errorPart),
  location,
  ids: v.optional(letterIds),
});

/** `POST /api/v1/replays`. */
export const startReplays: Handler = async (request, { env, world, log, locations }) => {
  const query = readQuery(request, NoQuery);
  if (query.kind === 'bad') return query.answer;
  const body = await readBody(request, ReplayBody, EXAMPLE);
  if (body.kind === 'bad') return body.answer;
  const { reason, error, location: locationId, ids } = body.value;
  const chosen = chooseLocations(locations, locationId);
  if (chosen.kind === 'bad') return chosen.answer;
  const filter = { reason, error, locationId, ids: ids?.toSorted() };
  const { replay, joined } = await beginReplay(env.DB, world.newId(), filter, world.now());
  if (!joined) {
    log('replay.started', { replayId: replay.id, letters: replay.letters });
    // Behind the real-time work: ten thousand of them must not delay a fresh lead.
    const deps = { env: { DB: env.DB, EVENTS: env.BACKSTOP }, world, log };
    await startReplay(replay, deps).catch((thrown: unknown) =>
      log('operator.failed', { replayId: replay.id, error: errorText(thrown) }),
    );
  }
  const now = (await findReplay(env.DB, replay.id)) ?? replay;
  return success<ReplayStarted>({ ...viewReplay(now, await countsOf(now, env.DB)), joined }, 202);
};

/** `GET /api/v1/replays/:replay`. */
export const replayProgress: Handler = async (request, { env }) => {
  const query = readQuery(request, NoQuery);
  if (query.kind === 'bad') return query.answer;
  const replay = await findReplay(env.DB, request.params.replay ?? '');
  if (replay === null)
    return problem(
      404,
      'Replay not known',
      'There is no replay with this id. POST /api/v1/replays starts one and answers its id.',
    );
  return success<ReplayAnswer>(viewReplay(replay, await countsOf(replay, env.DB)));
};

function countsOf(replay: Replay, db: Parameters<typeof countReplay>[0]): Promise<ReplayCounts> | ReplayCounts {
  return replay.result ?? countReplay(db, replay);
}

function viewReplay({ id, filter, state, letters, createdAt, finishedAt }: Replay, counts: ReplayCounts): ReplayAnswer {
  const { waiting, retrying, fixed, failedAgain, discarded } = counts;
  const { locationId, ...rest } = filter;
  return {
    id,
    filter: { ...rest, ...(locationId !== undefined && { location: locationId }) },
    state,
    letters,
    waiting,
    retrying,
    fixed,
    failed_again: failedAgain,
    discarded,
    gone: Math.max(0, letters - waiting - retrying - fixed - failedAgain - discarded),
    note: noteOf(state, letters, counts),
    created_at: iso(createdAt),
    finished_at: iso(finishedAt),
  };
}

function noteOf(state: Replay['state'], letters: number, counts: ReplayCounts): string {
  if (letters === 0) return 'Nothing was waiting that matches and can be replayed.';
  const { fixed, failedAgain, waiting, retrying } = counts;
  const ended = `${fixed} fixed, ${failedAgain} failed again`;
  if (state === 'running') return `${ended}, ${waiting + retrying} to go.`;
  return retrying + waiting === 0 ? `${ended}.` : `${ended}, ${retrying + waiting} without an end after a day.`;
}
