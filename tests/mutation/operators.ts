// The standard mutants of one node, named as StrykerJS names them where it has them.

import { type Node, type Place, part, parts } from './syntax.ts';

/** A change of the text from `start` to `end`. */
export interface Change {
  kind: MutatorName;
  start: number;
  end: number;
  to: string;
}

/** What a mutant does. */
export type MutatorName =
  | 'condition'
  | 'comparison'
  | 'logic'
  | 'not'
  | 'boolean'
  | 'number'
  | 'string'
  | 'arithmetic'
  | 'assignment'
  | 'block'
  | 'statement'
  | 'return'
  | 'optional chaining'
  | 'array'
  | 'object'
  | 'method'
  | 'pattern'
  | 'case';

const COMPARISONS: Record<string, string[]> = {
  '<': ['<=', '>='],
  '<=': ['<', '>'],
  '>': ['>=', '<='],
  '>=': ['>', '<'],
  '===': ['!=='],
  '!==': ['==='],
};
const ARITHMETIC: Record<string, string> = { '+': '-', '-': '+', '*': '/', '/': '*', '%': '*', '**': '*' };
const ASSIGNMENTS: Record<string, string> = {
  '+=': '-=',
  '-=': '+=',
  '*=': '/=',
  '/=': '*=',
  '??=': '&&=',
  '||=': '&&=',
  '&&=': '||=',
};
const LOGIC: Record<string, string> = { '&&': '||', '||': '&&', '??': '&&' };
const METHODS: Record<string, string> = {
  some: 'every',
  every: 'some',
  startsWith: 'endsWith',
  endsWith: 'startsWith',
  toLowerCase: 'toUpperCase',
  toUpperCase: 'toLowerCase',
  min: 'max',
  max: 'min',
};
/** Calls that give back the value itself, changed. */
const WITHOUT = new Set([
  'filter',
  'slice',
  'sort',
  'toSorted',
  'reverse',
  'toReversed',
  'trim',
  'trimStart',
  'trimEnd',
]);
const LOOPS = new Set(['WhileStatement', 'DoWhileStatement', 'ForStatement']);
const REMOVABLE = new Set([
  'CallExpression',
  'ChainExpression',
  'AwaitExpression',
  'AssignmentExpression',
  'UpdateExpression',
]);

/** The changes of the node itself; those of its parts are theirs. */
export function changesOf(place: Place, text: string): Change[] {
  const { node } = place;
  const by: Record<string, () => Change[]> = {
    IfStatement: () => condition(part(node, 'test'), ['true', 'false']),
    ConditionalExpression: () => condition(part(node, 'test'), ['true', 'false']),
    BinaryExpression: () => binary(node, text),
    LogicalExpression: () => logical(node, text),
    UnaryExpression: () => unary(node, text),
    UpdateExpression: () => [
      between('arithmetic', node, text, String(node.operator), node.operator === '++' ? '--' : '++'),
    ],
    AssignmentExpression: () => assignment(node, text),
    Literal: () => literal(place),
    TemplateLiteral: () => (text.slice(node.start, node.end) === '``' ? [] : [whole('string', node, '``')]),
    BlockStatement: () => (parts(node, 'body').length === 0 ? [] : [whole('block', node, '{}')]),
    ExpressionStatement: () => (isRemovable(place) ? [whole('statement', node, ';')] : []),
    ThrowStatement: () => (isAmongOthers(place) ? [whole('statement', node, ';')] : []),
    ContinueStatement: () => (isAmongOthers(place) ? [whole('statement', node, ';')] : []),
    ReturnStatement: () =>
      node.argument === null || isUndefined(part(node, 'argument')) ? [] : [whole('return', node, 'return;')],
    ArrowFunctionExpression: () => arrow(node),
    MemberExpression: () => chained(node, part(node, 'object').end, text),
    CallExpression: () => [...chained(node, part(node, 'callee').end, text), ...method(node)],
    ArrayExpression: () => (parts(node, 'elements').length === 0 ? [] : [whole('array', node, '[]')]),
    ObjectExpression: () => (parts(node, 'properties').length === 0 ? [] : [whole('object', node, '{}')]),
    SwitchCase: () => switchCase(node),
  };
  if (LOOPS.has(node.type) && node.test) return condition(part(node, 'test'), ['false']);
  return by[node.type]?.() ?? [];
}

function whole(kind: MutatorName, { start, end }: Node, to: string): Change {
  return { kind, start, end, to };
}

/** Replaces the first `from` at or after the node's start. */
function between(kind: MutatorName, { start }: { start: number }, text: string, from: string, to: string): Change {
  const at = text.indexOf(from, start);
  return { kind, start: at, end: at + from.length, to };
}

function condition(test: Node, values: string[]): Change[] {
  return values.map((value) => whole('condition', test, value));
}

