// Which cases of which tests reach which function: found by one run of each test, and kept while nothing that the test loads has changed.

import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Mutant } from './mutants.ts';
import type { Answer, Cases } from './test-runner.ts';
import { inTestRunners } from './test-runners.ts';

/** What one test file reaches. */
interface TestReach {
  /** Of the files that it loads. */
  hash: string;
  files: string[];
  /** Source files that it loads, and functions that run for all of its cases, as `file#number`. */
  shared: string[];
  /** Functions that some of its cases run. */
  functions: string[];
  /** What each case runs: places in `functions`. */
  cases: { id: string; ms: number; runs: number[] }[];
}

/** The cases of a test file that reach a mutant. */
export interface CoveringTest extends Cases {
  ms: number;
}

/** One file a test. */
const KEPT = '.local/mutation/reach';
const TESTS =
  'tests/unit/{backstop,calls,dead-letters,dialer,domain,ingest,monitoring,operator,queue,rules-preview,sync,vendors}';
/** The simulation: it reaches nearly everything, and is dear. */
const HISTORIES = 'tests/mutation/histories.test.ts';
const MAX_MS = 600_000;
/**
 * The cases that are tried on one mutant take so much of the time of all cases. What they do not notice counts as not noticed: without
 * this limit half of a sampled run is spent on the last tests of a few mutants.
 */
const MOST = 0.15;
/** What a test file takes beside its cases. */
const FILE_MS = 50;

/** The tests that reach a mutant, those first that fail soonest. */
export interface Coverage {
  coveringTests(mutant: Mutant): CoveringTest[];
  /** Tests that fail without any mutant: nothing can be learned from them. */
  failing: string[];
}

/** Runs the tests of which it is not known what they reach, in so many `runners`. */
export async function learnCoverage(runners: number, onTest: (done: number, total: number) => void): Promise<Coverage> {
  const tests = [...globSync(`${TESTS}/**/*.test.ts`).sort(), HISTORIES];
  const kept = new Map(tests.map((test) => [test, keptOf(test)]));
  const failing: string[] = [];
  const unknown = tests.filter((test) => kept.get(test)?.hash !== hashOf(kept.get(test)?.files ?? []));
  let done = 0;
  await inTestRunners(unknown, runners, async (test, runner) => {
    const answer = await runner.ask({ kind: 'reach', test }, () => MAX_MS);
    if (answer !== 'timeout' && answer.kind === 'reached' && !answer.failed) {
      const reach = reachOf(answer);
      kept.set(test, reach);
      mkdirSync(KEPT, { recursive: true });
      writeFileSync(keptIn(test), JSON.stringify(reach));
    } else {
      kept.delete(test);
      failing.push(test);
    }
    onTest(++done, unknown.length);
  });
  const known = tests.flatMap((test) => {
    const reach = kept.get(test);
    return reach ? [{ test, reach }] : [];
  });
  const total = known.reduce((sum, { reach: { cases } }) => sum + msOf(cases), 0);
  return {
    coveringTests: ({ file, inFunction }) => {
      const place = inFunction === null ? file : `${file}#${inFunction}`;
      const covering = known.flatMap(({ test, reach: { shared, functions, cases } }) => {
        const number = functions.indexOf(place);
        const reaching = shared.includes(place) ? cases : cases.filter(({ runs }) => runs.includes(number));
        if (reaching.length === 0) return [];
        return [{ test, ids: reaching.map(({ id }) => id), ms: msOf(reaching), rank: rankOf(test, file) }];
      });
      covering.sort((a, b) => a.rank - b.rank || a.ms - b.ms);
      return affordable(inTurn(covering), MOST * total);
    },
    failing,
  };
}

function keptIn(test: string): string {
  return `${KEPT}/${test.replaceAll('/', '.')}.json`;
}

function keptOf(test: string): TestReach | undefined {
  return existsSync(keptIn(test)) ? JSON.parse(readFileSync(keptIn(test), 'utf8')) : undefined;
}

function reachOf({ files, shared, cases }: Extract<Answer, { kind: 'reached' }>): TestReach {
  const functions = new Map<string, number>();
  const numberOf = (name: string) => functions.get(name) ?? functions.set(name, functions.size).size - 1;
  const short = cases.map(({ id, ms, reached }) => ({ id, ms, runs: reached.map(numberOf) }));
  return { hash: hashOf(files), files, shared, functions: [...functions.keys()], cases: short };
}

/** The simulation comes once the tests before it have taken as long as it does. */
function inTurn(tests: CoveringTest[]): CoveringTest[] {
  const others = tests.filter(({ test }) => test !== HISTORIES);
  const histories = tests.filter(({ test }) => test === HISTORIES);
  const dear = histories[0]?.ms ?? 0;
  let spent = 0;
  let before = 0;
  for (const { ms } of others) {
    spent += ms;
    if (spent > dear) break;
    before += 1;
  }
  return others.toSpliced(before, 0, ...histories);
}

function affordable(tests: CoveringTest[], most: number): CoveringTest[] {
  let spent = 0;
  return tests.filter(({ ms }, index) => {
    spent += ms;
    return index === 0 || spent <= most;
  });
}

function msOf(cases: readonly { ms: number }[]): number {
  return cases.reduce((sum, { ms }) => sum + ms, FILE_MS);
}

/** 0 for the test named like the source file, 1 for those that share a word with its name, 2 for others of its folder, 3 elsewhere. */
function rankOf(test: string, file: string): number {
  const own = file.replace(/^workers\/(consumer\/)?/, 'tests/unit/').replace(/\.ts$/, '.test.ts');
  if (test === own) return 0;
  const words = new Set(wordsOf(own));
  if (wordsOf(test).some((word) => words.has(word))) return 1;
  return test.split('/')[2] === own.split('/')[2] ? 2 : 3;
}

/** Of the file's name; short ones say nothing. */
function wordsOf(path: string): string[] {
  return basename(path, '.test.ts')
    .split('-')
    .filter((word) => word.length > 3);
}

/** Changes with the text of any of the files. */
function hashOf(files: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of files) hash.update(`${file}\0${existsSync(file) ? readFileSync(file, 'utf8') : ''}\0`);
  return hash.digest('hex');
}
