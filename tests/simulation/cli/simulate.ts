// npm run simulate: thousands of histories of a small world against the real workers; a broken promise is told with its shortest history.
// With --import: how long the first day of a large account takes.

import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { Command, InvalidArgumentError } from 'commander';
import { startProgress } from '../../../scripts/operator/terminal.ts';
import { PLANTS } from '../plants.ts';
import { runImports } from './import.ts';
import type { Share, Word } from './share.ts';

const program = new Command('npm run simulate --')
  .description('Runs simulated histories. Exit code 0 when every promise held, 1 when one was broken.')
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
  .option('--outage', 'outages of 1 to 24 hours instead: nothing may use up an attempt or become a dead letter')
  .parse();
const options = program.opts<{
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
}>();

if (options.plant === 'list') console.log(Object.keys(PLANTS).join('\n'));
else process.exitCode = (await (options.import === undefined ? main() : runImports(options.import, options))) ? 0 : 1;

async function main(): Promise<boolean> {
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
  const failures = await Promise.all(shares.map((share) => runShare(share, () => progress.update(++done)))).finally(
    progress.end,
  );
  const told = failures.filter((failure) => failure !== null);
  for (const failure of told) console.log(`\n${failure}`);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(
    `\n${done} histories in ${seconds} s: ${told.length === 0 ? 'every promise held' : 'a promise was broken'}.`,
  );
  return told.length === 0;
}

/** What the share's first failure is, or null. */
function runShare(share: Share, onRun: () => void): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./share.ts', import.meta.url), { workerData: share });
    let failure: string | null = null;
    worker.on('message', (word: Word) => {
      if (word.kind === 'ran') onRun();
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
