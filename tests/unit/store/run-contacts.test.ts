// Which contacts a run asks about, on real SQL.

import { describe, expect, test } from 'vitest';
import { openSqlite } from '../../../sandbox/d1-sqlite.ts';
import {
  contactsToVerify,
  giveUpQueued,
  markDiffering,
  markUnseen,
} from '../../../workers/consumer/store/run-contacts.ts';
import { findRun, insertRun } from '../../../workers/consumer/store/runs.ts';

const NOW = 1_000_000;
const STARTED = 900_000;

type Columns = Record<string, string | number | null>;

async function stage() {
  const sqlite = openSqlite();
  const db = sqlite.bind(async (act) => act());
  const runOf = async (id: string, locationId = 'here') => {
    await insertRun(db, { id, locationId, startedBy: 'cron', startedAt: STARTED });
    const run = await findRun(db, id);
    if (!run) throw new Error('there is no run');
    return run;
  };
  const run = await runOf('r');
  const insert = (table: string, columns: Columns) => {
    const all = { ...columns, updated_at: 0 };
    const names = Object.keys(all);
    const marks = names.map((_, index) => `?${index + 1}`);
    sqlite.rows(`INSERT INTO ${table} (${names.join()}) VALUES (${marks.join()})`, ...Object.values(all));
  };
  return {
    sqlite,
    db,
    run,
    runOf,
    contact: (id: string, columns: Columns = {}) =>
      insert('contacts', { location_id: 'here', contact_id: id, created_at: 0, ...columns }),
    phone: (hash: string, columns: Columns) => insert('dialer', { location_id: 'here', phone_hash: hash, ...columns }),
    queued: () =>
      sqlite
        .rows('SELECT contact_id FROM contacts WHERE queued_run IS NOT NULL ORDER BY contact_id')
        .map((row) => String(row.contact_id)),
  };
}

describe('rows of the list', () => {
  const listed = (id: string, concerns = false) => ({ id, hash: 'as listed', concerns });

  test('are asked about where they differ from what was settled, or nothing is', async () => {
    const { db, run, contact, queued } = await stage();
    contact('same', { search_hash: 'as listed' });
    contact('other', { search_hash: 'as it was' });
    contact('unsettled', { search_hash: null });
    const rows = ['same', 'other', 'unsettled'].map((id) => listed(id));
    expect([...(await markDiffering(db, run, rows, NOW))].toSorted()).toEqual(['other', 'unsettled']);
    expect(queued()).toEqual(['other', 'unsettled']);
  });

  test('of contacts that nobody knows are asked about, and known from here on, only where they concern us', async () => {
    const { sqlite, db, run } = await stage();
    const differing = await markDiffering(db, run, [listed('lead', true), listed('stranger')], NOW);
    expect([...differing]).toEqual(['lead']);
    expect(sqlite.rows('SELECT contact_id, state FROM contacts').map((row) => ({ ...row }))).toEqual([
      { contact_id: 'lead', state: 'pending' },
    ]);
  });

  test('of another location with the same id say nothing of ours', async () => {
    const { db, run, contact } = await stage();
    contact('one', { location_id: 'there', search_hash: 'as it was' });
    expect((await markDiffering(db, run, [listed('one')], NOW)).size).toBe(0);
  });
});

describe('contacts that no page has shown', () => {
  test('are asked about; those known as deleted, or created during the run, are not', async () => {
    const { db, run, contact, queued } = await stage();
    contact('unseen', { state: 'placed', reason: 'placed' });
    contact('of an earlier run', { seen_run: 'before' });
    contact('seen', { seen_run: 'r' });
    contact('deleted', { state: 'kept_out', reason: 'deleted' });
    contact('new', { created_at: STARTED });
    contact('elsewhere', { location_id: 'there' });
    expect(await markUnseen(db, run, '', 10)).toEqual(['of an earlier run', 'unseen']);
    expect(queued()).toEqual(['of an earlier run', 'unseen']);
  });

  test('come in portions, each once', async () => {
    const { db, run, contact } = await stage();
    for (const id of ['c', 'a', 'e', 'b', 'd']) contact(id);
    expect(await markUnseen(db, run, '', 2)).toEqual(['a', 'b']);
    expect(await markUnseen(db, run, 'b', 2)).toEqual(['c', 'd']);
    expect(await markUnseen(db, run, 'd', 2)).toEqual(['e']);
  });
});

