// A withdrawal whose one call has failed: each part of it that CallTools takes is carried out all the same.

import { fail, isFailedWrite, isRefusal } from '../domain/failure.ts';
import type { ContactBody } from '../vendors/calltools.ts';
import type { DialerContact } from '../vendors/calltools-schema.ts';
import { allIds } from './labels.ts';
import type { Session } from './session.ts';
import { tryAll } from './try-all.ts';

/**
 * Marks the contact, and takes it out of each managed bucket and tag, with a call for each; a bucket that cannot be left that way is left
 * from its own side. What the contact is seen to be rid of costs no call. Returns the contact, still to be read back; null where CallTools
 * no longer has it. Throws the worst failure, once everything was tried.
 */
export async function takeOutInParts(
  id: number,
  seen: DialerContact | null,
  { desired, observed, ids, dialer }: Session,
): Promise<DialerContact | null> {
  const { wanted } = desired;
  const { callTools } = dialer;
  let latest = seen;

  async function patch(body: ContactBody): Promise<void> {
    latest = (await callTools.update(id, body)) ?? vanished();
    observed.wrote = true;
  }

  async function mark(): Promise<void> {
    if (latest?.doNotContact !== true) await patch({ do_not_contact: true });
  }

  async function leaveBucket(bucket: number): Promise<void> {
    const isOut = () => latest?.buckets?.includes(bucket) === false;
    if (isOut()) return;
    try {
      await patch({ remove_buckets: [bucket] });
      if (isOut()) return;
    } catch (refusal) {
      if (!isRefusal(refusal) && !isFailedWrite(refusal)) throw refusal;
    }
    await callTools.changeBucket(bucket, { remove_contacts: [id] });
    observed.wrote = true;
    // Its buckets are read anew: this answer shows none.
    latest &&= { ...latest, buckets: null };
  }

  async function dropTag(tag: number): Promise<void> {
    if (latest?.tags?.includes(tag) !== false) await patch({ remove_tags: [tag] });
  }

  const parts = [
    ...(wanted.kind === 'out' && wanted.doNotContact ? [mark] : []),
    ...allIds(ids.bucket).map((bucket) => () => leaveBucket(bucket)),
    ...allIds(ids.tag).map((tag) => () => dropTag(tag)),
  ];
  await tryAll(parts, (part) => part());
  return latest ?? callTools.get(id);
}

function vanished(): never {
  return fail({ kind: 'transient', vendor: 'calltools', error: 'the contact vanished while it was being changed' });
}
