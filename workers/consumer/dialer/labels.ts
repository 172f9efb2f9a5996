// CallTools' ids of the buckets and tags that the rules name: resolved by name, created once when missing, refreshed when gone.

import { DAY_MS } from '../../../shared/time.ts';
import type { LocationContext } from '../config/context.ts';
import type { World } from '../config/env.ts';
import { managedLabels } from '../domain/decide.ts';
import { fail } from '../domain/failure.ts';
import { sameName } from '../domain/rules/tags.ts';
import { type LabelOrigin, type LabelRow, leaseLabel, saveLabels } from '../store/labels.ts';
import type { CallTools } from '../vendors/calltools.ts';
import type { LabelKind } from '../vendors/calltools-labels.ts';
import type { DialerContact, Label } from '../vendors/calltools-schema.ts';
import { type Doubts, keyOf, type Listed, list, usedIds } from './label-lists.ts';

/** Known ids are trusted this long; a bucket that vanished earlier is noticed by CallTools' refusal. */
const FRESH_MS = DAY_MS;
/** Contacts that need a label which another instance is creating come back after this. */
const CREATING_MS = 10_000;
/** How long one instance may take to create a label. */
const CREATE_LEASE_MS = 60_000;

/**
 * Ids by managed name. CallTools may have several buckets of one name (docs/vendors.md, CallTools: buckets and tags). A contact is
 * put into the first of them, and taken out of all. No list is empty.
 */
export type ManagedIds = ReadonlyMap<string, readonly [number, ...number[]]>;

/** CallTools’ ids of all managed buckets and tags that exist there. */
export interface LabelIds {
  bucket: ManagedIds;
  tag: ManagedIds;
  /** The highest id that CallTools has shown of each kind. A label with a higher one was made later, and may have a managed name. */
  newest: Record<LabelKind, number>;
  /** Set where a contact is in a newer label: these are asked for anew although CallTools has refused none of them. */
  outgrown?: true;
  /** These were asked for because CallTools has refused earlier ones: a refusal does not mean that they are out of date. */
  anew?: true;
}

/** No managed label is known. */
export const NO_LABELS: LabelIds = { bucket: new Map(), tag: new Map(), newest: { bucket: 0, tag: 0 } };

type LabelName = Pick<LabelRow, 'kind' | 'name'>;

/** Names of the labels that a contact is to have. */
interface Needed {
  bucket: string | null;
  tag: string | null;
}

/** Finds and creates the managed labels. Its calls throw VendorError. */
export interface Labels {
  /** Ids of all managed labels that exist in CallTools. Where `needed` is missing it is created first. */
  resolve(needed: Needed): Promise<LabelIds>;
  /**
   * Forgets what is known: the next `resolve` asks CallTools. With `outdated`, the ids that CallTools refused, it forgets only
   * those: another contact of the batch may have asked since.
   */
  forget(outdated?: LabelIds): void;
}

interface Options {
  callTools: CallTools;
  managed: { buckets: string[]; tags: string[] };
  /** As remembered in D1. */
  rows: LabelRow[];
  /** Remembers what CallTools has now. */
  save(rows: LabelRow[], origin: LabelOrigin): Promise<void>;
  /** True when this instance, and no other, may create the label until `until` (epoch ms). */
  lease(kind: LabelKind, name: string, until: number): Promise<boolean>;
  world: Pick<World, 'now'>;
}

