// Replaying or discarding letters in groups, no faster than asked.

import { setTimeout as sleep } from 'node:timers/promises';
import { type Api, MAX_IDS, type Outcome } from './api.ts';
import { groupsOf } from './select.ts';

/** Replays at most `rate` letters a second, in even groups; `onGroup` is called after each. `stop` ends it between two groups. */
export async function replayAll(
  api: Api,
  ids: string[],
  rate: number,
  onGroup: (outcomes: Outcome[]) => void,
  stop: AbortSignal,
): Promise<void> {
  const size = Math.min(MAX_IDS, Math.max(1, Math.floor(rate)));
  const started = performance.now();
  for (const [index, group] of groupsOf(ids, size).entries()) {
    const dueMs = (index * size * 1000) / rate - (performance.now() - started);
    if (dueMs > 0) await sleep(dueMs, undefined, { signal: stop }).catch(() => {});
    if (stop.aborted) return;
    onGroup((await api.act('replay', group)).outcomes);
  }
}

/** `stop` ends it between two groups. */
export async function discardAll(
  api: Api,
  ids: string[],
  onGroup: (outcomes: Outcome[], note: string | null) => void,
  stop: AbortSignal,
): Promise<void> {
  for (const group of groupsOf(ids)) {
    if (stop.aborted) return;
    const { outcomes, note } = await api.act('discard', group);
    onGroup(outcomes, note);
  }
}
