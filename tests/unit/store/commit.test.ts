// What a batch's commit writes, and what it leaves to others, on real SQL.

import { describe, expect, test } from 'vitest';
import type { ContactCommit, DialerCommit, SiblingCommit } from '../../../workers/consumer/store/commit.ts';
import { FAILED, LEASE, LETTER, PLACED, stage } from './commit-harness.ts';

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

describe('a number’s row', () => {
  const WRITTEN: DialerCommit = {
    phoneHash: 'p',
    contactId: 'one',
    callToolsId: 7,
    fingerprint: 'new',
    untouched: false,
    mayBeInBucket: true,
    doubtUntil: 0,
    placing: null,
    hold: null,
    leftOut: null,
    noArea: false,
    verifiedAt: 900,
  };
  /** Under `token`’s lease, with a claim that is not committed. */
  function phoneStage(fingerprint: string | null, token = 'mine') {
    const one = stage();
    one.sqlite.rows(
      `INSERT INTO dialer (location_id, phone_hash, fingerprint, held, unsettled, lease_token, lease_until, verified_at, updated_at)
       VALUES ('here', 'p', ?1, 0, 2, ?2, 2000, 500, 0)`,
      fingerprint,
      token,
    );
    const row = (columns: string) => ({ ...one.sqlite.rows(`SELECT ${columns} FROM dialer`)[0] });
    return { ...one, row };
  }

  test('says what was written, that no claim is left, and is free again', async () => {
    const { commit, row } = phoneStage('old');
    await commit({ dialer: [WRITTEN] });
    expect(
      row('contact_id, calltools_id, fingerprint, held, unsettled, lease_token, lease_until, verified_at'),
    ).toEqual({
      contact_id: 'one',
      calltools_id: 7,
      fingerprint: 'new',
      held: 1,
      unsettled: 0,
      lease_token: null,
      lease_until: 0,
      verified_at: 900,
    });
  });

  test('that was cleared during the batch, because a bucket has a new id, stays cleared where nothing was written', async () => {
    const { commit, row } = phoneStage('');
    await commit({ dialer: [{ ...WRITTEN, untouched: true }] });
    expect(row('fingerprint')).toEqual({ fingerprint: '' });
  });

  test('and is known again once it was written', async () => {
    const { commit, row } = phoneStage('');
    await commit({ dialer: [WRITTEN] });
    expect(row('fingerprint')).toEqual({ fingerprint: 'new' });
  });

  test.each(['old', null])('that was not forgotten (%j) is known where nothing was written', async (fingerprint) => {
    const { commit, row } = phoneStage(fingerprint);
    await commit({ dialer: [{ ...WRITTEN, untouched: true }] });
    expect(row('fingerprint')).toEqual({ fingerprint: 'new' });
  });

  test('keeps when CallTools last confirmed it', async () => {
    const { commit, row } = phoneStage('old');
    await commit({ dialer: [{ ...WRITTEN, verifiedAt: null }] });
    expect(row('verified_at')).toEqual({ verified_at: 500 });
  });

  test('whose lease was lost is left to its new holder, and so is one that is given back', async () => {
    const { commit, row } = phoneStage('old', 'theirs');
    await commit({ dialer: [WRITTEN], released: { contactIds: [], phoneHashes: ['p'] } });
    expect(row('fingerprint, unsettled, lease_token')).toEqual({
      fingerprint: 'old',
      unsettled: 2,
      lease_token: 'theirs',
    });
  });

  test('that is given back is as it was before the claim: a doubt of earlier stays', async () => {
    const { commit, row } = phoneStage('old');
    await commit({ released: { contactIds: [], phoneHashes: ['p'] } });
    expect(row('fingerprint, unsettled, lease_token, lease_until')).toEqual({
      fingerprint: 'old',
      unsettled: 1,
      lease_token: null,
      lease_until: 0,
    });
  });
});

