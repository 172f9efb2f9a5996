// `npm start` as a process: started, read from, and never left behind.

import { type ChildProcess, spawn } from 'node:child_process';
import { resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');
const started: { child: ChildProcess; detached: boolean; ended: Promise<unknown>; output(): string }[] = [];

/**
 * Ends whatever was started and left; of a detached run also what its own process has left behind. Returns the log lines
 * of the workers: the greeting is no log, and names an example contact.
 */
export async function endLocalRuns(): Promise<string[]> {
  const lines: string[] = [];
  for (const { child, detached, ended, output } of started.splice(0)) {
    if (detached) killGroup(child.pid);
    else child.kill('SIGKILL');
    await ended;
    lines.push(
      ...output()
        .split('\n')
        .filter((line) => line.startsWith('{"event"')),
    );
  }
  return lines;
}

function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // All of it is gone.
  }
}

/**
 * `npm start` without npm; settings in the caller's environment do not count. Detached, it is a process group of its own, which can be
 * killed as a whole.
 */
export function startLocal(state: string, env: Record<string, string> = {}, { detached = false } = {}) {
  const child = spawn(process.execPath, ['scripts/start.ts'], {
    cwd: ROOT,
    detached,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, PORT: '0', LOCAL_STATE_DIR: state, ...env },
  });
  let output = '';
  let errors = '';
  const heard = new Set<() => void>();
  child.stdout.on('data', (data) => {
    output += data;
    for (const listen of heard) listen();
  });
  child.stderr.on('data', (data) => {
    errors += data;
  });
  const ended = new Promise<number | null>((done) => child.once('close', (code) => done(code)));
  const up = new Promise<void>((done) => heard.add(() => output.includes('\nReady.') && done()));
  const died = ended.then((code) => Promise.reject(new Error(`ended with ${code}: ${output}${errors}`)));
  died.catch(() => {});
  const one = {
    child,
    detached,
    ended,
    output: () => output,
    errors: () => errors,
    ready: () => Promise.race([up, died]),
    /** The value in a row of the greeting. */
    row: (name: string) => new RegExp(`^ {2}${name} +(\\S+)`, 'm').exec(output)?.[1] ?? '',
    /** The command below a heading of the greeting. */
    command: (heading: string) => output.split(`\n${heading}`)[1]?.split('\n\n')[0]?.replace(/^.*\n/, '') ?? '',
  };
  started.push(one);
  return one;
}
