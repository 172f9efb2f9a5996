// From a row that says no to the hold on the numbers of its CallTools contact, beside batches that have these numbers in hand.

import { describe, expect, test } from 'vitest';
import { openSqlite } from '../../../../sandbox/d1-sqlite.ts';
import type { ContactChanged } from '../../../../shared/messages.ts';
import { withdrawHeld } from '../../../../workers/consumer/calls/withdraw.ts';
import type { LocationContext } from '../../../../workers/consumer/config/context.ts';
import { commitBatch } from '../../../../workers/consumer/store/commit.ts';
import { NOTHING } from '../commit-harness.ts';

const L = 'here';
const NOW = 1_000_000_000;
const HOUR = 3_600_000;

type Row = Record<string, string | number | null>;

function createStage() {
  const sqlite = openSqlite();
  const clock = { at: NOW };
  const sent: ContactChanged[] = [];
  const pauses: number[] = [];
  const insert = (table: string, row: Row) => {
    const names = Object.keys(row);
    const values = names.map((_, n) => `?${n + 1}`);
    sqlite.rows(`INSERT INTO ${table} (${names.join(', ')}) VALUES (${values.join(', ')})`, ...Object.values(row));
  };
  const hooks = {
    send: async (): Promise<void> => {},
    pause: () => {},
  };
  const db = sqlite.bind(async (act) => act());
  const context = {
    env: {
      DB: db,
      EVENTS: {
        async sendBatch(messages: { body: ContactChanged }[]) {
          await hooks.send();
          sent.push(...messages.map(({ body }) => body));
        },
      },
    },
    world: {
      now: () => clock.at,
      newId: () => 'id',
      wait: async (ms: number) => {
        pauses.push(ms);
        clock.at += ms;
        hooks.pause();
      },
    },
    settings: { GHL_LOCATION_ID: L },
    log: () => {},
  } as unknown as LocationContext;
  return {
    sqlite,
    db,
    clock,
    sent,
    pauses,
    hooks,
    contact: (id: string, hash: string | null, changes: Row = {}) =>
      insert('contacts', {
        location_id: L,
        contact_id: id,
        state: 'placed',
        reason: 'placed',
        route: 'cold',
        wish: 'place',
        phone_hash: hash,
        created_at: 0,
        updated_at: 0,
        ...changes,
      }),
    number: (hash: string, callToolsId: number | null, changes: Row = {}) =>
      insert('dialer', {
        location_id: L,
        phone_hash: hash,
        calltools_id: callToolsId,
        held: 1,
        updated_at: 0,
        ...changes,
      }),
    link: (callToolsId: number, hash: string) =>
      insert('calltools_numbers', { location_id: L, calltools_id: callToolsId, phone_hash: hash, seen_at: 0 }),
    saidNo: (rowId: number, callToolsId: number, changes: Row = {}) =>
      insert('call_results', {
        location_id: L,
        row_id: rowId,
        calltools_id: callToolsId,
        disposition: 'No',
        seen_at: clock.at,
        hold: 1,
        pending: 1,
        ...changes,
      }),
    withdraw: () => withdrawHeld(context, { takeOut: async () => [], most: 0 }),
    circuit: (changes: Row) => insert('circuits', { location_id: L, vendor: 'gohighlevel', updated_at: 0, ...changes }),
    holds: () =>
      sqlite
        .rows('SELECT phone_hash, hold FROM dialer ORDER BY phone_hash')
        .flatMap(({ phone_hash, hold }) => (hold === null ? [] : [[phone_hash, JSON.parse(String(hold)).route]])),
    pending: () => sqlite.rows('SELECT row_id FROM call_results WHERE pending = 1 ORDER BY 1').map((row) => row.row_id),
    asked: () => sent.map(({ contactId }) => contactId),
  };
}

