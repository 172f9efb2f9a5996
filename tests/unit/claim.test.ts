// What a claim finds of one that died: on real SQL.

import { expect, test } from 'vitest';
import { claimContacts, claimPhones } from '../../workers/consumer/store.ts';
import { openSqlite } from '../simulation/d1-sqlite.ts';

const LEASE = { locationId: 'here', token: 'mine', now: 10_000, until: 20_000, lateMs: 45_000 };

/** A contact and its phone, whose last lease ended at 9,000 with so many claims uncommitted. */
function stage(unsettled: number) {
  const sqlite = openSqlite();
  sqlite.rows(
    `INSERT INTO contacts (location_id, contact_id, phone_hash, created_at, updated_at) VALUES ('here', 'one', 'p', 0, 0)`,
  );
  sqlite.rows(
    `INSERT INTO dialer (location_id, phone_hash, contact_id, fingerprint, held, unsettled, lease_until, updated_at)
     VALUES ('here', 'p', 'one', 'as written', 1, ?1, 9000, 0)`,
    unsettled,
  );
  return sqlite.bind(async (act) => act());
}

const claims = test.each([
  [
    'with its contact',
    async (db: ReturnType<typeof stage>) => (await claimContacts(db, LEASE, [ITEM], 0, 'realtime')).dialer,
  ],
  ['by itself', async (db: ReturnType<typeof stage>) => (await claimPhones(db, LEASE, [PHONE])).dialer],
]);
const ITEM = { id: 'one', insert: true, heardAt: null };
const PHONE = { contactId: 'two', phoneHash: 'p' };

claims('a phone claimed %s is in doubt while the write of a claim that died may still arrive', async (_, claim) => {
  expect((await claim(stage(1))).get('p')).toMatchObject({ doubtUntil: 54_000, uncertain: true, fingerprint: null });
});

claims('and certain where every claim was committed: claimed %s', async (_, claim) => {
  expect((await claim(stage(0))).get('p')).toMatchObject({
    doubtUntil: 0,
    uncertain: false,
    fingerprint: 'as written',
  });
});
