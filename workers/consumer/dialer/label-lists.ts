// CallTools' buckets and tags as it lists them, and those that a list lacks although they may be there.

import type { LabelRow } from '../store/labels.ts';
import type { CallTools } from '../vendors/calltools.ts';
import type { LabelKind } from '../vendors/calltools-labels.ts';
import type { Label } from '../vendors/calltools-schema.ts';

interface Options {
  callTools: Pick<CallTools, 'label' | 'labels'>;
  managed: { tags: readonly string[] };
}

/** Labels by kind. */
export type Listed = Record<LabelKind, readonly Label[]>;

/** Keys of labels that are in doubt. */
export interface Doubts {
  /** Neither listed nor shown by their ids, while CallTools does not say that they are gone. */
  unsaid: Set<string>;
  /** Named by a write that CallTools refused. */
  refused: Set<string>;
}

/** All labels that CallTools has. `ours`: what is remembered of the managed ones. `doubts` is kept up to date. Throws VendorError. */
export async function list(
  ours: readonly LabelRow[],
  doubts: Doubts,
  { callTools, managed }: Options,
): Promise<Listed> {
  /** A list may lack a label for a moment. One that we use is gone only if CallTools says so, or has refused its id in a write. */
  async function confirmed(kind: LabelKind, remembered: Label): Promise<Label[]> {
    const key = keyOf(kind, remembered.id);
    const said = await callTools.label(kind, remembered.id);
    if (said === 'gone' || (said === 'unsaid' && doubts.refused.has(key))) return [];
    if (said !== 'unsaid') return [said];
    doubts.unsaid.add(key);
    return [remembered];
  }
  async function all(kind: LabelKind): Promise<Label[]> {
    const labels = await callTools.labels(kind);
    const used = ours.filter((row) => row.kind === kind);
    const remembered = used.flatMap((row) => usedIds(row).map((id): Label => ({ id, name: row.name })));
    for (const { id } of remembered) doubts.unsaid.delete(keyOf(kind, id));
    const missing = remembered.filter(({ id }) => !labels.some((label) => label.id === id));
    const shown = await Promise.all(missing.map((label) => confirmed(kind, label)));
    return [...labels, ...shown.flat()];
  }
  const [bucket, tag] = await Promise.all([all('bucket'), managed.tags.length > 0 ? all('tag') : []]);
  return { bucket, tag };
}

/** Ids of the labels that we have put contacts into, or found under the same name. */
export function usedIds({ callToolsId, otherIds }: LabelRow): number[] {
  return callToolsId === null ? otherIds : [callToolsId, ...otherIds];
}

/** Names one label in `Doubts`. */
export function keyOf(kind: LabelKind, id: number): string {
  return `${kind} ${id}`;
}
