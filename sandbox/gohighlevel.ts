// A stand-in for GoHighLevel: its contacts API, its late and lying search, its webhooks, and hooks to act as its users do.

import { type CallLog, createCallLog } from './call-log.ts';
import { createFaults, type Faults } from './faults.ts';
import { createFrontDoor } from './front-door.ts';
import {
  BLANK_CONTACT,
  type ContactInput,
  type ContactPatch,
  type GhlContact,
  normalise,
} from './gohighlevel/contact.ts';
import { type Delivery, deliver, deliveryOf } from './gohighlevel/delivery.ts';
import { createEventWriter, type Event, type EventType, eventsOf } from './gohighlevel/events.ts';
import { createQuota } from './gohighlevel/quota.ts';
import { createReadCopy } from './gohighlevel/read-copy.ts';
import { createRoutes } from './gohighlevel/routes.ts';
import { createSearch } from './gohighlevel/search.ts';
import { createSearchIndex } from './gohighlevel/search-index.ts';
import { DEFAULT_SETTINGS, type GoHighLevelSettings } from './gohighlevel/settings.ts';
import type { WebhookTarget } from './webhooks.ts';
import { randomId, randomUuid, type World } from './world.ts';

export type { ContactInput, ContactPatch, GhlContact } from './gohighlevel/contact.ts';
export type { Delivery } from './gohighlevel/delivery.ts';

/** `silent` changes without any webhook: the hint that gets lost. */
export interface Loudness {
  silent?: boolean;
}

export interface GoHighLevel {
  /** Takes requests whose path is `/contacts/...`, or has that after a base path. */
  handle(request: Request): Promise<Response>;
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
  contacts(): GhlContact[];
  /** From now on webhooks go there; undefined stops them. */
  sendWebhooksTo(target: WebhookTarget | undefined): void;
  /** The dashboard's manual Resend: the original payload once more (docs/vendors.md, GoHighLevel: deliveries and retries). */
  resend(webhookId: string): Promise<Delivery>;
  deliveries: Delivery[];
  /** Waits until no delivery is under way. */
  settled(): Promise<void>;
  /** May be changed at any time. */
  settings: GoHighLevelSettings;
  faults: Faults;
  calls: CallLog;
  snapshot(): unknown;
  restore(state: unknown): void;
}

interface Options extends World {
  locationId: string;
  apiKey: string;
  webhook?: WebhookTarget | undefined;
  settings?: Partial<GoHighLevelSettings>;
  onChange?: () => void;
  /** In every webhook's envelope. */
  appId?: string;
}

const APP_ID = 'sandboxApp0000000000000001';

