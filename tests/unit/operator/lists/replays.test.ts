// Replays of many dead letters: by a filter, in steps, through kills, and each letter once.

import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { openSqlite } from '../../../../sandbox/d1-sqlite.ts';
import type { Replay, ReplayStarted } from '../../../../shared/api/lists.ts';
import { carryOnReplays } from '../../../../workers/consumer/dead-letters/replay-many.ts';
import type { OperatorDeps } from '../../../../workers/consumer/operator/deps.ts';
import { resolveDeadLetters } from '../../../../workers/consumer/store/dead-letters.ts';
import {
  aLetter,
  ask,
  dataOf,
  expectProblem,
  keep,
  LOCATION,
  MINUTE,
  NOW,
  operatorDeps,
} from '../../../support/operator-harness.ts';

let sqlite: ReturnType<typeof openSqlite>;
let now = NOW;
/** The statement of D1 that fails next; negative: none does. */
let failsIn = -1;
let stage: ReturnType<typeof operatorDeps>;
beforeEach(() => open());

function open(): void {
  [now, failsIn, sqlite] = [NOW, -1, openSqlite()];
  const db = sqlite.bind(async (act) => {
    if (failsIn-- === 0) throw new Error('D1 is reset');
    return act();
  });
  let ids = 0;
  stage = operatorDeps(db, { world: { now: () => now, newId: () => `id-${++ids}` } });
}

const db = () => stage.deps.env.DB;
const start = (filter: object, deps: OperatorDeps = stage.deps) =>
  dataOf<ReplayStarted>(ask('/api/v1/replays', deps, filter));
const progress = (id: string) => dataOf<Replay>(ask(`/api/v1/replays/${id}`, stage.deps));
const sentTo = () => stage.bulk.map(({ contactId }) => contactId);

async function minute(): Promise<void> {
  now += MINUTE;
  const { env, world, log } = stage.deps;
  await carryOnReplays({ env: { DB: env.DB, EVENTS: env.BACKSTOP }, world, log });
}

const letters = (count: number, of = 'c') =>
  Array.from({ length: count }, (_, n) => aLetter({ contactId: `${of}${n}` }));

test('98 are fixed, and 2 fail again: one as before, one for another reason', async () => {
  await keep(db(), ...letters(100));
  const { id, letters: taken, joined } = await start({ reason: 'rejected' });
  expect([taken, joined, new Set(sentTo()).size]).toEqual([100, false, 100]);
  expect(await progress(id)).toMatchObject({
    state: 'running',
    retrying: 100,
    note: '0 fixed, 0 failed again, 100 to go.',
  });
  now += 1000;
  const fixed = letters(100).flatMap(({ contactId }) =>
    ['c0', 'c1'].includes(contactId ?? '') ? [] : (contactId ?? []),
  );
  await resolveDeadLetters(db(), LOCATION, fixed, now).run();
  await keep(db(), aLetter({ contactId: 'c0', deadAt: now }));
  await keep(db(), aLetter({ id: 'd-other', contactId: 'c1', reason: 'exhausted', deadAt: now }));
  await minute();
  const done = {
    state: 'done',
    fixed: 98,
    failed_again: 2,
    retrying: 0,
    waiting: 0,
    gone: 0,
    note: '98 fixed, 2 failed again.',
  };
  expect(await progress(id)).toMatchObject(done);
  await minute();
  expect(sentTo()).toHaveLength(100);
  // What becomes of the letters later does not change the result.
  sqlite.rows('DELETE FROM dead_letters');
  expect(await progress(id)).toMatchObject(done);
});

test.each([
  [{}, ['a0', 'b0', 'c0']],
  [{ reason: 'exhausted' }, ['b0']],
  [{ error: 'ZIP' }, ['a0', 'c0']],
  [{ location: LOCATION, reason: 'rejected' }, ['a0', 'c0']],
  [{ ids: ['d-a0', 'd-b0', 'd-former', 'd-none'] }, ['a0', 'b0']],
])('%j takes %j, and nothing that is settled or cannot be replayed', async (filter, ids) => {
  const [a, c] = [...letters(1, 'a'), ...letters(1, 'c')];
  if (!a || !c) throw new Error('two letters are expected');
  await keep(db(), a, c, aLetter({ contactId: 'b0', reason: 'exhausted', error: 'HTTP 500' }));
  await keep(db(), aLetter({ contactId: 'former' }), aLetter({ contactId: 'odd', replayable: false }));
  await resolveDeadLetters(db(), LOCATION, ['former'], NOW).run();
  expect((await start(filter)).letters).toBe(ids.length);
  expect(sentTo().sort()).toEqual(ids);
});

test('an order that is sent twice is one, and two orders do not send a letter twice', async () => {
  await keep(db(), ...letters(300));
  const first = await start({ reason: 'rejected' });
  const second = await start({ reason: 'rejected' });
  expect([second.id, second.joined]).toEqual([first.id, true]);
  expect(await start({})).toMatchObject({ joined: false, letters: 0 });
  await minute();
  await minute();
  expect(sentTo().filter((id) => id === 'c299')).toHaveLength(1);
});

