// Keeps the vendors' memory in a file, so that killing and restarting the sandbox is not an amnesia that no real vendor has.

import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** The file that holds the vendors’ memory. */
export interface StateFile {
  /** The state of the last run, or undefined when there is none. */
  load(): Promise<unknown>;
  /** To be called after each change; many changes become one save. */
  changed(): void;
  /** Waits until all changes so far are on disk: an answer given after it survives a SIGKILL. */
  saved(): Promise<void>;
}

/** Saves never overlap. After one the file rests for as long as it took, so that a large state does not fill the day. */
export function openStateFile(path: string, snapshot: () => unknown): StateFile {
  let current: Promise<void> | null = null;
  let next: Promise<void> | null = null;

  async function save(): Promise<void> {
    const started = performance.now();
    await writeFile(`${path}.new`, JSON.stringify(snapshot()));
    await rename(`${path}.new`, path);
    rest = performance.now() - started;
  }
  let rest = 0;

  async function saveAfter(before: Promise<void> | null): Promise<void> {
    await before?.catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, rest));
    current = next;
    next = null;
    await save();
  }

  return {
    async load() {
      await mkdir(dirname(path), { recursive: true });
      const text = await readFile(path, 'utf8').catch(() => null);
      return text === null ? undefined : JSON.parse(text);
    },
    changed() {
      if (next) return;
      next = saveAfter(current);
      next.catch((error) => console.error(`sandbox: cannot save ${path}:`, error));
    },
    saved: () => next ?? current ?? Promise.resolve(),
  };
}