describe('whose turn it is to be verified', () => {
  const DUE = { share: 0, overdue: 500_000, fresh: 800_000, lastNight: 800_000 };
  const verified = async (one: Awaited<ReturnType<typeof stage>>, changes: Partial<typeof DUE> = {}) =>
    (await contactsToVerify(one.db, one.run, { ...DUE, ...changes })).toSorted();

  test('a contact that wants to be dialed, by its last reading, though CallTools has nobody', async () => {
    const one = await stage();
    one.contact('long ago', { wish: 'place', read_at: 400_000 });
    one.contact('never', { wish: 'place' });
    one.contact('lately', { wish: 'place', read_at: 600_000 });
    one.contact('keeps out', { wish: 'out', read_at: 400_000 });
    expect(await verified(one)).toEqual(['long ago', 'never']);
  });

  test('and whomever CallTools has a contact of, dialed or kept out, by its last confirmation', async () => {
    const one = await stage();
    one.phone('p', { contact_id: 'dialed', calltools_id: 1, held: 1, verified_at: 400_000 });
    one.phone('q', { contact_id: 'kept out', calltools_id: 2, held: 0 });
    one.phone('r', { contact_id: 'not there', calltools_id: null, held: 0 });
    one.phone('s', { contact_id: 'lately', calltools_id: 4, held: 1, verified_at: 600_000 });
    expect(await verified(one)).toEqual(['dialed', 'kept out']);
  });

  test('of two confirmations the older counts', async () => {
    const one = await stage();
    one.contact('one', { wish: 'place', read_at: 600_000 });
    one.phone('p', { contact_id: 'one', calltools_id: 1, verified_at: 400_000 });
    expect(await verified(one)).toEqual(['one']);
  });

  test('a share of them all, those of longest ago, but nobody who was confirmed just now', async () => {
    const one = await stage();
    for (let n = 0; n < 9; n++) one.contact(`c${n}`, { wish: 'place', read_at: 600_000 + n });
    expect(await verified(one, { share: 1 / 3 })).toEqual(['c0', 'c1', 'c2']);
    expect(await verified(one, { share: 1 / 3, fresh: 600_002 })).toEqual(['c0', 'c1']);
  });

  test.each<[string, Columns, number]>([
    ['a run of this night has verified one', { verified: 3, finished_at: 900_000 }, 0],
    ['a run of this night had nobody to verify', { verified: 0, finished_at: 900_000 }, 3],
    ['it was another night', { verified: 3, finished_at: 700_000 }, 3],
    ['it was a run of another location', { verified: 3, finished_at: 900_000, location_id: 'there' }, 3],
  ])(
    'no share where %s already',
    async (_, { verified: count = 0, finished_at = 0, location_id = 'here' }, expected) => {
      const one = await stage();
      one.sqlite.rows(
        `INSERT INTO runs (id, location_id, started_by, state, started_at, heartbeat_at, verified, finished_at)
       VALUES ('earlier', ?1, 'cron', 'complete', 0, 0, ?2, ?3)`,
        location_id,
        count,
        finished_at,
      );
      for (let n = 0; n < 9; n++) one.contact(`c${n}`, { wish: 'place', read_at: 600_000 + n });
      expect(await verified(one, { share: 1 / 3 })).toHaveLength(expected);
    },
  );
});

test('a run waits no more for a contact that its queue gave up, and counts it once; other runs still wait', async () => {
  const { sqlite, db, contact, queued } = await stage();
  sqlite.rows(
    `INSERT INTO runs (id, location_id, started_by, state, started_at, heartbeat_at) VALUES ('later', 'here', 'cron', 'complete', 1, 1)`,
  );
  contact('one', { queued_run: 'r' });
  contact('two', { queued_run: 'later' });
  const given = ['one', 'one', 'two'].map((contactId) => ({ locationId: 'here', contactId, runId: 'r' }));
  await db.batch(giveUpQueued(db, given, NOW));
  expect(queued()).toEqual(['two']);
  expect(sqlite.rows('SELECT id, settled, errors FROM runs ORDER BY id').map((row) => ({ ...row }))).toEqual([
    { id: 'later', settled: 0, errors: 0 },
    { id: 'r', settled: 1, errors: 1 },
  ]);
  expect(sqlite.rows('SELECT * FROM run_contacts')).toEqual([
    { run_id: 'r', contact_id: 'one', kind: 'failed', at: NOW },
  ]);
});
