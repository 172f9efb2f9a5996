// npm run mutate: plants small bugs in the code that decides who is dialed, one at a time, and counts those that no test notices.

import { readFileSync } from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import { createCommand, EXIT, type Running, runCommand } from '../../scripts/command/command.ts';
import { WrongUse } from '../../scripts/command/sentence.ts';
import { lineWidth, startProgress } from '../../scripts/command/terminal.ts';
import { type Coverage, learnCoverage } from './coverage.ts';
import { IGNORED, type Mutant, mutated } from './mutants.ts';
import { type MutantResult, reportOf, scores, survivors } from './report.ts';
import { allMutants, FOLDERS, sample } from './select.ts';
import type { Cases } from './test-runner.ts';
import { inTestRunners, type TestRunner } from './test-runners.ts';

interface Options {
  sample: number;
  seed?: number;
  all?: true;
  file: string[];
  jobs: number;
}

/** Below this share of noticed mutants the command fails. */
const LEAST_SCORE = 0.9;
/** A test times out after so many times what it takes without a mutant. */
const TIMEOUT_FACTOR = 5;
const MIN_TIMEOUT_MS = 30_000;

const program = createCommand({
  name: 'npm run mutate',
  description: 'Plants small bugs in the code that decides who is dialed, and counts those that the tests notice.',
  options: withOptions,
  more: `Of ${FOLDERS.join(', ')}. Mutants that do not compile and those of tests/mutation/equivalent.ts are not counted.`,
  json: 'the seed, the scores and every survivor, as one JSON document',
  done: `at least ${LEAST_SCORE * 100} % were noticed`,
  failed: 'fewer were noticed',
});

await runCommand(program, mutate);

function withOptions(program: Command): Command {
  return program
    .option('-n, --sample <number>', 'how many mutants, drawn with the seed', wholeNumber, 200)
    .option('-s, --seed <number>', 'draws the same mutants again; without it the clock chooses', wholeNumber)
    .option('-a, --all', 'every mutant: takes many hours')
    .option('-f, --file <path...>', 'only those of these files or folders', FOLDERS)
    .option('-j, --jobs <number>', 'tests side by side', wholeNumber, 2);
}

async function mutate({ out }: Running): Promise<number> {
  const { all, file, jobs, seed = Date.now() % 1_000_000, sample: count } = program.opts<Options>();
  const startedAt = performance.now();
  const { mutants, equivalents, ignored } = allMutants(file);
  if (mutants.length === 0) throw new WrongUse(`There is no code to change in ${file.join(', ')}.`);
  const { drawn, compileErrors } = sample(mutants, all ? undefined : count, seed);
  const skipped = Object.entries(ignored).map(([kind, n]) => `${n} of ${IGNORED[kind as keyof typeof IGNORED]}`);
  out.say(
    [
      `Seed ${seed}: ${drawn.length} of ${mutants.length} mutants. ${compileErrors} more were drawn that do not compile.`,
      `Left out: ${[`${equivalents} known to change nothing`, ...skipped].join('; ')}.`,
    ].join('\n'),
  );
  const tests = await learn(jobs);
  for (const test of tests.failing) out.say(`Fails without any change, and is not used: ${test}`);

  const tried: MutantResult[] = [];
  const progress = startProgress('Mutants', drawn.length);
  await inTestRunners(drawn, jobs, async (mutant, runner) => {
    const one = await tryOut(mutant, tests, runner);
    tried.push(one);
    for (const { where, change } of survivors([one])) out.note(`Not noticed: ${where} ${change}`);
    progress.update(tried.length);
  }).finally(progress.end);

  const { all: total, folders } = scores(tried);
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  out.result({ seed, seconds, compile_errors: compileErrors, score: total, folders, survivors: survivors(tried) }, () =>
    [reportOf(tried, lineWidth()), '', `Seed ${seed}, ${seconds} s: ${(total.score * 100).toFixed(1)} % noticed.`].join(
      '\n',
    ),
  );
  return total.score >= LEAST_SCORE ? EXIT.done : EXIT.failed;
}

async function learn(jobs: number): Promise<Coverage> {
  let progress: ReturnType<typeof startProgress> | null = null;
  return learnCoverage(jobs, (done, total) => {
    progress ??= startProgress('What each test reaches', total);
    progress.update(done);
  }).finally(() => progress?.end());
}

/** Runs the cases that reach the mutant, until one notices it. */
async function tryOut(mutant: Mutant, { coveringTests }: Coverage, runner: TestRunner): Promise<MutantResult> {
  const { file } = mutant;
  const change = { file, text: mutated(readFileSync(file, 'utf8'), mutant) };
  const covering = coveringTests(mutant);
  const took = new Map(covering.map(({ test, ms }) => [test, ms]));
  const reaching = covering.reduce((sum, { ids }) => sum + ids.length, 0);
  let begun = '';
  const msOf = (test: string) => {
    begun = test;
    return Math.max(MIN_TIMEOUT_MS, (took.get(test) ?? 0) * TIMEOUT_FACTOR);
  };
  const failedOf = async (tests: Cases[], now: typeof change | null) => {
    const answer = await runner.ask({ kind: 'try', tests, change: now }, msOf);
    if (answer === 'timeout') return { failed: { test: begun, ids: [] }, timedOut: true };
    return { failed: answer.kind === 'tried' ? answer.failed : null, timedOut: false };
  };
  let left: Cases[] = covering.map(({ test, ids }) => ({ test, ids }));
  while (left.length > 0) {
    const { failed, timedOut } = await failedOf(left, change);
    if (failed === null) break;
    // What another case left behind, or failed to leave, may have been the reason: so this one has to fail alone, and only with the mutant.
    const alone = [failed];
    if (timedOut || ((await failedOf(alone, change)).failed && !(await failedOf(alone, null)).failed))
      return { mutant, killedBy: failed.test, timedOut, tests: reaching };
    left = left.slice(left.findIndex(({ test }) => test === failed.test) + 1);
  }
  return { mutant, killedBy: null, timedOut: false, tests: reaching };
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('must be a whole number');
  return Number(text);
}
