// The outbox: what a queue would not take is sent later, at least once, never lost, and no message stands in another's way.

import { expect, test } from 'vitest';
import { openSqlite } from '../../../sandbox/d1-sqlite.ts';
import type { InvocationContext } from '../../../workers/consumer/config/context.ts';
import { drainOutbox } from '../../../workers/consumer/cron/outbox.ts';
import { NOON } from '../../support/virtual-clock.ts';

/** The lease is over by then, and the next cron is due. */
const A_MINUTE = 60_000;
const NEVER = new Promise<never>(() => {});

/** What the consumer drains from, and into: real SQL, queues that do as they are told, a clock that the test moves. */
function createStage() {
  const sqlite = openSqlite();
  const clock = { at: NOON };
  const sent: string[] = [];
  const deadlines: AbortController[] = [];
  const stage = {
    clock,
    /** Messages that the queue has taken, in that order. */
    sent,
    log: [] as string[],
    /** What becomes of a send; the queue has the message once this has resolved. */
    queue: async (_message: string): Promise<void> => {},
    /** What becomes of a statement before it is carried out. */
    database: async (_statement: number): Promise<void> => {},
    put(names: string[], { queue = 'events', at = NOON }: { queue?: string; at?: number } = {}) {
      for (const name of names)
        sqlite.rows(
          'INSERT INTO outbox (id, queue, message, created_at) VALUES (?1, ?2, ?3, ?4)',
          name,
          queue,
          JSON.stringify(name),
          at,
        );
    },
    spoil: (name: string) => void sqlite.rows(`UPDATE outbox SET message = '{"' WHERE id = ?1`, name),
    kept: () => sqlite.rows('SELECT id FROM outbox ORDER BY id').map(({ id }) => id),
    drain: () => drainOutbox(context),
    /** Time is up for all sends that hang. */
    giveUp: () => {
      for (const deadline of deadlines) deadline.abort(new DOMException('timed out', 'TimeoutError'));
    },
    async aMinuteLater() {
      clock.at += A_MINUTE;
      return drainOutbox(context);
    },
  };
  let statements = 0;
  const producer = (queue: string) => ({
    async send(message: string) {
      await stage.queue(message);
      sent.push(queue === 'events' ? message : `${queue}: ${message}`);
    },
  });
  const context = {
    env: {
      EVENTS: producer('events'),
      DEAD_LETTERS: producer('dead letters'),
      DB: sqlite.bind(async (act) => {
        await stage.database(++statements);
        return act();
      }),
    },
    world: {
      now: () => clock.at,
      deadline() {
        const controller = new AbortController();
        deadlines.push(controller);
        return controller.signal;
      },
    },
    log: (event: string) => stage.log.push(event),
  } as unknown as InvocationContext;
  return stage;
}

const names = (count: number, prefix = 'm') =>
  Array.from({ length: count }, (_, n) => `${prefix}${String(n).padStart(4, '0')}`);
/** Refuses every message whose name begins so. */
const refusing = (prefix: string) => async (name: string) => {
  if (name.startsWith(prefix)) throw new Error('Queue send failed: 10204 message too large');
};

test('what waits is sent to its queue, deleted, and not sent again', async () => {
  const stage = createStage();
  stage.put(['a', 'b']);
  stage.put(['c'], { queue: 'dead_letters' });
  expect(await stage.drain()).toBe(3);
  expect(stage.sent.toSorted()).toEqual(['a', 'b', 'dead letters: c']);
  expect(stage.kept()).toEqual([]);
  expect([await stage.drain(), await stage.aMinuteLater()]).toEqual([0, 0]);
  expect(stage.sent).toHaveLength(3);
});

test('an empty outbox costs one statement and says nothing', async () => {
  const stage = createStage();
  let statements = 0;
  stage.database = async (count) => {
    statements = count;
  };
  expect(await stage.drain()).toBe(0);
  expect([statements, stage.log]).toEqual([1, []]);
});

test('the oldest wait is sent first', async () => {
  const stage = createStage();
  stage.put(names(50, 'a-new'), { at: NOON });
  stage.put(names(50, 'b-old'), { at: NOON - A_MINUTE });
  await stage.drain();
  expect(stage.sent.slice(0, 50).toSorted()).toEqual(names(50, 'b-old'));
  expect(stage.sent.slice(50).toSorted()).toEqual(names(50, 'a-new'));
});

test('one drain sends at most 2,000, and the next goes on', async () => {
  const stage = createStage();
  stage.put(names(2100));
  expect(await stage.drain()).toBe(2000);
  expect(stage.kept()).toHaveLength(100);
  expect(await stage.drain()).toBe(100);
  expect(stage.sent.toSorted()).toEqual(names(2100));
});

