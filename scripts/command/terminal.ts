// The terminal: a progress bar (without a terminal, a line now and then), a question, colours, and the width of a line.

import { createInterface } from 'node:readline/promises';
import { styleText } from 'node:util';
import cliProgress from 'cli-progress';
import { WrongUse } from './sentence.ts';

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

/** True when the person says yes. Throws a WrongUse if no terminal is attached; Ctrl-C is a signal here as everywhere. */
export async function confirmed(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) throw new WrongUse('Nothing was changed: there is nobody to ask. Add --yes to go ahead.');
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const interrupted = new AbortController();
  terminal.once('SIGINT', () => {
    interrupted.abort();
    // The terminal hands the key to readline instead of sending the signal.
    process.emit('SIGINT');
  });
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `, { signal: interrupted.signal })).trim());
  } catch (error) {
    if (interrupted.signal.aborted) return false;
    throw error;
  } finally {
    terminal.close();
  }
}

export type Style = Parameters<typeof styleText>[0];

/** The text in this style on a terminal, and bare where the output is none or NO_COLOR is set (no-color.org). */
export function colour(style: Style | null, text: string, stream: NodeJS.WriteStream = process.stdout): string {
  if (style === null || !stream.isTTY || process.env.NO_COLOR) return text;
  return styleText(style, text, { stream });
}

/** Characters in a line: COLUMNS if it is set, or the terminal's own; undefined where the output is no terminal. */
export function lineWidth(): number | undefined {
  const set = Number(process.env.COLUMNS);
  if (Number.isInteger(set) && set > 0) return set;
  return process.stdout.isTTY ? process.stdout.columns : undefined;
}
