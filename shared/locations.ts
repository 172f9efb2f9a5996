// The `LOCATIONS` setting: which GoHighLevel locations a deployment serves. Both workers read the same text; ingest needs only the ids.

import * as v from 'valibot';
import { Id } from './messages.ts';

/** The parts of the `LOCATIONS` setting. What cannot be read is reported in `faults`, never silently left out. */
export interface LocationEntries {
  /** The entry of each location by its id, in the order of the text; null where only the id is given. */
  entries: ReadonlyMap<string, unknown>;
  /** One sentence for each fault, without the values. */
  faults: readonly string[];
}

/**
 * Reads `LOCATIONS`: an object id → settings, a list of ids, either as JSON text, or ids separated by commas. Unset holds none.
 * Never throws.
 */
export function parseLocations(setting: unknown): LocationEntries {
  const given = typeof setting === 'string' ? fromText(setting.trim()) : setting;
  if (given === undefined || given === null) return { entries: new Map(), faults: [] };
  if (given === UNREADABLE)
    return { entries: new Map(), faults: ['LOCATIONS is not valid JSON (a missing quote or comma?)'] };
  if (typeof given !== 'object') return { entries: new Map(), faults: ['LOCATIONS must be an object: id → settings'] };
  const pairs: [unknown, unknown][] = Array.isArray(given) ? given.map((id) => [id, null]) : Object.entries(given);
  const entries = new Map<string, unknown>();
  const faults: string[] = [];
  for (const [index, [id, value]] of pairs.entries()) {
    if (!v.is(Id, id))
      faults.push(`LOCATIONS: entry ${index + 1} is named by no location id (1 to 64 letters, digits, - or _)`);
    else entries.set(id, value);
  }
  return { entries, faults };
}

const UNREADABLE = Symbol('no JSON');

function fromText(text: string): unknown {
  if (text === '') return null;
  if (!/^[[{"]/.test(text)) return text.split(',').map((id) => id.trim());
  try {
    return JSON.parse(text);
  } catch {
    return UNREADABLE;
  }
}
