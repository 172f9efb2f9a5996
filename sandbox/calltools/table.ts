// What CallTools stores: contacts, their phones, labels (buckets and tags) and the links between them.

/** A stored contact. */
export interface ContactRow {
  id: number;
  uuid: string;
  /** Every stored field but the phones. */
  fields: Record<string, unknown>;
  /** By field name. */
  phones: Map<string, StoredPhone>;
  /** Bucket id to the id of the link row. */
  buckets: Map<number, number>;
  tags: Set<number>;
  /** What calls have left: read-only fields, by name (docs/vendors.md, CallTools: contact fields). */
  calls: Record<string, unknown>;
  createdOn: string;
  updatedOn: string;
}

/** A number of a contact. */
export interface StoredPhone {
  id: number;
  /** E.164. */
  number: string;
  /** A disposition has forbidden calls to it. */
  doNotContact?: boolean;
}

/** A stored bucket or tag. */
export interface LabelRow {
  id: number;
  name: string;
}

/** What a label is. */
export type LabelKind = 'buckets' | 'tags';

/** Everything that an account stores. */
export interface Table {
  contacts: Map<number, ContactRow>;
  buckets: Map<number, LabelRow>;
  tags: Map<number, LabelRow>;
  nextId(): number;
  addContact(fields: Record<string, unknown>, uuid: string, at: string): ContactRow;
  removeContact(id: number): boolean;
  addLabel(kind: LabelKind, name: string): LabelRow;
  removeLabel(kind: LabelKind, id: number): void;
  /** Sets the number of a field, or clears it with ''. */
  setPhone(contact: ContactRow, field: string, number: string): void;
  /** Ids of contacts with this number, lowest first. */
  withPhone(number: string): number[];
  link(contact: ContactRow, bucketId: number): void;
  snapshot(): object;
  restore(state: unknown): void;
}

interface Saved {
  lastId: number;
  buckets: LabelRow[];
  tags: LabelRow[];
  contacts: SavedContact[];
}

type SavedContact = Omit<ContactRow, 'phones' | 'buckets' | 'tags'> & {
  phones: [string, StoredPhone][];
  buckets: [number, number][];
  tags: number[];
};

/** First id of the sandbox; ids are integers and come from one sequence, so that mixing up two kinds is noticed. */
const FIRST_ID = 4100;

/** An empty table. */
export function createTable(): Table {
  let lastId = FIRST_ID;
  const contacts = new Map<number, ContactRow>();
  const labels = { buckets: new Map<number, LabelRow>(), tags: new Map<number, LabelRow>() };
  const byPhone = createPhoneIndex();

  const nextId = () => ++lastId;

  return {
    contacts,
    ...labels,
    nextId,

    addContact(fields, uuid, at) {
      const empty = { phones: new Map(), buckets: new Map(), tags: new Set<number>(), calls: {} };
      const row: ContactRow = { id: nextId(), uuid, fields, createdOn: at, updatedOn: at, ...empty };
      contacts.set(row.id, row);
      return row;
    },

    removeContact(id) {
      const row = contacts.get(id);
      for (const { number } of row?.phones.values() ?? []) byPhone.remove(number, id);
      return contacts.delete(id);
    },

    addLabel(kind, name) {
      const row = { id: nextId(), name };
      labels[kind].set(row.id, row);
      return row;
    },

    removeLabel(kind, id) {
      labels[kind].delete(id);
      for (const contact of contacts.values()) contact[kind].delete(id);
    },

    setPhone(contact, field, number) {
      const before = contact.phones.get(field);
      if (before?.number === number) return;
      contact.phones.delete(field);
      // Another field of the same contact may still hold the number.
      if (before && !hasNumber(contact, before.number)) byPhone.remove(before.number, contact.id);
      if (number === '') return;
      contact.phones.set(field, { id: nextId(), number });
      byPhone.add(number, contact.id);
    },

    withPhone: byPhone.idsOf,

    link(contact, bucketId) {
      if (!contact.buckets.has(bucketId)) contact.buckets.set(bucketId, nextId());
    },

    snapshot(): Saved {
      return {
        lastId,
        buckets: [...labels.buckets.values()],
        tags: [...labels.tags.values()],
        contacts: [...contacts.values()].map(savedOf),
      };
    },

    restore(state) {
      const saved = structuredClone(state) as Saved;
      lastId = saved.lastId;
      for (const map of [contacts, labels.buckets, labels.tags, byPhone]) map.clear();
      for (const row of saved.buckets) labels.buckets.set(row.id, row);
      for (const row of saved.tags) labels.tags.set(row.id, row);
      for (const row of saved.contacts) {
        contacts.set(row.id, restored(row));
        for (const [, { number }] of row.phones) byPhone.add(number, row.id);
      }
    },
  };
}

/** Ids of contacts by phone number, so that a number is found quickly among 100,000 contacts. */
function createPhoneIndex() {
  const byPhone = new Map<string, Set<number>>();
  return {
    add(number: string, id: number): void {
      const ids = byPhone.get(number) ?? new Set<number>();
      byPhone.set(number, ids.add(id));
    },
    remove: (number: string, id: number) => byPhone.get(number)?.delete(id),
    /** Lowest first. */
    idsOf: (number: string) => [...(byPhone.get(number) ?? [])].sort((a, b) => a - b),
    clear: () => byPhone.clear(),
  };
}

function hasNumber({ phones }: ContactRow, number: string): boolean {
  return [...phones.values()].some((phone) => phone.number === number);
}

function savedOf(row: ContactRow): SavedContact {
  return {
    ...row,
    fields: { ...row.fields },
    calls: { ...row.calls },
    phones: [...row.phones],
    buckets: [...row.buckets],
    tags: [...row.tags],
  };
}

function restored(row: SavedContact): ContactRow {
  return { ...row, phones: new Map(row.phones), buckets: new Map(row.buckets), tags: new Set(row.tags) };
}
