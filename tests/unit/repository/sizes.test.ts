// Files and folders stay small enough to be read. biome.json limits the functions.

import { readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../../..');
const SOURCES = ['workers', 'shared', 'dashboard', 'scripts', 'sandbox'];
const MAX_LINES = 300;
const MAX_FILES = 22;
const NOT_OURS = ['node_modules', 'dist', 'coverage'];
const CODE = ['.ts', '.tsx', '.js', '.mjs', '.cjs'];

/** Every folder at or below `top`, with the names of its files. Skips what is installed, built or hidden. */
function foldersBelow(top: string): { folder: string; files: string[] }[] {
  const entries = readdirSync(top, { withFileTypes: true });
  const below = entries
    .filter((entry) => entry.isDirectory() && !NOT_OURS.includes(entry.name) && !entry.name.startsWith('.'))
    .flatMap((entry) => foldersBelow(join(top, entry.name)));
  return [{ folder: top, files: entries.filter((entry) => entry.isFile()).map(({ name }) => name) }, ...below];
}

test(`no code file has more than ${MAX_LINES} lines`, () => {
  const paths = foldersBelow(ROOT).flatMap(({ folder, files }) => files.map((name) => join(folder, name)));
  const code = paths.filter((path) => CODE.includes(extname(path)));
  expect(code.length).toBeGreaterThan(500);
  const long = code
    .map((path) => ({ path: relative(ROOT, path), lines: readFileSync(path, 'utf8').trimEnd().split('\n').length }))
    .filter(({ lines }) => lines > MAX_LINES);
  expect(long).toEqual([]);
});

test.each(SOURCES)(`no folder of %s has more than ${MAX_FILES} files`, (source) => {
  const crowded = foldersBelow(join(ROOT, source))
    .map(({ folder, files }) => ({ folder: relative(ROOT, folder), files: files.length }))
    .filter(({ files }) => files > MAX_FILES);
  expect(crowded).toEqual([]);
});
