// What a claim takes, what it leaves to others, and what it finds of one that died: on real SQL.

import { describe, expect, test } from 'vitest';
import { openSqlite } from '../../../sandbox/d1-sqlite.ts';
import { type ClaimItem, claimContacts } from '../../../workers/consumer/store/claim.ts';
import { claimPhones } from '../../../workers/consumer/store/phones.ts';

const LEASE = { locationId: 'here', token: 'mine', now: 10_000, until: 20_000, lateMs: 45_000 };
/** Another batch, which is still at work at 10,000. */
const THEIRS = { ...LEASE, token: 'theirs', now: 5000, until: 15_000 };

function stage() {
  const sqlite = openSqlite();
  const db = sqlite.bind(async (act) => act());
  return {
    sqlite,
    contact: (id: string, phone: string | null, columns: Record<string, string | number | null> = {}) =>
      insert('contacts', { location_id: 'here', contact_id: id, phone_hash: phone, ...columns, created_at: 0 }),
    phone: (hash: string, columns: Record<string, string | number | null> = {}) =>
      insert('dialer', { location_id: 'here', phone_hash: hash, ...columns }),
    claim: (ids: (string | ClaimItem)[], lease = LEASE) => claimContacts(db, lease, ids.map(itemOf), 0, 'realtime'),
    claimPhone: (contactId: string, phoneHash: string, lease = LEASE) =>
      claimPhones(db, lease, [{ contactId, phoneHash }]),
    claimPhones: (phones: { contactId: string; phoneHash: string }[]) => claimPhones(db, LEASE, phones),
    row: (sql: string) => ({ ...sqlite.rows(sql)[0] }),
  };

  function insert(table: string, columns: Record<string, string | number | null>): void {
    const all = { ...columns, updated_at: 0 };
    const names = Object.keys(all);
    const marks = names.map((_, index) => `?${index + 1}`);
    sqlite.rows(`INSERT INTO ${table} (${names.join()}) VALUES (${marks.join()})`, ...Object.values(all));
  }
}

const itemOf = (item: string | ClaimItem): ClaimItem =>
  typeof item === 'string' ? { id: item, insert: true, heardAt: null } : item;

type Stage = ReturnType<typeof stage>;
const BOTH_WAYS: [string, (stage: Stage) => Promise<Awaited<ReturnType<Stage['claim']>>['dialer']>][] = [
  ['with its contact', async ({ claim }) => (await claim(['one'])).dialer],
  ['by itself', async ({ claimPhone }) => (await claimPhone('two', 'p')).dialer],
];

describe.each(BOTH_WAYS)('a phone claimed %s', (_, claimed) => {
  /** A contact and its phone, whose last lease ended at 9,000 with so many claims uncommitted. */
  const left = (unsettled: number, columns: Record<string, string | number | null> = {}) => {
    const one = stage();
    one.contact('one', 'p');
    one.phone('p', { contact_id: 'one', fingerprint: 'f', held: 1, unsettled, lease_until: 9000, ...columns });
    return one;
  };
  const phone = async (one: Stage) => (await claimed(one)).get('p');

  test('is in doubt while the write of a claim that died may still arrive', async () => {
    expect(await phone(left(1))).toMatchObject({ doubtUntil: 54_000, inDoubt: true, fingerprint: null });
    expect(await phone(left(1, { doubt_until: 70_000 }))).toMatchObject({ doubtUntil: 70_000 });
  });

  test('is certain where every claim was committed', async () => {
    expect(await phone(left(0))).toMatchObject({ doubtUntil: 0, inDoubt: false, fingerprint: 'f', mine: true });
    expect(await phone(left(0, { doubt_until: 70_000 }))).toMatchObject({ doubtUntil: 70_000, inDoubt: false });
  });

  test.each([null, ''])(
    'is not certain while it is held and what was written is not known (%j)',
    async (fingerprint) => {
      expect(await phone(left(0, { fingerprint }))).toMatchObject({ inDoubt: true, fingerprint: null });
      expect(await phone(left(0, { fingerprint, held: 0 }))).toMatchObject({ inDoubt: false, fingerprint: null });
    },
  );

  test('is another batch’s while its lease lasts, and is left alone', async () => {
    const one = left(1, { lease_token: 'theirs', lease_until: LEASE.now + 1 });
    expect(await phone(one)).toMatchObject({ mine: false, inDoubt: true });
    expect(one.row('SELECT lease_token, lease_until, unsettled, doubt_until FROM dialer')).toEqual({
      lease_token: 'theirs',
      lease_until: LEASE.now + 1,
      unsettled: 1,
      doubt_until: 0,
    });
  });

  test('is ours from the moment when that lease ends', async () => {
    const one = left(1, { lease_token: 'theirs', lease_until: LEASE.now });
    expect(await phone(one)).toMatchObject({ mine: true });
    expect(one.row('SELECT lease_token, lease_until, unsettled FROM dialer')).toEqual({
      lease_token: 'mine',
      lease_until: LEASE.until,
      unsettled: 2,
    });
  });
});

