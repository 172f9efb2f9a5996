// A withdrawal whose one call was answered by a refusal or a failure: each part of it that CallTools takes is carried out all the same.

import { fail, isFailedWrite, isRefusal, type VendorError } from '../domain/failure.ts';
import type { ContactBody } from '../vendors/calltools.ts';
import type { DialerContact } from '../vendors/calltools-schema.ts';
import { allIds } from './labels.ts';
import type { Session } from './session.ts';
import { tryAll } from './try-all.ts';

const PART = { part: true } as const;
/** After so many parts that failed, and none that passed, CallTools seems to be in trouble as a whole, and gets no more calls. */
const HOPELESS = 2;

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
  let failed = 0;
  let hasPassed = false;

  function passed(): void {
    hasPassed = true;
    observed.wrote = true;
  }

  async function patch(body: ContactBody): Promise<void> {
    latest = (await callTools.update(id, body, PART)) ?? vanished();
    passed();
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
    } catch (error) {
      if (!isRefusal(error) && !isFailedWrite(error)) throw error;
    }
    await callTools.changeBucket(bucket, { remove_contacts: [id] }, PART);
    passed();
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
  await tryAll(parts, async (part) => {
    if (!hasPassed && failed >= HOPELESS) return;
    await part().catch((error) => {
      if (!isRefusal(error)) failed++;
      throw error;
    });
  });
  return latest ?? callTools.get(id);
}

/** Takes a contact out of every managed bucket, from the buckets' side. Throws the worst of `failures` and what comes on top. */
export async function leaveFromBuckets(
  id: number,
  { ids, dialer }: Session,
  failures: readonly VendorError[],
): Promise<void> {
  const leave = (bucket: number) => dialer.callTools.changeBucket(bucket, { remove_contacts: [id] }, PART);
  await tryAll(allIds(ids.bucket), leave, failures);
}

function vanished(): never {
  return fail({ kind: 'transient', vendor: 'calltools', error: 'the contact vanished while it was being changed' });
}
