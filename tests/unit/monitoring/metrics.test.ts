// GET /metrics: what the overview knows, in a form that Prometheus reads, and no larger than the settings and accounts make it.

import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { openSqlite } from '../../../sandbox/d1-sqlite.ts';
import { expose, type Metric } from '../../../workers/consumer/monitoring/prometheus.ts';
import { handleOperator } from '../../../workers/consumer/operator/routes.ts';
import { HOUR, locationsOf, NOW, operatorDeps } from '../../support/operator-harness.ts';
import { type ReadMetrics, readExposition } from './exposition-grammar.ts';

const CALL_RESULTS = { results: [{ dispositions: ['Not Interested'], hold: true }] };
let sqlite: ReturnType<typeof openSqlite>;
let statements: string[];
let db: ReturnType<typeof sqlite.bind>;
let now: number;
beforeEach(() => {
  sqlite = openSqlite();
  [statements, now] = [[], NOW];
  const bound = sqlite.bind(async (act) => act());
  const prepare = (sql: string) => {
    statements.push(sql);
    return bound.prepare(sql);
  };
  db = { ...bound, prepare } as typeof bound;
});

async function scrape(changes: object = {}) {
  const { deps } = operatorDeps(db, { locations: await locationsOf(['one', 'two'], changes) });
  const metrics = async () => ({ backlogCount: 7, backlogBytes: 0, oldestMessageTimestamp: new Date(now - 90_000) });
  const env = { ...deps.env, EVENTS: { ...deps.env.EVENTS, metrics } };
  const response = await handleOperator(new Request('https://consumer.test/metrics'), {
    ...deps,
    env,
    world: { ...deps.world, now: () => now },
  });
  const text = await response.text();
  return { response, text, read: readExposition(text) };
}

function value(read: ReadMetrics, name: string, labels: Record<string, string> = {}): number | undefined {
  const samples = [...read.values()].flatMap(({ samples }) => samples);
  return samples.find(
    (one) =>
      one.name === `contact_pipeline_${name}` &&
      Object.keys(one.labels).length === Object.keys(labels).length &&
      Object.entries(labels).every(([label, value]) => one.labels[label] === value),
  )?.value;
}

const count = (kind: string, name: string, n: number, hour = NOW, location = 'one') =>
  sqlite.rows(
    'INSERT INTO counters (location_id, hour, kind, name, n) VALUES (?1, ?2, ?3, ?4, ?5)',
    ...[location, hour - (hour % HOUR), kind, name, n],
  );
const contact = (id: string, state: string, reason: string, location = 'one') =>
  sqlite.rows(
    'INSERT INTO contacts (location_id, contact_id, state, reason, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, 0, 0)',
    ...[location, id, state, reason],
  );

describe('the text', () => {
  test('of a fresh pipeline keeps to the grammar, and has the type that Prometheus asks for', async () => {
    const { response, read } = await scrape();
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(read.size).toBeGreaterThan(10);
    for (const [name, { type, help }] of read) {
      expect([name, help.length > 10]).toEqual([name, true]);
      expect([name, type === 'counter']).toEqual([name, name.endsWith('_total')]);
    }
  });

  test('of any labels, helps and numbers is read back as they were', () => {
    const text = fc.string({ unit: fc.constantFrom('a', '"', '\\', '\n', '{', '}', ',', '=', ' ', 'é', '#') });
    const sample = fc.record({ labels: fc.record({ location: text, reason: text }), value: fc.double() });
    fc.assert(
      fc.property(text, sample, (help, one) => {
        const metric: Metric = { name: 'a_b', type: 'gauge', help, samples: [one] };
        const read = readExposition(expose([metric])).get('a_b');
        expect(read?.help).toBe(help);
        expect(read?.samples).toEqual([{ name: 'a_b', ...one, value: one.value === 0 ? 0 : one.value }]);
      }),
    );
  });

  test.each([
    'a{b="c} 1\n',
    'a 1',
    '# TYPE a gauge\na 1\n',
    '# HELP a x\n# TYPE a gauge\na 1\na 1\n',
    'a{b="\\x"} 1\n',
  ])('that breaks the grammar is noticed: %j', (text) => expect(() => readExposition(text)).toThrow());
});

