// Changing CallTools without its API, as a person in CallTools would.

import type { Account } from './account.ts';
import { addContact } from './contact-routes.ts';
import type { ContactRow, LabelKind, LabelRow } from './table.ts';
import { spellTime } from './times.ts';
import { type DialerContact, viewContact } from './view.ts';
import { applyChange, type Change, readChange } from './write.ts';

/** Fields of a contact, with buckets and tags by name; those are made where missing. */
export type ByHand = Record<string, unknown> & { buckets?: string[]; tags?: string[] };

/** An unknown contact or label is an error. */
export interface Hands {
  /** As a person in CallTools would: no duplicate check. Throws on a value that CallTools refuses. */
  addContactByHand(fields: ByHand): DialerContact;
  /** Buckets and tags given are added to those there are. */
  editContactByHand(id: number, fields: ByHand): DialerContact;
  /** `bucket`: its id, or its name. */
  putInBucketByHand(id: number, bucket: number | string): void;
  /** A call, as the dialer notes it: now, by a person, with what the agent chose. `fields` are noted instead of, or beside, the usual ones. */
  call(id: number, noted?: { disposition?: string; fields?: Record<string, unknown> }): void;
  /** Out of every bucket. */
  takeOutByHand(id: number): void;
  /** One more of this name, whatever there is; its id. */
  addLabelByHand(kind: LabelKind, name: string): number;
  renameLabelByHand(kind: LabelKind, id: number, name: string): void;
  removeLabelByHand(kind: LabelKind, id: number): void;
  /** The first keeps its data, and takes the other's numbers into its free phone fields, its buckets and its tags. */
  mergeContactsByHand(id: number, other: number): void;
  deleteBucket(name: string): void;
  deleteContact(id: number): boolean;
}

/** The hands of a person in this account. */
export function createHands(account: Account): Hands {
  return { ...contactHands(account), ...labelHands(account) };
}

type ContactHands = Omit<Hands, keyof ReturnType<typeof labelHands>>;

function contactHands(account: Account): ContactHands {
  const { table, settings, changed } = account;
  const rowOf = (id: number) => findRow(id, account);
  return {
    addContactByHand: (fields) => labelByHand(addContact(account, readByHand(fields, account)), fields, account),

    editContactByHand(id, fields) {
      const row = rowOf(id);
      applyChange(row, readByHand(fields, account), table, settings);
      return labelByHand(row, fields, account);
    },

    putInBucketByHand(id, bucket) {
      table.link(rowOf(id), typeof bucket === 'number' ? bucket : labelNamed('buckets', bucket, account).id);
      changed();
    },

    call(id, { disposition, fields = {} } = {}) {
      noteCall(rowOf(id), disposition, fields, account);
      changed();
    },

    takeOutByHand(id) {
      rowOf(id).buckets.clear();
      changed();
    },

    mergeContactsByHand(id, other) {
      merge(rowOf(id), rowOf(other), account);
      changed();
    },

    deleteContact(id) {
      const found = table.removeContact(id);
      changed();
      return found;
    },
  };
}

function labelHands({ table, changed }: Account) {
  return {
    addLabelByHand(kind: LabelKind, name: string): number {
      const { id } = table.addLabel(kind, name);
      changed();
      return id;
    },

    renameLabelByHand(kind: LabelKind, id: number, name: string): void {
      const label = table[kind].get(id);
      if (!label) throw new Error(`the sandbox's CallTools has no label ${id}`);
      label.name = name;
      changed();
    },

    removeLabelByHand(kind: LabelKind, id: number): void {
      table.removeLabel(kind, id);
      changed();
    },

    deleteBucket(name: string): void {
      for (const bucket of [...table.buckets.values()])
        if (bucket.name === name) table.removeLabel('buckets', bucket.id);
      changed();
    },
  };
}

/** The contact of this id. Throws where there is none. */
export function findRow(id: number, { table }: Account): ContactRow {
  const row = table.contacts.get(id);
  if (!row) throw new Error(`the sandbox's CallTools has no contact ${id}`);
  return row;
}

/** The first of this name; it is made where there is none. */
function labelNamed(kind: LabelKind, name: string, { table }: Account): LabelRow {
  return [...table[kind].values()].find((label) => label.name === name) ?? table.addLabel(kind, name);
}

function readByHand({ buckets: _buckets, tags: _tags, ...fields }: ByHand, { table, settings }: Account): Change {
  const change = readChange(fields, table, settings);
  if ('errors' in change) throw new Error(`CallTools refuses ${JSON.stringify(change.errors)}`);
  return change;
}

/** By hand, buckets work whatever the API's settings say. */
function labelByHand(row: ContactRow, { buckets = [], tags = [] }: ByHand, account: Account): DialerContact {
  for (const name of buckets) account.table.link(row, labelNamed('buckets', name, account).id);
  for (const name of tags) row.tags.add(labelNamed('tags', name, account).id);
  account.changed();
  return viewContact(row, account.table);
}

/** Notes a call at its contact, as the dialer does. `fields` are noted instead of, or beside, the usual ones. */
export function noteCall(
  { calls }: ContactRow,
  disposition: string | undefined,
  fields: Record<string, unknown>,
  { settings, world }: Account,
): void {
  const time = spellTime(world.now(), settings);
  const chosen = disposition === undefined ? {} : { disposition, call_disposition: disposition };
  const count = Number(calls.calls_outbound ?? 0) + 1;
  const usual = { last_call_outbound: time, last_call_outbound_human: time, calls_outbound: count, ...chosen };
  Object.assign(calls, usual, fields);
}

function merge(row: ContactRow, gone: ContactRow, { table, settings }: Account): void {
  for (const { number } of gone.phones.values()) {
    const held = settings.phoneFields.map((field) => row.phones.get(field)?.number);
    // A field that repeats the number of another one is as good as free.
    const free = settings.phoneFields.find((_, at) => held[at] === undefined || held.indexOf(held[at]) < at);
    if (held.includes(number)) continue;
    if (free === undefined) throw new Error(`the sandbox's CallTools contact ${row.id} has no room for another number`);
    table.setPhone(row, free, number);
  }
  for (const bucket of gone.buckets.keys()) table.link(row, bucket);
  for (const tag of gone.tags) row.tags.add(tag);
  const forbidden = [...gone.phones.values()].filter((phone) => phone.doNotContact).map(({ number }) => number);
  for (const phone of row.phones.values()) if (forbidden.includes(phone.number)) phone.doNotContact = true;
  row.fields.do_not_contact = row.fields.do_not_contact === true || gone.fields.do_not_contact === true;
  table.removeContact(gone.id);
}
