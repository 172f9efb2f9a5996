// The score, by folder, and every survivor.

import { table } from '../../scripts/command/text.ts';
import type { Mutant } from './mutants.ts';
import { changeOf, FOLDERS } from './select.ts';

/** What became of one mutant. */
export interface MutantResult {
  mutant: Mutant;
  /** The test that noticed it; null for a survivor. */
  killedBy: string | null;
  /** That test did not end. */
  timedOut: boolean;
  /** How many tests reach it; a survivor that none reaches has no coverage. */
  tests: number;
}

/** Of a folder, or of all. `score` is a share; 1 where nothing was tried. */
export interface Score {
  folder: string;
  mutants: number;
  killed: number;
  /** Of those killed. */
  timeouts: number;
  survived: number;
  /** Of those that survived. */
  uncovered: number;
  score: number;
}

export function scores(tried: readonly MutantResult[]): { all: Score; folders: Score[] } {
  const of = (folder: string, among: readonly MutantResult[]): Score => {
    const killed = among.filter(({ killedBy }) => killedBy !== null).length;
    return {
      folder,
      mutants: among.length,
      killed,
      timeouts: among.filter(({ timedOut }) => timedOut).length,
      survived: among.length - killed,
      uncovered: among.filter(({ tests }) => tests === 0).length,
      score: among.length === 0 ? 1 : killed / among.length,
    };
  };
  const within = (folder: string) => tried.filter(({ mutant }) => mutant.file.startsWith(`${folder}/`));
  return { all: of('all', tried), folders: FOLDERS.map((folder) => of(folder, within(folder))) };
}

/** For a person. */
export function reportOf(tried: readonly MutantResult[], width: number | undefined): string {
  const { all, folders } = scores(tried);
  const rows = [...folders, all].map(({ folder, mutants, killed, timeouts, survived, uncovered, score }) => [
    folder,
    ...[mutants, killed, timeouts, survived, uncovered].map(String),
    `${(score * 100).toFixed(1)} %`,
  ]);
  return [
    table(['', 'mutants', 'killed', '… by timeout', 'survived', '… not covered', 'score'], rows, width),
    ...survivors(tried).map(({ where, change, tests }) => `${where} ${change} (${tests} tests reach it)`),
  ].join('\n');
}

/** Where they are and what they change. */
export function survivors(tried: readonly MutantResult[]) {
  return tried
    .filter(({ killedBy }) => killedBy === null)
    .sort((a, b) => a.mutant.file.localeCompare(b.mutant.file) || a.mutant.start - b.mutant.start)
    .map(({ mutant, tests }) => ({ where: `${mutant.file}:${mutant.line}`, change: changeOf(mutant), tests }));
}
