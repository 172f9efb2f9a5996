// A contact that its own number shows is leased with the number: one lease for both.

import { expect, test } from 'vitest';
import { openSqlite } from '../../../sandbox/d1-sqlite.ts';
import { claimContacts } from '../../../workers/consumer/store/claim.ts';
import { type Commit, commitBatch } from '../../../workers/consumer/store/commit.ts';
import { claimPhones } from '../../../workers/consumer/store/phones.ts';
import { readCounters } from '../../../workers/consumer/store/totals.ts';
import { FAILED, LETTER, NOTHING, PLACED } from './commit-harness.ts';

const LEASE = { locationId: 'here', token: 'mine', now: 10_000, until: 20_000, lateMs: 45_000 };
const COUNT = { kind: 'outcome', name: 'placed', n: 1, contactId: 'one' } as const;

/** The contact `one`, which the number `p` shows, and `two`, which has the same number. */
function stage() {
  const sqlite = openSqlite();
  for (const id of ['one', 'two'])
    sqlite.rows(
      `INSERT INTO contacts (location_id, contact_id, phone_hash, state, wish, created_at, updated_at)
       VALUES ('here', ?1, 'p', 'placed', 'place', 0, 0)`,
      id,
    );
  sqlite.rows(
    `INSERT INTO dialer (location_id, phone_hash, contact_id, fingerprint, held, updated_at) VALUES ('here', 'p', 'one', 'f', 1, 0)`,
  );
  const db = sqlite.bind(async (act) => act());
  return {
    sqlite,
    db,
    claim: (ids = ['one'], lease = LEASE) =>
      claimContacts(
        db,
        lease,
        ids.map((id) => ({ id, insert: true, heardAt: null })),
        0,
        'realtime',
      ),
    commit: (changes: Partial<Commit>) => commitBatch(db, { ...LEASE, now: 11_000 }, { ...NOTHING, ...changes }),
    contact: (id = 'one') => ({
      ...sqlite.rows('SELECT state, lease_token, told FROM contacts WHERE contact_id = ?1', id)[0],
    }),
    phone: () => ({ ...sqlite.rows('SELECT lease_token, unsettled FROM dialer')[0] }),
  };
}

test('the number alone is written at the claim', async () => {
  const { claim, contact, phone } = stage();
  const { contacts, granted } = await claim();
  expect(contacts.get('one')).toMatchObject({ mine: true });
  expect([contact(), phone()]).toMatchObject([{ lease_token: null }, { lease_token: 'mine', unsettled: 1 }]);
  // It will be read, so it has a slot.
  expect(granted.slots).toMatchObject([{ vendor: 'gohighlevel', granted: 1 }]);
});

test('another contact with the number has a lease of its own', async () => {
  const { claim, contact } = stage();
  expect((await claim(['two'])).contacts.get('two')).toMatchObject({ mine: true });
  expect(contact('two')).toMatchObject({ lease_token: 'mine' });
});

test('who holds the number holds the contact: another batch gets neither', async () => {
  const { claim, sqlite } = stage();
  await claim(['two']);
  const { contacts, dialer } = await claim(['one'], { ...LEASE, token: 'theirs' });
  expect([contacts.get('one')?.mine, dialer.get('p')?.mine]).toEqual([false, false]);
  expect(sqlite.rows(`SELECT 1 FROM contacts WHERE lease_token = 'theirs'`)).toEqual([]);
});

test('whose own row another holds, as 0.2.0 does, is not ours, and its number stays free', async () => {
  const { claim, sqlite, phone } = stage();
  sqlite.rows(`UPDATE contacts SET lease_token = 'theirs', lease_until = 15000 WHERE contact_id = 'one'`);
  expect((await claim()).contacts.get('one')).toMatchObject({ mine: false });
  expect(phone()).toMatchObject({ lease_token: null });
});

test('not even where the batch has the number because of another contact', async () => {
  const { claim, sqlite } = stage();
  sqlite.rows(`UPDATE contacts SET lease_token = 'theirs', lease_until = 15000 WHERE contact_id = 'one'`);
  const { contacts, dialer } = await claim(['one', 'two']);
  expect([contacts.get('one')?.mine, contacts.get('two')?.mine, dialer.get('p')?.mine]).toEqual([false, true, true]);
});

test('its outcome is written, its letters and counters too', async () => {
  const { claim, commit, contact, sqlite, db } = stage();
  await claim();
  const kept = await commit({
    contacts: [{ ...PLACED, ...FAILED }],
    deadLetters: [LETTER],
    counts: [COUNT],
  });
  expect([...kept]).toEqual(['one']);
  expect(contact()).toMatchObject({ state: 'failed' });
  expect(sqlite.rows('SELECT count(*) AS n FROM dead_letters')).toMatchObject([{ n: 1 }]);
  expect(await readCounters(db, ['here'], 0)).toHaveLength(1);
});

test('and nothing of it once the number is another batch’s', async () => {
  const { claim, commit, contact, sqlite, db } = stage();
  await claim();
  sqlite.rows(`UPDATE dialer SET lease_token = 'theirs', lease_until = 30000`);
  const kept = await commit({
    contacts: [{ ...PLACED, ...FAILED }],
    deadLetters: [LETTER],
    counts: [COUNT],
    told: { two: '{}' },
  });
  expect([...kept]).toEqual([]);
  expect([contact(), contact('two')]).toMatchObject([{ state: 'placed' }, { told: null }]);
  expect(sqlite.rows('SELECT count(*) AS n FROM dead_letters')).toMatchObject([{ n: 0 }]);
  expect(await readCounters(db, ['here'], 0)).toEqual([]);
});

test('what webhooks said of it is kept where it is skipped', async () => {
  const { claim, commit, contact, phone } = stage();
  await claim();
  await commit({ told: { one: '{"tags":1}' }, released: { contactIds: ['one'], phoneHashes: ['p'] } });
  expect([contact(), phone()]).toMatchObject([{ told: '{"tags":1}' }, { lease_token: null, unsettled: 0 }]);
});

test('it takes the lease along to its next number', async () => {
  const { claim, commit, contact, db, sqlite } = stage();
  await claim();
  await claimPhones(db, LEASE, [{ contactId: 'one', phoneHash: 'q' }]);
  expect(sqlite.rows('SELECT phone_hash, lease_token, contact_id FROM dialer ORDER BY 1')).toMatchObject([
    { phone_hash: 'p', lease_token: 'mine', contact_id: 'one' },
    { phone_hash: 'q', lease_token: 'mine', contact_id: 'one' },
  ]);
  expect([...(await commit({ contacts: [{ ...PLACED, phoneHash: 'q', state: 'kept_out' }] }))]).toEqual(['one']);
  expect(contact()).toMatchObject({ state: 'kept_out' });
});
