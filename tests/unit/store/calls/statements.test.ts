// What results of calls ask of D1 costs by their own rows, however many numbers, calls and writes the location has.

import type { D1Database } from '@cloudflare/workers-types';
import { beforeAll, expect, test } from 'vitest';
import { openSqlite } from '../../../../sandbox/d1-sqlite.ts';
import { readCallFacts, readCallHealth } from '../../../../workers/consumer/store/calls/counts.ts';
import { readHinted } from '../../../../workers/consumer/store/calls/hinted.ts';
import { contactsToWithdraw, endHolds, holdNumbers } from '../../../../workers/consumer/store/calls/holds.ts';
import { keepOvertaken, keepPastLinks } from '../../../../workers/consumer/store/calls/past-links.ts';
import {
  endPoll,
  readPollState,
  saveDispositions,
  saveWalk,
  takePoll,
} from '../../../../workers/consumer/store/calls/polls.ts';
import { askCalls, keepResults, knownRows } from '../../../../workers/consumer/store/calls/results.ts';
import {
  claimWrites,
  dueWrites,
  endWrites,
  keepWrites,
  markSent,
  noteTags,
  noteWriteFailure,
  readWriteState,
  takeBack,
} from '../../../../workers/consumer/store/calls/writes.ts';

const NOW = 1_795_000_000_000;
const LEASE = { locationId: 'here', token: 't', now: NOW, until: NOW + 60_000 };
const RESULT = {
  rowId: 1,
  callToolsId: 7,
  disposition: 'No',
  calledAt: NOW,
  hold: true,
  steps: ['tags'],
} as const;
const KEY = { rowId: 1, step: 'tags' } as const;

const sqlite = openSqlite();
const statements = new Set<string>();

beforeAll(async () => {
  const real = sqlite.bind(async (act) => act());
  const prepare = (sql: string) => {
    statements.add(sql);
    return real.prepare(sql);
  };
  const db = { prepare, batch: (all: Parameters<D1Database['batch']>[0]) => real.batch(all) } as unknown as D1Database;
  await takePoll(db, LEASE, NOW, NOW);
  await knownRows(db, 'here', [1]);
  await db.batch([
    ...keepResults(db, 'here', [RESULT], NOW),
    keepWrites(db, 'here', [RESULT], NOW),
    saveWalk(db, LEASE, '{}', null),
    keepPastLinks(db, 'here', NOW, [{ callToolsId: 7, phoneHash: 'h1', contactId: 'c1', shownUntil: null }]),
    keepOvertaken(db, { ...LEASE, lateMs: 0 }, "(SELECT value ->> 'old' FROM json_each(?3))", "'c2'", '[]'),
  ]);
  await endPoll(db, LEASE, {
    complete: { cursor: { id: 1, at: NOW }, startId: 0, startAt: null, at: NOW },
    failure: null,
    dueAt: NOW,
  });
  await saveDispositions(db, 'here', [], NOW);
  await readPollState(db, 'here');
  await holdNumbers(db, 'here', NOW, NOW);
  await contactsToWithdraw(db, 'here', NOW);
  await endHolds(db, 'here', [1], ['c1']);
  await dueWrites(db, 'here', NOW, { limit: 100, probes: 3 });
  await markSent(db, 'here', [KEY], NOW);
  await takeBack(db, 'here', [KEY], NOW);
  await db.batch([
    ...claimWrites(db, LEASE, [KEY]),
    noteTags(db, 'here', ['c1'], NOW),
    endWrites(db, LEASE, [{ ...KEY, state: 'done' }], NOW),
    noteWriteFailure(db, 'here', 'no'),
    askCalls(db, 'here', 'c1'),
  ]);
  await readWriteState(db, 'here');
  await readHinted(db, 'here', [{ callToolsId: 7, receivedAt: NOW }]);
  await readCallFacts(db, ['here'], NOW);
  await readCallHealth(db, ['here']);
});

test('no statement reads all numbers, calls or writes of a location', () => {
  const growing = '(contacts|dialer|calltools_numbers|call_results|call_writes|past_links|counters|[a-z])';
  // What is pending or waiting is the work at hand, and JSON is what the statement is given.
  const whole = new RegExp(
    `^SCAN ${growing} (?!VIRTUAL)USING|^SCAN (contacts|dialer|call_results|call_writes)$` +
      `|^SEARCH ${growing} .*(?<!call_results_pending |call_writes_waiting )\\(location_id=\\?( AND \\w+[<>]\\?)?\\)$`,
  );
  // Stops after 5,000; the counters of 15 days.
  const bounded = new Set([
    'SCAN call_writes USING INDEX call_writes_by_age',
    'SEARCH counters USING PRIMARY KEY (location_id=? AND hour>?)',
  ]);
  const costly = [...statements].flatMap((sql) => {
    const plan = sqlite.rows(`EXPLAIN QUERY PLAN ${sql}`).map(({ detail }) => String(detail));
    return plan.some((step) => whole.test(step) && !bounded.has(step)) ? [{ sql, plan }] : [];
  });
  expect(statements.size).toBeGreaterThan(30);
  expect(costly).toEqual([]);
});