/** The labels of one batch. CallTools is asked only for what D1 does not remember. */
export function createLabels(options: Options): Labels {
  const { managed, rows, save, world } = options;
  const names: LabelName[] = [
    ...managed.buckets.map((name): LabelName => ({ kind: 'bucket', name })),
    ...managed.tags.map((name): LabelName => ({ kind: 'tag', name })),
  ];
  let memory = rows;
  const doubts: Doubts = { unsaid: new Set(), refused: new Set() };
  const first = remembered(names, rows, world.now());
  /** The latest ids, and the promise of them. */
  let latest = first;
  let known = first && Promise.resolve(first);
  let creating: Promise<void> = Promise.resolve();

  async function learn(rows: LabelRow[], origin: LabelOrigin): Promise<LabelIds> {
    await save(rows, origin);
    memory = [...memory.filter((row) => !rows.some((other) => isSame(row, other))), ...rows];
    latest = idsOf(names.flatMap((label) => memory.find((row) => isSame(row, label)) ?? []));
    return latest;
  }

  /** All managed labels as CallTools has them now, remembered in D1. */
  async function refresh(): Promise<LabelIds> {
    // A list is as old as the question: what others create while it is under way is newer.
    const updatedAt = world.now();
    const ours = memory.filter((row) => names.some((label) => isSame(row, label)));
    const listed = await list(ours, doubts, options);
    return learn(rowsOf(names, listed, memory, updatedAt), 'listed');
  }

  async function load(): Promise<LabelIds> {
    known ??= refresh();
    const asked = known;
    try {
      return await asked;
    } catch (error) {
      if (known === asked) known = null;
      throw error;
    }
  }

  /** Creates the label where it is still missing. */
  async function create(label: LabelName): Promise<void> {
    if ((await load())[label.kind].has(label.name)) return;
    await mayCreate(label, options);
    known = null;
    if ((await load())[label.kind].has(label.name)) return;
    // A list may lag behind: what was just created is not looked for in it.
    known = Promise.resolve(await learn([await created(label, options)], 'created'));
  }

  return {
    async resolve(needed) {
      for (const label of namesOf(needed)) {
        if ((await load())[label.kind].has(label.name)) continue;
        // One at a time: the first to come creates it, the others then find it.
        creating = creating.catch(() => {}).then(() => create(label));
        await creating;
      }
      return holding(needed, await load());
    },
    forget(outdated) {
      if (outdated && !outdated.outgrown) noteRefused(outdated, doubts);
      const isRefused = [...doubts.unsaid].some((key) => doubts.refused.has(key));
      if (outdated !== undefined && outdated !== latest && !isRefused) return;
      known = null;
      latest = null;
    },
  };
}

/** What to remember of the managed labels, each of which may be missing. `memory`: what was remembered before. */
function rowsOf(
  names: readonly LabelName[],
  listed: Listed,
  memory: readonly LabelRow[],
  updatedAt: number,
): LabelRow[] {
  return names.map(({ kind, name }) => {
    const siblings = names.filter((label) => label.kind === kind).map((label) => label.name);
    const before = memory.find((row) => isSame(row, { kind, name }));
    const [callToolsId = null, ...otherIds] = idsNamed(name, listed[kind], siblings, before);
    const newestId = Math.max(0, ...listed[kind].map(({ id }) => id));
    return { kind, name, callToolsId, otherIds, newestId, updatedAt };
  });
}

/**
 * Ids of all labels with this name, the one to put contacts into first: the remembered one, else the exact spelling, else the
 * lowest id. A label that we have used and that was renamed is among them: contacts of ours are in it, and a campaign draws from a
 * bucket even if it is renamed. Contacts are put into it only where no other has the name. `managed`: all managed names of that kind.
 */
function idsNamed(
  name: string,
  labels: readonly Label[],
  managed: readonly string[],
  before: LabelRow | undefined,
): number[] {
  const sorted = labels.toSorted((a, b) => a.id - b.id);
  const used = before ? usedIds(before) : [];
  const alike = sorted.filter((label) => sameName(label.name, name));
  const renamed = sorted.filter(
    (label) => used.includes(label.id) && !managed.some((other) => sameName(label.name, other)),
  );
  const first =
    alike.find(({ id }) => id === before?.callToolsId) ??
    alike.find((label) => label.name === name) ??
    alike[0] ??
    renamed.find(({ id }) => id === before?.callToolsId) ??
    renamed[0];
  const ids = [...alike, ...renamed].map(({ id }) => id);
  return first ? [first.id, ...ids.filter((id) => id !== first.id)] : [];
}

/** Fails while another instance is creating the label. */
async function mayCreate({ kind, name }: LabelName, { lease, world }: Options): Promise<void> {
  if (await lease(kind, name, world.now() + CREATE_LEASE_MS)) return;
  fail({ kind: 'busy', error: `another instance is creating the ${kind}`, forMs: CREATING_MS });
}

