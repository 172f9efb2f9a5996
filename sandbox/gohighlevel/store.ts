// GoHighLevel's contacts, with the two places that learn of a change later: the search index and the copy that reads come from.

import type { World } from '../world.ts';
import type { GhlContact } from './contact.ts';
import { createReadCopy } from './read-copy.ts';
import { createSearchIndex } from './search-index.ts';
import type { GoHighLevelSettings } from './settings.ts';

/** The contacts of a location. */
export type Store = ReturnType<typeof createStore>;

/** An empty store. `onChange` is called after each change. */
export function createStore(settings: GoHighLevelSettings, { now, random }: World, onChange: () => void) {
  const contacts = new Map<string, GhlContact>();
  const index = createSearchIndex();
  const copy = createReadCopy<GhlContact>();

  function readLag(): number {
    const { readLagMs: lag } = settings;
    return typeof lag === 'number' ? lag : Math.round(lag.min + random() * (lag.max - lag.min));
  }

  function refuseDuplicate({ id, phone }: GhlContact): void {
    if (settings.allowDuplicatePhones || phone === '') return;
    const duplicate = [...contacts.values()].find((other) => other.phone === phone && other.id !== id);
    if (duplicate) throw new Error(`this location does not allow duplicate contacts: ${duplicate.id} has the phone`);
  }

  return {
    index,
    has: (id: string) => contacts.has(id),
    all: () => structuredClone([...contacts.values()]),
    /** What a read of the API shows at present. */
    read: (id: string) => copy.read(id, now()),

    /** The contact itself. Throws where there is none. */
    contact(id: string): GhlContact {
      const contact = contacts.get(id);
      if (!contact) throw new Error(`the sandbox's GoHighLevel has no contact ${id}`);
      return contact;
    },

    /** Every change goes through here; `after` null deletes. */
    save(id: string, after: GhlContact | null): void {
      if (after) refuseDuplicate(after);
      if (after) contacts.set(id, after);
      else contacts.delete(id);
      index.note(id, after, now() + settings.searchLagMs);
      copy.note(id, after, now() + readLag());
      onChange();
    },

    restore(saved: GhlContact[]): void {
      contacts.clear();
      index.clear();
      copy.clear();
      for (const contact of structuredClone(saved)) {
        contacts.set(contact.id, contact);
        index.note(contact.id, contact, now());
        copy.note(contact.id, contact, now());
      }
    },
  };
}
