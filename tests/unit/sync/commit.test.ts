// What a batch leaves in D1, taken from its results: which leases end, which contacts get a row, a letter, or are counted.

import { describe, expect, test } from 'vitest';
import { openSqlite } from '../../../sandbox/d1-sqlite.ts';
import type { LocationContext } from '../../../workers/consumer/config/context.ts';
import type { Claimed } from '../../../workers/consumer/store/claim.ts';
import { commit, type Finished, giveBack } from '../../../workers/consumer/sync/commit.ts';
import type { Ended, Result, Task } from '../../../workers/consumer/sync/work.ts';
import {
  contactRow,
  decisionOf,
  dialerRow,
  FAILURES,
  failedOf,
  jobsOf,
  resultOf,
  taskOf,
} from '../../support/batch-harness.ts';
import { NOW, settled } from './settle-harness.ts';

const LEASE = { locationId: 'here', token: 'mine', now: NOW - 1000, until: NOW + 60_000, lateMs: 0 };

/** "one" with the number `p`, and `more` contacts and numbers; `theirs` are under another batch's lease. */
function stage({ contacts = ['one'], numbers = ['p'], theirs = [] as string[], limit = null as number | null } = {}) {
  const sqlite = openSqlite();
  const token = (id: string) => (theirs.includes(id) ? 'another' : 'mine');
  for (const id of contacts)
    sqlite.rows(
      `INSERT INTO contacts (location_id, contact_id, state, told, lease_token, lease_until, created_at, updated_at) VALUES ('here', ?1, 'pending', '{}', ?2, ?3, 0, 0)`,
      ...[id, token(id), LEASE.until],
    );
  for (const hash of numbers)
    sqlite.rows(
      `INSERT INTO dialer (location_id, phone_hash, lease_token, lease_until, updated_at) VALUES ('here', ?1, ?2, ?3, 0)`,
      ...[hash, token(hash), LEASE.until],
    );
  const rows = numbers.map((phoneHash) => dialerRow({ phoneHash, mine: token(phoneHash) === 'mine' }));
  const claimed = {
    contacts: new Map(contacts.map((id) => [id, contactRow({ contactId: id, mine: token(id) === 'mine' })])),
    dialer: new Map(rows.map((row) => [row.phoneHash, row])),
    intents: new Map(),
  } as unknown as Claimed;
  const context = {
    env: { DB: sqlite.bind(async (act) => act()) },
    world: { now: () => NOW },
    settings: { GHL_LOCATION_ID: 'here', calls: null, MAX_NEW_PLACEMENTS: limit },
  } as unknown as LocationContext;
  const finished = (changes: Partial<Finished>): Finished => ({
    ...{ lease: LEASE, claimed, phones: claimed, idle: [], settled: [], results: [], asks: [], questions: [] },
    ...{ numbers: [], fieldReports: [], seen: { seen: new Map() }, circuits: [], paces: [] },
    ...changes,
  });
  const rowsOf = (sql: string) => sqlite.rows(sql).map((row) => ({ ...row }));
  return {
    sqlite,
    commit: (changes: Partial<Finished> = {}) => commit(finished(changes), context),
    giveBack: (over: Ended[]) => giveBack(LEASE, claimed, over, context),
    leased: () =>
      [
        ...rowsOf(`SELECT contact_id AS id FROM contacts WHERE lease_token IS NOT NULL`),
        ...rowsOf(`SELECT phone_hash AS id FROM dialer WHERE lease_token IS NOT NULL`),
      ].map(({ id }) => id),
    states: () => rowsOf('SELECT contact_id AS id, state FROM contacts ORDER BY contact_id'),
    told: () => rowsOf('SELECT told FROM contacts ORDER BY contact_id').map(({ told }) => told),
    letters: () => rowsOf('SELECT contact_id AS id, reason, attempts, received_at AS at FROM dead_letters'),
    counts: () => JSON.parse(String(rowsOf('SELECT counts FROM hours')[0]?.counts ?? '{}')) as Record<string, number>,
    held: () => rowsOf(`SELECT phone_hash AS id FROM new_placements WHERE state = 'held'`).map(({ id }) => id),
  };
}

