// npm run mutate: what it plants, and that the list of mutants that change nothing fits the source.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { EQUIVALENT } from '../../mutation/equivalent.ts';
import { mutantsOf, mutated, probed } from '../../mutation/mutants.ts';
import { changeOf, equivalentsIn } from '../../mutation/select.ts';

const changesIn = (text: string) => mutantsOf('a.ts', text).mutants.map(changeOf);

test.each([
  ['if (a) b();', ['condition: a → true', 'condition: a → false', 'statement: b(); → ;']],
  ['while (a) {}', ['condition: a → false']],
  [
    'a < 2;',
    [
      'condition: a < 2 → true',
      'condition: a < 2 → false',
      'comparison: < → <=',
      'comparison: < → >=',
      'number: 2 → 0',
    ],
  ],
  ['a === b;', ['condition: a === b → true', 'condition: a === b → false', 'comparison: === → !==']],
  ['a && b;', ['logic: a && b → (a || b)', 'condition: a && b → true', 'condition: a && b → false']],
  ['a ?? b;', ['logic: a ?? b → (a && b)']],
  ['!a;', ['not: !a → a']],
  ['a = true;', ['statement: a = true; → ;', 'boolean: true → false']],
  ['const a = 0;', ['number: 0 → 1']],
  ['const a = -1;', ['arithmetic: - → +']],
  ["const a = 'out';", ["string: 'out' → ''"]],
  ["const a = '';", ["string: '' → 'mutated'"]],
  ['const a = `x`;', ['string: `x` → ``']],
  ['a + b * c;', ['arithmetic: + → -', 'arithmetic: * → /']],
  ["'x' + a + b;", ["string: 'x' → ''"]],
  ['a += b;', ['statement: a += b; → ;', 'assignment: += → -=']],
  ['a++;', ['statement: a++; → ;', 'arithmetic: ++ → --']],
  ['function f() { a(); b(); }', ['block: { a(); b(); } → {}', 'statement: a(); → ;', 'statement: b(); → ;']],
  ['function f() { a(); }', ['block: { a(); } → {}']],
  ['function f() { return a; }', ['block: { return a; } → {}', 'return: return a; → return;']],
  [
    'function f() { if (a) return undefined; b(); }',
    expect.not.arrayContaining(['return: return undefined; → return;']),
  ],
  ['for (const a of b) { if (a) continue; c(); }', expect.arrayContaining(['statement: continue; → ;'])],
  ['if (a) throw b;', expect.arrayContaining(['statement: throw b; → ;'])],
  ['const f = (a) => b;', ['return: b → undefined']],
  ['const c = a?.b;', ['optional chaining: ?. → .']],
  ['const c = a?.[b];', ['optional chaining: ?. → nothing']],
  ['a?.(b);', ['optional chaining: ?. → nothing', 'statement: a?.(b); → ;']],
  ['const a = [b];', ['array: [b] → []']],
  ['const a = { b };', ['object: { b } → {}']],
  ['const a = b.some(c);', ['method: some → every']],
  ['const a = b.filter(c);', ['method: .filter(c) → nothing']],
  ['const a = /^b$/;', ['pattern: /^b$/ → /b$/', 'pattern: /^b$/ → /^b/']],
  ['switch (a) { case b: c(); }', ['case: c(); → nothing', 'statement: c(); → ;']],
])('plants in: %s', (text, changes) => {
  expect(changesIn(text).sort()).toEqual(Array.isArray(changes) ? changes.sort() : changes);
});

test('types, names and imports are no behaviour', () => {
  const text =
    "import a from 'a'; export * from 'b'; type B = 'x' | 1; interface C { d: 'y' } const e = a as 'z'; const f: 2 = a!;";
  expect(changesIn(text)).toEqual([]);
});

test('sentences, and what a log line says, are counted and left out', () => {
  const { mutants, ignored } = mutantsOf('a.ts', "const a = 'Two words.'; if (b) log('a.happened', { b: 1 });");
  expect(mutants.map(({ kind }) => kind)).toEqual(['condition', 'condition', 'statement']);
  expect(ignored).toEqual({ sentence: 1, log: 3 });
});

test('a mutant says where it is, and changes that place only', () => {
  const text = 'const a = 1;\nfunction f(b = 2) {\n  return () => 3;\n}\n';
  const numbers = mutantsOf('a.ts', text).mutants.filter(({ kind }) => kind === 'number');
  expect(numbers.map(({ line, from, inFunction }) => ({ line, from, inFunction }))).toEqual([
    { line: 1, from: '1', inFunction: null },
    { line: 2, from: '2', inFunction: 0 },
    { line: 3, from: '3', inFunction: 1 },
  ]);
  expect(numbers.map((mutant) => mutated(text, mutant))).toEqual([
    text.replace('1', '0'),
    text.replace('2', '0'),
    text.replace('3', '0'),
  ]);
});

test('probes tell which functions ran, and change nothing else', () => {
  const text =
    'const f = () => ({ a: 1 }); function g() { return f().a; } const h = (x) => x ?? g(); [h(2), h(null), f()]';
  const ran: number[] = [];
  const run = (code: string) =>
    new Function('probe', `${code.replace('[h', 'return [h')}`)((at: number) => ran.push(at));
  expect(run(probed('a.ts', text, (number) => `probe(${number})`))).toEqual(run(text));
  expect(ran).toEqual([2, 2, 1, 0, 0]);
});

describe('what is listed as changing nothing', () => {
  test.each(Object.entries(EQUIVALENT))('fits %s', (file, entries) => {
    const text = readFileSync(file, 'utf8');
    expect(equivalentsIn(mutantsOf(file, text).mutants, text, entries).size).toBeGreaterThanOrEqual(entries.length);
    expect(entries.filter(({ why }) => why.length < 20)).toEqual([]);
  });

  test('must fit', () => {
    const { mutants } = mutantsOf('a.ts', 'const a = 1;');
    const entry = { at: 'const a = 1;', change: 'number: 1 → 0', why: '' };
    expect(equivalentsIn(mutants, 'const a = 1;', [entry]).size).toBe(1);
    expect(() => equivalentsIn(mutants, 'const a = 1;', [{ ...entry, at: 'const a = 2;' }])).toThrow('names no mutant');
  });
});
