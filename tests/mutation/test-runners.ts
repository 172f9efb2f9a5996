// Several runners side by side. A runner that hangs or dies is ended, and replaced.

import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Answer, Task } from './test-runner.ts';

const TEST_RUNNER = fileURLToPath(new URL('./test-runner.ts', import.meta.url));
const START_MS = 120_000;

/** One runner: asks it one thing at a time. */
export interface TestRunner {
  /** The answer, or 'timeout' where a test took longer than `msOf` it or the runner died. */
  ask(task: Task, msOf: (test: string) => number): Promise<Answer | 'timeout'>;
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
      async ask(task, msOf) {
        if (!child) {
          child = fork(TEST_RUNNER, {
            execArgv: ['--disable-warning=ExperimentalWarning'],
            stdio: ['ignore', 'ignore', 2, 'ipc'],
          });
          if ((await next(child)) === 'timeout') throw new Error('vitest did not start');
        }
        const answer = next(child, msOf);
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

/** What it answers. It has `msOf` each test, counted from the test's begin. */
function next(child: ChildProcess, msOf: (test: string) => number = () => START_MS): Promise<Answer | 'timeout'> {
  return new Promise((resolve) => {
    const end = (answer: Answer | 'timeout') => {
      clearTimeout(timer);
      child.removeAllListeners();
      resolve(answer);
    };
    const endAfter = (ms: number) => setTimeout(() => end('timeout'), ms);
    let timer = endAfter(START_MS);
    child.on('message', (message) => {
      const answer = message as Answer;
      if (answer.kind !== 'begun') return end(answer);
      clearTimeout(timer);
      timer = endAfter(msOf(answer.test));
    });
    child.once('exit', () => end('timeout'));
  });
}
