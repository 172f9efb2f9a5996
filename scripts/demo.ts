// npm run demo: drives the pipeline by itself, shows the result for each contact, and ends with 0 only if CallTools matches the rules.

import { type Mismatch, mismatchReport } from '../sandbox/observe/check.ts';
import { BUCKET } from '../sandbox/observe/sight.ts';
import { createCommand, EXIT, type Running, runCommand } from './command/command.ts';
import { colour, lineWidth, startProgress } from './command/terminal.ts';
import { finalMismatches } from './demo/finish.ts';
import { bucketReport, verdict } from './demo/report.ts';
import { playAll } from './demo/run.ts';
import { SCENARIOS } from './demo/scenarios.ts';
import { table } from './demo/table.ts';
import { openWorld } from './demo/world.ts';

const INTRO = `The real workers run on this machine, with real queues and D1, between stand-ins for GoHighLevel and CallTools.
Default rules: a contact with the tag "cold lead" goes into the bucket "${BUCKET}". Customers, contacts who block
calls and deleted contacts are taken out, and so is who says no on a call (CALL_RESULTS).
All people are made up. This takes about half a minute.
`;

/** The demo ends after this long, even if something hangs. */
const LIMIT_MS = 120_000;
const CLOSE_LIMIT_MS = 10_000;
const LOG_LINES_SHOWN = 20;

const program = createCommand({
  name: 'npm run demo',
  description: 'Drives the whole pipeline on this machine by itself, and checks the outcome.',
  options: (program) => program.option('-v, --verbose', "show the workers' log lines as they come"),
  json: 'each scenario and each difference as one JSON document',
  done: 'CallTools holds what the rules say',
  failed: 'a scenario failed, or CallTools holds something else',
});

await runCommand(program, demo, { endsWithinMs: CLOSE_LIMIT_MS });

async function demo({ out, stop }: Running): Promise<number> {
  const { verbose } = program.opts<{ verbose?: true }>();
  const logLines: string[] = [];
  const log = (text: string) => {
    logLines.push(text);
    if (verbose) out.note(text);
  };
  const tooLong = AbortSignal.timeout(LIMIT_MS);
  // A close that hangs; the orphan guard of the local pipeline then ends workerd.
  setTimeout(() => process.exit(EXIT.failed), LIMIT_MS + CLOSE_LIMIT_MS).unref();
  let ok = false;
  try {
    ok = await play(out, log, AbortSignal.any([stop, tooLong]), tooLong);
  } finally {
    if (!ok && !verbose && !stop.aborted && logLines.length > 0)
      out.note(['\nThe last log lines of the workers:', ...logLines.slice(-LOG_LINES_SHOWN)].join('\n'));
  }
  return ok ? EXIT.done : EXIT.failed;
}

/** True when every scenario and the final check succeeded. */
async function play(
  out: Running['out'],
  log: (text: string) => void,
  signal: AbortSignal,
  tooLong: AbortSignal,
): Promise<boolean> {
  out.say(INTRO);
  const world = await openWorld(log, signal);
  try {
    const progress = startProgress('Scenarios', SCENARIOS.flat().length);
    let done = 0;
    const rows = await playAll(SCENARIOS, world, signal, () => progress.update(++done)).finally(progress.end);
    // The demo ran out of time: the table is shown anyway.
    const mismatches = await finalMismatches(world, signal).catch((error: unknown): Mismatch[] => {
      if (!tooLong.aborted) throw error;
      return [{ what: 'the demo', expected: `an end within ${LIMIT_MS / 1000} s`, found: 'none' }];
    });
    const seconds = performance.now() / 1000;
    const { ok, text } = verdict(rows, mismatches, seconds);
    const differences = mismatches.length > 0 ? [`${colour('red', mismatchReport(mismatches))}\n`] : [];
    out.result({ ok, seconds, scenarios: rows, differences: mismatches }, () =>
      [`\n${table(rows, lineWidth())}\n\n${bucketReport(world.sandbox)}\n`, ...differences, text].join('\n'),
    );
    return ok;
  } finally {
    await world.pipeline.close();
  }
}
