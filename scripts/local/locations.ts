// The locations in LOCATIONS as a local run has them: each with a sandbox of its own for the vendors that nothing names.

import type { Sandbox, SandboxOptions } from '../../sandbox/sandbox.ts';
import { parseLocations } from '../../shared/locations.ts';
import type { Secrets } from './secrets.ts';
import type { Values } from './settings.ts';
import { openSandbox, type StandIns, sandboxAddresses, standInsFor } from './vendors.ts';

/** One of LOCATIONS in a local run. */
export interface LocalLocation {
  id: string;
  /** Its own settings, as they are written. */
  own: Record<string, unknown>;
  standIns: StandIns;
}

/** Those whose settings are an object; the workers' own reader names what is wrong with the others. */
export function readLocalLocations(setting: unknown, given: Values): LocalLocation[] {
  return [...parseLocations(setting).entries].flatMap(([id, entry]) => {
    if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return [];
    const own = entry as Record<string, unknown>;
    return [{ id, own, standIns: standInsFor({ ...given, ...own }) }];
  });
}

interface Options {
  /** Wrangler's, and the settings on top of them. */
  vars: object;
  known: Values;
  secrets: Secrets;
  sandbox: Pick<SandboxOptions, 'ghlSettings' | 'callToolsSettings'>;
  /** Where a location's sandbox keeps its memory; undefined = nowhere. */
  fileOf(id: string): string | undefined;
  /** Called with each sandbox as soon as it is open. */
  onOpen(sandbox: Sandbox, location: LocalLocation): void;
}

/** Opens their sandboxes. The settings that tell the workers of these: keys, addresses, and what verifies the sandboxes' webhooks. */
export async function openLocations(locations: LocalLocation[], options: Options): Promise<Values> {
  const { vars, known, secrets, fileOf, onOpen } = options;
  const keys: Values = {};
  const entries: Record<string, unknown> = {};
  for (const location of locations) {
    const { id, own, standIns } = location;
    const made = keysOf(location, known);
    Object.assign(keys, made.values);
    let addresses: Values = {};
    if (standIns.goHighLevel || standIns.callTools) {
      const stateFile = fileOf(id);
      const values = { ...vars, ...known, ...own, ...made.plain, GHL_LOCATION_ID: id };
      const sandbox = await openSandbox(values, { ...options.sandbox, ...(stateFile && { stateFile }) });
      onOpen(sandbox, location);
      addresses = sandboxAddresses(sandbox, standIns);
    }
    entries[id] = { ...own, ...addresses };
  }
  const signing = locations.some(({ standIns }) => standIns.goHighLevel) && !known.GHL_ED25519_PUBLIC_KEYS;
  return {
    ...keys,
    LOCATIONS: JSON.stringify(entries),
    ...(signing && { GHL_ED25519_PUBLIC_KEYS: secrets.sandboxKeys.publicKeyPem }),
  };
}

/** A location's own keys under their names, and under the plain ones; made up where the sandbox stands in and none is given. */
function keysOf({ own: { secrets }, standIns }: LocalLocation, known: Values): { values: Values; plain: Values } {
  const [ghl, callTools] = [`GHL_API_KEY_${secrets}`, `CALLTOOLS_API_KEY_${secrets}`] as const;
  const plain: Values = {};
  const ghlKey = known[ghl] ?? (standIns.goHighLevel ? `pit-sandbox-${secrets}` : undefined);
  const callToolsKey = known[callTools] ?? (standIns.callTools ? `sandbox-token-${secrets}` : undefined);
  if (ghlKey !== undefined) plain.GHL_API_KEY = ghlKey;
  if (callToolsKey !== undefined) plain.CALLTOOLS_API_KEY = callToolsKey;
  return {
    plain,
    values: {
      ...(ghlKey !== undefined && { [ghl]: ghlKey }),
      ...(callToolsKey !== undefined && { [callTools]: callToolsKey }),
    },
  };
}
