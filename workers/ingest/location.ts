// Is a webhook about a location of ours? A webhook that names none means the only one there is.

import type { SentId } from './payload.ts';
import type { Settings } from './settings.ts';

/** The location that a webhook is about. */
export type NamedLocation =
  | { kind: 'ours'; id: string }
  /** It names none although there are several; or what it names is no id. */
  | { kind: 'unsaid' | 'malformed' }
  | { kind: 'other'; id: string }
  /** It may be ours: a setting of ours is faulty. */
  | { kind: 'unknown'; id: string | null };

/** `mayBeUnsaid`: the sender has a secret of ours, so it can only mean a location of ours. */
export function locationOf(
  sent: SentId,
  mayBeUnsaid: boolean,
  { locations, locationsKnown }: Pick<Settings, 'locations' | 'locationsKnown'>,
): NamedLocation {
  switch (sent.kind) {
    case 'malformed':
      return locationsKnown ? { kind: 'malformed' } : { kind: 'unknown', id: null };
    case 'id':
      if (locations.has(sent.id)) return { kind: 'ours', id: sent.id };
      return { kind: locationsKnown ? 'other' : 'unknown', id: sent.id };
    case 'absent': {
      if (!locationsKnown) return { kind: 'unknown', id: null };
      const [only, ...more] = locations;
      return mayBeUnsaid && only !== undefined && more.length === 0 ? { kind: 'ours', id: only } : { kind: 'unsaid' };
    }
  }
}