async function created({ kind, name }: LabelName, { callTools, world }: Options): Promise<LabelRow> {
  const { id } = await callTools.createLabel(kind, name);
  return { kind, name, callToolsId: id, otherIds: [], newestId: id, updatedAt: world.now() };
}

function namesOf({ bucket, tag }: Needed): LabelName[] {
  return [
    ...(bucket === null ? [] : [{ kind: 'bucket', name: bucket } as const]),
    ...(tag === null ? [] : [{ kind: 'tag', name: tag } as const]),
  ];
}

/** The ids, with the needed ones among them. A bucket can be deleted while its tag is created: nobody is placed in what is not there. */
function holding({ bucket, tag }: Needed, ids: LabelIds): LabelIds {
  const there = (bucket === null || ids.bucket.has(bucket)) && (tag === null || ids.tag.has(tag));
  return there ? ids : fail({ kind: 'stale_labels', error: 'a bucket or tag vanished while it was looked up' });
}

/** What D1 remembers, if it is complete and fresh. */
function remembered(names: readonly LabelName[], rows: LabelRow[], now: number): LabelIds | null {
  // Rows of labels that the rules no longer name stay in D1: those are not ours to touch.
  const ours = names.map((label) => rows.find((row) => isSame(row, label) && row.updatedAt > now - FRESH_MS));
  const complete = ours.filter((row) => row !== undefined);
  return complete.length === names.length ? idsOf(complete) : null;
}

function idsOf(rows: LabelRow[]): LabelIds {
  const of = (kind: LabelKind): ManagedIds =>
    new Map(
      rows.flatMap((row) =>
        row.kind === kind && row.callToolsId !== null ? [[row.name, [row.callToolsId, ...row.otherIds]] as const] : [],
      ),
    );
  const newest = (kind: LabelKind) => {
    const known = rows.flatMap((row) => (row.kind === kind ? (row.newestId ?? []) : []));
    return known.length > 0 ? Math.max(...known) : Number.POSITIVE_INFINITY;
  };
  return { bucket: of('bucket'), tag: of('tag'), newest: { bucket: newest('bucket'), tag: newest('tag') } };
}

/** Every id of a managed name. */
export function allIds(managed: ManagedIds): number[] {
  return [...managed.values()].flat();
}

function noteRefused({ bucket, tag }: LabelIds, { refused }: Doubts): void {
  for (const id of allIds(bucket)) refused.add(keyOf('bucket', id));
  for (const id of allIds(tag)) refused.add(keyOf('tag', id));
}

type Memberships = Pick<DialerContact, 'buckets' | 'tags'>;

/** It is in a bucket, or has a tag, that was made since CallTools was last asked for them: one more of a managed name, perhaps. */
export function isInNewLabel({ buckets, tags }: Memberships, ids: LabelIds): boolean {
  const { newest } = ids;
  const isNew = (buckets ?? []).some((id) => id > newest.bucket) || (tags ?? []).some((id) => id > newest.tag);
  if (isNew) ids.outgrown = true;
  return isNew;
}

/** A bucket that was made since CallTools was asked for them may have a managed name: CallTools is asked anew. */
export function refuseNewLabels(contact: Memberships, ids: LabelIds): void {
  if (isInNewLabel(contact, ids))
    fail({ kind: 'stale_labels', error: 'the contact is in a bucket that is not known yet' });
}

function isSame(one: LabelName, other: LabelName): boolean {
  return one.kind === other.kind && one.name === other.name;
}

/** `rows` is what D1 remembers; `token` names who may create a label. */
export function storedLabels(
  callTools: CallTools,
  rows: LabelRow[],
  token: string,
  { env, world, settings }: LocationContext,
): Labels {
  const locationId = settings.GHL_LOCATION_ID;
  return createLabels({
    callTools,
    world,
    managed: managedLabels(settings.rules),
    rows,
    save: (changed, origin) => saveLabels(env.DB, locationId, changed, origin),
    lease: (kind, name, until) => leaseLabel(env.DB, { locationId, token, now: world.now(), until }, kind, name),
  });
}