test('killed between send and delete, it sends again and loses nothing', async () => {
  const stage = createStage();
  stage.put(['a', 'b']);
  stage.database = (statement) => (statement === 2 ? NEVER : Promise.resolve());
  void stage.drain();
  await expect.poll(() => stage.sent.length).toBe(2);
  expect(stage.kept()).toEqual(['a', 'b']);
  expect(await stage.drain()).toBe(0); // the dead drain's lease still holds
  expect(await stage.aMinuteLater()).toBe(2);
  expect(stage.sent.toSorted()).toEqual(['a', 'a', 'b', 'b']);
  expect(stage.kept()).toEqual([]);
});

test('killed among its sends, it sends the rest when the lease is over', async () => {
  const stage = createStage();
  stage.put(names(20));
  let sends = 0;
  stage.queue = () => (++sends > 7 ? NEVER : Promise.resolve());
  void stage.drain();
  await expect.poll(() => stage.sent.length).toBe(7);
  stage.queue = async () => {};
  expect(await stage.aMinuteLater()).toBe(20);
  expect([...new Set(stage.sent)].toSorted()).toEqual(names(20));
  expect(stage.kept()).toEqual([]);
});

test.each([1, 2])(
  'where D1 fails (statement %i) the drain fails, and the next one sends all of it',
  async (failing) => {
    const stage = createStage();
    stage.put(names(3));
    stage.database = async (statement) => {
      if (statement === failing) throw new Error('D1_ERROR: Network connection lost');
    };
    await expect(stage.drain()).rejects.toThrow('D1_ERROR');
    expect(stage.kept()).toEqual(names(3));
    expect(await stage.aMinuteLater()).toBe(3);
    expect([...new Set(stage.sent)].toSorted()).toEqual(names(3));
  },
);

test('two drains at once send each message once', async () => {
  const stage = createStage();
  stage.put(names(120));
  stage.queue = () => new Promise((resolve) => setImmediate(resolve));
  const counts = await Promise.all([stage.drain(), stage.drain()]);
  expect(counts[0] + counts[1]).toBe(120);
  expect(stage.sent.toSorted()).toEqual(names(120));
});

test('a drain that is still sending when the next begins keeps its messages to itself', async () => {
  const stage = createStage();
  stage.put(['a', 'b']);
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  stage.queue = () => released;
  const first = stage.drain();
  stage.clock.at += A_MINUTE - 1;
  expect(await stage.drain()).toBe(0);
  release();
  expect(await first).toBe(2);
  expect(stage.sent).toHaveLength(2);
});

test.each([1, 50, 130])(
  '%i messages that the queue refuses for ever stay, and do not block the others',
  async (refused) => {
    const stage = createStage();
    stage.put(names(refused, 'bad'), { at: NOON - A_MINUTE });
    stage.put(names(60, 'good'));
    stage.queue = refusing('bad');
    await stage.drain();
    for (let minute = 0; minute < 3; minute++) await stage.aMinuteLater();
    expect(stage.sent.toSorted()).toEqual(names(60, 'good'));
    expect(stage.kept()).toEqual(names(refused, 'bad'));
    stage.put(['late'], { at: stage.clock.at });
    await stage.aMinuteLater();
    expect(stage.sent).toContain('late');
  },
);

test('a queue that is down is tried with 50 messages a minute, and gets all when it is back', async () => {
  const stage = createStage();
  stage.put(names(200));
  let tries = 0;
  stage.queue = async () => {
    tries++;
    throw new Error('Queue send failed: 10250 overloaded');
  };
  expect([await stage.drain(), tries]).toEqual([0, 50]);
  expect([await stage.aMinuteLater(), tries]).toEqual([0, 100]);
  expect(stage.kept()).toHaveLength(200);
  expect(stage.log).not.toContain('outbox.drained');
  stage.queue = async () => {};
  expect(await stage.aMinuteLater()).toBe(200);
  expect(stage.kept()).toEqual([]);
});

test('a send that hangs is given up: those beside it are not sent again because of it', async () => {
  const stage = createStage();
  stage.put(['a', 'b', 'c']);
  stage.queue = (message) => (message === 'a' ? NEVER : Promise.resolve());
  const drained = stage.drain();
  await expect.poll(() => stage.sent.length).toBe(2);
  stage.giveUp();
  expect(await Promise.race([drained, new Promise((resolve) => setTimeout(resolve, 200, 'it hangs'))])).toBe(2);
  expect(stage.kept()).toEqual(['a']);
  expect(stage.log).toContain('outbox.send_failed');
  stage.queue = async () => {};
  expect(await stage.aMinuteLater()).toBe(1);
  expect(stage.sent.toSorted()).toEqual(['a', 'b', 'c']);
});

test('a message that is not JSON stays for a person, and its neighbours are sent', async () => {
  const stage = createStage();
  stage.put(['a', 'b']);
  stage.spoil('a');
  expect(await stage.drain()).toBe(1);
  expect([stage.sent, stage.kept()]).toEqual([['b'], ['a']]);
  expect(stage.log).toEqual(['outbox.send_failed', 'outbox.drained']);
});