describe('the numbers that are held', () => {
  test('are all of the CallTools contact, and their contacts are asked for once', async () => {
    const stage = createStage();
    stage.contact('one', 'p1');
    stage.number('p1', 7, { contact_id: 'one' });
    stage.contact('two', 'p2');
    stage.number('p2', 8);
    stage.link(7, 'p1');
    stage.link(7, 'p2');
    stage.contact('three', 'p3');
    stage.number('p3', 9);
    stage.saidNo(1, 7);
    stage.saidNo(2, 7);
    expect(await stage.withdraw()).toBe(2);
    expect(stage.holds()).toEqual([
      ['p1', 'cold'],
      ['p2', 'cold'],
    ]);
    expect(stage.asked()).toEqual(['one', 'two']);
    expect(stage.sent[0]).toMatchObject({ eventType: 'CallResult', source: 'call', snapshot: null });
    expect(stage.pending()).toEqual([]);
    expect(stage.sqlite.rows('SELECT contact_id FROM call_results')[0]).toEqual({ contact_id: 'one' });
    await stage.withdraw();
    expect(stage.sent).toHaveLength(2);
  });

  test('are not those of a switchboard that nobody has', async () => {
    const stage = createStage();
    stage.contact('one', 'p1');
    stage.number('p1', 7);
    stage.number('switchboard', 8);
    stage.link(7, 'p1');
    stage.link(7, 'switchboard');
    stage.saidNo(1, 7);
    await stage.withdraw();
    expect(stage.holds()).toEqual([['p1', 'cold']]);
  });

  test('are held for a contact that is made again, though nobody has them now', async () => {
    const stage = createStage();
    stage.number('p1', 7, { held: 0 });
    stage.saidNo(1, 7);
    await stage.withdraw();
    expect([stage.holds(), stage.sent, stage.pending()]).toEqual([[['p1', '']], [], []]);
  });

  test('under the first route that places them; it is not known while GoHighLevel, or the contact, cannot be read', async () => {
    for (const [unsure, route] of [
      [{}, 'hot'],
      [{ open_reason: 'down' }, ''],
      [{ throttled_until: NOW + 1 }, ''],
      [{ throttled_until: NOW }, 'hot'],
    ] as const) {
      const stage = createStage();
      stage.circuit(unsure);
      stage.contact('one', 'p1', { route: 'cold', wish_rank: 2 });
      stage.contact('two', 'p1', { route: 'hot', wish_rank: 1 });
      stage.number('p1', 7);
      stage.saidNo(1, 7);
      await stage.withdraw();
      expect(stage.holds()).toEqual([['p1', route]]);
    }
    const stage = createStage();
    stage.contact('one', 'p1', { attempts: 1 });
    stage.number('p1', 7);
    stage.saidNo(1, 7);
    await stage.withdraw();
    expect(stage.holds()).toEqual([['p1', '']]);
  });
});

