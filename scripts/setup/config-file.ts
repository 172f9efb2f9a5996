// Values in wrangler's configuration files, read and replaced in place: comments and layout stay as a person left them.

import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Sentence } from '../command/sentence.ts';

/** Wrangler’s configuration files. */
export const CONSUMER_CONFIG = 'wrangler.consumer.jsonc';
export const INGEST_CONFIG = 'wrangler.ingest.jsonc';

/** What `database_id` is until there is a database. */
export const NO_DATABASE = '00000000-0000-0000-0000-000000000000';

/** The text after `"name":`, wherever it stands; comment lines do not count. Throws a Sentence unless it stands there once. */
export function valueIn(text: string, name: string, file: string): string {
  const [found, ...more] = [...text.matchAll(pattern(name))];
  if (found?.[2] !== undefined && more.length === 0) return JSON.parse(`"${found[2]}"`);
  throw new Sentence(
    `${file} should hold "${name}": "…" exactly once, and holds it ${found ? more.length + 1 : 0} times. Correct that by hand, or take the file as it came with this version.`,
  );
}

/** The text with another value there. */
export function withValue(text: string, name: string, value: string, file: string): string {
  valueIn(text, name, file);
  return text.replace(pattern(name), (_whole, before: string) => `${before}${JSON.stringify(value)}`);
}

/** True where the file has a key of this name, comments aside. */
export async function hasKey(folder: string, file: string, name: string): Promise<boolean> {
  return new RegExp(`^(?:(?!//).)*"${name}"\\s*:`, 'm').test(await read(folder, file));
}

function pattern(name: string): RegExp {
  return new RegExp(`^((?:(?!//).)*"${name}"\\s*:\\s*)"((?:[^"\\\\\\n]|\\\\.)*)"`, 'gm');
}

/** True where the file has `"name": {}`, as it came: nobody has put anything into it. */
export async function isEmptyObject(folder: string, file: string, name: string): Promise<boolean> {
  return emptyObject(name).test(await read(folder, file));
}

/** Puts entries into `"name": {}`, one a line. The file is replaced whole or not at all. */
export async function fillObject(folder: string, file: string, name: string, entries: object): Promise<void> {
  const before = await read(folder, file);
  const text = JSON.stringify(entries, null, 2).replaceAll('\n', '\n    ');
  await replace(
    folder,
    file,
    before.replace(emptyObject(name), (_whole, key: string) => `${key}${text}`),
  );
}

function emptyObject(name: string): RegExp {
  return new RegExp(`^((?:(?!//).)*"${name}"\\s*:\\s*)\\{\\s*\\}`, 'm');
}

export async function readValue(folder: string, file: string, name: string): Promise<string> {
  return valueIn(await read(folder, file), name, file);
}

/** True when the file held another value. The file is replaced whole or not at all. */
export async function saveValue(folder: string, file: string, name: string, value: string): Promise<boolean> {
  const before = await read(folder, file);
  const after = withValue(before, name, value, file);
  if (after === before) return false;
  await replace(folder, file, after);
  return true;
}

async function replace(folder: string, file: string, text: string): Promise<void> {
  const path = join(folder, file);
  await writeFile(`${path}.new`, text);
  await rename(`${path}.new`, path);
}

function read(folder: string, file: string): Promise<string> {
  return readFile(join(folder, file), 'utf8').catch(() => {
    throw new Sentence(`There is no ${file} here: run this in the project's folder, as \`npm run setup\`.`);
  });
}