test('what waits, and where contacts are, by location', async () => {
  for (const id of ['a', 'b']) contact(id, 'placed', 'placed');
  contact('c', 'kept_out', 'route', 'two');
  sqlite.rows(
    `INSERT INTO dead_letters (id, location_id, contact_id, reason, error, message, replayable, attempts, received_at, dead_at)
     VALUES ('d1', 'two', 'x', 'rejected', '', '{}', 1, 0, 1, 1), ('d2', NULL, NULL, 'unreadable_message', '', '{}', 0, 0, 1, 1)`,
  );
  sqlite.rows(`INSERT INTO outbox (id, queue, message, created_at) VALUES ('o', 'events', '{}', ?1)`, NOW - 30_000);
  const { read } = await scrape();
  expect(value(read, 'contacts', { location: 'one', state: 'placed', reason: 'placed' })).toBe(2);
  expect(value(read, 'contacts', { location: 'two', state: 'kept_out', reason: 'route' })).toBe(1);
  expect(['one', 'two', ''].map((location) => value(read, 'dead_letters_waiting', { location }))).toEqual([0, 1, 1]);
  expect([value(read, 'outbox_messages'), value(read, 'outbox_oldest_age_seconds')]).toEqual([1, 30]);
  const queue = { queue: 'contact-events' };
  expect([value(read, 'queue_messages', queue), value(read, 'queue_oldest_age_seconds', queue)]).toEqual([7, 90]);
  // The platform says nothing of the others.
  expect(value(read, 'queue_messages', { queue: 'contact-backstop' })).toBeUndefined();
});

test('a vendor that refuses, a faulty setting, and the status that follows', async () => {
  sqlite.rows(
    `INSERT INTO circuits (location_id, vendor, open_reason, open_kind, opened_at, probe_at, updated_at) VALUES ('one', 'calltools', 'key refused', 'refused', 1, 1, 1)`,
  );
  const { read } = await scrape();
  const open = (location: string, vendor: string) => value(read, 'circuit_open', { location, vendor });
  expect([open('one', 'calltools'), open('one', 'gohighlevel'), open('two', 'calltools')]).toEqual([1, 0, 0]);
  expect(value(read, 'causes', { location: 'one', code: 'circuits', severity: 'stopped' })).toBe(1);
  expect(['healthy', 'degraded', 'stopped'].map((status) => value(read, 'status', { status }))).toEqual([0, 1, 0]);
  const faulty = (await scrape({ CALLTOOLS_API_KEY: '' })).read;
  expect(['one', 'two'].map((location) => value(faulty, 'settings_faulty', { location }))).toEqual([1, 0]);
});

test('runs, the brake and calls', async () => {
  sqlite.rows(
    `INSERT INTO runs (id, location_id, started_by, state, seen, queued, errors, started_at, heartbeat_at, finished_at)
     VALUES ('r', 'one', 'cron', 'complete', 50, 7, 2, ?1, ?1, ?2)`,
    ...[NOW - HOUR, NOW - 60_000],
  );
  sqlite.rows(
    `INSERT INTO new_placements (location_id, phone_hash, contact_id, run_id, state, at)
     VALUES ('one', 'p', 'a', NULL, 'held', 1), ('one', 'q', 'b', 'r', 'held', 1)`,
  );
  count('call', 'No Answer', 3);
  count('call_of_others', 'all', 4);
  const { read } = await scrape({ MAX_NEW_PLACEMENTS: '5', CALL_RESULTS });
  const at = (name: string) => value(read, name, { location: 'one' });
  expect([at('run_running'), at('run_contacts_seen'), at('run_errors')]).toEqual([0, 50, 2]);
  expect(at('run_last_complete_timestamp_seconds')).toBe((NOW - 60_000) / 1000);
  expect(at('contacts_held_by_brake')).toBe(2);
  expect(value(read, 'calls_total', { location: 'one', disposition: 'No Answer' })).toBe(3);
  expect(at('calls_of_others_total')).toBe(4);
  // Off: not even a zero.
  expect((await scrape()).text).not.toContain('contacts_held_by_brake');
});

