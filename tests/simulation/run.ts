// One history from its first step to the verdict.

import { waitingLetters } from './differences.ts';
import type { History } from './history.ts';
import { createPerformer } from './perform.ts';
import { settle, startCron } from './settle.ts';
import type { Violation } from './verdict.ts';
import { REAL_WORKERS, type Workers } from './workers.ts';
import { createWorld } from './world.ts';

export interface Ran {
  violations: Violation[];
  /** Equal for equal runs. */
  hash: number;
  /** What happened, where `tracing` was asked for. */
  trace: string[];
  interactions: number;
  kills: number;
  events: Map<string, number>;
  /** Reasons of the dead letters that are left. */
  letters: string[];
}

export async function run(history: History, workers: Workers = REAL_WORKERS, tracing = false): Promise<Ran> {
  const world = createWorld(history, workers);
  const { clock, violations, trace, counts } = world;
  if (tracing) trace.lines = [];
  const performer = createPerformer(world);
  if (history.setup.flood) world.consumers.calm();
  startCron(world);
  for (const { gap, act } of history.steps) {
    await clock.runTo(clock.now + gap);
    if (violations.length > 0) break;
    world.note(`-- ${JSON.stringify(act)}`);
    await performer.perform(act);
  }
  if (violations.length === 0) await settle(world, performer);
  return {
    violations,
    hash: trace.hash,
    trace: trace.lines ?? [],
    interactions: counts.interactions,
    kills: counts.kills,
    events: counts.events,
    letters: waitingLetters(world).map(({ reason }) => reason),
  };
}
