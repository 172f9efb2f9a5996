// A contact under a lease, and what a batch may commit about it.

import { openSqlite } from '../../../sandbox/d1-sqlite.ts';
import { type Commit, type ContactCommit, commitBatch } from '../../../workers/consumer/store/commit.ts';
import type { DeadLetter } from '../../../workers/consumer/store/dead-letters.ts';

export const LEASE = { locationId: 'here', token: 'mine', now: 1000, until: 2000, lateMs: 0 };
export const PLACED: ContactCommit = {
  contactId: 'one',
  done: true,
  state: 'placed',
  reason: 'placed',
  route: 'cold-lead',
  intent: 'place',
  priority: 1,
  phoneHash: 'p',
  attempts: 0,
  error: null,
  searchHash: null,
  readAt: 1000,
  keepsSearchHash: false,
  ofRun: false,
  repaired: null,
  history: '[]',
  told: null,
  lookAt: null,
  looks: 0,
  hold: null,
};
export const FAILED = { done: false, state: 'failed', reason: 'exhausted' } as const;
export const LETTER: DeadLetter = {
  id: 'd-2',
  locationId: 'here',
  contactId: 'one',
  reason: 'exhausted',
  error: '',
  message: {},
  replayable: true,
  attempts: 8,
  receivedAt: 0,
  deadAt: 1000,
};
export const NOTHING: Commit = {
  contacts: [],
  dialer: [],
  siblings: [],
  asked: [],
  deadLetters: [],
  circuits: [],
  paces: [],
  counts: [],
  released: { contactIds: [], phoneHashes: [] },
};

/** A contact under our lease, with a letter that waits. */
export function stage(token = 'mine') {
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
