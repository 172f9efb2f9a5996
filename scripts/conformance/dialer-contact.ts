// The test contact in CallTools: made with do-not-contact from its first write on, in a bucket that no campaign has, and removed.

import { epochOf } from '../../workers/consumer/domain/call-word.ts';
import { refusedKeys } from '../../workers/consumer/vendors/calltools-errors.ts';
import type { AccountSettings } from './account-settings.ts';
import type { Caller, Reply } from './caller.ts';
import { NotTried } from './endings.ts';
import type { Left } from './left.ts';
import { hasNumber, idOf, objectOf, type Row, rowsOf } from './rows.ts';
import { TEST_NAME } from './test-name.ts';

/** The contact, as its creation and a later read showed it. */
export interface DialerContact {
  id: number;
  /** What became of its number when it was created. */
  phone: 'attached' | 'attached by PATCH' | 'dropped' | 'refused';
  /** CallTools keeps do-not-contact. Without that it is put into no bucket. */
  isBarred: boolean;
  /** The latest read. */
  shown: Row;
  /** The read just after its creation. */
  first: Row;
}

interface Options {
  caller: Caller;
  settings: AccountSettings;
  left: Left;
  /** The bucket that may hold it; undefined while there is none. */
  bucket(): number | undefined;
}

/** How what stays of it is told. */
export const DIALER_CONTACT = 'contact in CallTools';
/** Of one contact of CallTools. */
export const CONTACT_PATH = '/contacts/{id}/';

/** Makes it, once the person has agreed. Never sends do_not_contact as false. */
export async function createDialerContact({ caller, settings, left, bucket }: Options): Promise<DialerContact> {
  const { phone, phoneField } = settings;
  await mustBeFree(caller, phone);
  const named = { first_name: TEST_NAME.first, last_name: TEST_NAME.last, do_not_contact: true };
  const whole = { ...named, [phoneField]: phone };
  left.maybe(DIALER_CONTACT);
  const what = `Create the test contact "${TEST_NAME.whole}" with a number that rings nobody, marked do-not-contact. It is removed at the end.`;
  const create = (question: string, body: object) =>
    caller.write('calltools', question, { method: 'POST', path: '/contacts/', body }).catch(left.undo(DIALER_CONTACT));
  let reply = await create(what, whole);
  const isRefused = reply.status === 400 && refusedKeys(reply.json, whole).includes(phoneField);
  if (isRefused) reply = await create('Create it without the number, which was refused.', named);
  const id = createdId(reply, left, caller.now());
  left.made(DIALER_CONTACT, () => removeContact(caller, id, bucket()));
  const first = await readContact(caller, id);
  const isBarred = first.do_not_contact === true;
  const contact: DialerContact = { id, phone: 'attached', isBarred, shown: first, first };
  if (isRefused) return { ...contact, phone: 'refused' };
  return hasNumber(first, phone) && isAttached(first, phone) ? contact : attachAgain(contact, caller, settings);
}

/** Nobody in CallTools may have the number: its contact would be merged into. Rows of a list may lack their numbers. */
async function mustBeFree(caller: Caller, phone: string): Promise<void> {
  const query = { phone_number: phone, page_size: String(FEW) };
  const found = await caller.read('calltools', { method: 'GET', path: '/contacts/', query });
  const rows = found.ok ? rowsOf(found) : [];
  // So many are a list whose filter is ignored: nothing can be told from it.
  const some = rows.length < FEW ? rows : [];
  for (const row of [...rows.filter((row) => hasNumber(row, phone)), ...some]) {
    const id = idOf(row.id);
    const whole = id === undefined || hasNumber(row, phone) ? row : await readContact(caller, id);
    if (hasNumber(whole, phone)) throw new NotTried(TAKEN);
  }
}

const FEW = 10;
const TAKEN = 'CallTools has a contact with the test number. Name another number with --phone.';

/** A contact that is older than this was there before. */
const NEW_MS = 3_600_000;

/** A creation was answered with a contact that was there before. Where its time cannot be read, any status but 201 says so. */
export function isOld({ status, json }: Reply, now: number): boolean {
  const at = epochOf(objectOf(json).created_on);
  return at === null ? status !== 201 : now - at > NEW_MS;
}

/** It is somebody's: never deleted, and said at the end. */
export function leaveMerged(left: Left): void {
  left.made('its name and do-not-contact on a contact that CallTools had before', async () => false);
}

function createdId(reply: Reply, left: Left, now: number): number {
  const { status, ok, json } = reply;
  const row = objectOf(json);
  const id = idOf(row.id);
  const isMerged = id === undefined ? 'duplicate_contacts' in row : isOld(reply, now);
  if (ok && id !== undefined && !isMerged) return id;
  if (ok && isMerged) {
    left.forget(DIALER_CONTACT);
    leaveMerged(left);
    throw new NotTried(
      'CallTools merged the test contact into one that it has: look for the test name there. Name another number with --phone.',
    );
  }
  if (!ok) left.forget(DIALER_CONTACT);
  throw new NotTried(`CallTools answered ${status} to the creation of the test contact.`);
}

/** Where the list is shown, the number is in it: a field alone does not make it dialable. */
function isAttached(contact: Row, phone: string): boolean {
  return !Array.isArray(contact._phone_numbers) || hasNumber({ _phone_numbers: contact._phone_numbers }, phone);
}

async function attachAgain(
  contact: DialerContact,
  caller: Caller,
  { phone, phoneField }: AccountSettings,
): Promise<DialerContact> {
  const { id } = contact;
  const body = { [phoneField]: phone };
  await caller.write('calltools', 'Write the number to the test contact once more.', {
    method: 'PATCH',
    path: CONTACT_PATH,
    id,
    body,
  });
  const shown = await readContact(caller, id);
  const isThere = hasNumber(shown, phone) && isAttached(shown, phone);
  return { ...contact, shown, phone: isThere ? 'attached by PATCH' : 'dropped' };
}

/** The contact as CallTools shows it now. */
export async function readContact(caller: Caller, id: number): Promise<Row> {
  const reply = await caller.read('calltools', { method: 'GET', path: CONTACT_PATH, id });
  if (!reply.ok) throw new NotTried(`CallTools answered ${reply.status} to a read of the test contact.`);
  return objectOf(reply.json);
}

/** Out of the bucket first: a contact that may not be deleted stays, in no bucket, and marked do-not-contact. */
export async function removeContact(caller: Caller, id: number, bucket: number | undefined): Promise<boolean> {
  const body = { do_not_contact: true, ...(bucket !== undefined && { remove_buckets: [bucket] }) };
  if (bucket !== undefined)
    await caller.remove('calltools', { method: 'PATCH', path: CONTACT_PATH, id, body }).catch(() => null);
  return removed(await caller.remove('calltools', { method: 'DELETE', path: CONTACT_PATH, id }));
}

/** True where it is gone. */
export function removed({ ok, status }: Reply): boolean {
  return ok || status === 404 || status === 410;
}
