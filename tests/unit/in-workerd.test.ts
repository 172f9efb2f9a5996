// No test of ingest or shared that could run in workerd is forgotten there.

import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { IN_WORKERD, NOT_IN_WORKERD } from '../in-workerd.ts';

const TESTED = /^(\.\.\/\.\.\/shared\/|\.\.\/\.\.\/workers\/ingest\/|\.\/(ingest|hostile|signature)-stage)/;
const IN_NODE_ONLY =
  /^node:(?!crypto)|consumer|sqlite|sandbox|simulation|scripts|\/(?!ingest|hostile|signature)[\w-]+-stage/;

/** What a test file takes from elsewhere, types aside. */
function importsOf(name: string): string[] {
  const text = readFileSync(resolve(import.meta.dirname, `${name}.test.ts`), 'utf8');
  return [...text.matchAll(/^import (?!type )[^;]*?from '([^']+)'/gm)].flatMap(([, from]) => from ?? []);
}

test('every test that needs only ingest and shared runs in workerd too', () => {
  const names = readdirSync(import.meta.dirname).flatMap((file) => /^(.+)\.test\.ts$/.exec(file)?.[1] ?? []);
  const fit = names.filter((name) => {
    const imports = importsOf(name);
    return imports.some((from) => TESTED.test(from)) && !imports.some((from) => IN_NODE_ONLY.test(from));
  });
  expect(fit.filter((name) => ![...IN_WORKERD, ...NOT_IN_WORKERD].includes(name))).toEqual([]);
  expect(IN_WORKERD.filter((name) => !names.includes(name))).toEqual([]);
});