/** One contact whose number `p` ended so. */
function ended(task: Task, end: (job: ReturnType<typeof jobOf>) => Result = (job) => resultOf(job)) {
  const results = [end(jobOf(task))];
  return { results, settled: [settled(task, results)] };
}
function jobOf(task: Task) {
  const job = jobsOf([task]).get('p');
  if (!job) throw new Error('no job');
  return job;
}
const skipped = (told?: object): Ended => ({
  ...{ work: taskOf().work, outcome: { kind: 'skipped' } },
  ...(told && { told }),
});

describe('the leases', () => {
  test('of all that the batch held end, of what it wrote and of what it did not', async () => {
    const { commit, leased, states } = stage({ contacts: ['one', 'two'], numbers: ['p', 'q'] });
    expect(await commit(ended(taskOf()))).toEqual(new Set(['one', 'two']));
    expect(leased()).toEqual([]);
    expect(states()).toEqual([
      { id: 'one', state: 'placed' },
      { id: 'two', state: 'pending' },
    ]);
  });

  test('of another batch stay', async () => {
    const { commit, leased } = stage({ contacts: ['one', 'two'], numbers: ['p', 'q'], theirs: ['two', 'q'] });
    expect(await commit(ended(taskOf()))).toEqual(new Set(['one']));
    expect(leased()).toEqual(['two', 'q']);
  });

  test('are given back by a batch that does not start', async () => {
    const { giveBack, leased, counts, told } = stage({ contacts: ['one', 'two'], numbers: ['p', 'q'], theirs: ['q'] });
    await giveBack([skipped({ heard: 7 })]);
    expect(leased()).toEqual(['q']);
    expect(told()).toEqual(['{"heard":7}', '{}']);
    expect(counts()).toEqual({ 'outcome skipped': 1, 'hint webhook': 1 });
  });
});

describe('a contact', () => {
  const stays = [{ id: 'one', state: 'pending' }];

  test.each<[string, Task, ((job: ReturnType<typeof jobOf>) => Result) | undefined, object[], number]>([
    ['that is done has its new state', taskOf(), undefined, [{ id: 'one', state: 'placed' }], 0],
    [
      'that is out has its new state',
      taskOf({ decision: decisionOf('out') }),
      undefined,
      [{ id: 'one', state: 'kept_out' }],
      0,
    ],
    ['that another batch is working on stays', taskOf({ decision: null, failure: FAILURES.busy }), undefined, stays, 0],
    [
      'that could not be read for a moment uses up an attempt',
      taskOf({ decision: null, failure: FAILURES.transient }),
      undefined,
      stays,
      1,
    ],
    [
      'that waits for a vendor uses up none',
      taskOf({ decision: null, failure: FAILURES.throttled }),
      undefined,
      stays,
      0,
    ],
  ])('%s', async (_, task, end, states, attempts) => {
    const all = stage();
    const one =
      task.decision === null
        ? { results: [], settled: [settled({ ...task, row: contactRow({ state: 'pending' }) }, [])] }
        : ended(task, end);
    await all.commit(one);
    expect(all.states()).toEqual(states);
    expect(all.sqlite.rows('SELECT attempts FROM contacts')[0]?.attempts).toBe(attempts);
    expect(all.letters()).toEqual([]);
  });

  test('that failed for good has a letter, with its tries and when it was first asked for', async () => {
    const all = stage();
    await all.commit(
      ended(taskOf({ row: { attempts: 2 }, hint: { receivedAt: 123 } }), (job) => failedOf(job, FAILURES.contact)),
    );
    expect(all.letters()).toEqual([{ id: 'one', reason: 'rejected', attempts: 3, at: 123 }]);
    expect(all.states()).toEqual([{ id: 'one', state: 'failed' }]);
  });
});

