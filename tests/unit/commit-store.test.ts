// What a batch's commit does beyond its own contacts, on real SQL.

import { expect, test } from 'vitest';
import { type Commit, type ContactCommit, commitBatch } from '../../workers/consumer/commit-store.ts';
import type { DeadLetter } from '../../workers/consumer/dead-letter-store.ts';
import { openSqlite } from '../simulation/d1-sqlite.ts';

const LEASE = { locationId: 'here', token: 'mine', now: 1000, until: 2000, lateMs: 0 };
const PLACED: ContactCommit = {
  ...{ contactId: 'one', done: true, state: 'placed', reason: 'placed', route: 'cold-lead', wish: 'place', rank: 1 },
  ...{
    phoneHash: 'p',
    attempts: 0,
    error: null,
    searchHash: null,
    readAt: 1000,
    keepsSearchHash: false,
    ofRun: false,
    repaired: null,
    history: '[]',
  },
};
const FAILED = { done: false, state: 'failed', reason: 'exhausted' } as const;
const LETTER: DeadLetter = {
  ...{ id: 'd-2', locationId: 'here', contactId: 'one', reason: 'exhausted', error: '', message: {} },
  ...{ replayable: true, attempts: 8, receivedAt: 0, deadAt: 1000 },
};
const NOTHING: Commit = {
  ...{ contacts: [], dialer: [], siblings: [], asked: [], deadLetters: [], circuits: [], paces: [], counts: [] },
  released: { contactIds: [], phoneHashes: [] },
};

/** A contact under our lease, with a letter that waits. */
function stage(token = 'mine') {
  const sqlite = openSqlite();
  sqlite.rows(
    `INSERT INTO contacts (location_id, contact_id, state, lease_token, lease_until, search_hash, created_at, updated_at)
     VALUES ('here', 'one', 'placed', ?1, 2000, 'seen', 0, 0)`,
    token,
  );
  sqlite.rows(
    `INSERT INTO dead_letters (id, location_id, contact_id, reason, error, message, replayable, attempts, received_at, dead_at)
     VALUES ('d-1', 'here', 'one', 'rejected', '', '{}', 1, 1, 0, 0)`,
  );
  const db = sqlite.bind(async (act) => act());
  return { commit: (changes: Partial<Commit>) => commitBatch(db, LEASE, { ...NOTHING, ...changes }), sqlite };
}

test('a dead letter is closed by the success of its contact', async () => {
  const { commit, sqlite } = stage();
  expect([...(await commit({ contacts: [PLACED] }))]).toEqual(['one']);
  expect(sqlite.rows('SELECT status FROM dead_letters')).toEqual([{ status: 'resolved' }]);
});

test('and not by another failure, whatever state it was in before', async () => {
  const { commit, sqlite } = stage();
  await commit({ contacts: [{ ...PLACED, done: false, attempts: 1, error: 'GET /contacts/one: 503' }] });
  expect(sqlite.rows('SELECT status FROM dead_letters')).toEqual([{ status: 'waiting' }]);
});

test('a contact whose lease was lost is left to its new holder', async () => {
  const { commit, sqlite } = stage('another');
  expect([...(await commit({ contacts: [{ ...PLACED, state: 'kept_out' }] }))]).toEqual([]);
  expect(sqlite.rows('SELECT state, lease_token FROM contacts')).toEqual([{ state: 'placed', lease_token: 'another' }]);
});

test('and nothing is said of its letters: neither that it has succeeded, nor that it has failed', async () => {
  const { commit, sqlite } = stage('another');
  await commit({ contacts: [PLACED] });
  await commit({ contacts: [{ ...PLACED, ...FAILED }], deadLetters: [LETTER] });
  expect(sqlite.rows('SELECT id, status FROM dead_letters')).toEqual([{ id: 'd-1', status: 'waiting' }]);
});

test('what failed under the lease is kept', async () => {
  const { commit, sqlite } = stage();
  await commit({ contacts: [{ ...PLACED, ...FAILED }], deadLetters: [LETTER] });
  expect(sqlite.rows('SELECT id, status FROM dead_letters ORDER BY id')).toEqual([
    { id: 'd-1', status: 'waiting' },
    { id: 'd-2', status: 'waiting' },
  ]);
});

test('a contact that is asked for is looked at by the next backstop, should the question get lost', async () => {
  const { commit, sqlite } = stage();
  await commit({ asked: ['one'] });
  expect(sqlite.rows('SELECT search_hash FROM contacts')).toEqual([{ search_hash: null }]);
});
