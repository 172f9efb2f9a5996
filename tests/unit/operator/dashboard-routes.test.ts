// The dashboard's two questions by location, and what of the consumer can be reached without a token: its files, and nothing else.

import { beforeEach, describe, expect, test } from 'vitest';
import { openSqlite } from '../../../sandbox/d1-sqlite.ts';
import type { History, Overview } from '../../../shared/api/status.ts';
import type { Env } from '../../../workers/consumer/config/env.ts';
import { createConsumer } from '../../../workers/consumer/consumer.ts';
import { pageAnswer, withoutComments } from '../../../workers/consumer/operator/pages.ts';
import { REAL_WORLD } from '../../../workers/ingest/env.ts';
import { createIngest } from '../../../workers/ingest/ingest.ts';
import { ENV } from '../../support/vendor-harness.ts';
import { NOON } from '../../support/virtual-clock.ts';

const sqlite = openSqlite();
const SETTINGS = {
  ...ENV,
  GHL_LOCATION_ID: 'one',
  LOCATIONS: { two: { secrets: 'TWO', name: 'Two Ltd' } },
  GHL_API_KEY_TWO: 'pit-two',
  CALLTOOLS_API_KEY_TWO: 'calltools-two',
};
const env = { DB: sqlite.bind(async (act) => act()), ...SETTINGS } as unknown as Env;
const PAGES = new Map([['/', { type: 'text/html; charset=utf-8', text: '<p>page' }]]);
let now = NOON;
const consumer = createConsumer(
  {
    now: () => now,
    random: () => 0,
    newId: () => 'id',
    write: () => {},
    wait: async () => {},
    fetch: () => Promise.reject(new Error('nobody is called')),
    deadline: () => new AbortController().signal,
  },
  { pages: PAGES },
);

beforeEach(() => {
  now = NOON;
  sqlite.clear();
  for (const [location, n] of Object.entries({ one: 2, two: 5 })) {
    sqlite.rows(`INSERT INTO counters VALUES (?1, ?2, 'outcome', 'placed', ?3)`, location, NOON, n);
    sqlite.rows(
      `INSERT INTO contacts (location_id, contact_id, state, reason, created_at, updated_at) VALUES (?1, ?1, 'placed', 'placed', 0, 0)`,
      location,
    );
  }
});

/** The data of the answer, or what is wrong with the request. */
async function ask<T>(path: string) {
  const response = await consumer.fetch(new Request(`https://consumer.test${path}`), env);
  const json = (await response.json()) as T & { data?: T };
  return { status: response.status, data: json.data ?? json };
}

describe('of several locations', () => {
  test('the overview has the totals of all, or of the one that is named, and always names all', async () => {
    const all_locations = [
      { id: 'one', name: null },
      { id: 'two', name: 'Two Ltd' },
    ];
    sqlite.rows(
      `INSERT INTO runs (id, location_id, started_by, state, started_at, heartbeat_at) VALUES ('r', 'two', 'cron', 'incomplete', 1, 1)`,
    );
    const { data } = await ask('/api/v1/overview');
    expect(data).toMatchObject({ all_locations, totals: { synced: 2 }, status: 'degraded' });
    expect((await ask('/api/v1/overview?location=two')).data).toMatchObject({
      all_locations,
      totals: { location_id: 'two', synced: 1 },
      causes: [{ code: 'backstop', location_id: 'two' }],
    });
  });

  test('the history sums them up, or is of the one that is named', async () => {
    const placed = async (path: string) => (await ask<History>(path)).data.hours.at(-1)?.outcomes.placed;
    expect(await placed('/api/v1/history')).toBe(7);
    expect(await placed('/api/v1/history?location=one')).toBe(2);
  });

  test.each(['overview', 'history'])('%s of an unknown location names the known ones', async (route) => {
    expect(await ask(`/api/v1/${route}?location=three`)).toMatchObject({
      status: 404,
      data: { detail: expect.stringContaining('one, two') },
    });
  });
});

