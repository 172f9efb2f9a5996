// CallTools' ids of the buckets and tags that the rules name: resolved by name, created once when missing, refreshed when gone.

import type { CallTools, LabelKind } from './calltools.ts';
import type { Label } from './calltools-answer.ts';
import type { World } from './env.ts';
import { fail } from './failure.ts';
import type { LabelRow } from './label-store.ts';

/** Known ids are trusted this long; a bucket that vanished earlier is noticed by CallTools' refusal. */
const FRESH_MS = 24 * 3_600_000;
/** Whoever needs a label that is being created comes back after this. */
const CREATING_MS = 10_000;
/** How long one instance may take to create a label. */
const CREATE_LEASE_MS = 60_000;

export interface LabelIds {
  bucket: Map<string, number>;
  tag: Map<string, number>;
}

export interface Labels {
  /** Ids of all managed labels that exist in CallTools. Where `needed` is missing it is created first. */
  resolve(needed: { bucket: string | null; tag: string | null }): Promise<LabelIds>;
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
  save(rows: LabelRow[]): Promise<void>;
  /** True when this instance, and no other, may create the label until `until` (epoch ms). */
  lease(kind: LabelKind, name: string, until: number): Promise<boolean>;
  world: Pick<World, 'now'>;
}

export function createLabels({ callTools, managed, rows, save, lease, world }: Options): Labels {
  const names: [LabelKind, string][] = [
    ...managed.buckets.map((name): [LabelKind, string] => ['bucket', name]),
    ...managed.tags.map((name): [LabelKind, string] => ['tag', name]),
  ];
  const first = remembered(names, rows, world.now());
  /** The latest ids, and the promise of them. */
  let latest = first;
  let known = first && Promise.resolve(first);
  let creating: Promise<void> = Promise.resolve();

  function learn(ids: LabelIds): LabelIds {
    latest = ids;
    return ids;
  }

  /** All managed labels as CallTools has them now, remembered in D1. */
  async function refresh(): Promise<LabelIds> {
    // A list is as old as the question: what others create while it is under way is newer.
    const updatedAt = world.now();
    const [buckets, tags] = await Promise.all([
      callTools.labels('bucket'),
      managed.tags.length > 0 ? callTools.labels('tag') : Promise.resolve([]),
    ]);
    const listed = { bucket: buckets, tag: tags };
    const byName = names.map(([kind, name]) => ({ kind, name, callToolsId: named(listed[kind], name), updatedAt }));
    const fresh = byName.map((row) => ({
      ...row,
      callToolsId: row.callToolsId ?? renamed(row, listed[row.kind], byName),
    }));
    await save(fresh);
    return learn(idsOf(fresh));
  }

  /** The id that we remember, where CallTools has it under a name of nobody's: a campaign draws from a bucket whatever its name is. */
  function renamed({ kind, name }: LabelRow, labels: Label[], byName: LabelRow[]): number | null {
    const id = rows.find((row) => row.kind === kind && row.name === name)?.callToolsId ?? null;
    const there = labels.some((label) => label.id === id);
    const taken = byName.some((row) => row.kind === kind && row.callToolsId === id);
    return there && !taken ? id : null;
  }

  /** The ids with this label among them. A list may lag behind: what was just created is not looked for in it. */
  async function create(kind: LabelKind, name: string): Promise<LabelIds> {
    if (!(await lease(kind, name, world.now() + CREATE_LEASE_MS))) {
      fail({ kind: 'busy', error: `another instance is creating the ${kind}`, forMs: CREATING_MS });
    }
    known = null;
    const ids = await load();
    if (ids[kind].has(name)) return ids;
    const { id } = await callTools.createLabel(kind, name);
    await save([{ kind, name, callToolsId: id, updatedAt: world.now() }]);
    return learn({ ...ids, [kind]: new Map([...ids[kind], [name, id]]) });
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

  return {
    async resolve(needed) {
      for (const [kind, name] of [
        ['bucket', needed.bucket],
        ['tag', needed.tag],
      ] as const) {
        if (name === null || (await load())[kind].has(name)) continue;
        // One at a time: the first to come creates it, the others then find it.
        creating = creating
          .catch(() => {})
          .then(async () => {
            if ((await load())[kind].has(name)) return;
            known = Promise.resolve(await create(kind, name));
          });
        await creating;
      }
      return holding(needed, await load());
    },
    forget(outdated) {
      if (outdated !== undefined && outdated !== latest) return;
      known = null;
      latest = null;
    },
  };
}

/** The ids, with the needed ones among them. A bucket can be deleted while its tag is created: nobody is placed in what is not there. */
function holding({ bucket, tag }: { bucket: string | null; tag: string | null }, ids: LabelIds): LabelIds {
  const there = (bucket === null || ids.bucket.has(bucket)) && (tag === null || ids.tag.has(tag));
  return there ? ids : fail({ kind: 'stale_labels', error: 'a bucket or tag vanished while it was looked up' });
}

/** What D1 remembers, if it is complete and fresh. */
function remembered(names: [LabelKind, string][], rows: LabelRow[], now: number): LabelIds | null {
  // Rows of labels that the rules no longer name stay in D1: those are not ours to touch.
  const ours = names.map(([kind, name]) =>
    rows.find((row) => row.kind === kind && row.name === name && row.updatedAt > now - FRESH_MS),
  );
  const complete = ours.filter((row) => row !== undefined);
  return complete.length === names.length ? idsOf(complete) : null;
}

function idsOf(rows: LabelRow[]): LabelIds {
  const of = (kind: LabelKind) =>
    new Map(
      rows.flatMap((row) =>
        row.kind === kind && row.callToolsId !== null ? [[row.name, row.callToolsId] as const] : [],
      ),
    );
  return { bucket: of('bucket'), tag: of('tag') };
}

/** The exact name first, then one that differs in case or outer spaces only; the lowest id of several. */
function named(labels: Label[], name: string): number | null {
  const plain = (text: string) => text.trim().toLowerCase();
  const exact = labels.filter((label) => label.name === name);
  const alike = exact.length > 0 ? exact : labels.filter((label) => plain(label.name) === plain(name));
  return alike.length > 0 ? Math.min(...alike.map(({ id }) => id)) : null;
}
