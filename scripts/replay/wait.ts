// Waits for the outcome of replayed letters: asks again until each has one or the time is over.

import { setTimeout as sleep } from 'node:timers/promises';
import { Sentence } from '../command/sentence.ts';
import type { Api, Letter } from './api.ts';
import { groupsOf } from './select.ts';

/** How a replayed letter ended. */
export type End =
  | { kind: 'resolved' }
  | { kind: 'discarded' }
  /** Dead again; the reason may be another one. */
  | { kind: 'failed'; reason: string; error: string }
  /** Time ran out first. */
  | { kind: 'open' };

const POLL_MS = 1_000;
/** The wait ends after this many failed answers in a row. */
const MAX_MISSES = 5;

/** The end of each letter by its id. `letters` are as they were before the replay; `onEnd` gets how many have ended. `stop` ends the wait. */
export async function waitForEnds(
  api: Api,
  letters: Letter[],
  waitSeconds: number,
  onEnd: (count: number) => void,
  stop: AbortSignal,
): Promise<Map<string, End>> {
  const ends = new Map<string, End>();
  const deadline = performance.now() + waitSeconds * 1000;
  for (let misses = 0; ; ) {
    try {
      await look(api, letters, ends);
      misses = 0;
    } catch (error) {
      if (!(error instanceof Sentence) || ++misses >= MAX_MISSES) throw error;
    }
    onEnd(ends.size);
    const left = deadline - performance.now();
    if (ends.size === letters.length || left <= 0) break;
    await sleep(Math.min(POLL_MS, left), undefined, { signal: stop }).catch(() => {});
    if (stop.aborted) break;
  }
  return new Map(letters.map(({ id }) => [id, ends.get(id) ?? { kind: 'open' }]));
}

async function look(api: Api, letters: Letter[], ends: Map<string, End>): Promise<void> {
  const open = letters.filter(({ id }) => !ends.has(id));
  const before = new Map(open.map((letter) => [letter.id, letter]));
  for (const group of groupsOf(open)) {
    const ids = group.map(({ id }) => id).join(',');
    const { dead_letters } = await api.list({ ids, status: 'all', limit: String(group.length) });
    for (const letter of dead_letters) {
      const seen = before.get(letter.id);
      const end = seen ? endOf(letter, seen) : null;
      if (end) ends.set(letter.id, end);
    }
  }
}

/** Null while it is on its way. */
export function endOf(letter: Letter, before: Letter): End | null {
  if (letter.status === 'resolved' || letter.status === 'discarded') return { kind: letter.status };
  if (letter.died_again) return { kind: 'failed', reason: letter.died_again.reason, error: letter.died_again.error };
  const again = letter.status === 'waiting' && Date.parse(letter.dead_at) > Date.parse(before.dead_at);
  return again ? { kind: 'failed', reason: letter.reason, error: letter.error } : null;
}
