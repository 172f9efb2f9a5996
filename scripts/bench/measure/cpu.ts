// CPU time of other processes, from /proc.

import { readdir, readFile } from 'node:fs/promises';

const TICKS_PER_SECOND = 100;

interface Stat {
  name: string;
  parent: number;
  cpuMs: number;
}

/** CPU that a process has used so far, in ms, to 10 ms; null where there is no /proc. */
export async function cpuMsOf(pid: number): Promise<number | null> {
  return (await statOf(String(pid)))?.cpuMs ?? null;
}

/** CPU of all workerd processes that this one has started, in ms; null where there is no /proc. */
export async function workerdCpuMs(): Promise<number | null> {
  try {
    const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
    const stats = await Promise.all(ids.map(statOf));
    const ours = stats.filter((stat) => stat?.name === 'workerd' && stat.parent === process.pid);
    return ours.length === 0 ? null : ours.reduce((sum, stat) => sum + (stat?.cpuMs ?? 0), 0);
  } catch {
    return null;
  }
}

async function statOf(pid: string): Promise<Stat | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const [, name, rest = ''] = /^\d+ \((.*)\) \S (.*)$/s.exec(stat) ?? [];
  if (name === undefined) return null;
  const fields = rest.split(' ').map(Number);
  return {
    name,
    parent: fields[0] ?? 0,
    cpuMs: (((fields[10] ?? 0) + (fields[11] ?? 0)) / TICKS_PER_SECOND) * 1000,
  };
}
