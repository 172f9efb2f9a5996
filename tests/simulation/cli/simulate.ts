// npm run simulate: thousands of histories of a small world against the real workers; a broken promise is told with its shortest history.
// With --import: how long the first day of a large account takes.

import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { type Command, InvalidArgumentError } from 'commander';
import { createCommand, EXIT, type Running, runCommand } from '../../../scripts/command/command.ts';
import type { Output } from '../../../scripts/command/output.ts';
import { startProgress } from '../../../scripts/command/terminal.ts';
import { PLANTS } from '../plants.ts';
import { runImports } from './import.ts';
import type { Share, Word } from './share.ts';

interface Options {
  seeds: number;
  from: number;
  seed?: number;
  jobs: number;
  plant?: string;
  theme?: Share['theme'];
  late?: true;
  outage?: true;
  import?: number;
  rows: number;
  calltoolsLimit?: number;
}

const program = createCommand({
  name: 'npm run simulate',
  description: 'Runs simulated histories of a small world against the real workers.',
  options: withOptions,
  json: 'how many histories there were, and what failed, as one JSON document',
  done: 'every promise held',
  failed: 'a promise was broken: its shortest history is told',
});

await runCommand(program, simulate);

async function simulate({ out }: Running): Promise<number> {
  const options = program.opts<Options>();
  if (options.plant === 'list') {
    const names = Object.keys(PLANTS);
    out.result(names, () => names.join('\n'));
    return EXIT.done;
  }
  const held = await (options.import === undefined
    ? runHistories(options, out)
    : runImports(options.import, options, out));
  return held ? EXIT.done : EXIT.failed;
}

function withOptions(program: Command): Command {
  return program
    .option('-n, --seeds <number>', 'how many histories', wholeNumber, 2000)
    .option('-f, --from <seed>', 'the first seed', wholeNumber, 1)
    .option('-s, --seed <seed>', 'one history alone, told step by step', wholeNumber)
    .option('-j, --jobs <number>', 'threads', wholeNumber, availableParallelism())
    .option('-p, --plant <name>', 'with a deliberate bug in the workers; "list" names them')
    .option('-t, --theme <name>', 'histories of one theme only')
    .option(
      '--import <leads>',
      'instead, the first run over an account of so many leads, and the import of a file',
      wholeNumber,
    )
    .option(
      '--rows <number>',
      'with --import: rows of the file; each fires two webhooks, all of them within a minute',
      wholeNumber,
      10_000,
    )
    .option(
      '--calltools-limit <calls>',
      'with --import: what CallTools takes in 10 s, which nobody tells the pipeline',
      wholeNumber,
    )
    .option('--late', 'CallTools may apply a write after it was given up')
    .option('--outage', 'outages of 1 to 24 hours instead: nothing may use up an attempt or become a dead letter');
}

async function runHistories(options: Options, out: Output): Promise<boolean> {
  const { seed, plant, theme, late = false, outage = false } = options;
  const count = seed === undefined ? options.seeds : 1;
  const jobs = Math.min(options.jobs, count);
  const progress = startProgress('Histories', count);
  const startedAt = performance.now();
  let done = 0;
  const shares = Array.from({ length: jobs }, (_, job): Share => {
    const from = (seed ?? options.from) + job;
    return {
      from,
      step: jobs,
      count: Math.ceil((count - job) / jobs),
      plant,
      theme,
      late,
      outage,
      tell: seed !== undefined,
    };
  });
  const run = (share: Share) => runShare(share, () => progress.update(++done), out);
  const failures = (await Promise.all(shares.map(run)).finally(progress.end)).filter((failure) => failure !== null);
  const seconds = (performance.now() - startedAt) / 1000;
  const ok = failures.length === 0;
  out.result({ ok, histories: done, seconds, failures }, () =>
    [
      ...failures.map((failure) => `\n${failure}`),
      `\n${done} histories in ${seconds.toFixed(1)} s: ${ok ? 'every promise held' : 'a promise was broken'}.`,
    ].join('\n'),
  );
  return ok;
}

/** What the share's first failure is, or null. */
function runShare(share: Share, onRun: () => void, out: Output): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./share.ts', import.meta.url), { workerData: share });
    let failure: string | null = null;
    worker.on('message', (word: Word) => {
      if (word.kind === 'ran') onRun();
      else if (word.kind === 'told') out.say(word.text);
      else failure = word.text;
    });
    worker.on('error', reject);
    worker.on('exit', () => resolve(failure));
  });
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('must be a whole number');
  return Number(text);
}