describe('what is counted', () => {
  test('is nothing of a contact whose lease was lost meanwhile, done or skipped', async () => {
    for (const end of ['commit', 'giveBack'] as const) {
      const all = stage();
      all.sqlite.rows(`UPDATE contacts SET lease_token = 'another'`);
      if (end === 'commit') expect(await all.commit(ended(taskOf()))).toEqual(new Set());
      else await all.giveBack([skipped()]);
      expect(all.counts()).toEqual({});
    }
  });

  test('is each contact of the batch, skipped or done', async () => {
    const all = stage({ contacts: ['one', 'two'] });
    const two: Ended = { ...skipped(), work: taskOf({ contactId: 'two', hint: { source: 'backstop' } }).work };
    await all.commit({ ...ended(taskOf({ hint: { receivedAt: NOW - 900 } })), idle: [two] });
    expect(all.counts()).toEqual({
      ...{ 'outcome placed': 1, 'outcome skipped': 1, 'hint webhook': 1, 'hint backstop': 1, 'latency 1000': 1 },
    });
  });

  test.each<[string, boolean, Parameters<typeof taskOf>[0], Parameters<typeof decisionOf>]>([
    ['a run finds that no route places it', true, {}, ['none']],
    ['a run finds that a route keeps it out', true, {}, ['out']],
    ['a webhook says so', false, { hint: {} }, ['none']],
    ['it was out before', false, { row: { state: 'kept_out' } }, ['none']],
    ['no route had placed it', false, { row: { route: null } }, ['none']],
    ['it asked not to be called', false, {}, ['dnc']],
    ['it is deleted', false, {}, ['none', { reason: 'deleted' }]],
  ])('as taken out by the rules, where %s: %j', async (_, counted, about, decision) => {
    const all = stage();
    all.sqlite.rows(
      `INSERT INTO rule_changes (location_id, route, run_id, bucket, placed) VALUES ('here', 'cold', 'r1', 'Cold Leads', 5)`,
    );
    const run = { hint: { source: 'backstop', runId: 'r1' } } as const;
    await all.commit(ended(taskOf({ ...run, ...about, decision: decisionOf(...decision) })));
    expect(all.sqlite.rows('SELECT withdrawn FROM rule_changes')[0]?.withdrawn).toBe(counted ? 1 : 0);
  });
});

describe('a number that the brake held', () => {
  const HELD = { row: { reason: 'held_by_brake' } } as const;
  test.each<[string, boolean, number | null, ReturnType<typeof ended>]>([
    ['is over once it is placed', true, 5, ended(taskOf())],
    ['is over once nobody wants it', true, 5, ended(taskOf({ decision: decisionOf('out') }))],
    ['stays held while it is', false, 5, ended(taskOf(), (job) => resultOf({ ...job, braked: true }))],
    ['stays where the write failed', false, 5, ended(taskOf(), (job) => failedOf(job, FAILURES.transient))],
    ['stays where another contact is asked for', false, 5, ended(taskOf(), (job) => resultOf(job, { kind: 'asked' }))],
    ['is over without a brake, where the contact was held by it', true, null, ended(taskOf(HELD))],
    ['is not looked for without a brake, where the contact was not', false, null, ended(taskOf())],
  ])('%s', async (_, over, limit, finished) => {
    const all = stage({ limit });
    all.sqlite.rows(
      `INSERT INTO new_placements (location_id, phone_hash, contact_id, state, at) VALUES ('here', 'p', 'one', 'held', 1)`,
    );
    await all.commit(finished);
    expect(all.held()).toEqual(over ? [] : ['p']);
  });
});

test('what webhooks said of skipped contacts is remembered, and nothing of the others', async () => {
  const all = stage({ contacts: ['one', 'two'] });
  await all.commit({ idle: [skipped({ heard: 7 }), { ...skipped(), work: taskOf({ contactId: 'two' }).work }] });
  expect(all.told()).toEqual(['{"heard":7}', '{}']);
});
