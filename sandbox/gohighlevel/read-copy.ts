// A copy that the API reads: it learns of changes later than webhooks tell of them.

/** The records as the API shows them. */
export interface ReadCopy<T> {
  /** Notes a record's new state, or null for its deletion, to be read from `visibleAt` (epoch ms) on. */
  note(id: string, record: T | null, visibleAt: number): void;
  /** The record as the API shows it now. */
  read(id: string, now: number): T | undefined;
  /** Of all records that were ever noted. */
  ids(): string[];
  clear(): void;
}

interface Change<T> {
  record: T | null;
  visibleAt: number;
}

/** An empty copy. */
export function createReadCopy<T>(): ReadCopy<T> {
  /** Oldest first. A change that is visible hides all before it, however late they are. */
  const changes = new Map<string, Change<T>[]>();
  return {
    note(id, record, visibleAt) {
      changes.set(id, [...(changes.get(id) ?? []), { record: record && structuredClone(record), visibleAt }]);
    },

    read(id, now) {
      const known = changes.get(id) ?? [];
      const shown = known.findLastIndex(({ visibleAt }) => visibleAt <= now);
      if (shown > 0) changes.set(id, known.slice(shown));
      return known[shown]?.record ?? undefined;
    },

    ids: () => [...changes.keys()],
    clear: () => changes.clear(),
  };
}
