// Values in wrangler's configuration files, read and replaced in place: comments and layout stay as a person left them.

import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { applyEdits, type JSONPath, modify } from 'jsonc-parser';
import { readJsonc } from '../../workers/consumer/domain/jsonc.ts';
import { Sentence } from '../command/sentence.ts';

/** Wrangler’s configuration files. */
export const CONSUMER_CONFIG = 'wrangler.consumer.jsonc';
export const INGEST_CONFIG = 'wrangler.ingest.jsonc';

/** What the id of the database is until there is one. */
export const NO_DATABASE = '00000000-0000-0000-0000-000000000000';

/** Where a value stands: the name of a setting (it is one of `vars`), or the path to it. */
export type Place = string | JSONPath;

/** The id of the database. */
export const DATABASE_ID: JSONPath = ['d1_databases', 0, 'database_id'];

const pathOf = (place: Place): JSONPath => (typeof place === 'string' ? ['vars', place] : place);

/** The value at this place of the text; undefined where there is none. Throws a Sentence where the text cannot be read. */
export function valueAt(text: string, place: Place, file: string): unknown {
  let value: unknown;
  try {
    value = readJsonc(text);
  } catch (thrown) {
    throw new Sentence(`${file}, ${thrown instanceof Error ? thrown.message : thrown}`);
  }
  for (const step of pathOf(place))
    value = typeof value === 'object' && value !== null ? Reflect.get(value, step) : undefined;
  return value;
}

/** The text with another value there. */
export function withValue(text: string, place: Place, value: unknown): string {
  const layout = { formattingOptions: { insertSpaces: true, tabSize: 2 } };
  return applyEdits(text, modify(text, pathOf(place), value, layout));
}

/** The value at this place of the file; undefined where there is none. */
export async function read(folder: string, file: string, place: Place): Promise<unknown> {
  return valueAt(await textOf(folder, file), place, file);
}

/** The same as text without spaces around it; empty where there is none, and for what is no text or number. */
export async function readValue(folder: string, file: string, place: Place): Promise<string> {
  const value = await read(folder, file, place);
  return typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
}

/** True where the file has something at this place. */
export async function hasKey(folder: string, file: string, place: Place): Promise<boolean> {
  return (await read(folder, file, place)) !== undefined;
}

/** True when the file held another value. The file is replaced whole or not at all. */
export async function saveValue(folder: string, file: string, place: Place, value: unknown): Promise<boolean> {
  const text = await textOf(folder, file);
  if (JSON.stringify(valueAt(text, place, file)) === JSON.stringify(value)) return false;
  const path = join(folder, file);
  await writeFile(`${path}.new`, withValue(text, place, value));
  await rename(`${path}.new`, path);
  return true;
}

function textOf(folder: string, file: string): Promise<string> {
  return readFile(join(folder, file), 'utf8').catch(() => {
    throw new Sentence(`There is no ${file} here: run this in the project's folder, as \`npm run setup\`.`);
  });
}
