// The terminal: a progress bar (without a terminal, a line now and then), a question, and the width of a line.

import { createInterface } from 'node:readline/promises';
import cliProgress from 'cli-progress';
import { Sentence } from './sentence.ts';

/** A progress bar. */
export interface Progress {
  update(done: number): void;
  end(): void;
}

/** Written to stderr, so that stdout holds only the results. */
export function startProgress(label: string, total: number): Progress {
  const bar = new cliProgress.SingleBar(
    {
      format: `${label} |{bar}| {value}/{total}, {duration_formatted}`,
      stream: process.stderr,
      noTTYOutput: true,
      notTTYSchedule: 5_000,
      // Ctrl-C ends the script, not only the bar.
      gracefulExit: false,
    },
    cliProgress.Presets.shades_classic,
  );
  bar.start(total, 0);
  return { update: (done) => bar.update(done), end: () => bar.stop() };
}

/** True when the person says yes. Throws a Sentence if no terminal is attached. */
export async function confirmed(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) throw new Sentence('Nothing was changed: there is nobody to ask. Add --yes to go ahead.');
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const interrupted = new AbortController();
  terminal.once('SIGINT', () => interrupted.abort());
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `, { signal: interrupted.signal })).trim());
  } catch (error) {
    if (interrupted.signal.aborted) return false;
    throw error;
  } finally {
    terminal.close();
  }
}

/** Characters in a line; undefined where the output is no terminal. */
export function lineWidth(): number | undefined {
  return process.stdout.isTTY ? process.stdout.columns : undefined;
}
