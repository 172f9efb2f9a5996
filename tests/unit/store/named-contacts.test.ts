// Whom a run repaired and who failed in it: named in the round trip that counts them, and nothing for anything else.

import type { D1Database } from '@cloudflare/workers-types';
import { describe, expect, test } from 'vitest';
import { openSqlite } from '../../../sandbox/d1-sqlite.ts';
import { type ContactCommit, commitBatch } from '../../../workers/consumer/store/commit.ts';
import { MAX_NAMED } from '../../../workers/consumer/store/run-contacts.ts';
import { FAILED, LEASE, NOTHING, PLACED } from './commit-harness.ts';

const MISSING = { ...PLACED, ofRun: true, repaired: 'missing' } as const;
const LOST = { ...PLACED, ...FAILED, ofRun: true };

/** A run that waits for these contacts, all under our lease. */
function stage(ids: string[], counted: { missing?: number; errors?: number } = {}) {
  const sqlite = openSqlite();
  sqlite.rows(
    `INSERT INTO runs (id, location_id, started_by, state, missing, errors, started_at, heartbeat_at)
     VALUES ('r', 'here', 'cron', 'complete', ?1, ?2, 0, 0)`,
    counted.missing ?? 0,
    counted.errors ?? 0,
  );
  for (const id of ids)
    sqlite.rows(
      `INSERT INTO contacts (location_id, contact_id, queued_run, lease_token, lease_until, created_at, updated_at)
       VALUES ('here', ?1, 'r', 'mine', 2000, 0, 0)`,
      id,
    );
  const statements: string[] = [];
  const real = sqlite.bind(async (act) => act());
  const prepare = (sql: string) => {
    statements.push(sql);
    return real.prepare(sql);
  };
  const db = { prepare, batch: (all: Parameters<D1Database['batch']>[0]) => real.batch(all) } as unknown as D1Database;
  return {
    sqlite,
    statements,
    commit: (...contacts: ContactCommit[]) => commitBatch(db, LEASE, { ...NOTHING, contacts }),
    named: () => sqlite.rows('SELECT * FROM run_contacts ORDER BY contact_id').map((row) => ({ ...row })),
  };
}

test('a contact that was repaired is named with what was, and one that failed as such', async () => {
  const { commit, named } = stage(['one', 'two', 'three', 'four']);
  const drifted = { ...PLACED, ofRun: true, repaired: 'drifted', contactId: 'two' } as const;
  await commit(MISSING, drifted, { ...LOST, contactId: 'three' }, { ...PLACED, ofRun: true, contactId: 'four' });
  expect(named()).toEqual([
    { run_id: 'r', contact_id: 'one', kind: 'missing', at: LEASE.now },
    { run_id: 'r', contact_id: 'three', kind: 'failed', at: LEASE.now },
    { run_id: 'r', contact_id: 'two', kind: 'drifted', at: LEASE.now },
  ]);
});

test('one that a run asks about a second time is named once, by what came last', async () => {
  const { commit, named, sqlite } = stage(['one']);
  await commit(LOST);
  sqlite.rows(`UPDATE contacts SET queued_run = 'r', lease_token = 'mine'`);
  await commit(MISSING);
  expect(named()).toMatchObject([{ contact_id: 'one', kind: 'missing' }]);
});

describe('nothing more is asked of D1', () => {
  test.each<[string, ContactCommit]>([
    ['a webhook has had a contact placed', PLACED],
    ['a webhook’s contact has failed', { ...PLACED, ...FAILED }],
    ['a run found nothing to repair', { ...PLACED, ofRun: true }],
  ])('where %s', async (_, contact) => {
    const { commit, statements, named } = stage(['one']);
    await commit(contact);
    expect(statements.join()).not.toContain('run_contacts');
    expect(named()).toEqual([]);
  });

  test('where the run no longer waits for the contact, or its lease was lost', async () => {
    const { commit, named, sqlite } = stage(['one', 'two']);
    sqlite.rows(`UPDATE contacts SET queued_run = NULL WHERE contact_id = 'one'`);
    sqlite.rows(`UPDATE contacts SET lease_token = 'another' WHERE contact_id = 'two'`);
    await commit(MISSING, { ...MISSING, contactId: 'two' });
    expect(named()).toEqual([]);
  });
});

test('a run names so many at most, and the repaired do not crowd out who failed', async () => {
  const ids = ['a', 'b', 'c', 'd', 'e', 'f'];
  const { commit, named } = stage(ids, { missing: MAX_NAMED - 2, errors: MAX_NAMED - 1 });
  const of = (contactId: string) => ('abc'.includes(contactId) ? { ...MISSING, contactId } : { ...LOST, contactId });
  await commit(...ids.map(of));
  expect(named().map(({ contact_id }) => contact_id)).toEqual(['a', 'b', 'd']);
});
