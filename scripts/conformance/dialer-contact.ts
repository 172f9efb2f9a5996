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
const PATH = '/contacts/{id}/';

/** Makes it, once the person has agreed. Never sends do_not_contact as false. */
export async function createDialerContact({ caller, settings, left, bucket }: Options): Promise<DialerContact> {
  const { phone, phoneField } = settings;
  await mustBeFree(caller, phone);
  const named = { first_name: TEST_NAME.first, last_name: TEST_NAME.last, do_not_contact: true };
  const whole = { ...named, [phoneField]: phone };
  left.maybe(DIALER_CONTACT);
  const what = `Create the test contact "${TEST_NAME.whole}" with a number that rings nobody, marked do-not-contact. It is removed at the end.`;
  let reply = await caller
    .write('calltools', what, { method: 'POST', path: '/contacts/', body: whole })
    .catch(left.undo(DIALER_CONTACT));
  const isRefused = reply.status === 400 && refusedKeys(reply.json, whole).includes(phoneField);
  if (isRefused)
    reply = await caller.write('calltools', 'Create it without the number, which was refused.', {
      method: 'POST',
      path: '/contacts/',
      body: named,
    });
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

function createdId({ status, ok, json }: Reply, left: Left, now: number): number {
  const row = objectOf(json);
  const id = idOf(row.id);
  const isOld = now - (epochOf(row.created_on) ?? now) > NEW_MS;
  if (ok && id !== undefined && !isOld) return id;
  if (ok && (isOld || 'duplicate_contacts' in row)) {
    left.forget(DIALER_CONTACT);
    // It is somebody's: never deleted, and said at the end.
    left.made('its name and do-not-contact on a contact that CallTools had before', async () => false);
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
    path: PATH,
    id,
    body,
  });
  const shown = await readContact(caller, id);
  const isThere = hasNumber(shown, phone) && isAttached(shown, phone);
  return { ...contact, shown, phone: isThere ? 'attached by PATCH' : 'dropped' };
}

/** The contact as CallTools shows it now. */
export async function readContact(caller: Caller, id: number): Promise<Row> {
  const reply = await caller.read('calltools', { method: 'GET', path: PATH, id });
  if (!reply.ok) throw new NotTried(`CallTools answered ${reply.status} to a read of the test contact.`);
  return objectOf(reply.json);
}

/** Out of the bucket first: a contact that may not be deleted stays, in no bucket, and marked do-not-contact. */
export async function removeContact(caller: Caller, id: number, bucket: number | undefined): Promise<boolean> {
  const body = { do_not_contact: true, ...(bucket !== undefined && { remove_buckets: [bucket] }) };
  if (bucket !== undefined)
    await caller.remove('calltools', { method: 'PATCH', path: PATH, id, body }).catch(() => null);
  return removed(await caller.remove('calltools', { method: 'DELETE', path: PATH, id }));
}

/** True where it is gone. */
export function removed({ ok, status }: Reply): boolean {
  return ok || status === 404 || status === 410;
}