test('counters never fall within a day of UTC, and start again at midnight', async () => {
  const labels = { location: 'one', outcome: 'placed' };
  const midnight = NOW - (NOW % (24 * HOUR));
  count('outcome', 'placed', 100, midnight - HOUR);
  count('outcome', 'placed', 5, midnight);
  expect(value((await scrape()).read, 'work_total', labels)).toBe(5);
  count('outcome', 'placed', 2);
  expect(value((await scrape()).read, 'work_total', labels)).toBe(7);
  now = midnight + 24 * HOUR - 1;
  expect(value((await scrape()).read, 'work_total', labels)).toBe(7);
  now = midnight + 24 * HOUR;
  expect(value((await scrape()).read, 'work_total', labels)).toBe(0);
});

test('latencies: a histogram of today, and the half and 95 % of 24 hours, each as the bound of its bucket', async () => {
  count('latency', '1000', 40);
  count('latency', '5000', 50);
  count('latency', '60000', 10, NOW - 20 * HOUR);
  const { read } = await scrape();
  const upTo = (le: string) => value(read, 'latency_seconds_bucket', { location: 'one', le });
  expect(['1', '2', '5', '60', '+Inf'].map(upTo)).toEqual([40, 40, 90, 90, 90]);
  expect(value(read, 'latency_seconds_count', { location: 'one' })).toBe(90);
  const at = (name: string) => value(read, name, { location: 'one' });
  expect([at('latency_p50_seconds'), at('latency_p95_seconds')]).toEqual([5, 60]);
  count('latency', 'more', 900, NOW, 'two');
  expect(value((await scrape()).read, 'latency_p50_seconds', { location: 'two' })).toBe(Number.POSITIVE_INFINITY);
});

test('an account with any number of dispositions cannot make the answer grow without bound, and none is lost', async () => {
  for (let n = 0; n < 250; n++) count('call', `said "${n}"\\`, 1);
  const { read } = await scrape({ CALL_RESULTS });
  const samples = read.get('contact_pipeline_calls_total')?.samples ?? [];
  expect(samples).toHaveLength(101);
  expect(samples.reduce((sum, one) => sum + one.value, 0)).toBe(250);
});

test('however often it is asked, contacts are counted as rarely as for the overview', async () => {
  for (let n = 0; n < 10_000; n += 1) contact(`c${n}`, 'placed', 'placed');
  await scrape();
  now += 2_000;
  await scrape();
  expect(statements.filter((sql) => sql.includes('GROUP BY location_id, state, reason'))).toHaveLength(1);
});

test('docs/operations.md lists every metric', async () => {
  contact('a', 'placed', 'placed');
  const { read } = await scrape({ MAX_NEW_PLACEMENTS: '5', CALL_RESULTS });
  const docs = readFileSync('docs/operations.md', 'utf8');
  const source = readFileSync('workers/consumer/monitoring/metrics.ts', 'utf8');
  const named = [...source.matchAll(/(?:gauge|last|counter)\(\s*'([a-z_0-9]+)'/g)].map(([, name]) => String(name));
  expect(named.length).toBeGreaterThan(25);
  const all = [...named, ...[...read.keys()].map((name) => name.replace('contact_pipeline_', ''))];
  expect(all.filter((name) => !docs.includes(`\`${name}\``))).toEqual([]);
});
