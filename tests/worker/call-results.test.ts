// The statements of what calls said, against real D1: from a row of the record to a held number, and to what an operator is shown.

import { expect, test } from 'vitest';
import { contactsToWithdraw, endHolds, holdNumbers } from '../../workers/consumer/store/calls/holds.ts';
import { endPoll, saveDispositions, saveWalk, takePoll } from '../../workers/consumer/store/calls/polls.ts';
import { keepResults, knownRows } from '../../workers/consumer/store/calls/results.ts';
import {
  claimWrites,
  dueWrites,
  endWrites,
  keepWrites,
  markSent,
  storedWrites,
} from '../../workers/consumer/store/calls/writes.ts';
import { callSlots } from '../../workers/consumer/store/rate-limits.ts';
import { removeExpired } from '../../workers/consumer/store/retention.ts';
import {
  ask,
  dataOf,
  HOUR,
  iso,
  LOCATION,
  locationsOf,
  NOW,
  operatorDeps,
  seedContact,
  stageOfFile,
} from '../support/operator-harness.ts';

const stage = stageOfFile();
const LEASE = { locationId: LOCATION, token: 'poll' };
const SOME = { limit: 10, probes: 1 };
const NO = { disposition: 'Not Interested', calledAt: NOW - HOUR, hold: true, steps: ['tags', 'note'] as const };

test('a poll is one at a time, and leaves its progress', async () => {
  const { db } = stage;
  expect(await takePoll(db, LEASE, NOW, NOW + 1000)).toMatchObject({
    isPending: false,
    poll: { cursor: null, walk: null },
  });
  expect((await takePoll(db, { ...LEASE, token: 'other' }, NOW, NOW + 1000)).poll).toBeNull();
  await saveDispositions(db, LOCATION, [{ id: '1', name: 'x', doNotContact: true }], NOW);
  const [saved] = await db.batch([saveWalk(db, LEASE, '{"page":2}', null)]);
  expect(saved?.results).toHaveLength(1);
  const [lost] = await db.batch([saveWalk(db, { ...LEASE, token: 'other' }, '{}', null)]);
  expect(lost?.results).toEqual([]);
  await endPoll(db, LEASE, { failure: 'GET: 503', dueAt: NOW + HOUR });
  expect((await takePoll(db, LEASE, NOW, NOW + 1000)).poll).toBeNull();
  const { poll } = await takePoll(db, LEASE, NOW + HOUR, NOW + 2 * HOUR);
  expect(poll).toMatchObject({
    walk: '{"page":2}',
    failure: 'GET: 503',
    dispositionsAt: NOW,
    dispositions: [{ id: '1' }],
  });
  const complete = { cursor: { id: 9, at: NOW }, startId: 3, startAt: null, at: NOW };
  await endPoll(db, LEASE, { complete, failure: null, dueAt: NOW });
  const next = await takePoll(db, LEASE, NOW + 3 * HOUR, NOW + 4 * HOUR);
  expect(next.poll).toMatchObject({ cursor: { id: 9, at: NOW }, startId: 3, walk: null, failure: null });
});

test('a row that says no holds the numbers, names the contact, and is shown', async () => {
  const { db } = stage;
  await seedContact(db, 'lead1', {
    state: 'placed',
    reason: 'placed',
    route: 'cold-lead',
    wish: 'place',
    phone_hash: 'hash1',
  });
  await db
    .prepare(
      `INSERT INTO dialer (location_id, phone_hash, contact_id, calltools_id, held, updated_at) VALUES (?1, 'hash1', 'lead1', 77, 1, 1)`,
    )
    .bind(LOCATION)
    .run();
  const rows = [
    { ...NO, rowId: 1, callToolsId: 77 },
    { ...NO, rowId: 2, callToolsId: 78, disposition: '', hold: false, steps: [] },
  ];
  for (let times = 0; times < 2; times++)
    await db.batch([...keepResults(db, LOCATION, rows, NOW), keepWrites(db, LOCATION, rows, NOW)]);
  expect(await dueWrites(db, LOCATION, NOW, SOME)).toEqual([]);
  expect([...(await knownRows(db, LOCATION, [1, 2, 3]))]).toEqual([1, 2]);
  expect(await holdNumbers(db, LOCATION, NOW, 0)).toEqual({ held: 1, busy: 0 });
  expect(await contactsToWithdraw(db, LOCATION, NOW)).toEqual({ rowIds: [1], contactIds: ['lead1'], heldSince: NOW });
  await endHolds(db, LOCATION, [1], ['lead1']);
  expect(await contactsToWithdraw(db, LOCATION, NOW)).toMatchObject({ rowIds: [], contactIds: [] });
  expect(await dueWrites(db, LOCATION, NOW, SOME)).toEqual([]);
  await db.prepare('UPDATE dialer SET held = 0').run();
  const due = await dueWrites(db, LOCATION, NOW, SOME);
  expect(due).toEqual(['note', 'tags'].map((step) => ({ rowId: 1, step, contactId: 'lead1' })));
  await markSent(db, LOCATION, due, NOW);
  const lease = { locationId: LOCATION, token: 'mine', now: NOW, until: NOW + 1000 };
  const [, stored] = await db.batch([...claimWrites(db, lease, due), ...callSlots(db, LOCATION, NOW, 2).statements]);
  expect(storedWrites(stored, 'mine')).toMatchObject([
    { step: 'note', mine: true },
    { step: 'tags', calledAt: NOW - HOUR },
  ]);
  await db.batch([
    endWrites(
      db,
      lease,
      due.map((one) => ({ ...one, state: 'done' })),
      NOW,
    ),
  ]);
  expect(storedWrites((await db.batch(claimWrites(db, lease, due)))[1], 'mine')).toMatchObject([
    { state: 'done', mine: false },
    { state: 'done', mine: false },
  ]);

  const { deps } = operatorDeps(db, { locations: await locationsOf([LOCATION], { CALL_RESULTS: '{}' }) });
  expect(await dataOf(ask('/contacts/lead1', deps))).toMatchObject({
    calls: [{ disposition: 'Not Interested', called_at: iso(NOW - HOUR), hold: true, held_at: iso(NOW) }],
    dialer: [{ hold: { reason: 'said_no', route: 'cold-lead', since: iso(NOW) } }],
  });
  expect(await dataOf(ask('/sync/stats', deps))).toMatchObject({
    calls: { today: { 'Not Interested': 1 }, of_others: { today: 1 }, polled_at: null },
  });
  expect(await removeExpired(db, 'calls', NOW + 1, NOW)).toBe(2);
});