describe('a batch that has a number in hand', () => {
  const leased = { lease_token: 'batch', lease_until: NOW + 60_000, unsettled: 1 };

  test('is waited for a few seconds, and other numbers are held at once', async () => {
    const stage = createStage();
    stage.contact('one', 'p1');
    stage.number('p1', 7, leased);
    stage.contact('two', 'p2');
    stage.number('p2', 8);
    stage.saidNo(1, 7);
    stage.saidNo(2, 8);
    stage.hooks.pause = () => {
      expect(stage.holds()).toEqual([['p2', 'cold']]);
      stage.sqlite.rows(
        'UPDATE dialer SET lease_token = NULL, lease_until = 0, hold = NULL WHERE phone_hash = ?1',
        'p1',
      );
    };
    await stage.withdraw();
    expect([stage.asked(), stage.pauses, stage.pending()]).toEqual([['one', 'two'], [2000], []]);
    expect(stage.holds()).toEqual([
      ['p1', 'cold'],
      ['p2', 'cold'],
    ]);
  });

  test('that does not end is left to the next minute; a number beside it is held meanwhile', async () => {
    const stage = createStage();
    stage.contact('one', 'p1');
    stage.number('p1', 7, leased);
    stage.contact('two', 'p2');
    stage.number('p2', 7);
    stage.saidNo(1, 7);
    await stage.withdraw();
    expect([stage.holds(), stage.asked(), stage.pending(), stage.pauses.length]).toEqual([
      [['p2', 'cold']],
      [],
      [1],
      3,
    ]);
    stage.clock.at = NOW + 60_000;
    await stage.withdraw();
    expect([stage.holds().length, stage.asked(), stage.pending()]).toEqual([2, ['one', 'two'], []]);
  });

  test('is waited for however old the row is: after an hour without any work it is not given up', async () => {
    const stage = createStage();
    stage.contact('one', 'p1');
    stage.number('p1', 7, leased);
    stage.saidNo(1, 7, { seen_at: NOW - 2 * HOUR });
    await stage.withdraw();
    expect([stage.holds(), stage.pending()]).toEqual([[], [1]]);
    stage.clock.at = NOW + 60_000;
    await stage.withdraw();
    expect([stage.holds(), stage.asked(), stage.pending()]).toEqual([[['p1', 'cold']], ['one'], []]);
  });

  test('that has lost its lease writes nothing over the hold, and what it may have sent stays in doubt', async () => {
    const stage = createStage();
    stage.contact('one', 'p1');
    stage.number('p1', 7, { ...leased, lease_until: NOW - 1 });
    stage.saidNo(1, 7);
    await stage.withdraw();
    const lease = { locationId: L, token: 'batch', now: NOW, until: NOW, lateMs: 0 };
    const row = { phoneHash: 'p1', contactId: 'one', callToolsId: 7, fingerprint: 'as placed', untouched: false };
    const rest = { mayBeInBucket: true, doubtUntil: 0, placing: null, hold: null, leftOut: null, noArea: false };
    await commitBatch(stage.db, lease, { ...NOTHING, dialer: [{ ...row, ...rest, verifiedAt: null }] });
    expect(stage.holds()).toEqual([['p1', 'cold']]);
    expect(stage.sqlite.rows('SELECT unsettled, fingerprint, lease_until FROM dialer')).toEqual([
      { unsettled: 1, fingerprint: null, lease_until: NOW - 1 },
    ]);
  });
});

test('a queue that takes no message, or a kill after it: asked for again in the next minute, once the hold stands', async () => {
  const stage = createStage();
  stage.contact('one', 'p1');
  stage.number('p1', 7);
  stage.saidNo(1, 7);
  stage.hooks.send = async () => {
    throw new Error('Queue send failed');
  };
  await stage.withdraw();
  expect([stage.holds(), stage.asked(), stage.pending()]).toEqual([[['p1', 'cold']], [], [1]]);
  // An operator has ended the hold in between: it is not set again.
  stage.sqlite.rows('UPDATE dialer SET hold = NULL');
  stage.hooks.send = async () => {};
  await stage.withdraw();
  expect([stage.holds(), stage.asked(), stage.pending()]).toEqual([[], ['one'], []]);
});

test('a row about nobody of ours is given up after an hour', async () => {
  const stage = createStage();
  stage.saidNo(1, 7);
  await stage.withdraw();
  expect(stage.pending()).toEqual([1]);
  stage.clock.at += HOUR;
  await stage.withdraw();
  expect(stage.pending()).toEqual([1]);
  stage.clock.at += 1;
  await stage.withdraw();
  expect(stage.pending()).toEqual([]);
  stage.contact('one', 'p1');
  stage.number('p1', 7);
  await stage.withdraw();
  expect(stage.holds()).toEqual([]);
});

test('contacts that want nothing, and are in no bucket, are not asked for', async () => {
  const stage = createStage();
  stage.contact('one', 'p1', { wish: 'none' });
  stage.number('p1', 7, { held: 0 });
  stage.contact('two', 'p2', { wish: 'none' });
  stage.number('p2', 8, { held: 1 });
  stage.contact('moved', 'p9');
  stage.number('p3', 9, { contact_id: 'moved' });
  for (const [row, id] of [7, 8, 9].entries()) stage.saidNo(row, id);
  await stage.withdraw();
  expect([stage.holds().map(([hash]) => hash), stage.asked()]).toEqual([
    ['p1', 'p2', 'p3'],
    ['moved', 'two'],
  ]);
});
