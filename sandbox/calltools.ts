// A stand-in for CallTools' REST API with its awkward habits (docs/vendors.md), and hooks to look inside and meddle by hand.

import { type CallLog, createCallLog } from './call-log.ts';
import type { Account } from './calltools/account.ts';
import { addContact } from './calltools/contact-routes.ts';
import { route } from './calltools/routes.ts';
import { type CallToolsSettings, DEFAULT_SETTINGS } from './calltools/settings.ts';
import { type ContactRow, createTable, type LabelKind, type LabelRow } from './calltools/table.ts';
import { applyChange, type Change, readChange } from './calltools/write.ts';
import { createFaults, type Faults } from './faults.ts';
import { createFrontDoor } from './front-door.ts';
import { createRateWindow } from './rate-window.ts';
import { randomUuid, type World } from './world.ts';

/** A contact as the dialer holds it. */
export interface DialerContact {
  id: number;
  /** Every stored field, phones under their field's name. */
  fields: Record<string, unknown>;
  /** E.164. */
  phones: string[];
  /** Names. */
  buckets: string[];
  /** Names. */
  tags: string[];
  doNotContact: boolean;
}

/** Fields of a contact, with buckets and tags by name; those are made where missing. */
export type ByHand = Record<string, unknown> & { buckets?: string[]; tags?: string[] };

export interface CallTools {
  /** Takes requests whose path is `/api/...`, or has that after a base path. */
  handle(request: Request): Promise<Response>;
  /** May be changed at any time. */
  settings: CallToolsSettings;
  contacts(): DialerContact[];
  /** Those with this number, lowest id first; cheap, also among 100,000. */
  withPhone(number: string): DialerContact[];
  bucketNamed(name: string): { id: number; contacts: number[] } | undefined;
  /** Phones of all contacts in buckets of this name, sorted. */
  holds(bucketName: string): string[];
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
  /** As a person in CallTools would: the first keeps its data, and takes the other's numbers into its free phone fields, its buckets and its tags. */
  mergeContactsByHand(id: number, other: number): void;
  deleteBucket(name: string): void;
  deleteContact(id: number): boolean;
  faults: Faults;
  calls: CallLog;
  snapshot(): unknown;
  restore(state: unknown): void;
}

interface Options extends World {
  token: string;
  settings?: Partial<CallToolsSettings>;
  onChange?: () => void;
}

