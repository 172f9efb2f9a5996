// Who said no is out of the dialer with the poll itself, however much waits in the queue. The queue does what the poll could not.

import { expect, test } from 'vitest';
import { phoneOf } from '../../support/consumer-harness.ts';
import { type CallsStage, callsStage, IN, MINUTE, NOT_INTERESTED, OUT } from './calls-harness.ts';

/** Agents note of the first `count` that they said no, and the next poll reads of it. No queue delivers anything. */
async function pollOf(stage: CallsStage, count = 1): Promise<void> {
  for (let n = 0; n < count; n++) stage.dispose('Not Interested', {}, n);
  stage.clock.advance(MINUTE);
  await stage.minute();
}
const reads = (stage: CallsStage) => stage.ghlReads();

test('a queue that is full, or that takes nothing, delays nobody', async () => {
  const stage = await callsStage(undefined, 2);
  const before = reads(stage);
  await pollOf(stage);
  expect([stage.dialed(), stage.reasons(), reads(stage)]).toEqual([[phoneOf(1)], [OUT, IN], before]);
  expect(stage.queues.events).toEqual([]);
  stage.hooks.send = async () => {
    throw new Error('the queue is down');
  };
  stage.dispose('Not Interested', {}, 1);
  stage.clock.advance(MINUTE);
  await stage.minute();
  expect(stage.dialed()).toEqual([]);
});

test('neither does GoHighLevel’s limit, where others wait for it', async () => {
  const stage = await callsStage();
  const later = stage.clock.at + 10 * MINUTE;
  stage.sqlite.rows(`UPDATE paces SET free_at = ?1, lane_free_at = 2 * ?1 WHERE vendor = 'gohighlevel'`, later);
  const paces = () => stage.sqlite.rows(`SELECT free_at FROM paces WHERE vendor = 'gohighlevel'`);
  await pollOf(stage);
  expect([stage.dialed(), paces()]).toEqual([[], [{ free_at: later }]]);
});

test('whom the poll does not reach, or another batch has in hand, is taken out by the queue', async () => {
  const stage = await callsStage(NOT_INTERESTED, 102);
  stage.sqlite.rows(
    'UPDATE contacts SET lease_token = ?1, lease_until = ?2 WHERE contact_id = ?3',
    'another',
    stage.clock.at + MINUTE + 5000,
    stage.ids[0] ?? '',
  );
  await pollOf(stage, 102);
  // One is in hand, and a poll takes out a hundred.
  expect(stage.dialed()).toHaveLength(3);
  await stage.work();
  expect(stage.dialed()).toEqual([]);
});

test('and by the next run, should the message get lost', async () => {
  const stage = await callsStage();
  stage.sqlite.rows(
    'UPDATE contacts SET lease_token = ?1, lease_until = ?2',
    'another',
    stage.clock.at + MINUTE + 9000,
  );
  await pollOf(stage);
  expect(stage.queues.events).toHaveLength(1);
  stage.queues.events.length = 0;
  expect(stage.dialed()).toHaveLength(1);
  stage.clock.advance(60 * MINUTE);
  await stage.night();
  expect(stage.dialed()).toEqual([]);
});

test('a poll that dies while it takes people out leaves them to the queue, with the next minute', async () => {
  const stage = await callsStage();
  stage.hooks.database = async (sql) => {
    if (/c.lease_token = excluded.lease_token|UPDATE contacts SET state/.test(sql)) throw new Error('killed');
  };
  for (let n = 0; n < 2; n++) {
    await (n === 0 ? pollOf(stage) : stage.minute());
    expect(stage.queues.events).toHaveLength(n);
    stage.clock.advance(MINUTE);
  }
  stage.hooks.database = async () => {};
  await stage.work();
  expect([stage.dialed(), stage.results()]).toEqual([[], [{ disposition: 'Not Interested', hold: 1, pending: 0 }]]);
});
