// Which mutants are tried: all of the files that decide who is dialed, or a sample that a seed repeats.

import { globSync, readFileSync } from 'node:fs';
import { createRng } from '../simulation/rng.ts';
import { EQUIVALENT, type Equivalent } from './equivalent.ts';
import { type Found, IGNORED, type Mutant, mutantsOf } from './mutants.ts';
import { compiling } from './types.ts';

/** The code that decides who is dialed. */
export const FOLDERS = [
  'workers/consumer/domain',
  'workers/consumer/sync',
  'workers/consumer/dialer',
  'workers/consumer/queue',
  'workers/ingest',
];

/** What can be tried. */
export interface Selection {
  mutants: Mutant[];
  equivalents: number;
  ignored: Found['ignored'];
}

/** Every mutant of the files at or below `within`. Throws where an entry of EQUIVALENT fits none. */
export function allMutants(within: readonly string[]): Selection {
  const ignored = { ...NONE_IGNORED };
  const mutants: Mutant[] = [];
  let equivalents = 0;
  for (const file of FOLDERS.flatMap((folder) => globSync(`${folder}/**/*.ts`)).sort()) {
    if (!within.some((path) => file === path || file.startsWith(`${path}/`))) continue;
    const text = readFileSync(file, 'utf8');
    const found = mutantsOf(file, text);
    const known = equivalentsIn(found.mutants, text, EQUIVALENT[file] ?? []);
    equivalents += known.size;
    mutants.push(...found.mutants.filter((mutant) => !known.has(mutant)));
    for (const kind of KINDS) ignored[kind] += found.ignored[kind];
  }
  return { mutants, equivalents, ignored };
}

const KINDS = Object.keys(IGNORED) as (keyof typeof IGNORED)[];
const NONE_IGNORED = Object.fromEntries(KINDS.map((kind) => [kind, 0])) as Found['ignored'];

/** The mutants of one file that its entries name. Throws where an entry names none. */
export function equivalentsIn(mutants: readonly Mutant[], text: string, entries: readonly Equivalent[]): Set<Mutant> {
  const lines = text.split('\n');
  const known = entries.flatMap((entry) => {
    const named = mutants.filter((one) => lines[one.line - 1]?.trim() === entry.at && changeOf(one) === entry.change);
    if (named.length === 0)
      throw new Error(`tests/mutation/equivalent.ts names no mutant: ${entry.at} | ${entry.change}`);
    return named;
  });
  return new Set(known);
}

/** `count` mutants that compile, drawn in the order of `seed`; all of them without a count. `compileErrors`: how many were drawn that do not. */
export function sample(mutants: readonly Mutant[], count: number | undefined, seed: number) {
  const order = createRng(seed).shuffled(mutants);
  const wanted = count ?? order.length;
  const drawn: Mutant[] = [];
  let at = 0;
  while (drawn.length < wanted && at < order.length) {
    // Nearly half do not compile.
    const next = order.slice(at, at + Math.max(8, Math.ceil((wanted - drawn.length) * 1.5)));
    const fit = new Set(compiling(next));
    for (const mutant of next) {
      if (drawn.length === wanted) break;
      at++;
      if (fit.has(mutant)) drawn.push(mutant);
    }
  }
  return { drawn, compileErrors: at - drawn.length };
}

/** What it changes, on one line. */
export function changeOf({ kind, from, to }: Mutant): string {
  return `${kind}: ${shown(from)} → ${shown(to)}`;
}

function shown(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  if (line === '') return 'nothing';
  return line.length > 80 ? `${line.slice(0, 79)}…` : line;
}