export function createGoHighLevel(options: Options): GoHighLevel {
  const { locationId, apiKey, settings: chosen, onChange = () => {}, appId = APP_ID, now, random, wait } = options;
  const world = { now, random, wait };
  const settings = { ...DEFAULT_SETTINGS, ...chosen };
  const contacts = new Map<string, GhlContact>();
  const index = createSearchIndex();
  const copy = createReadCopy();
  const faults = createFaults();
  const calls = createCallLog();
  const quota = createQuota(now);
  const write = createEventWriter(world, appId);
  const traceId = () => randomUuid(random);
  const deliveries: Delivery[] = [];
  const underWay = new Set<Promise<void>>();
  let webhook = options.webhook;

  function send(delivery: Delivery): void {
    if (!webhook) return;
    const work = deliver(delivery, webhook, world).finally(() => underWay.delete(work));
    underWay.add(work);
  }

  function emit(type: EventType, contact: GhlContact, { silent = false }: Loudness = {}): void {
    if (silent || !webhook) return;
    const delivery = deliveryOf(settings.reshape(write(type, contact), 'webhook') as Event);
    deliveries.push(delivery);
    send(delivery);
  }

  function refuseDuplicate({ id, phone }: GhlContact): void {
    if (settings.allowDuplicatePhones || phone === '') return;
    const twin = [...contacts.values()].find((other) => other.phone === phone && other.id !== id);
    if (twin) throw new Error(`this location does not allow duplicate contacts: ${twin.id} has the phone`);
  }

  /** Every change goes through here: saved, noted for the search, announced. */
  function save(before: GhlContact | null, after: GhlContact | null, how?: Loudness): void {
    const id = (after ?? before)?.id ?? '';
    if (after) refuseDuplicate(after);
    if (after) contacts.set(id, after);
    else contacts.delete(id);
    index.note(id, after, now() + settings.searchLagMs);
    copy.note(id, after, now() + readLag());
    onChange();
    const told = after ?? before;
    if (told) for (const type of eventsOf(before, after)) emit(type, told, how);
  }

  function readLag(): number {
    const { readLagMs: lag } = settings;
    return typeof lag === 'number' ? lag : Math.round(lag.min + random() * (lag.max - lag.min));
  }

  function contactOf(id: string): GhlContact {
    const contact = contacts.get(id);
    if (!contact) throw new Error(`the sandbox's GoHighLevel has no contact ${id}`);
    return contact;
  }

  async function editContact(id: string, patch: ContactPatch, how?: Loudness): Promise<GhlContact> {
    const before = contactOf(id);
    const after = { ...before, ...normalise(patch), dateUpdated: new Date(now()).toISOString() };
    save(before, after, how);
    return structuredClone(after);
  }

  return {
    handle: createFrontDoor({
      ...world,
      root: /(\/contacts(?:\/.*)?)$/,
      faults,
      calls,
      throttleBody: () => ({ statusCode: 429, message: 'Too Many Requests' }),
      admit: () => quota.take({ ...settings.rateLimit, ...faults.rateLimit }),
      answer: createRoutes({
        apiKey,
        contact: (id) => copy.read(id, now()),
        search: createSearch({
          index,
          locationId,
          hidesDnd: () => settings.searchHidesCallDnd,
          settings,
          now,
          traceId,
        }),
        missingContactStatus: () => settings.missingContactStatus,
        reshape: (shown) => settings.reshape(shown, 'detail'),
        traceId,
      }),
    }),

    async addContact(input, how) {
      const at = new Date(now()).toISOString();
      const fresh = { id: randomId(random), dateAdded: at, dateUpdated: at };
      const contact = { ...structuredClone(BLANK_CONTACT), ...fresh, ...normalise(input), locationId };
      if (contacts.has(contact.id)) throw new Error(`the sandbox's GoHighLevel already has a contact ${contact.id}`);
      save(null, contact, how);
      return structuredClone(contact);
    },

    editContact,

    async deleteContact(id, how) {
      save(contactOf(id), null, how);
    },

    async mergeContacts(masterId, childId, how) {
      const master = contactOf(masterId);
      save(contactOf(childId), null, how);
      emit('ContactUpdate', master, how);
      return structuredClone(master);
    },

    async setDnd(id, { dnd, call }, how) {
      const { dnd: all, dndSettings } = contactOf(id);
      const message = `Updated by 'Sandbox' at ${new Date(now()).toISOString()}`;
      const channels = call === undefined ? {} : { Call: { status: call, message, code: '103' } };
      return editContact(id, { dnd: dnd ?? all, dndSettings: { ...dndSettings, ...channels } }, how);
    },

    contacts: () => structuredClone([...contacts.values()]),

    sendWebhooksTo(target) {
      webhook = target;
    },

    async resend(webhookId) {
      const delivery = deliveries.find((one) => one.webhookId === webhookId);
      if (!delivery) throw new Error(`the sandbox's GoHighLevel has sent no webhook ${webhookId}`);
      if (webhook) await deliver(delivery, { ...webhook, retry: { attempts: 1, baseMs: 0 } }, world);
      return delivery;
    },

    deliveries,

    async settled() {
      while (underWay.size > 0) await Promise.all(underWay);
    },

    settings,
    faults,
    calls,
    snapshot: () => ({ contacts: structuredClone([...contacts.values()]) }),

    restore(state) {
      contacts.clear();
      index.clear();
      copy.clear();
      for (const contact of structuredClone(state as { contacts: GhlContact[] }).contacts) {
        contacts.set(contact.id, contact);
        index.note(contact.id, contact, now());
        copy.note(contact.id, contact, now());
      }
    },
  };
}