describe('a number that nobody knew', () => {
  test('leaves a trace when its first claim dies: the next one looks whether a contact was created', async () => {
    const { contact, claim, claimPhone } = stage();
    contact('one', null);
    await claim(['one'], { ...THEIRS, until: 9000 });
    expect((await claimPhone('one', 'new', { ...THEIRS, until: 9000 })).dialer.get('new')).toMatchObject({
      mine: true,
      inDoubt: false,
      callToolsId: null,
      contactId: 'one',
    });
    const { dialer } = await claim(['one']);
    expect(dialer.get('new')).toMatchObject({ mine: true, inDoubt: true, doubtUntil: 9000 + LEASE.lateMs });
  });

  test('is the contact’s from there on, in a batch that dies too', async () => {
    const { contact, claim, claimPhone } = stage();
    contact('one', null);
    await claim(['one'], { ...THEIRS, until: 9000 });
    await claimPhone('one', 'new', { ...THEIRS, until: 9000 });
    expect((await claim(['one'])).contacts.get('one')).toMatchObject({ phoneHash: 'new', mine: true });
  });

  test('is tied to every contact in hand that has it', async () => {
    const { contact, claim, claimPhones: claimAll } = stage();
    for (const id of ['one', 'two']) contact(id, null);
    await claim(['one', 'two']);
    const { dialer } = await claimAll([
      { contactId: 'two', phoneHash: 'new' },
      { contactId: 'one', phoneHash: 'new' },
    ]);
    expect(dialer.get('new')).toMatchObject({ contactId: 'one', mine: true, inDoubt: false });
    const { contacts } = await claim(['one', 'two'], { ...LEASE, token: 'next', now: 30_000, until: 40_000 });
    expect([...contacts.values()].map(({ phoneHash }) => phoneHash)).toEqual(['new', 'new']);
  });

  test.each([
    ['the number', (one: Stage) => one.phone('new', { lease_token: 'theirs', lease_until: 15_000 })],
    ['the contact', (one: Stage) => one.sqlite.rows(`UPDATE contacts SET lease_token = 'theirs'`)],
  ])('is not tied to the contact while another batch holds %s', async (_, take) => {
    const one = stage();
    one.contact('one', 'old');
    await one.claim(['one']);
    take(one);
    await one.claimPhone('one', 'new');
    expect(one.row('SELECT phone_hash FROM contacts')).toEqual({ phone_hash: 'old' });
  });
});

describe('a contact that has another number than before', () => {
  async function moved(contact = 'one') {
    const one = stage();
    one.contact('one', 'old', { search_hash: 'row' });
    one.contact('two', 'old', { search_hash: 'row' });
    one.contact('three', 'else', { search_hash: 'row' });
    one.phone('old', { contact_id: 'one', fingerprint: 'f', held: 1 });
    await one.claim([contact]);
    return { one, claimed: await one.claimPhone(contact, 'new') };
  }

  test('is looked at again, and so is the old number, should the batch die: the others with it are as they were', async () => {
    const { one } = await moved();
    expect(one.sqlite.rows(`SELECT contact_id FROM contacts WHERE search_hash IS NULL`)).toMatchObject([
      { contact_id: 'one' },
    ]);
    expect(one.row(`SELECT fingerprint FROM dialer WHERE phone_hash = 'old'`)).toEqual({ fingerprint: null });
  });

  test('and a contact whose number is the same as before changes nothing for the others', async () => {
    const one = stage();
    for (const id of ['one', 'two']) one.contact(id, 'old', { search_hash: 'row' });
    one.phone('old', { contact_id: 'one', fingerprint: 'f', held: 1 });
    await one.claim(['one']);
    await one.claimPhone('one', 'old');
    expect(one.sqlite.rows('SELECT DISTINCT search_hash FROM contacts')).toMatchObject([{ search_hash: 'row' }]);
    expect(one.row('SELECT fingerprint FROM dialer')).toEqual({ fingerprint: 'f' });
  });
});

