// Carries on replays of many dead letters, a step a minute. A kill at any point loses nothing: what is sent is marked on the letter, and a
// letter that is sent twice is harmless.

import { DAY_MS } from '../../../shared/time.ts';
import {
  countReplay,
  endReplay,
  type Replay,
  type ReplayCounts,
  runningReplays,
  unsentLetters,
} from '../store/lists/replays.ts';
import { type ReplayDeps, replayLetters } from './replay.ts';

/** Letters of one call: what one `sendBatch` takes. */
const BATCH = 100;
/** Letters that all replays send in a minute. GoHighLevel lets us read about 600 contacts in that time. */
const A_MINUTE = 1_000;
/** Letters that are sent while the operator waits for the answer. */
const FIRST = 200;
/** What has not ended so long after the start does not hold the result back. */
const LONGEST_MS = DAY_MS;

/**
 * Sends the next letters of the running replays, behind the real-time work, and ends those whose letters have all ended. Without a running
 * replay it reads no row. Throws where D1 fails: the next minute goes on.
 */
export async function carryOnReplays(deps: ReplayDeps): Promise<void> {
  let left = A_MINUTE;
  for (const replay of await runningReplays(deps.env.DB)) {
    left -= await sendSome(replay, left, deps);
    await endIfOver(replay, deps);
  }
}

/** Sends the first letters of a replay that has just begun, so that nobody waits for the cron. */
export async function startReplay(replay: Replay, deps: ReplayDeps): Promise<void> {
  await sendSome(replay, FIRST, deps);
  await endIfOver(replay, deps);
}

/** Sends at most `limit` letters; resolves to how many. It stops where the queue takes none. */
async function sendSome(replay: Replay, limit: number, deps: ReplayDeps): Promise<number> {
  let sent = 0;
  while (sent < limit) {
    const ids = await unsentLetters(deps.env.DB, replay, Math.min(BATCH, limit - sent));
    if (ids.length === 0) break;
    const outcomes = await replayLetters(ids, deps);
    if (!outcomes.some(({ outcome }) => outcome === 'replayed')) break;
    sent += ids.length;
  }
  return sent;
}

/** Ends the replay if all its letters have ended, or its time is over; resolves to whether it is done. */
export async function endIfOver(
  replay: Replay,
  { env, world, log }: Pick<ReplayDeps, 'env' | 'world' | 'log'>,
): Promise<boolean> {
  const counts = await countReplay(env.DB, replay);
  if (isOpen(counts) && world.now() < replay.createdAt + LONGEST_MS) return false;
  await endReplay(env.DB, replay.id, counts, world.now());
  log('replay.done', { replayId: replay.id, ...counts });
  return true;
}

/** Some letters have not ended yet. */
export function isOpen({ waiting, retrying }: ReplayCounts): boolean {
  return waiting + retrying > 0;
}
