// Several runners side by side. A runner that hangs or dies is ended, and replaced.

import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Answer, Task } from './test-runner.ts';

const TEST_RUNNER = fileURLToPath(new URL('./test-runner.ts', import.meta.url));
const START_MS = 120_000;

/** One runner: asks it one thing at a time. */
export interface TestRunner {
  /** The answer, or 'timeout' where there was none within `ms` or the runner died. */
  ask(task: Task, ms: number): Promise<Answer | 'timeout'>;
}

/** Does `work` for each item, in as many runners; the items are begun in order. Ends all runners. */
export async function inTestRunners<T>(
  items: readonly T[],
  count: number,
  work: (item: T, runner: TestRunner) => Promise<void>,
) {
  const waiting = items.values();
  const one = async () => {
    let child: ChildProcess | null = null;
    const runner: TestRunner = {
      async ask(task, ms) {
        if (!child) {
          child = fork(TEST_RUNNER, {
            execArgv: ['--disable-warning=ExperimentalWarning'],
            stdio: ['ignore', 'ignore', 2, 'ipc'],
          });
          if ((await next(child, START_MS)) === 'timeout') throw new Error('vitest did not start');
        }
        const answer = next(child, ms);
        child.send(task);
        if ((await answer) === 'timeout') {
          child.kill('SIGKILL');
          child = null;
        }
        return answer;
      },
    };
    try {
      for (const item of waiting) await work(item, runner);
    } finally {
      (child as ChildProcess | null)?.kill('SIGKILL');
    }
  };
  await Promise.all(Array.from({ length: Math.min(count, items.length) }, one));
}

function next(child: ChildProcess, ms: number): Promise<Answer | 'timeout'> {
  return new Promise((resolve) => {
    const end = (answer: Answer | 'timeout') => {
      clearTimeout(timer);
      child.removeAllListeners();
      resolve(answer);
    };
    const timer = setTimeout(() => end('timeout'), ms);
    child.once('message', (answer) => end(answer as Answer));
    child.once('exit', () => end('timeout'));
  });
}
