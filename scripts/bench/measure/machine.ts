// What the figures were measured on.

import { createRequire } from 'node:module';
import { cpus, totalmem } from 'node:os';

/** What the figures were measured on. */
export interface Machine {
  date: string;
  cores: number;
  cpu: string;
  memoryGb: number;
  node: string;
  workerd: string;
}

/** This machine, now. */
export function thisMachine(): Machine {
  const [cpu] = cpus();
  return {
    date: new Date().toISOString(),
    cores: cpus().length,
    cpu: cpu?.model ?? 'unknown',
    memoryGb: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    workerd: createRequire(import.meta.url)('workerd/package.json').version,
  };
}

/** The same as one line. */
export function machineLine({ date, cores, cpu, memoryGb, node, workerd }: Machine): string {
  return `${date}, ${cores} cores (${cpu}), ${memoryGb} GB, Node ${node}, workerd ${workerd}`;
}
