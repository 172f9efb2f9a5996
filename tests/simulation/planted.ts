// A copy of the workers with a bug in it, loaded beside the real ones.

import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { threadId } from 'node:worker_threads';
import type { Edit } from './plant.ts';
import type { Workers } from './workers.ts';

const ROOT = new URL('../../', import.meta.url);

/** The changed workers. Throws where an edit does not fit the source any more. `name` is the copy's own. */
export async function plantedWorkers(name: string, edits: Edit[]): Promise<Workers> {
  const copy = new URL(`.local/plants/${process.pid}-${threadId}-${name.replace(/\W+/g, '-')}/`, ROOT);
  try {
    mkdirSync(copy, { recursive: true });
    for (const part of ['workers', 'shared', 'tsconfig.base.json'])
      cpSync(new URL(part, ROOT), new URL(part, copy), { recursive: true });
    for (const { file, find, replace } of edits) {
      const path = new URL(file, copy);
      const parts = readFileSync(path, 'utf8').split(find);
      if (parts.length !== 2) throw new Error(`plant "${name}": ${file} has ${parts.length - 1} times: ${find}`);
      writeFileSync(path, parts.join(replace));
    }
    const load = (path: string) => import(/* @vite-ignore */ pathToFileURL(fileURLToPath(new URL(path, copy))).href);
    const { createConsumer } = (await load('workers/consumer/consumer.ts')) as Workers;
    const { createIngest } = (await load('workers/ingest/ingest.ts')) as Workers;
    return { createConsumer, createIngest };
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}
