// What users do in GoHighLevel: they add, edit, merge and delete contacts, and each change fires its webhooks.

import { randomId, type World } from '../world.ts';
import { BLANK_CONTACT, type ContactInput, type ContactPatch, type GhlContact, normalise } from './contact.ts';
import type { Editor, Loudness } from './editor.ts';
import type { Store } from './store.ts';
import type { WebhookSender } from './webhook-sender.ts';

/** Each throws where a contact is not there. */
export interface Users {
  addContact(input: ContactInput, how?: Loudness): Promise<GhlContact>;
  editContact(id: string, patch: ContactPatch, how?: Loudness): Promise<GhlContact>;
  deleteContact(id: string, how?: Loudness): Promise<void>;
  /** The master keeps its data, the child is lost; which events fire is not documented (docs/vendors.md, GoHighLevel: contacts API). */
  mergeContacts(masterId: string, childId: string, how?: Loudness): Promise<GhlContact>;
  /** `dnd` is all channels, `call` the one that matters to a dialer. */
  setDnd(
    id: string,
    dnd: { dnd?: boolean; call?: 'active' | 'inactive' | 'permanent' },
    how?: Loudness,
  ): Promise<GhlContact>;
}

interface Options {
  store: Store;
  editor: Editor;
  webhooks: WebhookSender;
  world: World;
  locationId: string;
}

/** The hands of the people who work in the location. */
export function createUsers({ store, editor, webhooks, world, locationId }: Options): Users {
  const timestamp = () => new Date(world.now()).toISOString();

  const { save } = editor;

  return {
    async addContact(input, how) {
      const at = timestamp();
      const fresh = { id: randomId(world.random), dateAdded: at, dateUpdated: at };
      const contact = { ...structuredClone(BLANK_CONTACT), ...fresh, ...normalise(input), locationId };
      if (store.has(contact.id)) throw new Error(`the sandbox's GoHighLevel already has a contact ${contact.id}`);
      save(null, contact, how);
      return structuredClone(contact);
    },

    async editContact(id, patch, how) {
      return editor.edit(id, patch, how);
    },

    async deleteContact(id, how) {
      save(store.contact(id), null, how);
    },

    async mergeContacts(masterId, childId, how) {
      const master = store.contact(masterId);
      save(store.contact(childId), null, how);
      if (!how?.silent) webhooks.send('ContactUpdate', master);
      return structuredClone(master);
    },

    async setDnd(id, { dnd, call }, how) {
      const { dnd: all, dndSettings } = store.contact(id);
      const message = `Updated by 'Sandbox' at ${timestamp()}`;
      const channels = call === undefined ? {} : { Call: { status: call, message, code: '103' } };
      return editor.edit(id, { dnd: dnd ?? all, dndSettings: { ...dndSettings, ...channels } }, how);
    },
  };
}
