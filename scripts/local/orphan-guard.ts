// Sees to it that workerd dies with this process, even when this process has no chance to see to it: workerd itself would live on.

import { type ChildProcess, spawn } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { basename } from 'node:path';

/**
 * A shell that reads process ids from a pipe and, when the pipe breaks, kills the last one that it read. It outlives a Ctrl-C, which
 * reaches it too. An empty line calls it off.
 */
const GUARD = `trap '' INT TERM HUP; while read -r line; do pid=$line; done; [ -z "$pid" ] || kill -9 "$pid"`;

/**
 * From now on guards every workerd that this process starts, restarts included. The returned function ends the guard.
 * Without a POSIX shell there is no guard.
 */
export function guardWorkerd(): () => Promise<void> {
  const guard = spawn('sh', ['-c', GUARD], { stdio: ['pipe', 'ignore', 'ignore'] });
  const ended = new Promise<void>((resolve) => guard.once('close', () => resolve()).once('error', () => resolve()));
  guard.stdin.on('error', () => {});
  guard.unref();

  const onChild = (message: unknown) => {
    const { process: child } = message as { process: ChildProcess };
    child.once('spawn', () => {
      if (basename(child.spawnfile).startsWith('workerd')) guard.stdin.write(`${child.pid}\n`);
    });
  };
  subscribe('child_process', onChild);

  return async () => {
    unsubscribe('child_process', onChild);
    guard.stdin.end('\n');
    await ended;
  };
}
