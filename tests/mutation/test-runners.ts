// Several lanes side by side. A lane that hangs or dies is ended, and replaced.

import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Answer, Task } from './lane.ts';

const LANE = fileURLToPath(new URL('./lane.ts', import.meta.url));
const START_MS = 120_000;

/** One lane: asks it one thing at a time. */
export interface Lane {
  /** The answer, or 'hung' where there was none within `ms` or the lane died. */
  ask(task: Task, ms: number): Promise<Answer | 'hung'>;
}

/** Does `work` for each item, in as many lanes; the items are begun in order. Ends all lanes. */
export async function inLanes<T>(items: readonly T[], count: number, work: (item: T, lane: Lane) => Promise<void>) {
  const waiting = items.values();
  const one = async () => {
    let child: ChildProcess | null = null;
    const lane: Lane = {
      async ask(task, ms) {
        if (!child) {
          child = fork(LANE, {
            execArgv: ['--disable-warning=ExperimentalWarning'],
            stdio: ['ignore', 'ignore', 2, 'ipc'],
          });
          if ((await next(child, START_MS)) === 'hung') throw new Error('vitest did not start');
        }
        const answer = next(child, ms);
        child.send(task);
        if ((await answer) === 'hung') {
          child.kill('SIGKILL');
          child = null;
        }
        return answer;
      },
    };
    try {
      for (const item of waiting) await work(item, lane);
    } finally {
      (child as ChildProcess | null)?.kill('SIGKILL');
    }
  };
  await Promise.all(Array.from({ length: Math.min(count, items.length) }, one));
}

function next(child: ChildProcess, ms: number): Promise<Answer | 'hung'> {
  return new Promise((resolve) => {
    const end = (answer: Answer | 'hung') => {
      clearTimeout(timer);
      child.removeAllListeners();
      resolve(answer);
    };
    const timer = setTimeout(() => end('hung'), ms);
    child.once('message', (answer) => end(answer as Answer));
    child.once('exit', () => end('hung'));
  });
}
