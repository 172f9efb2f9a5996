// Reading CallTools' echo: a 2xx says little (unknown keys are dropped, memberships may not take), so what was asked for is
// checked, repaired once in the second way, and otherwise reported under a code of its own.

import type { Wanted } from '../domain/decide.ts';
import { fail } from '../domain/failure.ts';
import { toE164 } from '../domain/phone.ts';
import type { DialerContact } from '../vendors/calltools-schema.ts';
import type { LabelIds, ManagedIds } from './labels.ts';
import type { Dialer } from './session.ts';

/** The contact once it provably holds what is wanted. Throws a VendorError with its own code where it does not. */
export async function verifyWrite(
  echo: DialerContact,
  wanted: Wanted,
  ids: LabelIds,
  dialer: Dialer,
): Promise<DialerContact> {
  const withPhone = wanted.kind === 'place' ? await confirmPhone(echo, wanted.person.phone, dialer) : echo;
  await confirmBuckets(withPhone, wanted, ids, dialer);
  await confirmTags(withPhone, wanted, ids, dialer);
  if (wanted.kind === 'out' && wanted.doNotContact) return confirmDoNotContact(withPhone, dialer);
  return withPhone;
}

/** One account attaches the phone only on a PATCH after the POST (facts/calltools.md C3): re-read, patch once, re-read. */
export async function confirmPhone(
  echo: DialerContact,
  e164: string,
  { callTools, settings }: Pick<Dialer, 'callTools' | 'settings'>,
): Promise<DialerContact> {
  const attached = (contact: DialerContact | null) =>
    (contact?.dialable ?? contact?.phones)?.some((phone) => toE164(phone, settings.DEFAULT_COUNTRY) === e164);
  if (attached(echo)) return echo;
  const reread = await callTools.get(echo.id);
  if (reread && attached(reread)) return reread;
  await callTools.update(echo.id, { [settings.CALLTOOLS_PHONE_FIELD]: e164 });
  const repaired = await callTools.get(echo.id);
  if (repaired && attached(repaired)) return repaired;
  return fail({
    kind: 'contact',
    code: 'phone_not_attached',
    error: `CallTools stored the contact without its phone: is CALLTOOLS_PHONE_FIELD (${settings.CALLTOOLS_PHONE_FIELD}) a field of your account?`,
  });
}

async function confirmBuckets(
  echo: DialerContact,
  wanted: Wanted,
  ids: LabelIds,
  { callTools }: Dialer,
): Promise<void> {
  const wrong = misplaced(
    echo.buckets ?? (await callTools.bucketsOf(echo.id)),
    ids.bucket,
    wanted.kind === 'place' ? wanted.bucket : null,
  );
  if (wrong.length === 0) return;
  for (const { id, add } of wrong) {
    await callTools.changeBucket(id, add ? { add_contacts: [echo.id] } : { remove_contacts: [echo.id] });
  }
  // Not from the echo again: the link rows are the truth about membership.
  const now = await callTools.bucketsOf(echo.id);
  const still = misplaced(now, ids.bucket, wanted.kind === 'place' ? wanted.bucket : null);
  if (still.length === 0) return;
  const what = still.map(({ name, add }) => `${add ? 'not in' : 'still in'} bucket "${name}"`).join(', ');
  fail({
    kind: 'contact',
    code: 'membership_not_applied',
    error: `CallTools accepted the change, but the contact is ${what}`,
  });
}

async function confirmTags(echo: DialerContact, wanted: Wanted, ids: LabelIds, { callTools }: Dialer): Promise<void> {
  if (ids.tag.size === 0) return;
  const name = wanted.kind === 'place' ? wanted.tag : null;
  const wrong = misplaced(echo.tags ?? (await callTools.get(echo.id))?.tags ?? [], ids.tag, name);
  if (wrong.length === 0) return;
  const repaired = await callTools.update(echo.id, {
    add_tags: wrong.flatMap(({ id, add }) => (add ? [id] : [])),
    remove_tags: wrong.flatMap(({ id, add }) => (add ? [] : [id])),
  });
  if (misplaced(repaired?.tags ?? [], ids.tag, name).length > 0) {
    fail({
      kind: 'contact',
      code: 'membership_not_applied',
      error: 'CallTools accepted the change, but a tag did not take',
    });
  }
}

async function confirmDoNotContact(echo: DialerContact, { callTools }: Dialer): Promise<DialerContact> {
  if (echo.doNotContact === true) return echo;
  const repaired = await callTools.update(echo.id, { do_not_contact: true });
  if (repaired?.doNotContact === true) return repaired;
  const reread = await callTools.get(echo.id);
  if (reread?.doNotContact === true) return reread;
  return fail({
    kind: 'contact',
    code: 'dnc_not_applied',
    error: 'CallTools accepted do_not_contact, but the contact does not carry it',
  });
}

/** Managed labels that the contact has and should not, or lacks and should have. */
export function misplaced(held: number[], managed: ManagedIds, wanted: string | null) {
  return [...managed].flatMap(([name, ids]) =>
    ids.flatMap((id) => {
      const add = name === wanted && id === ids[0];
      return held.includes(id) === add ? [] : [{ id, name, add }];
    }),
  );
}