export function createCallTools({ token, settings: chosen, onChange = () => {}, ...world }: Options): CallTools {
  const settings = { ...DEFAULT_SETTINGS, ...chosen };
  const table = createTable();
  const account: Account = { table, settings, world, uuid: () => randomUuid(world.random), changed: onChange };
  const faults = createFaults();
  const calls = createCallLog();
  const window = createRateWindow(world.now);

  const labelsNamed = (kind: LabelKind, name: string) =>
    [...table[kind].values()].filter((label) => label.name === name);
  const labelNamed = (kind: LabelKind, name: string): LabelRow =>
    labelsNamed(kind, name)[0] ?? table.addLabel(kind, name);
  const names = (kind: LabelKind, ids: Iterable<number>) => [...ids].flatMap((id) => table[kind].get(id)?.name ?? []);
  const inBucket = (id: number) => [...table.contacts.values()].filter(({ buckets }) => buckets.has(id));

  function show(row: ContactRow): DialerContact {
    const phones = [...row.phones].map(([field, { number }]) => [field, number] as const);
    return {
      id: row.id,
      fields: { ...row.fields, ...Object.fromEntries(phones) },
      phones: [...new Set(phones.map(([, number]) => number))],
      buckets: names('buckets', row.buckets.keys()),
      tags: names('tags', row.tags),
      doNotContact: row.fields.do_not_contact === true,
    };
  }

  function rowOf(id: number): ContactRow {
    const row = table.contacts.get(id);
    if (!row) throw new Error(`the sandbox's CallTools has no contact ${id}`);
    return row;
  }

  function readByHand({ buckets: _buckets, tags: _tags, ...fields }: ByHand): Change {
    const change = readChange(fields, table, settings);
    if ('errors' in change) throw new Error(`CallTools refuses ${JSON.stringify(change.errors)}`);
    return change;
  }

  /** By hand, buckets work whatever the API's settings say. */
  function labelByHand(row: ContactRow, { buckets = [], tags = [] }: ByHand): DialerContact {
    for (const name of buckets) table.link(row, labelNamed('buckets', name).id);
    for (const name of tags) row.tags.add(labelNamed('tags', name).id);
    onChange();
    return show(row);
  }

  return {
    handle: createFrontDoor({
      ...world,
      root: /(\/api\/.*)$/,
      faults,
      calls,
      throttleBody: (seconds) => ({ detail: `Request was throttled. Expected available in ${seconds} seconds.` }),
      admit() {
        const limit = faults.rateLimit;
        if (!limit) return { waitMs: 0, headers: {}, limit };
        return { waitMs: window.take(limit).waitMs, headers: {}, limit: { retryAfter: 'seconds', ...limit } };
      },
      answer: (visit) => route(account, token, visit),
    }),
    settings,
    faults,
    calls,
    contacts: () => [...table.contacts.values()].map(show),
    withPhone: (number) => table.withPhone(number).map((id) => show(rowOf(id))),

    bucketNamed(name) {
      const [bucket] = labelsNamed('buckets', name);
      return bucket && { id: bucket.id, contacts: inBucket(bucket.id).map(({ id }) => id) };
    },

    holds(bucketName) {
      const rows = labelsNamed('buckets', bucketName).flatMap(({ id }) => inBucket(id));
      return [...new Set(rows)].flatMap((row) => show(row).phones).sort();
    },

    addContactByHand: (fields) => labelByHand(addContact(account, readByHand(fields)), fields),

    editContactByHand(id, fields) {
      const row = rowOf(id);
      applyChange(row, readByHand(fields), table, settings);
      return labelByHand(row, fields);
    },

    putInBucketByHand(id, bucket) {
      const row = rowOf(id);
      table.link(row, typeof bucket === 'number' ? bucket : labelNamed('buckets', bucket).id);
      onChange();
    },

    call(id, { disposition, fields = {} } = {}) {
      const { calls } = rowOf(id);
      const at = new Date(world.now()).toISOString();
      const time = settings.callTimes === 'iso' ? at : at.slice(0, 19).replace('T', ' ');
      const said = disposition === undefined ? {} : { disposition, call_disposition: disposition };
      const many = Number(calls.calls_outbound ?? 0) + 1;
      Object.assign(
        calls,
        { last_call_outbound: time, last_call_outbound_human: time, calls_outbound: many, ...said },
        fields,
      );
      onChange();
    },

    takeOutByHand(id) {
      rowOf(id).buckets.clear();
      onChange();
    },

    addLabelByHand(kind, name) {
      const { id } = table.addLabel(kind, name);
      onChange();
      return id;
    },

    renameLabelByHand(kind, id, name) {
      const label = table[kind].get(id);
      if (!label) throw new Error(`the sandbox's CallTools has no label ${id}`);
      label.name = name;
      onChange();
    },

    removeLabelByHand(kind, id) {
      table.removeLabel(kind, id);
      onChange();
    },

    mergeContactsByHand(id, other) {
      const [row, gone] = [rowOf(id), rowOf(other)];
      for (const { number } of gone.phones.values()) {
        const held = settings.phoneFields.map((field) => row.phones.get(field)?.number);
        // A field that repeats the number of another one is as good as free.
        const free = settings.phoneFields.find((_, at) => held[at] === undefined || held.indexOf(held[at]) < at);
        if (held.includes(number)) continue;
        if (free === undefined) throw new Error(`the sandbox's CallTools contact ${id} has no room for another number`);
        table.setPhone(row, free, number);
      }
      for (const bucket of gone.buckets.keys()) table.link(row, bucket);
      for (const tag of gone.tags) row.tags.add(tag);
      row.fields.do_not_contact = row.fields.do_not_contact === true || gone.fields.do_not_contact === true;
      table.removeContact(other);
      onChange();
    },

    deleteBucket(name) {
      for (const { id } of labelsNamed('buckets', name)) table.removeLabel('buckets', id);
      onChange();
    },

    deleteContact(id) {
      const found = table.removeContact(id);
      onChange();
      return found;
    },

    snapshot: table.snapshot,
    restore: table.restore,
  };
}
