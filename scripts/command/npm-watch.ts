// Notices that npm is gone: a signal sent to npm alone ends npm, and its shell, but would leave us running.

import { readFileSync } from 'node:fs';

const INTERVAL_MS = 250;
const SHELLS = ['sh', 'dash', 'bash', 'busybox'];

/** Calls `run` once when the npm that started this process has ended; never when there was none. */
export function onNpmGone(run: () => void): void {
  if (process.env.npm_lifecycle_event === undefined) return;
  const before = lineage();
  const timer = setInterval(() => {
    if (lineage() === before) return;
    clearInterval(timer);
    run();
  }, INTERVAL_MS);
  timer.unref();
}

/** Our parent, and above it its own where it is the shell that npm put between; a process whose parent ends gets another one. */
function lineage(): string {
  const { ppid } = process;
  try {
    // Only Linux has this file; elsewhere the shell replaces itself, and npm is the parent.
    const [, name = '', parent] = /^\d+ \((.*)\) \S+ (\d+)/s.exec(readFileSync(`/proc/${ppid}/stat`, 'utf8')) ?? [];
    if (SHELLS.includes(name)) return `${ppid} ${parent}`;
  } catch {}
  return String(ppid);
}
