// The copy that GET reads: it learns of changes later than webhooks tell of them.

import type { GhlContact } from './contact.ts';

/** The contacts as GET shows them. */
export interface ReadCopy {
  /** Notes a contact's new state, or null for its deletion, to be read from `visibleAt` (epoch ms) on. */
  note(id: string, contact: GhlContact | null, visibleAt: number): void;
  /** The contact as GET shows it now. */
  read(id: string, now: number): GhlContact | undefined;
  clear(): void;
}

interface Change {
  contact: GhlContact | null;
  visibleAt: number;
}

/** An empty copy. */
export function createReadCopy(): ReadCopy {
  /** Oldest first. A change that is visible hides all before it, however late they are. */
  const changes = new Map<string, Change[]>();
  return {
    note(id, contact, visibleAt) {
      changes.set(id, [...(changes.get(id) ?? []), { contact: contact && structuredClone(contact), visibleAt }]);
    },

    read(id, now) {
      const known = changes.get(id) ?? [];
      const shown = known.findLastIndex(({ visibleAt }) => visibleAt <= now);
      if (shown > 0) changes.set(id, known.slice(shown));
      return known[shown]?.contact ?? undefined;
    },

    clear: () => changes.clear(),
  };
}