describe('a contact', () => {
  test('that another batch holds is not ours, and is left alone', async () => {
    const { contact, claim, row } = stage();
    contact('one', null, { lease_token: 'theirs', lease_until: LEASE.now + 1 });
    expect((await claim(['one'])).contacts.get('one')).toMatchObject({ mine: false });
    expect(row('SELECT lease_token FROM contacts')).toEqual({ lease_token: 'theirs' });
  });

  test('whose lease is over is ours', async () => {
    const { contact, claim, row } = stage();
    contact('one', null, { lease_token: 'theirs', lease_until: LEASE.now });
    expect((await claim(['one'])).contacts.get('one')).toMatchObject({ mine: true });
    expect(row('SELECT lease_token, lease_until FROM contacts')).toEqual({ lease_token: 'mine', lease_until: 20_000 });
  });

  test('that nobody knows is known from here on where it may matter, and is not kept where it cannot', async () => {
    const { claim, sqlite } = stage();
    const items = [itemOf('matters'), { id: 'cannot', insert: false, heardAt: null }];
    const { contacts } = await claim(items);
    expect(contacts.get('matters')).toMatchObject({ mine: true, state: 'pending', intent: 'none' });
    expect(contacts.get('cannot')).toBeUndefined();
    expect(sqlite.rows('SELECT contact_id FROM contacts')).toMatchObject([{ contact_id: 'matters' }]);
  });

  test('that is known is claimed, whether or not it may matter: it may have to go', async () => {
    const { contact, claim } = stage();
    contact('one', null);
    const { contacts } = await claim([{ id: 'one', insert: false, heardAt: null }]);
    expect(contacts.get('one')).toMatchObject({ mine: true });
  });

  test('is claimed with every number that still shows it', async () => {
    const { contact, phone, claim } = stage();
    contact('one', 'now');
    phone('now');
    phone('earlier', { contact_id: 'one' });
    phone('a stranger’s', { contact_id: 'two' });
    const { dialer } = await claim(['one']);
    expect([...dialer.keys()].toSorted()).toEqual(['earlier', 'now']);
  });

  test('of another location with the same id is left alone, and so is a number', async () => {
    const { contact, phone, claim, claimPhone, sqlite } = stage();
    for (const location_id of ['here', 'there']) {
      contact('one', 'p', { location_id });
      phone('p', { location_id, fingerprint: 'f' });
    }
    expect((await claim(['one'])).intents.get('p')).toHaveLength(1);
    await claimPhone('one', 'new');
    expect(sqlite.rows(`SELECT lease_until, phone_hash FROM contacts WHERE location_id = 'there'`)).toMatchObject([
      { lease_until: 0, phone_hash: 'p' },
    ]);
    expect(sqlite.rows(`SELECT lease_until, fingerprint FROM dialer WHERE location_id = 'there'`)).toMatchObject([
      { lease_until: 0, fingerprint: 'f' },
    ]);
  });
});

test('the intents of all contacts with a number come with it, claimed with its contact or by itself', async () => {
  const { contact, phone, claim, claimPhone } = stage();
  contact('one', 'p', { wish: 'place', wish_rank: 2 });
  contact('two', 'p', { wish: 'dnc' });
  contact('three', 'q', { wish: 'out' });
  phone('p');
  const both = [
    { contactId: 'one', intent: 'place', priority: 2 },
    { contactId: 'two', intent: 'dnc', priority: 0 },
  ];
  expect((await claim(['one'])).intents).toEqual(new Map([['p', both]]));
  expect((await claimPhone('three', 'p', { ...LEASE, token: 'later', now: 20_000 })).intents.get('p')).toEqual(both);
});

test('a bucket that another batch has created since the first claim is known by the second', async () => {
  const { contact, claim, claimPhone, sqlite } = stage();
  contact('one', null);
  const { labels } = await claim(['one']);
  sqlite.rows(
    `INSERT INTO labels (location_id, kind, name, calltools_id, updated_at) VALUES ('here', 'bucket', 'Cold', 7, 0)`,
  );
  expect([labels, (await claimPhone('one', 'new')).labels]).toMatchObject([[], [{ name: 'Cold', callToolsId: 7 }]]);
});
