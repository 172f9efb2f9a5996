// /api/v1/replays: many dead letters are replayed by one order, whose progress can be looked at.

import * as v from 'valibot';
import type { Replay as ReplayAnswer, ReplayList, ReplayStarted } from '../../../../shared/api/lists.ts';
import { errorText } from '../../../../shared/harmless.ts';
import { problem } from '../../../../shared/problem.ts';
import { endIfOver, isOpen, startReplay } from '../../dead-letters/replay-many.ts';
import {
  beginReplay,
  countReplay,
  findReplay,
  listReplays,
  type Replay,
  type ReplayCounts,
} from '../../store/lists/replays.ts';
import { iso, listOf, success } from '../answer.ts';
import type { Handler } from '../deps.ts';
import { limit, NoQuery, readQuery } from '../query.ts';
import { readFilter, viewFilter } from './letter-filter.ts';

const ReplaysQuery = v.strictObject({
  limit: limit(20, 100),
  cursor: v.optional(v.pipe(v.string(), v.regex(/^\d{1,16}~.{1,64}$/, 'must be the `next` of an earlier answer'))),
});

/** `POST /api/v1/replays`. */
export const startReplays: Handler = async (request, { env, world, log, locations }) => {
  const query = readQuery(request, NoQuery);
  if (query.kind === 'bad') return query.answer;
  const filter = await readFilter(request, 'replay', locations);
  if (filter.kind === 'bad') return filter.answer;
  // Behind the real-time work: ten thousand of them must not delay a fresh lead.
  const deps = { env: { DB: env.DB, EVENTS: env.BACKSTOP }, world, log };
  const begin = () => beginReplay(env.DB, world.newId(), filter.value, world.now());
  const begun = await begin();
  // The cron may not have seen yet that the one before has ended.
  const { replay, joined } = begun.joined && (await endIfOver(begun.replay, deps)) ? await begin() : begun;
  if (!joined) {
    log('replay.started', { replayId: replay.id, letters: replay.letters });
    await startReplay(replay, deps).catch((thrown: unknown) =>
      log('operator.failed', { replayId: replay.id, error: errorText(thrown) }),
    );
  }
  const now = (await findReplay(env.DB, replay.id)) ?? replay;
  return success<ReplayStarted>({ ...viewReplay(now, await countsOf(now, env.DB)), joined }, 202);
};

/** `GET /api/v1/replays`. */
export const replays: Handler = async (request, { env }) => {
  const query = readQuery(request, ReplaysQuery);
  if (query.kind === 'bad') return query.answer;
  const { limit, cursor } = query.value;
  const page = await listReplays(env.DB, limit, cursor ?? null);
  const data = await Promise.all(page.replays.map(async (one) => viewReplay(one, await countsOf(one, env.DB))));
  return listOf<ReplayList>({ data, next: page.next });
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

function viewReplay(
  { id, filter, letters, createdAt, finishedAt, ...stored }: Replay,
  counts: ReplayCounts,
): ReplayAnswer {
  const state = isOpen(counts) ? stored.state : 'done';
  const { waiting, retrying, fixed, failedAgain, discarded } = counts;
  return {
    id,
    filter: viewFilter(filter),
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
  const ended = `${grouped(fixed)} fixed, ${grouped(failedAgain)} failed again`;
  const open = grouped(waiting + retrying);
  if (state === 'running') return `${ended}, ${open} to go.`;
  return retrying + waiting === 0 ? `${ended}.` : `${ended}, ${open} without an end after a day.`;
}

/** "10,000": it is read by people, beside counts that the dashboard writes so. */
function grouped(n: number): string {
  return n.toLocaleString('en-US');
}
