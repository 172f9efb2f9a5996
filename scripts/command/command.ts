// The frame of every npm command: its name, --help, --version, --json, exit codes, Ctrl-C, and how an error is shown.

import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command, CommanderError } from 'commander';
import { onNpmGone } from './npm-watch.ts';
import { createOutput, type Output } from './output.ts';
import { Sentence, WrongUse } from './sentence.ts';
import { lineWidth } from './terminal.ts';
import { wrap } from './text.ts';

/** How every command ends. */
export const EXIT = { done: 0, failed: 1, wrongUse: 2, interrupted: 130 } as const;

/** What a command says about itself. */
export interface About {
  /** As a person types it, such as `npm run replay`. */
  name: string;
  description: string;
  /** Adds its own arguments and options. */
  options?: (program: Command) => Command;
  /** Paragraphs below the options. Lines that are indented stay as they are. */
  more?: string;
  /** What `--json` prints. */
  json: string;
  /** What exit code 0 means, where it is more than "done". */
  done?: string;
  /** What exit code 1 means. */
  failed: string;
}

/** What a command works with. */
export interface Running {
  out: Output;
  /** Aborted by the first Ctrl-C, for commands with `endsWithinMs`. */
  stop: AbortSignal;
}

const HELP_WIDTH = 80;
const MOST_HELP_WIDTH = 110;
/** Under npm one Ctrl-C arrives twice, from the terminal and from npm. */
const SAME_KEY_MS = 1_000;
/** Somebody who no longer reads our output does not keep the process. */
const FLUSH_LIMIT_MS = 2_000;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The command, with the options and the help that all have. */
export function createCommand(about: About): Command {
  const { name, description, options = (program) => program, more = '', json } = about;
  const program = new Command(`${name} --`)
    .description(description)
    .allowExcessArguments(false)
    .showHelpAfterError(`"${name} -- --help" lists the options.`)
    .configureOutput({ getOutHelpWidth: helpWidth, getErrHelpWidth: helpWidth });
  return options(program)
    .optionsGroup('Every command has:')
    .option('--json', `for machines: ${json}. Everything else goes to stderr`)
    .version(version(), '-V, --version', 'show the version')
    .helpOption('-h, --help', 'show this')
    .addHelpText('after', () =>
      [...(more === '' ? [] : ['', ...more.split('\n').map(wrapped)]), exitCodes(about)].join('\n'),
    );
}

/**
 * Parses the process's arguments into `program`, acts, and ends the process: with what `act` returns, 2 after a WrongUse, and 1 after any
 * other error. A Sentence is shown alone, other errors with their stack. Ctrl-C (or a signal, or the end of npm) ends it with 130: at once,
 * or with `endsWithinMs` as soon as `act` has ended after `stop`; where it has not within that time, with 1. A second Ctrl-C ends it at once.
 */
export async function runCommand(
  program: Command,
  act: (running: Running) => Promise<number>,
  { endsWithinMs }: { endsWithinMs?: number } = {},
): Promise<never> {
  // A closed output is no reason to end: `| head` has seen enough.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  const stop = interruption(endsWithinMs);
  const code = await outcome(program, act, stop);
  // All of a pipe may not be written yet.
  await Promise.race([Promise.all([process.stdout, process.stderr].map(flushed)), sleep(FLUSH_LIMIT_MS)]);
  process.exit(stop.aborted ? EXIT.interrupted : code);
}

async function outcome(
  program: Command,
  act: (running: Running) => Promise<number>,
  stop: AbortSignal,
): Promise<number> {
  try {
    program.exitOverride().parse(process.argv.slice(2), { from: 'user' });
    return await act({ out: createOutput(program.opts<{ json?: true }>().json === true), stop });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.wrongUse;
    // Whatever was under way when the person ended it.
    if (stop.aborted) return EXIT.interrupted;
    console.error(error instanceof Sentence ? error.message : error);
    return error instanceof WrongUse ? EXIT.wrongUse : EXIT.failed;
  }
}

function interruption(endsWithinMs: number | undefined): AbortSignal {
  const controller = new AbortController();
  const end = () => process.exit(EXIT.interrupted);
  const fail = () => process.exit(EXIT.failed);
  let at = Number.NaN;
  function interrupt(): void {
    if (endsWithinMs === undefined || performance.now() - at > SAME_KEY_MS) end();
    if (controller.signal.aborted) return;
    at = performance.now();
    setTimeout(fail, endsWithinMs).unref();
    controller.abort();
  }
  for (const signal of SIGNALS) process.on(signal, interrupt);
  onNpmGone(interrupt);
  return controller.signal;
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((done) => stream.write('', () => done()));
}

/** Of the project, from its package.json. */
export function version(): string {
  return JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version;
}

function exitCodes({ done = 'done', failed }: About): string {
  const rows = [
    [EXIT.done, done],
    [EXIT.failed, failed],
    [EXIT.wrongUse, 'wrong use: nothing was done'],
    [EXIT.interrupted, 'interrupted (Ctrl-C)'],
  ];
  const indent = ' '.repeat(7);
  const lines = rows.map(([code, means]) => {
    const [first = '', ...more] = wrap(String(means), helpWidth() - indent.length);
    return [`  ${String(code).padEnd(5)}${first}`, ...more.map((line) => `${indent}${line}`)].join('\n');
  });
  return `\nExit codes:\n${lines.join('\n')}`;
}

/** Lines that are indented are commands to paste, or columns. */
function wrapped(line: string): string {
  return /^\s|^$/.test(line) ? line : wrap(line, helpWidth()).join('\n');
}

function helpWidth(): number {
  return Math.min(lineWidth() ?? HELP_WIDTH, MOST_HELP_WIDTH);
}
