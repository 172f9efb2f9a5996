// CallTools' own list of its silos: a host that is not on it cannot be right.

import type { World } from '../config/env.ts';

/** No authentication (docs/vendors.md, CallTools: silos and keys). */
const SILOS_URL = 'https://app.calltools.io/api/silos/';
const TIMEOUT_MS = 5_000;

/** Whether the list has a host. `unknown`: it is no host of CallTools (a sandbox, a proxy), or the list cannot be read. */
export type Listed = { kind: 'listed' } | { kind: 'missing'; silos: string[] } | { kind: 'unknown' };

/** Never throws: the list only helps. */
export async function lookUpSilo(baseUrl: string, world: World): Promise<Listed> {
  const { hostname } = new URL(baseUrl);
  const [, silo] = /^([\w-]+)\.calltools\.(?:io|com)$/.exec(hostname) ?? [];
  if (silo === undefined) return { kind: 'unknown' };
  const silos = await listSilos(world);
  if (silos.length === 0) return { kind: 'unknown' };
  const listed = hostname.endsWith('.io') && silos.includes(silo);
  return listed ? { kind: 'listed' } : { kind: 'missing', silos };
}

/**
 * The names of all silos, sorted, such as `east-1`; none where the list cannot be read. Never throws. The answer's shape is not
 * documented: every text that looks like a silo's name or address counts.
 */
export async function listSilos(world: World): Promise<string[]> {
  try {
    const response = await world.fetch(SILOS_URL, {
      headers: { accept: 'application/json' },
      redirect: 'manual',
      signal: world.deadline(TIMEOUT_MS),
    });
    if (!response.ok) return [];
    return namesOfSilos(await response.json());
  } catch {
    return [];
  }
}

/** The silos that an answer names, sorted; none where it has no known form. */
export function namesOfSilos(json: unknown): string[] {
  const names = textsIn(json).flatMap((text) => SILO.exec(text.trim())?.[1] ?? []);
  return [...new Set(names)].sort();
}

/**
 * `east-1`, `east-1.calltools.io`, `https://east-1.calltools.io/`: the names seen so far all have this form (docs/vendors.md,
 * CallTools: silos and keys).
 */
const SILO = /^(?:https:\/\/)?([a-z]+-\d+)(?:\.calltools\.io)?\/?$/i;

function textsIn(json: unknown): string[] {
  if (typeof json === 'string') return [json];
  if (typeof json !== 'object' || json === null) return [];
  return [...(Array.isArray(json) ? [] : Object.keys(json)), ...Object.values(json).flatMap(textsIn)];
}
