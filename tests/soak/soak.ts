// npm run soak: the real local pipeline, killed again and again while contacts change, agents call and vendors fail or answer nonsense;
// ends with 0 only if CallTools is as the rules say in the end.

import { InvalidArgumentError } from 'commander';
import { mismatchReport } from '../../sandbox/observe/check.ts';
import { createCommand, EXIT, type Running, runCommand } from '../../scripts/command/command.ts';
import type { Output } from '../../scripts/command/output.ts';
import { colour } from '../../scripts/command/terminal.ts';
import { endLocalRuns } from '../support/local-run.ts';
import { type Figures, type Outcome, soak } from './run.ts';

/** The end takes this long at most; whatever hangs, the soak ends. */
const END_LIMIT_MS = 3_600_000;
/** A pipeline that is coming up is waited for, then ended. */
const ENDS_WITHIN_MS = 60_000;

const program = createCommand({
  name: 'npm run soak',
  description:
    'Kills the local pipeline again and again while contacts change and vendors fail, and checks the outcome.',
  options: (program) =>
    program
      .option('-m, --minutes <minutes>', 'how long contacts change; the end takes a minute or two more', positive, 5)
      .option(
        '-s, --seed <seed>',
        'makes the choices of the soak that named it, as far as timing allows',
        whole,
        Date.now() % 1_000_000,
      ),
  json: 'the counts and each difference as one JSON document',
  done: 'CallTools holds what the rules say',
  failed: 'CallTools holds something else, or the soak could not be finished',
});

await runCommand(program, main, { endsWithinMs: ENDS_WITHIN_MS });

async function main({ out, stop }: Running): Promise<number> {
  const { minutes, seed } = program.opts<{ minutes: number; seed: number }>();
  const tooLong = new AbortController();
  const limitMs = minutes * 60_000 + END_LIMIT_MS;
  setTimeout(() => tooLong.abort(new Error('the soak takes too long')), limitMs).unref();
  const tell = (line: string) => out.say(timed(line));
  tell(`soak of ${minutes} min, seed ${seed}`);
  try {
    return judge(await soak({ minutes, seed, tell, signal: AbortSignal.any([stop, tooLong.signal]) }), seed, out);
  } catch (error) {
    if (!stop.aborted) out.note(`✗ the soak could not be finished; seed ${seed}:`);
    throw error;
  } finally {
    await endLocalRuns();
  }
}

/** The exit code. */
function judge({ mismatches, figures, stateFolder, lastLines }: Outcome, seed: number, out: Output): number {
  const history = inWords(figures);
  const ok = mismatches.length === 0;
  const well = `✓ CallTools holds exactly what the rules say, ${figures.seconds_to_equal} s after ${history}; seed ${seed}.`;
  const ill = `✗ ${mismatches.length} difference(s) after ${history}; seed ${seed}, state in ${stateFolder}.`;
  out.result({ ok, seed, ...figures, differences: mismatches, ...(!ok && { state_folder: stateFolder }) }, () =>
    ok
      ? timed(well)
      : `${colour('red', mismatchReport(mismatches))}\n\nLast lines of the pipeline:\n${lastLines.join('\n')}\n\n${timed(ill)}`,
  );
  return ok ? EXIT.done : EXIT.failed;
}

function inWords(of: Figures): string {
  const out = of.seconds_to_out;
  return [
    `${of.changes} changes (${of.silent} without a webhook)`,
    `${of.webhooks} webhooks (lost: ${of.lost || 'none'})`,
    `${of.kills} kills`,
    `${of.troubles} troubles that met ${of.faults} calls (${of.odd} with odd answers)`,
    `${of.backstop_runs} backstop runs`,
    `${of.calls} agents' calls (${of.said_no} said no${out ? `, out after ${out.median} s, at most ${out.longest} s` : ''}; dialed again: ${of.dialed_again || 'none'})`,
  ].join(', ');
}

function timed(line: string): string {
  return `${(performance.now() / 1000).toFixed(0).padStart(4)} s  ${line}`;
}

function positive(text: string): number {
  const value = Number(text);
  if (value > 0) return value;
  throw new InvalidArgumentError('It must be a number above 0.');
}

function whole(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number of at most 9 digits.');
}
