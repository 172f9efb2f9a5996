// What a batch leaves to do for the other numbers of a CallTools contact: which rows change, and what is planned anew.

import { describe, expect, test } from 'vitest';
import { openSqlite } from '../../../sandbox/d1-sqlite.ts';
import type { LocationContext } from '../../../workers/consumer/config/context.ts';
import type { Seen } from '../../../workers/consumer/dialer/numbers.ts';
import type { DialerRow } from '../../../workers/consumer/store/claim.ts';
import { dialerCommits, replanner } from '../../../workers/consumer/sync/linked.ts';
import type { Job, Phones, Result } from '../../../workers/consumer/sync/work.ts';
import { decisionOf, dialerRow, jobsOf, RULES, resultOf, taskOf } from '../../support/batch-harness.ts';

const NOW = 500_000;
const LEASE = { locationId: 'here', token: 'mine', now: NOW, until: NOW + 60_000, lateMs: 45_000 };
const OBSERVED = { callToolsId: 1, mayBeInBucket: true, moved: false, doNotContact: false, placing: null };
const WROTE = { ...OBSERVED, wrote: true };
const carriers = new Map([[1, ['p', 'q']]]);

function planned(tasks = [taskOf()], rows = [dialerRow({ carriers })], hash = 'p'): Job {
  const job = jobsOf(tasks, { rows }).get(hash);
  if (!job) throw new Error('no job');
  return job;
}

describe('the row of another number on a CallTools contact that was written', () => {
  const placing = { at: 1, route: 'cold', bucket: 1, tag: null, word: null };
  const q = dialerRow({ phoneHash: 'q', contactId: 'two', leftOut: ['email'], noArea: true, placing });
  const unknown = {
    phoneHash: 'q',
    contactId: 'two',
    callToolsId: 1,
    mayBeInBucket: true,
    doubtUntil: 0,
    placing,
    hold: null,
    leftOut: ['email'],
    noArea: true,
    fingerprint: null,
    untouched: false,
    verifiedAt: null,
  };
  const out = { ...unknown, mayBeInBucket: false, leftOut: null, noArea: false };
  const overtaken = { ...out, contactId: null, placing: null };

  interface Situation {
    row?: Partial<DialerRow>;
    intent?: 'place' | 'out';
    result?: Partial<Result>;
    /** The row is that of the primary contact. */
    leads?: boolean;
    seen?: Record<number, Seen>;
  }
  const rowsAfter = ({ row = {}, intent = 'place', result = {}, leads = false, seen = {} }: Situation) => {
    const other = { ...q, ...row };
    const job = planned([taskOf({ decision: decisionOf(intent) })]);
    const done = resultOf({ ...job, primaryRow: leads ? other : null }, { observed: WROTE, ...result });
    const dialer = new Map([job.row, other].map((one) => [one.phoneHash, one]));
    const seenBy = new Map(Object.entries(seen).map(([id, shown]) => [Number(id), shown]));
    return dialerCommits([done], { dialer, intents: new Map() }, { seen: seenBy }, NOW);
  };
  const after = (situation: Situation) => rowsAfter(situation).find(({ phoneHash }) => phoneHash === 'q') ?? null;

  test.each<[string, Situation, object | null]>([
    ['is shown to nobody where that one is dialed', {}, overtaken],
    ['is out with its person where that one is out', { intent: 'out' }, out],
    ['stays where that one is out, and it was out too', { intent: 'out', row: { mayBeInBucket: false } }, null],
    ['is shown to nobody where that one is dialed, and it was out', { row: { mayBeInBucket: false } }, overtaken],
    ['stays where nothing was written', { result: { observed: OBSERVED } }, null],
    ['stays where another CallTools contact was written', { result: { observed: { ...WROTE, callToolsId: 2 } } }, null],
    ['stays where the one that was written is gone', { result: { observed: { ...WROTE, callToolsId: null } } }, null],
    ['stays where it has none', { row: { callToolsId: null } }, null],
    ['stays where another batch has it', { row: { mine: false } }, null],
    ['stays where an earlier batch died over it', { row: { inDoubt: true } }, null],
    ['stays while a write is in doubt', { row: { doubtUntil: NOW + 1 } }, null],
    ['changes once a doubt has passed', { row: { doubtUntil: NOW } }, { ...overtaken, doubtUntil: NOW }],
    [
      'is not known where its CallTools contact was found to be lost',
      { leads: true, result: { observed: { ...OBSERVED, primaryIsLost: true } } },
      unknown,
    ],
    ['is no other’s that is lost', { result: { observed: { ...OBSERVED, primaryIsLost: true } } }, null],
    [
      'is not known where it lacked nothing',
      { leads: true, row: { leftOut: [], noArea: false }, result: { observed: { ...OBSERVED, primaryIsLost: true } } },
      { ...unknown, leftOut: null, noArea: false },
    ],
    [
      'is forgotten where it was seen without the number',
      { seen: { 1: { hashes: ['p'], whole: true } } },
      { ...overtaken, callToolsId: null },
    ],
    ['is not where only a part was seen', { seen: { 1: { hashes: ['p'], whole: false } } }, overtaken],
  ])('%s', (_, situation, row) => {
    expect(after(situation)).toEqual(row);
  });

  test('that of the number itself is forgotten where that was seen to be gone, once nothing is in doubt', () => {
    const seen = { 1: { hashes: ['q'], whole: true } };
    const own = (result: Partial<Result>) => rowsAfter({ seen, result })[0];
    const gone = { callToolsId: null, fingerprint: null, mayBeInBucket: false, leftOut: null, noArea: false };
    expect(own({})).toMatchObject({ phoneHash: 'p', ...gone });
    expect(own({ doubtUntil: NOW })).toMatchObject(gone);
    expect(own({ doubtUntil: NOW + 1 })).toMatchObject({ callToolsId: 1, mayBeInBucket: true });
  });

  test('is written once, where the batch has worked on it', () => {
    const rows = [dialerRow({ carriers }), { ...q, carriers }];
    const two = taskOf({ contactId: 'two', row: { phoneHash: 'q' }, phoneHash: 'q' });
    const results = [...jobsOf([taskOf(), two], { rows }).values()].map((job) => resultOf(job));
    const dialer = new Map(rows.map((one) => [one.phoneHash, one]));
    const commits = dialerCommits(results, { dialer, intents: new Map() }, { seen: new Map() }, NOW);
    expect(commits.map(({ phoneHash }) => phoneHash)).toEqual(['p', 'q']);
  });
});