test('what has ended is done at once, and the same order then begins anew', async () => {
  await keep(db(), ...letters(2));
  const { id } = await start({ reason: 'rejected' });
  now += 1000;
  await resolveDeadLetters(db(), LOCATION, ['c0'], now).run();
  expect(await start({ reason: 'rejected' })).toMatchObject({ id, joined: true });
  await keep(db(), aLetter({ contactId: 'c1', deadAt: now }));
  expect(await progress(id)).toMatchObject({ state: 'done', note: '1 fixed, 1 failed again.' });
  const again = await start({ reason: 'rejected' });
  expect(again).toMatchObject({ joined: false, letters: 1 });
  expect(sentTo()).toEqual(['c0', 'c1', 'c1']);
  expect(await progress(id)).toMatchObject({ state: 'done', fixed: 1 });
});

test('nothing that matches is said at once', async () => {
  expect(await start({ reason: 'untraceable' })).toMatchObject({
    state: 'done',
    letters: 0,
    note: /^Nothing was waiting/,
  });
});

test('a queue that takes nothing leaves the letters waiting, and the cron goes on', async () => {
  await keep(db(), ...letters(3));
  let tried = 0;
  const sendBatch = () => Promise.reject(new Error(`overloaded ${++tried}`));
  const refusing = { ...stage.deps.env, BACKSTOP: { sendBatch } };
  const { id } = await start({}, { ...stage.deps, env: refusing });
  expect([tried, await progress(id)]).toMatchObject([1, { state: 'running', waiting: 3 }]);
  await minute();
  expect(await progress(id)).toMatchObject({ waiting: 0, retrying: 3 });
});

test('what has no end after a day does not hold the result back', async () => {
  await keep(db(), ...letters(1));
  const { id } = await start({});
  now += 24 * 60 * MINUTE;
  await minute();
  expect(await progress(id)).toMatchObject({
    state: 'done',
    note: '0 fixed, 0 failed again, 1 without an end after a day.',
  });
});

test('property: wherever D1 fails, every letter is sent, and the replay ends', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 6 }), async (failures) => {
      open();
      await keep(db(), ...letters(250));
      let id = '';
      for (const failure of failures) {
        failsIn = failure;
        if (id === '')
          id = await start({}).then(
            (one) => one.id,
            () => '',
          );
        else await minute().catch(() => {});
      }
      failsIn = -1;
      ({ id } = id === '' ? await start({}) : { id });
      for (let n = 0; n < 3; n++) await minute();
      expect(new Set(sentTo()).size).toBe(250);
      await resolveDeadLetters(
        db(),
        LOCATION,
        letters(250).map(({ contactId }) => contactId ?? ''),
        now,
      ).run();
      await minute();
      expect(await progress(id)).toMatchObject({ state: 'done', fixed: 250 });
    }),
    { numRuns: 25 },
  );
});

describe('at 10,100 letters', () => {
  const INSERT = `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10100)
    INSERT INTO dead_letters (id, location_id, contact_id, reason, error, message, replayable, attempts, received_at, dead_at)
    SELECT 'd' || i, ?1, 'c' || i, 'rejected', '', '{}', 1, 1, i, i FROM n`;

  test('10,000 are taken, the oldest, and a thousand are sent in a minute', async () => {
    sqlite.rows(INSERT, LOCATION);
    const { id, letters: taken } = await start({});
    expect([taken, stage.bulk.length]).toEqual([10_000, 200]);
    await minute();
    expect(stage.bulk).toHaveLength(1200);
    for (let n = 0; n < 9; n++) await minute();
    expect([stage.bulk.length, new Set(sentTo()).size, sentTo().includes('c10001')]).toEqual([10_000, 10_000, false]);
    expect(stage.sent).toEqual([]);
    expect(await progress(id)).toMatchObject({
      waiting: 0,
      retrying: 10_000,
      note: '0 fixed, 0 failed again, 10,000 to go.',
    });
  });

  test('no step reads letters of others, and a minute without a replay reads nothing', async () => {
    const statements = new Set<string>();
    const real = db();
    const watched = Object.assign(Object.create(real), {
      prepare: (sql: string) => {
        statements.add(sql);
        return real.prepare(sql);
      },
    });
    const { env, world, log } = stage.deps;
    const deps = { env: { DB: watched, EVENTS: env.BACKSTOP }, world, log };
    await carryOnReplays(deps);
    expect(statements.size).toBe(1);
    await keep(real, ...letters(1));
    await ask('/api/v1/replays', { ...stage.deps, env: { ...env, DB: watched } }, {});
    await carryOnReplays(deps);
    const steps = [...statements].flatMap((sql) =>
      sqlite.rows(`EXPLAIN QUERY PLAN ${sql}`).map(({ detail }) => String(detail)),
    );
    expect(statements.size).toBeGreaterThan(6);
    expect(steps.filter((step) => /^SCAN (dead_letters|a|d|replays|r)\b(?!.*replays_running)/.test(step))).toEqual([]);
  });
});

test.each([
  [{ reason: 'odd' }, /body field reason must be one of .*rejected/],
  [{ ids: [] }, /body field ids must name at least one/],
  [{ status: 'resolved' }, /body field status must be waiting or discarded/],
  [{ contact: 'c0' }, /must be of this form/],
])('%j is refused, and the right words are named', async (filter, detail) => {
  await expectProblem(await ask('/api/v1/replays', stage.deps, filter), 400, detail);
});

test('an unknown location and an unknown replay are not found', async () => {
  await expectProblem(await ask('/api/v1/replays', stage.deps, { location: 'typo' }), 404, /no such location/);
  await expectProblem(await ask('/api/v1/replays/typo', stage.deps), 404, /no replay with this id/);
});
