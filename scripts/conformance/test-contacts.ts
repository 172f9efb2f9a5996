// The test contact in each system and its bucket: made when first needed, once.

import type { AccountSettings } from './account-settings.ts';
import type { Caller, Reply } from './caller.ts';
import {
  createDialerContact,
  DIALER_CONTACT,
  type DialerContact,
  isOld,
  leaveMerged,
  removeContact,
  removed,
} from './dialer-contact.ts';
import { NotTried } from './endings.ts';
import type { Left } from './left.ts';
import { idOf, objectOf, rowsOf } from './rows.ts';
import { TEST_NAME } from './test-name.ts';

/** What assumptions are tried on. Each throws NotTried where it cannot be made. */
export interface TestContacts {
  /** The GoHighLevel contact's id. */
  inGoHighLevel(): Promise<string>;
  inCallTools(): Promise<DialerContact>;
  /** Sends the creation of the same contact once more; what it makes beside the first is removed too. */
  createAgain(send: () => Promise<Reply>): Promise<Reply>;
  /** The id of an empty bucket that no campaign has. */
  bucket(): Promise<number>;
  /** CallTools took the deletion of its contact. */
  isDeletedInCallTools(): boolean;
  /** Ids of contacts that were there; undefined where none was made. */
  ids(): { gohighlevel: string | undefined; calltools: number | undefined };
}

interface Options {
  caller: Caller;
  settings: AccountSettings;
  left: Left;
}

/** Nothing is made yet. */
export function createTestContacts(options: Options): TestContacts {
  const ids: ReturnType<TestContacts['ids']> = { gohighlevel: undefined, calltools: undefined };
  let bucketId: number | undefined;
  const once = <T>(make: () => Promise<T>) => {
    let made: Promise<T> | undefined;
    return () => {
      made ??= make();
      return made;
    };
  };
  return {
    inGoHighLevel: once(async () => {
      ids.gohighlevel = await createInGoHighLevel(options);
      return ids.gohighlevel;
    }),
    inCallTools: once(async () => {
      const contact = await createDialerContact({ ...options, bucket: () => bucketId });
      ids.calltools = contact.id;
      return contact;
    }),
    async createAgain(send) {
      const { caller, left } = options;
      left.maybe(SECOND);
      const reply = await send().catch(left.undo(SECOND));
      const row = objectOf(reply.json);
      const id = idOf(row.id);
      if (!reply.ok || id !== undefined || 'duplicate_contacts' in row) left.forget(SECOND);
      if (!reply.ok || id === undefined || id === ids.calltools) return reply;
      if (isOld(reply, caller.now())) leaveMerged(left);
      else left.made(SECOND, () => removeContact(caller, id, undefined));
      return reply;
    },
    bucket: once(async () => {
      bucketId = await createBucket(options);
      return bucketId;
    }),
    isDeletedInCallTools: () => !options.left.stays().includes(DIALER_CONTACT),
    ids: () => ids,
  };
}

/** With do-not-disturb on every channel, so that nobody writes to it or calls it, and no workflow that respects it. */
async function createInGoHighLevel({ caller, settings, left }: Options): Promise<string> {
  const blocked = { status: 'active' };
  const body = {
    locationId: settings.locationId,
    firstName: TEST_NAME.first,
    lastName: TEST_NAME.last,
    phone: settings.phone,
    address1: TEST_NAME.whole,
    dateOfBirth: '1990-09-25',
    dnd: true,
    dndSettings: { Call: blocked, SMS: blocked },
  };
  const what = `Create the test contact "${TEST_NAME.whole}" with do-not-disturb on. Workflows that start with a new contact will start. It is removed at the end.`;
  left.maybe(CONTACT);
  const reply = await caller
    .write('gohighlevel', what, { method: 'POST', path: '/contacts/', body })
    .catch(left.undo(CONTACT));
  const { id } = objectOf(objectOf(reply.json).contact);
  if (!reply.ok) left.forget(CONTACT);
  if (!reply.ok || typeof id !== 'string') throw new NotTried(refusedBy(reply.status));
  left.made(CONTACT, async () =>
    removed(await caller.remove('gohighlevel', { method: 'DELETE', path: '/contacts/{id}', id })),
  );
  return id;
}

function refusedBy(status: number): string {
  const scope = status === 401 || status === 403 ? ' Give the token the scope contacts.write.' : '';
  const number =
    status === 400 ? ' If the location has a contact with the test number, name another with --phone.' : '';
  return `GoHighLevel answered ${status} to the creation of the test contact.${scope}${number}`;
}

const CONTACT = 'contact in GoHighLevel';
const BUCKET = 'bucket in CallTools';
const SECOND = 'second contact in CallTools';

/** One of that name that is there already was left by an earlier run: it is used, and stays. */
async function createBucket({ caller, left }: Options): Promise<number> {
  const list = await caller.read('calltools', { method: 'GET', path: '/buckets/', query: { page_size: '250' } });
  const known = rowsOf(list).find(({ name }) => name === TEST_NAME.whole);
  const there = idOf(known?.id);
  if (there !== undefined) return there;
  const what = `Create the bucket "${TEST_NAME.whole}", which no campaign has. It is removed at the end.`;
  const body = { name: TEST_NAME.whole };
  left.maybe(BUCKET);
  const reply = await caller
    .write('calltools', what, { method: 'POST', path: '/buckets/', body })
    .catch(left.undo(BUCKET));
  const id = idOf(objectOf(reply.json).id);
  if (!reply.ok || id === undefined) {
    left.forget(BUCKET);
    throw new NotTried(`CallTools answered ${reply.status} to the creation of a bucket.`);
  }
  left.made(BUCKET, async () =>
    removed(await caller.remove('calltools', { method: 'DELETE', path: '/buckets/{id}/', id })),
  );
  return id;
}
