// Changing a contact, whoever does it: a user or the API. Each change is saved and fires its webhooks.

import type { World } from '../world.ts';
import { type ContactPatch, type GhlContact, normalise } from './contact.ts';
import { eventsOf } from './events.ts';
import type { Store } from './store.ts';
import type { WebhookSender } from './webhook-sender.ts';

/** `silent` changes without any webhook: the hint that gets lost. */
export interface Loudness {
  silent?: boolean;
}

/** Both take effect at once. */
export interface Editor {
  /** `before` null creates, `after` null deletes. */
  save(before: GhlContact | null, after: GhlContact | null, how?: Loudness): void;
  /** The contact as it is then. Throws where there is none. */
  edit(id: string, patch: ContactPatch, how?: Loudness): GhlContact;
}

interface Options {
  store: Store;
  webhooks: WebhookSender;
  world: World;
}

/** Edits this store. */
export function createEditor({ store, webhooks, world }: Options): Editor {
  function save(before: GhlContact | null, after: GhlContact | null, { silent = false }: Loudness = {}): void {
    const contact = after ?? before;
    if (contact === null) return;
    store.save(contact.id, after);
    if (!silent) for (const type of eventsOf(before, after)) webhooks.send(type, contact);
  }

  return {
    save,
    edit(id, patch, how) {
      const before = store.contact(id);
      const after = { ...before, ...normalise(patch), dateUpdated: new Date(world.now()).toISOString() };
      save(before, after, how);
      return structuredClone(after);
    },
  };
}
