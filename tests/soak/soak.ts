// npm run soak: the real local pipeline, killed again and again while contacts change and vendors fail; ends with 0 only if CallTools is
// as the rules say in the end.

import { Command, InvalidArgumentError } from 'commander';
import { mismatchReport } from '../../sandbox/observe/check.ts';
import { onNpmGone } from '../../scripts/local/npm-watch.ts';
import { endLocalRuns } from '../support/local-run.ts';
import { type Outcome, soak } from './run.ts';

/** The end takes this long at most; whatever hangs, the soak ends. */
const END_LIMIT_MS = 480_000;
const INTERRUPTED = 130;

const { minutes, seed } = new Command('npm run soak --')
  .description(
    'Kills the local pipeline again and again while contacts change and vendors fail, and checks the outcome.',
  )
  .option('-m, --minutes <minutes>', 'how long contacts change; the end takes a minute or two more', positive, 5)
  .option(
    '-s, --seed <seed>',
    'makes the choices of the soak that named it, as far as timing allows',
    whole,
    Date.now() % 1_000_000,
  )
  .parse()
  .opts<{ minutes: number; seed: number }>();

const stop = new AbortController();
function interrupt(): void {
  process.exitCode = INTERRUPTED;
  stop.abort();
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, interrupt);
onNpmGone(interrupt);
setTimeout(() => stop.abort(new Error('the soak takes too long')), minutes * 60_000 + END_LIMIT_MS).unref();

function tell(line: string): void {
  console.log(`${(performance.now() / 1000).toFixed(0).padStart(4)} s  ${line}`);
}

/** The exit code. */
function judge({ mismatches, kills, count, stateFolder, lastLines }: Outcome): number {
  const history = `${count.changes} changes (${count.silent} without a webhook), ${count.hints} more webhooks, ${kills} kills`;
  if (mismatches.length === 0) {
    tell(`✓ CallTools holds exactly what the rules say after ${history}; seed ${seed}.`);
    return 0;
  }
  console.log(`${mismatchReport(mismatches)}\n\nLast lines of the pipeline:\n${lastLines.join('\n')}\n`);
  tell(`✗ ${mismatches.length} difference(s) after ${history}; seed ${seed}, state in ${stateFolder}.`);
  return 1;
}

try {
  tell(`soak of ${minutes} min, seed ${seed}`);
  process.exitCode = judge(await soak({ minutes, seed, tell, signal: stop.signal }));
} catch (error) {
  process.exitCode ??= 1;
  if (process.exitCode !== INTERRUPTED) console.error(`✗ the soak could not be finished; seed ${seed}:`, error);
} finally {
  await endLocalRuns();
}
process.exit();

function positive(text: string): number {
  const value = Number(text);
  if (value > 0) return value;
  throw new InvalidArgumentError('It must be a number above 0.');
}

function whole(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number of at most 9 digits.');
}
