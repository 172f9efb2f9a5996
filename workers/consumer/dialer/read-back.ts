// Reading back what CallTools answered to a write. A 2xx says little: unknown keys are dropped, and memberships may not take. What was
// asked for is checked, repaired once in the second way, and otherwise reported under a code of its own.

import { NO_CALLS, wordHash } from '../domain/call-word.ts';
import { fail } from '../domain/failure.ts';
import type { DialerContact } from '../vendors/calltools-schema.ts';
import { hasPhone } from './find-by-phone.ts';
import { type ManagedIds, refuseNewLabels } from './labels.ts';
import { noteNumbers } from './numbers.ts';
import type { Session } from './session.ts';
import { whereabouts } from './taken-out.ts';

/**
 * Returns the contact once it provably holds what is wanted, and records where it is. Throws a VendorError with its own code where it does
 * not, and MoreNumbers.
 */
export async function readBack(written: DialerContact, session: Session): Promise<DialerContact> {
  const { desired, observed, ids, dialer } = session;
  const { wanted, now, route } = desired;
  await noteNumbers(written, desired, dialer);
  refuseNewLabels(written, ids);
  const confirmed = await verifyWrite(written, session);
  // The answer to the write may have shown no number at all.
  if (confirmed !== written) await noteNumbers(confirmed, desired, dialer);
  observed.mayBeInBucket = wanted.kind === 'place';
  if (wanted.kind === 'out') observed.placing = null;
  else if (!observed.stayed)
    observed.placing = { at: now, route, ...whereabouts(wanted, ids), word: await wordHash(written.word ?? NO_CALLS) };
  observed.doNotContact ||= confirmed.doNotContact === true;
  return confirmed;
}

async function verifyWrite(written: DialerContact, session: Session): Promise<DialerContact> {
  const withPhone = await confirmPhone(written, session);
  await confirmBuckets(withPhone, session);
  await confirmTags(withPhone, session);
  return confirmDoNotContact(withPhone, session);
}

/**
 * One account attaches the phone only on a PATCH after the POST (docs/vendors.md, CallTools: phone numbers): re-read, patch once,
 * re-read.
 */
export async function confirmPhone(answer: DialerContact, { desired, dialer }: Session): Promise<DialerContact> {
  const { wanted } = desired;
  const { callTools, settings } = dialer;
  if (wanted.kind === 'out') return answer;
  const { phone } = wanted.person;
  const attached = ({ dialable, phones }: DialerContact) =>
    hasPhone({ phones: dialable ?? phones }, phone, settings.DEFAULT_COUNTRY);
  if (attached(answer)) return answer;
  const reread = await callTools.get(answer.id);
  if (reread && attached(reread)) return reread;
  await callTools.update(answer.id, { [settings.CALLTOOLS_PHONE_FIELD]: phone });
  const repaired = await callTools.get(answer.id);
  if (repaired && attached(repaired)) return repaired;
  return fail({
    kind: 'contact',
    code: 'phone_not_attached',
    error: `CallTools stored the contact without its phone: is CALLTOOLS_PHONE_FIELD (${settings.CALLTOOLS_PHONE_FIELD}) a field of your account?`,
  });
}

async function confirmBuckets({ id, buckets }: DialerContact, { desired, ids, dialer }: Session): Promise<void> {
  const { wanted } = desired;
  const { callTools } = dialer;
  const name = wanted.kind === 'place' ? wanted.bucket : null;
  const present = buckets ?? (await callTools.bucketsOf(id));
  refuseNewLabels({ buckets: present, tags: null }, ids);
  const wrong = misplaced(present, ids.bucket, name);
  if (wrong.length === 0) return;
  for (const { id: bucketId, add } of wrong) {
    await callTools.changeBucket(bucketId, add ? { add_contacts: [id] } : { remove_contacts: [id] });
  }
  // Not from an answer to a write again: the link rows are the truth about membership.
  const still = misplaced(await callTools.bucketsOf(id), ids.bucket, name);
  if (still.length === 0) return;
  const what = still.map(({ name, add }) => `${add ? 'not in' : 'still in'} bucket "${name}"`).join(', ');
  fail({
    kind: 'contact',
    code: 'membership_not_applied',
    error: `CallTools accepted the change, but the contact is ${what}`,
  });
}

async function confirmTags({ id, tags }: DialerContact, { desired, ids, dialer }: Session): Promise<void> {
  const { wanted } = desired;
  const { callTools } = dialer;
  if (ids.tag.size === 0) return;
  const name = wanted.kind === 'place' ? wanted.tag : null;
  const wrong = misplaced(tags ?? (await callTools.get(id))?.tags ?? [], ids.tag, name);
  if (wrong.length === 0) return;
  const repaired = await callTools.update(id, {
    add_tags: wrong.flatMap((tag) => (tag.add ? [tag.id] : [])),
    remove_tags: wrong.flatMap((tag) => (tag.add ? [] : [tag.id])),
  });
  if (misplaced(repaired?.tags ?? [], ids.tag, name).length > 0) {
    fail({
      kind: 'contact',
      code: 'membership_not_applied',
      error: 'CallTools accepted the change, but a tag did not take',
    });
  }
}

async function confirmDoNotContact(answer: DialerContact, { desired, dialer }: Session): Promise<DialerContact> {
  const { wanted } = desired;
  const { callTools } = dialer;
  if (wanted.kind === 'place' || !wanted.doNotContact || answer.doNotContact === true) return answer;
  const repaired = await callTools.update(answer.id, { do_not_contact: true });
  if (repaired?.doNotContact === true) return repaired;
  const reread = await callTools.get(answer.id);
  if (reread?.doNotContact === true) return reread;
  return fail({
    kind: 'contact',
    code: 'dnc_not_applied',
    error: 'CallTools accepted do_not_contact, but the contact does not carry it',
  });
}

/** Managed labels that a contact with these has and should not, or lacks and should have. */
export function misplaced(present: number[], managed: ManagedIds, wanted: string | null) {
  return [...managed].flatMap(([name, ids]) =>
    ids.flatMap((id) => {
      const add = name === wanted && id === ids[0];
      return present.includes(id) === add ? [] : [{ id, name, add }];
    }),
  );
}
