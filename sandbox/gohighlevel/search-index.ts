// The search's own copy of the contacts, which learns of changes late: "updates may take a few seconds" (docs/vendors.md,
// GoHighLevel: search).

import type { GhlContact } from './contact.ts';

/** The contacts as the search knows them. Times are epoch ms. */
export interface SearchIndex {
  /** Notes a contact's new state, or null for its deletion, to be found from `visibleAt` on. */
  note(id: string, contact: GhlContact | null, visibleAt: number): void;
  /** The contacts as the search knows them at this time. */
  contacts(now: number): ReadonlyMap<string, GhlContact>;
  /** Goes up with every change that became visible. */
  version(): number;
  /** What became visible after this version, oldest first; null when it is no longer known, so that all must be looked at. */
  since(version: number): readonly Visible[] | null;
  clear(): void;
}

/** A contact as the search knew it before and knows it now; null where there is none. */
export interface Visible {
  before: GhlContact | null;
  after: GhlContact | null;
}

/** Changes remembered for `since`; a list of contacts that is further behind is sorted again. */
const REMEMBERED = 1000;

interface Change {
  order: number;
  id: string;
  contact: GhlContact | null;
  visibleAt: number;
}

/** An empty index. */
export function createSearchIndex(): SearchIndex {
  const known = new Map<string, GhlContact>();
  const lastApplied = new Map<string, number>();
  let pending: Change[] = [];
  let recent: Visible[] = [];
  let order = 0;
  let version = 0;

  function apply({ order, id, contact }: Change): void {
    if ((lastApplied.get(id) ?? -1) > order) return;
    lastApplied.set(id, order);
    recent.push({ before: known.get(id) ?? null, after: contact });
    if (contact) known.set(id, contact);
    else known.delete(id);
    version++;
    if (recent.length > 2 * REMEMBERED) recent = recent.slice(-REMEMBERED);
  }

  return {
    note(id, contact, visibleAt) {
      pending.push({ order: order++, id, contact: contact && structuredClone(contact), visibleAt });
    },

    contacts(now) {
      const due = pending.filter(({ visibleAt }) => visibleAt <= now);
      if (due.length > 0) pending = pending.filter(({ visibleAt }) => visibleAt > now);
      for (const change of due) apply(change);
      return known;
    },

    version: () => version,

    since(known) {
      const behind = version - known;
      return behind > recent.length ? null : recent.slice(recent.length - behind);
    },

    clear() {
      known.clear();
      lastApplied.clear();
      pending = [];
      recent = [];
      version++;
    },
  };
}
