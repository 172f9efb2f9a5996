// Drops mutants that do not compile: they could never be deployed. StrykerJS reports them as CompileError, and does not count them either.

import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Mutant, mutated } from './mutants.ts';

/** Its own of each run. */
const COPY = `.local/mutation/types-${process.pid}`;
const FLAGS = [
  ...['-p', 'workers', '--pretty', 'false', '--incremental', '--tsBuildInfoFile', 'kept.tsbuildinfo'],
  // What a mutant leaves unused or unreachable is no reason.
  ...['--noUnusedLocals', 'false', '--noUnusedParameters', 'false', '--allowUnreachableCode', 'true'],
];

/** Those of the mutants that compile, in their order. */
export function compiling(mutants: readonly Mutant[]): Mutant[] {
  rmSync(COPY, { recursive: true, force: true });
  mkdirSync(COPY, { recursive: true });
  for (const part of ['workers', 'shared', 'dashboard', 'tsconfig.base.json', 'package.json'])
    cpSync(part, join(COPY, part), { recursive: true });
  try {
    const compileErrors = new Set(rounds(mutants).flatMap(refusedOf));
    return mutants.filter((mutant) => !compileErrors.has(mutant));
  } finally {
    rmSync(COPY, { recursive: true, force: true });
  }
}

/** Groups with at most one mutant of a file: they are checked together. */
function rounds(mutants: readonly Mutant[]): Mutant[][] {
  const groups: Mutant[][] = [];
  for (const mutant of mutants) {
    const group = groups.find((others) => others.every(({ file }) => file !== mutant.file));
    if (group) group.push(mutant);
    else groups.push([mutant]);
  }
  return groups;
}

/** An error belongs to the mutant of its file. Where it has none, the halves are checked alone, down to one mutant. */
function refusedOf(group: readonly Mutant[]): Mutant[] {
  const errors = errorsWith(group);
  const own = group.filter(({ file }) => errors.has(file));
  const others = group.filter(({ file }) => !errors.has(file));
  if (errors.size === own.length || others.length === 0) return own;
  if (group.length === 1) return [...group];
  if (own.length > 0) return [...own, ...refusedOf(others)];
  const middle = Math.ceil(others.length / 2);
  return [...refusedOf(others.slice(0, middle)), ...refusedOf(others.slice(middle))];
}

/** The files in which the type check finds errors. */
function errorsWith(group: readonly Mutant[]): Set<string> {
  for (const mutant of group)
    writeFileSync(join(COPY, mutant.file), mutated(readFileSync(mutant.file, 'utf8'), mutant));
  const { stdout } = spawnSync('tsc', FLAGS, {
    cwd: COPY,
    encoding: 'utf8',
  });
  for (const { file } of group) cpSync(file, join(COPY, file));
  return new Set([...stdout.matchAll(/^(\S+\.ts)\(\d+,\d+\): error/gm)].map(([, file = '']) => file));
}
