// npm run demo: drives the pipeline by itself, shows the result for each contact, and ends with 0 only if CallTools matches the rules.

import { Command } from 'commander';
import { type Mismatch, mismatchReport } from '../sandbox/observe/check.ts';
import { BUCKET } from '../sandbox/observe/sight.ts';
import { finalMismatches } from './demo/finish.ts';
import { bucketReport, verdict } from './demo/report.ts';
import { playAll } from './demo/run.ts';
import { SCENARIOS } from './demo/scenarios.ts';
import { table } from './demo/table.ts';
import { openWorld } from './demo/world.ts';
import { onNpmGone } from './local/npm-watch.ts';
import { startProgress } from './operator/terminal.ts';

const INTRO = `The real workers run on this machine, with real queues and D1, between stand-ins for GoHighLevel and CallTools.
Default rules: a contact with the tag "cold lead" goes into the bucket "${BUCKET}". Customers, contacts who block
calls and deleted contacts are taken out, and so is who says no on a call (CALL_RESULTS).
All people are made up. This takes about half a minute.
`;

/** The demo ends after this long, even if something hangs. */
const LIMIT_MS = 120_000;
const CLOSE_LIMIT_MS = 10_000;
const LOG_LINES_SHOWN = 20;
const INTERRUPTED = 130;

const { verbose } = new Command('npm run demo --')
  .description('Drives the whole pipeline on this machine by itself, and checks the outcome.')
  .option('-v, --verbose', "show the workers' log lines as they come")
  .parse()
  .opts<{ verbose?: true }>();

const stop = new AbortController();
let interrupted = false;
/** Ends a close that hangs; the orphan guard of the local pipeline then ends workerd. */
function end(): void {
  setTimeout(() => process.exit(process.exitCode ?? 1), CLOSE_LIMIT_MS).unref();
  stop.abort();
}
function interrupt(): void {
  interrupted = true;
  process.exitCode = INTERRUPTED;
  end();
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, interrupt);
onNpmGone(interrupt);
setTimeout(end, LIMIT_MS).unref();

const logLines: string[] = [];
function log(text: string): void {
  logLines.push(text);
  if (verbose) console.error(text);
}

/** True when every scenario and the final check succeeded. */
async function demo(): Promise<boolean> {
  console.log(INTRO);
  const { signal } = stop;
  const world = await openWorld(log, signal);
  try {
    const progress = startProgress('Scenarios', SCENARIOS.flat().length);
    let done = 0;
    const rows = await playAll(SCENARIOS, world, signal, () => progress.update(++done)).finally(progress.end);
    if (interrupted) return false;
    const mismatches = await finalMismatches(world, signal).catch(givenUp);
    console.log(`\n${table(rows, process.stdout.columns)}\n\n${bucketReport(world.sandbox)}\n`);
    if (mismatches.length > 0) console.log(`${mismatchReport(mismatches)}\n`);
    const { ok, text } = verdict(rows, mismatches, performance.now() / 1000);
    console.log(text);
    return ok;
  } finally {
    await world.pipeline.close();
  }
}

/** The demo ran out of time; the table is shown anyway. */
function givenUp(error: unknown): Mismatch[] {
  if (!stop.signal.aborted) throw error;
  return [{ what: 'the demo', expected: `an end within ${LIMIT_MS / 1000} s`, found: 'none' }];
}

function showLog(): void {
  if (verbose || logLines.length === 0) return;
  console.error(['\nThe last log lines of the workers:', ...logLines.slice(-LOG_LINES_SHOWN)].join('\n'));
}

try {
  if (!(await demo())) {
    process.exitCode ??= 1;
    if (!interrupted) showLog();
  }
} catch (error) {
  process.exitCode ??= 1;
  if (!interrupted) {
    console.error(error);
    showLog();
  }
}
process.exit();
