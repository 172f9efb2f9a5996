// Which tests reach which function: found by one run of each test, and kept while nothing that the test loads has changed.

import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Mutant } from './mutants.ts';
import { inTestRunners } from './test-runners.ts';

/** What one test file reaches. */
interface TestCoverage {
  /** Of the files that it loads. */
  hash: string;
  files: string[];
  ms: number;
  /** Source files that it loads, and `file#number` for the functions that ran. */
  reached: string[];
}

const KEPT = '.local/mutation/reach.json';
const TESTS =
  'tests/unit/{backstop,calls,dead-letters,dialer,domain,ingest,monitoring,operator,queue,rules-preview,sync,vendors}';
/** The simulation: it reaches nearly everything, and is dear. */
const HISTORIES = 'tests/mutation/histories.test.ts';
const MAX_MS = 600_000;
/**
 * The tests that are tried on one mutant take so much of the time of all tests. What they do not notice counts as not noticed: without
 * this limit half of a sampled run is spent on the last tests of a few mutants.
 */
const MOST = 0.25;

/** The tests that reach a mutant, those first that fail soonest. */
export interface Coverage {
  coveringTests(mutant: Mutant): { test: string; ms: number }[];
  /** Tests that fail without any mutant: nothing can be learned from them. */
  failing: string[];
}

/** Runs the tests of which it is not known what they reach, in so many `runners`. */
export async function learnCoverage(runners: number, onTest: (done: number, total: number) => void): Promise<Coverage> {
  const kept: Record<string, TestCoverage> = existsSync(KEPT) ? JSON.parse(readFileSync(KEPT, 'utf8')) : {};
  const tests = [...globSync(`${TESTS}/**/*.test.ts`).sort(), HISTORIES];
  const failing: string[] = [];
  const unknown = tests.filter((test) => kept[test]?.hash !== hashOf(kept[test]?.files ?? []));
  let done = 0;
  await inTestRunners(unknown, runners, async (test, runner) => {
    const answer = await runner.ask({ kind: 'reach', test }, () => MAX_MS);
    if (answer !== 'timeout' && answer.kind === 'reached' && !answer.failed) {
      const { files, ms, reached } = answer;
      kept[test] = { hash: hashOf(files), files, ms, reached };
      mkdirSync(dirname(KEPT), { recursive: true });
      writeFileSync(KEPT, JSON.stringify(kept));
    } else {
      delete kept[test];
      failing.push(test);
    }
    onTest(++done, unknown.length);
  });
  const sets = tests.flatMap((test) => {
    const reach = kept[test];
    return reach ? [{ test, ms: reach.ms, reached: new Set(reach.reached) }] : [];
  });
  const total = sets.reduce((sum, { ms }) => sum + ms, 0);
  return {
    coveringTests: ({ file, inFunction }) => {
      const place = inFunction === null ? file : `${file}#${inFunction}`;
      const covering = sets
        .filter(({ reached }) => reached.has(place))
        .map(({ test, ms }) => ({ test, ms, rank: rankOf(test, file) }))
        .sort((a, b) => a.rank - b.rank || a.ms - b.ms);
      return affordable(inTurn(covering), MOST * total);
    },
    failing,
  };
}

/** The simulation comes once the tests before it have taken as long as it does. */
function inTurn(tests: { test: string; ms: number }[]): { test: string; ms: number }[] {
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

function affordable(tests: { test: string; ms: number }[], most: number): { test: string; ms: number }[] {
  let spent = 0;
  return tests.filter(({ ms }, index) => {
    spent += ms;
    return index === 0 || spent <= most;
  });
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
