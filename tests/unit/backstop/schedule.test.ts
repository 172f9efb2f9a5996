// The clock's part of the consumer: each location's run starts once when it is due, however late, and nothing stops the others.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openSqlite } from '../../../sandbox/d1-sqlite.ts';
import { nextAt } from '../../../workers/consumer/backstop/schedule.ts';
import type { Env } from '../../../workers/consumer/config/env.ts';
import { createConsumer } from '../../../workers/consumer/consumer.ts';
import { ENV, LOCATION } from '../../support/vendor-harness.ts';
import { NOON, VirtualClock, worldOn } from '../../support/virtual-clock.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const MIDNIGHT = NOON - 12 * HOUR;
const at = (hours: number, minutes = 0, day = 0) => MIDNIGHT + day * DAY + hours * HOUR + minutes * MINUTE;

describe('nextAt', () => {
  test.each<[number[], number, number]>([
    [[120], at(1, 59), at(2)],
    [[120], at(2), at(2, 0, 1)],
    [[120, 870], at(2), at(14, 30)],
    [[120, 870], at(23), at(2, 0, 1)],
    [[0], at(23, 59), at(0, 0, 1)],
  ])('of %j', (times, after, next) => expect(nextAt(times, after)).toBe(next));

  test('property: it is a given time of the day, later, and none lies in between', () => {
    const times = fc.uniqueArray(fc.integer({ min: 0, max: 1439 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(times, fc.integer({ min: 0, max: 30 * 1440 }), (minutes, after) => {
        const next = nextAt(minutes, after * MINUTE) / MINUTE;
        expect(next).toBeGreaterThan(after);
        expect(next - after).toBeLessThanOrEqual(1440);
        expect(minutes).toContain(next % 1440);
        for (let minute = after + 1; minute < next; minute++) expect(minutes).not.toContain(minute % 1440);
      }),
    );
  });
});

const OWN = { secrets: 'B', BACKSTOP_AT: '05:15' };
const TWO = {
  LOCATIONS: { second: OWN },
  GHL_API_KEY_B: 'pit-b',
  CALLTOOLS_API_KEY_B: 'calltools-b',
};

/** The consumer over real SQL; its vendors are never called. */
function createStage(env: object = ENV) {
  const sqlite = openSqlite();
  const clock = new VirtualClock();
  const lines: Record<string, unknown>[] = [];
  let statements = 0;
  const stage = {
    sqlite,
    clock,
    env: env as Record<string, unknown>,
    /** What becomes of a message for the backstop's queue. */
    send: async (_message: { locationId: string }): Promise<void> => {},
    database: async (): Promise<void> => {},
    lines,
    statements: () => statements,
    async cron(now: number) {
      clock.at = now;
      statements = 0;
      const queue = { send: (message: never) => stage.send(message) };
      const DB = sqlite.bind(async (act) => {
        statements++;
        await stage.database();
        return act();
      });
      const bindings = { DB, EVENTS: queue, BACKSTOP: queue, DEAD_LETTERS: queue };
      await consumer.scheduled({ scheduledTime: now }, { ...stage.env, ...bindings } as unknown as Env);
    },
    /** Runs so far, oldest first, as location and start. */
    runs: () =>
      sqlite
        .rows('SELECT location_id, started_at FROM runs ORDER BY started_at, location_id')
        .map((row) => [row.location_id, row.started_at]),
    finish: () => sqlite.rows(`UPDATE runs SET state = 'complete'`),
  };
  const world = worldOn(clock, () => Promise.reject(new Error('no vendor is called')));
  const consumer = createConsumer({ ...world, write: (line) => void lines.push(JSON.parse(line)) });
  return stage;
}

/** The crons of these minutes; each run is over before the next. */
async function pass(stage: ReturnType<typeof createStage>, from: number, to: number, step = MINUTE) {
  for (let now = from; now <= to; now += step) {
    await stage.cron(now);
    stage.finish();
  }
}

describe('a run', () => {
  test('starts at 02:00 where nothing else is said, once a night', async () => {
    const stage = createStage();
    await pass(stage, at(1, 58), at(2, 5, 1));
    expect(stage.runs()).toEqual([
      [LOCATION, at(2)],
      [LOCATION, at(2, 0, 1)],
    ]);
  });

  test('starts at each of several times', async () => {
    const stage = createStage({ ...ENV, BACKSTOP_AT: '02:00, 14:30' });
    await pass(stage, at(0), at(23), 10 * MINUTE);
    expect(stage.runs().map(([, started]) => started)).toEqual([at(2), at(14, 30)]);
  });

  test('does not start because of a deployment, or of another time that has passed already', async () => {
    const stage = createStage();
    await pass(stage, at(15), at(15, 3));
    stage.env = { ...ENV, BACKSTOP_AT: '14:00' };
    await pass(stage, at(15, 4), at(16));
    expect(stage.runs()).toEqual([]);
    await pass(stage, at(13, 59, 1), at(14, 2, 1));
    expect(stage.runs()).toEqual([[LOCATION, at(14, 0, 1)]]);
  });

  test('that was missed, because no cron came, is made up for', async () => {
    const stage = createStage();
    await pass(stage, at(1), at(1, 5));
    await pass(stage, at(7, 30), at(7, 35));
    expect(stage.runs()).toEqual([[LOCATION, at(7, 30)]]);
  });

  test('that was missed is made up for, even if its time was changed since', async () => {
    const stage = createStage();
    await pass(stage, at(1), at(1, 5));
    stage.env = { ...ENV, BACKSTOP_AT: '01:00' };
    await pass(stage, at(7, 30), at(7, 35));
    expect(stage.runs()).toEqual([[LOCATION, at(7, 30)]]);
    await pass(stage, at(0, 58, 1), at(1, 2, 1));
    expect(stage.runs().at(-1)).toEqual([LOCATION, at(1, 0, 1)]);
  });

  test('that was missed, because its own time was written wrongly, is made up for when that is fixed', async () => {
    const stage = createStage();
    await stage.cron(at(1));
    stage.env = { ...ENV, BACKSTOP_AT: '2:30' };
    await pass(stage, at(1, 1), at(6), 10 * MINUTE);
    expect(stage.runs()).toEqual([]);
    stage.env = { ...ENV, BACKSTOP_AT: '02:30' };
    await pass(stage, at(6, 10), at(2, 35, 1), 5 * MINUTE);
    expect(stage.runs()).toEqual([
      [LOCATION, at(6, 10)],
      [LOCATION, at(2, 30, 1)],
    ]);
  });

  test('that two crons find due is started once', async () => {
    const stage = createStage();
    await stage.cron(at(1, 59));
    await Promise.all([stage.cron(at(2)), stage.cron(at(2))]);
    stage.finish();
    await stage.cron(at(2, 1));
    expect(stage.runs()).toHaveLength(1);
  });

  test('that could not be started is started minutes later', async () => {
    const stage = createStage();
    await stage.cron(at(1, 59));
    stage.database = async () => {
      if (stage.statements() >= 7) throw new Error('D1_ERROR: Network connection lost');
    };
    await stage.cron(at(2));
    stage.database = async () => {};
    expect(stage.runs()).toEqual([]);
    await pass(stage, at(2, 1), at(2, 20));
    expect(stage.runs()).toEqual([[LOCATION, at(2, 5)]]);
  });
});

describe('several locations', () => {
  test('each has its own time', async () => {
    const stage = createStage({ ...ENV, ...TWO });
    await pass(stage, at(1, 55), at(6), 5 * MINUTE);
    expect(stage.runs()).toEqual([
      [LOCATION, at(2)],
      ['second', at(5, 15)],
    ]);
  });

  test('a faulty one does not stop the others, is named, and is made up for when it is fixed', async () => {
    const stage = createStage({ ...ENV, ...TWO });
    await stage.cron(at(1, 50));
    stage.env = { ...stage.env, GHL_API_KEY: '' };
    await pass(stage, at(1, 55), at(6), 5 * MINUTE);
    expect(stage.runs()).toEqual([['second', at(5, 15)]]);
    expect(stage.lines).toContainEqual(
      expect.objectContaining({
        event: 'consumer.bad_setting',
        locationId: LOCATION,
        error: expect.stringMatching(/^GHL_API_KEY is not set/),
      }),
    );
    stage.env = { ...stage.env, GHL_API_KEY: 'pit-1' };
    await stage.cron(at(6, 5));
    expect(stage.runs().at(-1)).toEqual([LOCATION, at(6, 5)]);
  });

  test('one whose page no queue takes does not stop the others', async () => {
    const stage = createStage({ ...ENV, ...TWO, LOCATIONS: { second: { ...OWN, BACKSTOP_AT: '02:00' } } });
    await stage.cron(at(1, 59));
    stage.send = async ({ locationId }) => {
      if (locationId === LOCATION) throw new Error('Queue send failed');
    };
    await stage.cron(at(2));
    expect(stage.lines).toContainEqual(expect.objectContaining({ event: 'cron.failed', locationId: LOCATION }));
    expect(stage.lines).toContainEqual(expect.objectContaining({ event: 'backstop.started', locationId: 'second' }));
  });

  test('a quiet minute costs five statements, however many there are', async () => {
    const many = Array.from({ length: 40 }, (_, n) => [`place${n}`, { secrets: `S${n}` }] as const);
    const keys = many.flatMap((_, n) => [
      [`GHL_API_KEY_S${n}`, `pit-own-${n}`],
      [`CALLTOOLS_API_KEY_S${n}`, `calltools-own-${n}`],
    ]);
    const stage = createStage({ ...ENV, LOCATIONS: Object.fromEntries(many), ...Object.fromEntries(keys) });
    await stage.cron(at(3));
    await stage.cron(at(3, 1));
    expect(stage.statements()).toBe(5);
    await pass(stage, at(1, 59, 1), at(2, 0, 1));
    expect(stage.runs()).toHaveLength(41);
  });

  test('a run that stands still is woken in each of them, also while the outbox hangs', async () => {
    const stage = createStage({ ...ENV, ...TWO });
    for (const id of [LOCATION, 'second'])
      stage.sqlite.rows(
        `INSERT INTO runs (id, location_id, started_by, state, started_at, heartbeat_at) VALUES (?1, ?1, 'cron', 'running', ?2, ?2)`,
        ...[id, at(12)],
      );
    stage.sqlite.rows(
      `INSERT INTO outbox (id, queue, message, created_at) VALUES ('1', 'events', '{"kind":"held"}', ?1)`,
      at(12),
    );
    const woken: string[] = [];
    stage.send = (message: { locationId: string; kind?: string }) => {
      if (message.kind === 'held') return new Promise(() => {});
      woken.push(message.locationId);
      return Promise.resolve();
    };
    void stage.cron(at(12, 30));
    await expect.poll(() => woken.toSorted()).toEqual(['second', LOCATION]);
  });
});