describe('a job that is planned anew because its CallTools contact carries another number', () => {
  async function replanned(leaseUntil: number) {
    const sqlite = openSqlite();
    sqlite.rows(
      `INSERT INTO dialer (location_id, phone_hash, contact_id, held, lease_token, lease_until, updated_at)
       VALUES ('here', 'p', 'one', 1, 'mine', ?1, 0), ('here', 'q', 'two', 1, 'theirs', ?2, 0)`,
      LEASE.until,
      leaseUntil,
    );
    sqlite.rows(
      `INSERT INTO contacts (location_id, contact_id, phone_hash, state, wish, created_at, updated_at)
       VALUES ('here', 'two', 'q', 'kept_out', 'out', 0, 0)`,
    );
    const phones: Phones = { dialer: new Map([['p', dialerRow()]]), intents: new Map() };
    const context = { env: { DB: sqlite.bind(async (act) => act()) }, settings: { rules: RULES } };
    const { replan, linked } = replanner([taskOf()], phones, LEASE, context as unknown as LocationContext);
    const numbers = { callToolsId: 1, hashes: ['p', 'q'] };
    const job = await replan('p', numbers);
    expect(linked).toEqual([numbers]);
    return { job, phones };
  }

  test('counts what the other number’s contact wants', async () => {
    const { job, phones } = await replanned(0);
    expect(job?.wanted).toEqual({ kind: 'out', doNotContact: false });
    expect([...phones.dialer.keys()].sort()).toEqual(['p', 'q']);
    expect(phones.intents.get('q')).toMatchObject([{ contactId: 'two', intent: 'out' }]);
  });

  test('is none while another batch has the other number', async () => {
    const { job, phones } = await replanned(NOW + 60_000);
    expect(job).toBeNull();
    expect(phones.dialer.get('q')?.mine).toBe(false);
  });
});
