// The test contact in each system and its bucket: made when first needed, once.

import type { AccountSettings } from './account-settings.ts';
import type { Caller, Reply } from './caller.ts';
import { createDialerContact, DIALER_CONTACT, type DialerContact, removeContact, removed } from './dialer-contact.ts';
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
      options.left.maybe(SECOND);
      const reply = await send().catch(options.left.undo(SECOND));
      const id = idOf(objectOf(reply.json).id);
      options.left.forget(SECOND);
      if (reply.ok && id !== undefined && id !== ids.calltools)
        options.left.made(SECOND, () => removeContact(options.caller, id, undefined));
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
  left.maybe('contact in GoHighLevel');
  const reply = await caller
    .write('gohighlevel', what, { method: 'POST', path: '/contacts/', body })
    .catch(left.undo('contact in GoHighLevel'));
  const { id } = objectOf(objectOf(reply.json).contact);
  if (!reply.ok) left.forget('contact in GoHighLevel');
  if (!reply.ok || typeof id !== 'string') throw new NotTried(refusedBy(reply.status));
  left.made('contact in GoHighLevel', async () => {
    const { ok, status } = await caller.remove('gohighlevel', { method: 'DELETE', path: '/contacts/{id}', id });
    return ok || status === 404;
  });
  return id;
}

function refusedBy(status: number): string {
  const scope = status === 401 || status === 403 ? ' Give the token the scope contacts.write.' : '';
  const number =
    status === 400 ? ' If the location has a contact with the test number, name another with --phone.' : '';
  return `GoHighLevel answered ${status} to the creation of the test contact.${scope}${number}`;
}

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