test('many contacts are not counted at every look, what waits is; /sync/stats counts always', async () => {
  const add = (n: number) =>
    sqlite.rows(
      `WITH RECURSIVE ids(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM ids WHERE n < ${n})
       INSERT INTO contacts (location_id, contact_id, state, reason, created_at, updated_at)
       SELECT 'two', 'c' || n, 'pending', 'new', 0, 0 FROM ids WHERE true ON CONFLICT DO NOTHING`,
    );
  add(10_000);
  const look = async () => (await ask<Overview>('/api/v1/overview?location=two')).data;
  const first = await look();
  expect(first).toMatchObject({ totals: { pending: 10_000 }, contacts_counted_at: first.at });
  add(10_001);
  sqlite.rows(`INSERT INTO outbox (id, queue, message, created_at) VALUES ('o1', 'events', '{}', ?1)`, NOON);
  now += 2_000;
  expect(await look()).toMatchObject({
    totals: { pending: 10_000, outbox: { depth: 1 } },
    contacts_counted_at: first.at,
  });
  expect((await ask('/sync/stats?location=two')).data).toMatchObject({ pending: 10_001 });
  now += 1_001;
  expect((await look()).totals.pending).toBe(10_001);
});

describe('without a token', () => {
  /** What a sender without a token can ask the consumer; null for nothing. */
  async function passed(path: string, { method = 'GET', accept = 'text/html' } = {}): Promise<Request[]> {
    const asked: Request[] = [];
    const CONSUMER = {
      async fetch(request: Request) {
        asked.push(request);
        return new Response();
      },
    };
    const ingest = createIngest({ ...REAL_WORLD, write: () => {} });
    const bindings = { CONSUMER, ADMIN_TOKEN: 'secret', GHL_LOCATION_ID: 'one' } as never;
    const request = new Request(`https://ingest.test${path}`, { method, headers: { accept } });
    await ingest.fetch(request, bindings, { waitUntil: () => {} });
    return asked;
  }

  test.each([
    '/',
    '//',
    '/dashboard',
    '/dashboard/',
    '/dashboard/main.js',
    '/dashboard/..%2fsync/stats',
    '/dashboard/%2e%2e%2fsync/stats',
    '/dashboard//sync/stats',
    '/contacts',
    '/contacts/abc',
    '/contacts/..%2fsync%2fstats',
    '/failed?reason=rejected',
    '/syncs/abc/',
    '/check-up',
  ])('%s reaches the files alone', async (path) => {
    const [request] = await passed(path);
    expect(request && pageAnswer(request, PAGES)).not.toBeNull();
    // Also a consumer of another version, for which the address may be the API's, can answer nothing else.
    expect(request && new URL(request.url).pathname).toMatch(/^\/(dashboard(\/.*)?)?$/);
    expect(request && new URL(request.url).search).toBe('');
  });

  test.each([
    '/dashboard/../sync/stats',
    '/dashboard/%2e%2e/sync/stats',
    '/dashboards',
    '/api/v1/overview',
    '/sync/stats',
    '/contacts/abc/fields',
    '/dead-letters',
  ])('%s reaches nothing', async (path) => expect(await passed(path)).toEqual([]));

  test.each(['/', '/contacts', '/contacts/abc', '/rules'])('%s reaches nothing without a browser', async (path) => {
    expect(await passed(path, { accept: '*/*' })).toEqual([]);
    expect(await passed(path, { method: 'POST' })).toEqual([]);
  });

  test('a file comes with a policy that lets in our own origin alone', async () => {
    const headers = { accept: 'text/html' };
    const response = await consumer.fetch(new Request('https://consumer.test/', { headers }), env);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('content-security-policy')).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
    expect((await consumer.fetch(new Request('https://consumer.test/dashboard/x'), env)).status).toBe(404);
  });
});

test('a script is sent without the comments that have lines of their own, and with all of its code', () => {
  const script = [
    '// What it is.',
    '/** @param {string} name */',
    'const url = (name) => "https://x.test/"; // stays',
    '/**',
    ' * Over lines. // also here',
    ' */',
    'const cast = [',
    '  /** @type {number} */ (1), /* stays */',
    '  // goes',
    '];',
    '',
  ].join('\n');
  expect(withoutComments(script)).toBe(
    [
      'const url = (name) => "https://x.test/"; // stays',
      'const cast = [',
      '  /** @type {number} */ (1), /* stays */',
      '];',
      '',
    ].join('\n'),
  );
});
