// The mutants of a source file: each is one small change that a test should notice.

import { type Change, changesOf, type MutatorName } from './operators.ts';
import { type Node, type Place, parse, placesIn } from './syntax.ts';

/** One changed place. */
export interface Mutant extends Change {
  /** Below the project's root. */
  file: string;
  /** From 1. */
  line: number;
  /** What stands there in the source. */
  from: string;
  /** Number of the innermost function around it, in the order of the text; null outside of any. */
  inFunction: number | null;
}

/** Mutants that are not tried, because they change no behaviour. */
export const IGNORED = {
  sentence: 'strings of several words: sentences for a person',
  log: 'what a log line says (that it is written is behaviour)',
} as const;

export interface Found {
  mutants: Mutant[];
  /** How many were not tried, by why. */
  ignored: Record<keyof typeof IGNORED, number>;
}

const FUNCTIONS = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']);

/** All mutants of the file, in the order of the text. Types, names and imports have none. */
export function mutantsOf(file: string, text: string): Found {
  const found: Found = { mutants: [], ignored: { sentence: 0, log: 0 } };
  const functions = new Map<Node, number>();
  const seen = new Set<string>();
  for (const place of placesIn(parse(file, text))) {
    if (FUNCTIONS.has(place.node.type)) functions.set(place.node, functions.size);
    for (const change of changesOf(place, text)) {
      const name = `${change.start} ${change.end} ${change.to}`;
      if (seen.has(name)) continue;
      seen.add(name);
      const ignored = ignoredAs(place, change.kind);
      if (ignored) found.ignored[ignored]++;
      else
        found.mutants.push({ ...change, ...whereIs(change, text), file, inFunction: functionAround(place, functions) });
    }
  }
  found.mutants.sort((a, b) => a.start - b.start || a.end - b.end);
  return found;
}

/** The text with this mutant in it. */
export function mutated(text: string, { start, end, to }: Change): string {
  return text.slice(0, start) + to + text.slice(end);
}

/**
 * The text with `probe` at the start of every function: an expression, given the function's number (see `inFunction`). It stays on the
 * same lines, and does what it did before.
 */
export function probed(file: string, text: string, probe: (inFunction: number) => string): string {
  const inserts: [at: number, what: string][] = [];
  let number = 0;
  for (const { node } of placesIn(parse(file, text))) {
    if (!FUNCTIONS.has(node.type)) continue;
    const call = probe(number++);
    const body = node.body as Node | null;
    if (!body) continue;
    if (body.type === 'BlockStatement') inserts.push([body.start + 1, `${call};`]);
    // The brackets around an object stand outside of it, and are needed no more.
    else inserts.push([body.start, `(${call},`], [body.end, ')']);
  }
  return inserts
    .sort(([a], [b]) => b - a)
    .reduce((done, [at, what]) => done.slice(0, at) + what + done.slice(at), text);
}

function whereIs({ start, end }: Change, text: string) {
  return { line: text.slice(0, start).split('\n').length, from: text.slice(start, end) };
}

/** Parameters belong to what is around the function: their defaults run before its body, but only if it is called. */
function functionAround(place: Place, functions: Map<Node, number>): number | null {
  for (let at: Place | null = place; at; at = at.parent) {
    const number = functions.get(at.node);
    if (number !== undefined) return number;
  }
  return null;
}

function ignoredAs({ node, parent }: Place, kind: MutatorName): keyof typeof IGNORED | null {
  if (kind === 'string' && isSentence(node)) return 'sentence';
  for (let at = parent; at && !at.node.type.endsWith('Statement'); at = at.parent) if (isLog(at.node)) return 'log';
  return null;
}

function isSentence(node: Node): boolean {
  const quasis = (node.quasis as { value: { raw: string } }[] | undefined)?.map(({ value }) => value.raw).join('x');
  return /[\p{L}’)"][,:;.]? \(?[\p{L}"]/u.test(quasis ?? String(node.value));
}

function isLog(node: Node): boolean {
  if (node.type !== 'CallExpression') return false;
  const callee = node.callee as Node;
  return callee.name === 'log' || (callee.property as Node | undefined)?.name === 'log';
}
