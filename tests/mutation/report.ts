// The score, by folder, and every survivor.

import { table } from '../../scripts/command/text.ts';
import type { Mutant } from './mutants.ts';
import { changeOf, FOLDERS } from './select.ts';

/** What became of one mutant. `by`: the test that noticed it; null for a survivor. */
export interface Tried {
  mutant: Mutant;
  by: string | null;
  /** The test did not end. */
  hung: boolean;
  /** How many tests reach it. */
  tests: number;
}

/** Of a folder, or of all. `score` is a share; 1 where nothing was tried. */
export interface Score {
  folder: string;
  mutants: number;
  killed: number;
  hung: number;
  survived: number;
  score: number;
}

export function scores(tried: readonly Tried[]): { all: Score; folders: Score[] } {
  const of = (folder: string, among: readonly Tried[]): Score => {
    const killed = among.filter(({ by }) => by !== null).length;
    return {
      folder,
      mutants: among.length,
      killed,
      hung: among.filter(({ hung }) => hung).length,
      survived: among.length - killed,
      score: among.length === 0 ? 1 : killed / among.length,
    };
  };
  const within = (folder: string) => tried.filter(({ mutant }) => mutant.file.startsWith(`${folder}/`));
  return { all: of('all', tried), folders: FOLDERS.map((folder) => of(folder, within(folder))) };
}

/** For a person. */
export function reportOf(tried: readonly Tried[], width: number | undefined): string {
  const { all, folders } = scores(tried);
  const rows = [...folders, all].map(({ folder, mutants, killed, hung, survived, score }) => [
    folder,
    ...[mutants, killed, hung, survived].map(String),
    `${(score * 100).toFixed(1)} %`,
  ]);
  return [
    table(['', 'mutants', 'killed', 'of these hung', 'survived', 'score'], rows, width),
    ...survivors(tried).map(({ where, change, tests }) => `${where} ${change} (${tests} tests reach it)`),
  ].join('\n');
}

/** Where they are and what they change. */
export function survivors(tried: readonly Tried[]) {
  return tried
    .filter(({ by }) => by === null)
    .sort((a, b) => a.mutant.file.localeCompare(b.mutant.file) || a.mutant.start - b.mutant.start)
    .map(({ mutant, tests }) => ({ where: `${mutant.file}:${mutant.line}`, change: changeOf(mutant), tests }));
}
