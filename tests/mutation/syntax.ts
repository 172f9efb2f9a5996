// The syntax tree of a source file, read with the parser that vitest brings.

import { parseAst } from 'vitest/node';

/** A node of the tree. `start` and `end` count UTF-16 units of the text. */
export interface Node {
  type: string;
  start: number;
  end: number;
  [part: string]: unknown;
}

/** A node with where it stands: `key` is its part of the parent. */
export interface Place {
  node: Node;
  parent: Place | null;
  key: string;
}

/** Wrappers of TypeScript around code that runs. Every other node of it is a type. */
const WRAPPERS = new Set(['TSAsExpression', 'TSSatisfiesExpression', 'TSNonNullExpression']);

/** The tree of a TypeScript file. Throws where it cannot be parsed. */
export function parse(file: string, text: string): Node {
  return parseAst(text, { lang: 'ts' }, file) as unknown as Node;
}

/** Every node that runs, parents first. Types, imports and re-exports are left out. */
export function* placesIn(node: Node, parent: Place | null = null, key = ''): Generator<Place> {
  if (node.type === 'ImportDeclaration' || node.type === 'ExportAllDeclaration') return;
  if (node.type.startsWith('TS') && !WRAPPERS.has(node.type)) return;
  const place = { node, parent, key };
  yield place;
  for (const [part, value] of Object.entries(node)) {
    for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) yield* placesIn(child, place, part);
  }
}

/** The node in this part. Throws where there is none: the caller knows the kind of node. */
export function part(node: Node, name: string): Node {
  const child = node[name];
  if (!isNode(child)) throw new Error(`${node.type} has no ${name}`);
  return child;
}

/** The nodes in this part. */
export function parts(node: Node, name: string): Node[] {
  const children = node[name];
  return Array.isArray(children) ? children.filter(isNode) : [];
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';
}