function binary(node: Node, text: string): Change[] {
  const operator = String(node.operator);
  const after = { start: part(node, 'left').end };
  const comparisons = COMPARISONS[operator];
  if (comparisons)
    return [
      ...comparisons.map((to) => between('comparison', after, text, operator, to)),
      ...condition(node, ['true', 'false']),
    ];
  const to = ARITHMETIC[operator];
  return to && !isText(node) ? [between('arithmetic', after, text, operator, to)] : [];
}

/** Whether a `+` joins texts. */
function isText(node: Node): boolean {
  return [part(node, 'left'), part(node, 'right')].some(
    (side) =>
      side.type === 'TemplateLiteral' ||
      (side.type === 'Literal' && typeof side.value === 'string') ||
      (side.type === 'BinaryExpression' && side.operator === '+' && isText(side)),
  );
}

function logical(node: Node, text: string): Change[] {
  const operator = String(node.operator);
  // In brackets, or the other operator would bind otherwise.
  const side = (of: Node) => {
    const itself = text.slice(of.start, of.end);
    return of.type === 'LogicalExpression' ? `(${itself})` : itself;
  };
  const [left, right] = [side(part(node, 'left')), side(part(node, 'right'))];
  return [
    whole('logic', node, `(${left} ${LOGIC[operator]} ${right})`),
    ...(operator === '??' ? [] : condition(node, ['true', 'false'])),
  ];
}

function unary(node: Node, text: string): Change[] {
  const argument = part(node, 'argument');
  if (node.operator === '!') return [whole('not', node, text.slice(argument.start, argument.end))];
  if (node.operator === '-') return [{ kind: 'arithmetic', start: node.start, end: node.start + 1, to: '+' }];
  return [];
}

function assignment(node: Node, text: string): Change[] {
  const to = ASSIGNMENTS[String(node.operator)];
  return to ? [between('assignment', { start: part(node, 'left').end }, text, String(node.operator), to)] : [];
}

function literal({ node, parent, key }: Place): Change[] {
  const { value } = node;
  if (node.regex) return anchors(node);
  if (isName(parent?.node, key)) return [];
  if (typeof value === 'boolean') return [whole('boolean', node, String(!value))];
  if (typeof value === 'number')
    return parent?.node.type === 'UnaryExpression' ? [] : [whole('number', node, value === 0 ? '1' : '0')];
  if (typeof value === 'string') return [whole('string', node, value === '' ? "'mutated'" : "''")];
  return [];
}

/** Names of properties and files are no values. */
function isName(parent: Node | undefined, key: string): boolean {
  if (key === 'source' || key === 'directive') return true;
  return key === 'key' && (parent?.type === 'Property' || parent?.type === 'PropertyDefinition') && !parent.computed;
}

function anchors(node: Node): Change[] {
  const { pattern, flags } = node.regex as { pattern: string; flags: string };
  const without = [
    pattern.startsWith('^') && pattern.slice(1),
    pattern.endsWith('$') && !pattern.endsWith('\\$') && pattern.slice(0, -1),
  ];
  return without.flatMap((left) => (left ? [whole('pattern', node, `/${left}/${flags}`)] : []));
}

function isRemovable(place: Place): boolean {
  return REMOVABLE.has(part(place.node, 'expression').type) && isAmongOthers(place);
}

/** Alone in its block, it goes with the block. */
function isAmongOthers({ parent }: Place): boolean {
  return parent?.node.type !== 'BlockStatement' || parts(parent.node, 'body').length > 1;
}

function isUndefined({ type, name }: Node): boolean {
  return type === 'Identifier' && name === 'undefined';
}

function arrow(node: Node): Change[] {
  const body = part(node, 'body');
  if (body.type === 'BlockStatement' || isUndefined(body)) return [];
  return [whole('return', body, 'undefined')];
}

function chained(node: Node, from: number, text: string): Change[] {
  if (node.optional !== true) return [];
  const at = text.indexOf('?.', from);
  const to = /[[(]/.test(text[at + 2] ?? '') ? '' : '.';
  return [{ kind: 'optional chaining', start: at, end: at + 2, to }];
}

function method(node: Node): Change[] {
  const callee = part(node, 'callee');
  if (callee.type !== 'MemberExpression' || callee.computed) return [];
  const property = part(callee, 'property');
  const name = String(property.name);
  const to = METHODS[name];
  if (to) return [whole('method', property, to)];
  return WITHOUT.has(name) ? [{ kind: 'method', start: part(callee, 'object').end, end: node.end, to: '' }] : [];
}

function switchCase(node: Node): Change[] {
  const first = parts(node, 'consequent')[0];
  return first ? [{ kind: 'case', start: first.start, end: node.end, to: '' }] : [];
}
