// How long will what waits in a queue take? From how fast it has emptied in the last minutes, as the cron saw it.

import { beforeEach, expect, test } from 'vitest';
import { openSqlite } from '../../../sandbox/d1-sqlite.ts';
import type { Env } from '../../../workers/consumer/config/env.ts';
import { createConsumer } from '../../../workers/consumer/consumer.ts';
import { etaOfBacklog } from '../../../workers/consumer/monitoring/backlog.ts';
import { ENV } from '../../support/vendor-harness.ts';
import { NOON } from '../../support/virtual-clock.ts';

const MINUTE = 60_000;
const QUEUE = 'contact-events';
const now = NOON + 10 * MINUTE;
/** What waited so many minutes ago. */
const mark = (minutes: number, waiting: number, queue = QUEUE) => ({ queue, waiting, at: now - minutes * MINUTE });
const pace = (waiting: number | null, ...marks: ReturnType<typeof mark>[]) =>
  etaOfBacklog({ queue: QUEUE, waiting, oldestAt: null }, marks, now);

test('what waits ends at the rate since the most waited in the last minutes', () => {
  const end = new Date(now + 20 * MINUTE).toISOString();
  const falling = pace(8000, mark(5, 300), mark(4, 9600), mark(3, 9200), mark(1, 8400));
  expect(falling).toEqual({ remaining: 8000, per_minute: 400, expected_finish: end });
});

test('the other queue’s marks say nothing', () => {
  expect(pace(8000, mark(4, 9600, 'contact-backstop')).expected_finish).toBeNull();
});

test.each([
  ['it grows', pace(8000, mark(2, 4000), mark(1, 6000))],
  ['it grows again', pace(7000, mark(4, 9600), mark(3, 4000), mark(2, 5000), mark(1, 6000))],
  ['the most waited just now', pace(8000, mark(2, 4000), mark(0.4, 8100))],
  ['nobody has looked before', pace(8000)],
  ['nothing waits', pace(0, mark(1, 500))],
  ['the platform does not say', pace(null, mark(1, 500))],
])('no end is in sight while %s', (_, told) => expect(told).toMatchObject({ per_minute: null, expected_finish: null }));

const sqlite = openSqlite();
let [time, waiting] = [NOON, 0];
const env = {
  ...ENV,
  DB: sqlite.bind(async (act) => act()),
  EVENTS: { metrics: async () => ({ backlogCount: waiting, backlogBytes: 0 }) },
} as unknown as Env;
const consumer = createConsumer({
  now: () => time,
  random: () => 0,
  newId: () => 'id',
  write: () => {},
  wait: async () => {},
  fetch: () => Promise.reject(new Error('nobody is called')),
  deadline: () => new AbortController().signal,
});
const minute = (left: number) => {
  [time, waiting] = [time + MINUTE, left];
  return consumer.scheduled({ scheduledTime: time }, env);
};

beforeEach(() => {
  [time, waiting] = [NOON, 0];
  sqlite.clear();
});

test('the cron looks every minute, and the overview tells', async () => {
  for (const left of [10_000, 9500, 9000]) await minute(left);
  const response = await consumer.fetch(new Request('https://consumer.test/api/v1/overview'), env);
  const { data } = (await response.json()) as { data: { queues: unknown[] } };
  const end = new Date(time + 18 * MINUTE).toISOString();
  expect(data.queues[0]).toMatchObject({ queue: QUEUE, waiting: 9000, per_minute: 500, expected_finish: end });
});

test('while a vendor is slowed down, no upper bound is shown', async () => {
  const bound = async () => {
    const response = await consumer.fetch(new Request('https://consumer.test/api/v1/overview'), env);
    return ((await response.json()) as { data: { queues: Record<string, unknown>[] } }).data.queues[0]?.minutes_at_most;
  };
  await minute(10_000);
  expect(await bound()).toBe(19);
  sqlite.rows(
    `INSERT INTO paces (location_id, vendor, learned_rate, learned_at) VALUES (?1, 'calltools', 0.004, ?2)`,
    ...[String(ENV.GHL_LOCATION_ID), time],
  );
  expect(await bound()).toBeNull();
});

test('nothing is written while hardly anything waits, and old rows are removed', async () => {
  const rows = () => sqlite.rows('SELECT waiting FROM backlogs ORDER BY at').map((row) => row.waiting);
  await minute(99);
  expect(rows()).toEqual([]);
  for (const left of [1000, 900, 800, 700, 600, 500, 400, 300]) await minute(left);
  expect(rows()).toEqual([800, 700, 600, 500, 400, 300]);
});
