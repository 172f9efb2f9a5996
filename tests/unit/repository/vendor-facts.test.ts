// Every weak fact of docs/vendors.md is tried by the conformance kit, or the kit says why it is not: a new one cannot be forgotten.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ASSUMPTIONS } from '../../../scripts/conformance/assumptions.ts';
import { UNTRIED } from '../../../scripts/conformance/not-tried.ts';

/** `(seen, two captures)`, `is not known`: what nobody has documented or measured. */
const OPEN =
  /\((?![^()]*\b(?:doc|staff|measured|tried)\b)[^()]*\b(?:seen|inferred)\b[^()]*\)|\b(?:is|are) (?:not known|not documented|not published|inferred)\b|\bNo [^.]{1,20} is documented\b|\bNobody has shown\b/g;

/** By heading: each fact on one line. */
const sections = new Map(
  readFileSync('docs/vendors.md', 'utf8')
    .split(/^### /m)
    .slice(1)
    .map((text) => {
      const [heading = '', ...lines] = text.split('\n');
      const facts = lines.join('\n').match(/^\* .*(?:\n {2}.*)*/gm) ?? [];
      return [heading, facts.map((fact) => fact.replace(/\s+/g, ' ')).join('\n')];
    }),
);
const SAID = [...ASSUMPTIONS, ...UNTRIED].flatMap(({ section, facts }) => facts.map((fact) => ({ section, fact })));

/** The weak facts of a text that no quote covers. */
function uncovered(text: string, quotes: string[]): string[] {
  const covered = quotes.flatMap((quote) => {
    const at = text.indexOf(quote);
    return at < 0 ? [] : [[at, at + quote.length] as const];
  });
  return [...text.matchAll(OPEN)].flatMap(({ 0: mark, index }) => {
    const isCovered = covered.some(([from, to]) => from <= index && index + mark.length <= to);
    return isCovered ? [] : [`…${text.slice(Math.max(0, index - 80), index + mark.length)}`];
  });
}

test('the weak facts are found', () => {
  const text =
    '* It is so (doc). It is seen (doc; seen in code). It may be so (seen). Why is not known. No limit is documented.';
  expect(uncovered(text, []).length).toBe(3);
  expect(uncovered(text, ['It may be so (seen)', 'Why is not known']).length).toBe(1);
});

test.each([...sections.keys()])('%s: each weak fact is tried, or it is said why not', (heading) => {
  const quotes = SAID.map(({ fact }) => fact);
  expect(uncovered(sections.get(heading) ?? '', quotes)).toEqual([]);
});

describe('what the kit quotes', () => {
  test.each(SAID)('$section: $fact', ({ section, fact }) => {
    expect([...sections.values()].filter((text) => text.includes(fact)).length).toBe(1);
    expect([...sections.keys()]).toContain(section);
  });
});

test('each assumption has an id of its own, and each answer a sentence and what follows', () => {
  expect(new Set(ASSUMPTIONS.map(({ id }) => id)).size).toBe(ASSUMPTIONS.length);
  for (const { answers } of ASSUMPTIONS)
    for (const { seen, todo } of Object.values(answers)) {
      expect(seen).toMatch(/\.$/);
      expect(todo).toMatch(/[.)]$/);
    }
});

test('docs/reliability.md has their number', () => {
  const answers = ASSUMPTIONS.flatMap((one) => Object.keys(one.answers)).length;
  expect(readFileSync('docs/reliability.md', 'utf8')).toContain(
    `| ${ASSUMPTIONS.length} assumptions, ${answers} answers, each as planned |`,
  );
});