describe('a contact’s row', () => {
  const row = ({ sqlite }: ReturnType<typeof stage>, columns: string) => ({
    ...sqlite.rows(`SELECT ${columns} FROM contacts WHERE contact_id = 'one'`)[0],
  });

  test('that is given back is as it was, and its message counts as handled here', async () => {
    const one = stage();
    const kept = await one.commit({ released: { contactIds: ['one'], phoneHashes: [] } });
    expect(kept.has('one')).toBe(true);
    expect(row(one, 'state, search_hash, lease_token, lease_until')).toEqual({
      state: 'placed',
      search_hash: 'seen',
      lease_token: null,
      lease_until: 0,
    });
  });

  test('is free again', async () => {
    const one = stage();
    await one.commit({ contacts: [PLACED] });
    expect(row(one, 'phone_hash, lease_token, lease_until')).toEqual({
      phone_hash: 'p',
      lease_token: null,
      lease_until: 0,
    });
  });

  test('has the hash that was read, or none: then the next run looks again', async () => {
    for (const searchHash of ['read', null]) {
      const one = stage();
      await one.commit({ contacts: [{ ...PLACED, searchHash }] });
      expect(row(one, 'search_hash')).toEqual({ search_hash: searchHash });
    }
  });

  test('keeps the hash of a row that a run found unchanged, unless somebody has asked for another look', async () => {
    const unchanged = { ...PLACED, searchHash: 'seen', keepsSearchHash: true };
    const one = stage();
    await one.commit({ contacts: [unchanged] });
    expect(row(one, 'search_hash')).toEqual({ search_hash: 'seen' });
    const asked = stage();
    asked.sqlite.rows('UPDATE contacts SET search_hash = NULL');
    await asked.commit({ contacts: [unchanged] });
    expect(row(asked, 'search_hash')).toEqual({ search_hash: null });
  });

  test('keeps when it was last read, where it could not be read now', async () => {
    const one = stage();
    one.sqlite.rows('UPDATE contacts SET read_at = 700');
    await one.commit({ contacts: [{ ...PLACED, readAt: null }] });
    expect(row(one, 'read_at')).toEqual({ read_at: 700 });
  });

  test('says since when it is there for this reason', async () => {
    const one = stage();
    one.sqlite.rows(`UPDATE contacts SET reason = 'placed', reason_since = 300`);
    await one.commit({ contacts: [PLACED] });
    expect(row(one, 'reason_since')).toEqual({ reason_since: 300 });
    const changed = stage();
    changed.sqlite.rows(`UPDATE contacts SET reason = 'no_route', reason_since = 300`);
    await changed.commit({ contacts: [PLACED] });
    expect(row(changed, 'reason_since')).toEqual({ reason_since: LEASE.now });
  });
});

describe('another contact with the number', () => {
  const SIBLING: SiblingCommit = { contactId: 'one', state: 'kept_out', reason: 'shared_phone' };
  const toldOf = async (state: string, lease: string | null = null) => {
    const one = stage();
    one.sqlite.rows('UPDATE contacts SET state = ?1, lease_token = ?2', state, lease);
    await one.commit({ siblings: [SIBLING] });
    return one.sqlite.rows('SELECT state, reason FROM contacts').map((row) => ({ ...row }));
  };

  test('goes along, whatever batch works on it', async () => {
    expect(await toldOf('placed', 'theirs')).toEqual([{ state: 'kept_out', reason: 'shared_phone' }]);
  });

  test('says since when, and only a new reason begins anew', async () => {
    const { commit, sqlite } = stage();
    const since = () => sqlite.rows('SELECT reason_since FROM contacts')[0]?.reason_since;
    await commit({ siblings: [SIBLING] });
    expect(since()).toBe(LEASE.now);
    sqlite.rows('UPDATE contacts SET reason_since = 7');
    await commit({ siblings: [SIBLING] });
    expect(since()).toBe(7);
  });

  test.each(['failed', 'pending'])('that is %s stays so: it has a letter, or has never ended', async (state) => {
    expect(await toldOf(state)).toEqual([{ state, reason: 'received' }]);
  });
});

describe('a run that waits for contacts', () => {
  const RUN = `INSERT INTO runs (id, location_id, started_by, state, started_at, heartbeat_at) VALUES ('r', 'here', 'cron', 'running', 1, 1)`;
  const OF_RUN = { ...PLACED, ofRun: true } as const;
  async function counted(contact: ContactCommit, token = 'mine') {
    const one = stage(token);
    one.sqlite.rows(RUN);
    one.sqlite.rows(`UPDATE contacts SET queued_run = 'r'`);
    await one.commit({ contacts: [contact] });
    await one.commit({ contacts: [contact] });
    return {
      ...one.sqlite.rows('SELECT settled, errors, withdrawn, gone FROM runs')[0],
      waits: one.sqlite.rows('SELECT queued_run FROM contacts')[0]?.queued_run,
    };
  }

  test('counts each once, with what it has repaired', async () => {
    expect(await counted({ ...OF_RUN, repaired: 'withdrawn' })).toEqual({
      settled: 1,
      errors: 0,
      withdrawn: 1,
      gone: 0,
      waits: null,
    });
  });

  test('counts one that failed as an error too', async () => {
    expect(await counted({ ...OF_RUN, ...FAILED })).toMatchObject({ settled: 1, errors: 1, waits: null });
  });

  test('counts none of a batch that was asked by webhooks alone, though another of it was asked by the run', async () => {
    const one = stage();
    one.sqlite.rows(RUN);
    one.sqlite.rows(
      `INSERT INTO contacts (location_id, contact_id, lease_token, created_at, updated_at) VALUES ('here', 'two', 'mine', 0, 0)`,
    );
    one.sqlite.rows(`UPDATE contacts SET queued_run = 'r'`);
    await one.commit({ contacts: [OF_RUN, { ...PLACED, contactId: 'two' }] });
    expect(one.sqlite.rows('SELECT settled FROM runs').map((run) => ({ ...run }))).toEqual([{ settled: 1 }]);
  });

  test('still waits after a webhook about it, and where the lease was lost', async () => {
    expect(await counted(PLACED)).toMatchObject({ settled: 0, waits: 'r' });
    expect(await counted(OF_RUN, 'theirs')).toMatchObject({ settled: 0, waits: 'r' });
  });
});
