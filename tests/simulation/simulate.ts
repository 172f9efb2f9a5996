// Many histories, one after the other: how many ran, and those that failed.

import { installSynchronousCrypto } from '../../sandbox/synchronous-crypto.ts';
import { generate, type Options } from './generate.ts';
import { describe, type History } from './history.ts';
import { type Ran, run } from './run.ts';
import { shrink } from './shrink.ts';
import { REAL_WORKERS, type Workers } from './workers.ts';

export interface Seeds {
  from: number;
  count: number;
}

export interface Failure {
  seed: number;
  history: History;
  ran: Ran;
}

interface How {
  workers?: Workers;
  options?: Options;
  /** Stops after this many failures. */
  maxFailures?: number;
  onRun?(seed: number, ran: Ran): void;
}

/** Runs the histories of these seeds; the failures, in order of their seeds. */
export async function simulate(
  { from, count }: Seeds,
  { workers = REAL_WORKERS, options = {}, maxFailures = 1, onRun = () => {} }: How = {},
): Promise<Failure[]> {
  const failures: Failure[] = [];
  const restore = installSynchronousCrypto();
  try {
    for (let seed = from; seed < from + count && failures.length < maxFailures; seed++) {
      const history = generate(seed, options);
      const ran = await run(history, workers);
      onRun(seed, ran);
      if (ran.violations.length > 0) failures.push({ seed, history, ran });
    }
  } finally {
    restore();
  }
  return failures;
}

/** A failure for a person: the shortest history that fails in the same way, what it broke, and what happened. */
export async function explain({ seed, history }: Failure, workers: Workers = REAL_WORKERS): Promise<string> {
  const restore = installSynchronousCrypto();
  try {
    const { history: shortest, ran } = await shrink(history, workers);
    const broken = ran.violations.map(({ promise, detail }) => `  ${promise}: ${detail}`);
    return [
      `Seed ${seed} fails (run it alone: npm run simulate -- --seed ${seed}). The shortest history found that fails alike:`,
      describe(shortest),
      'breaks',
      ...broken,
      'because',
      ...ran.trace.map((line) => `  ${line.slice(0, 300)}`),
    ].join('\n');
  } finally {
    restore();
  }
}

/** What happened under one seed. */
export async function tell(seed: number, workers: Workers, options: Options): Promise<string> {
  const restore = installSynchronousCrypto();
  try {
    const history = generate(seed, options);
    const { trace } = await run(history, workers, true);
    return [describe(history), ...trace].join('\n');
  } finally {
    restore();
  }
}
