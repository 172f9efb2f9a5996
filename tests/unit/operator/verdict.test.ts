// The first thing that people read: one sentence that is true, with its cause, what comes next, and the page where it is fixed.

import { beforeEach, describe, expect, test } from 'vitest';
import { openSqlite } from '../../../sandbox/d1-sqlite.ts';
import type { Overview } from '../../../shared/api/status.ts';
import { managedLabels } from '../../../workers/consumer/domain/decide.ts';
import { handleOperator } from '../../../workers/consumer/operator/routes.ts';
import { HOUR, iso, locationsOf, MINUTE, NOW, operatorDeps } from '../../support/operator-harness.ts';
import { FILE_RULES } from '../../support/rules.ts';

const sqlite = openSqlite();
const db = sqlite.bind(async (act) => act());
let now = NOW;

beforeEach(() => {
  sqlite.clear();
  // Counts of contacts are kept for seconds.
  now += HOUR;
});

const BUCKETS = managedLabels(FILE_RULES).buckets;
const BRAKE = { MAX_NEW_PLACEMENTS: '5' };

async function look(ids: string[] = ['one'], changes: object = {}): Promise<Overview> {
  const { deps } = operatorDeps(db, { locations: await locationsOf(ids, changes) });
  const answer = await handleOperator(new Request('https://consumer.test/api/v1/overview'), {
    ...deps,
    world: { ...deps.world, now: () => now },
  });
  return ((await answer.json()) as { data: Overview }).data;
}

const contact = (id: string, state = 'placed', reason = 'placed', location = 'one') =>
  sqlite.rows(
    'INSERT INTO contacts (location_id, contact_id, state, reason, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, 0, 0)',
    ...[location, id, state, reason],
  );
const letter = (id: string, contactId: string | null, location: string | null = 'one', at = now) =>
  sqlite.rows(
    `INSERT INTO dead_letters (id, location_id, contact_id, reason, error, message, replayable, attempts, received_at, dead_at)
     VALUES (?1, ?2, ?3, 'rejected', '', '{}', 1, 0, ?4, ?4)`,
    ...[id, location, contactId, at],
  );
const label = (name: string, calltoolsId: number | null, location = 'one') =>
  sqlite.rows(
    `INSERT INTO labels (location_id, kind, name, calltools_id, updated_at) VALUES (?1, 'bucket', ?2, ?3, 1)`,
    ...[location, name, calltoolsId],
  );
const heard = (location = 'one') => sqlite.rows('INSERT INTO heard VALUES (?1, ?2)', location, now);
const ran = (state = 'complete', location = 'one', startedAt = now - HOUR) =>
  sqlite.rows(
    `INSERT INTO runs (id, location_id, started_by, state, seen, started_at, heartbeat_at, finished_at)
     VALUES (?1, ?2, 'cron', ?3, 3, ?4, ?4, iif(?3 = 'running', NULL, ?4))`,
    ...[`run-${location}-${startedAt}`, location, state, startedAt],
  );
const trouble = (kind: 'refused' | 'down', reason: string, vendor = 'calltools', location = 'one') =>
  sqlite.rows(
    `INSERT INTO circuits (location_id, vendor, open_reason, open_kind, opened_at, probe_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?5)`,
    ...[location, vendor, reason, kind, now - 5 * MINUTE],
  );
/** A location in use. */
function inUse(location = 'one') {
  contact(`of-${location}`, 'placed', 'placed', location);
  heard(location);
  ran('complete', location);
}
const stepsOf = ({ setting_up }: Overview) => setting_up?.steps.map(({ code, done }) => `${code} ${done}`) ?? null;

describe('a new deployment', () => {
  test('is being set up, which is no fault', async () => {
    const overview = await look();
    expect(overview).toMatchObject({ status: 'healthy', causes: [], verdict: { title: 'Setting up', since: null } });
    expect(stepsOf(overview)).toEqual(['keys false', 'bucket false', 'first_webhook false', 'first_sync false']);
    expect(overview.vendors.map(({ state }) => state)).toEqual(['not_asked_yet', 'not_asked_yet']);
    expect(overview.verdict.sentence).toMatch(/^0 of 4 steps are done\./);
  });

  test('ticks off each step by what has happened, and is set up when all have', async () => {
    contact('stays-out', 'kept_out', 'no_route');
    for (const name of BUCKETS) label(name, null);
    const seen = await look();
    expect(stepsOf(seen)).toEqual(['keys true', 'bucket false', 'first_webhook false', 'first_sync false']);
    for (const name of BUCKETS) expect(seen.setting_up?.steps[1]?.what).toContain(name);
    sqlite.rows('UPDATE labels SET calltools_id = 7');
    heard();
    now += HOUR;
    expect(stepsOf(await look())).toEqual(['keys true', 'bucket true', 'first_webhook true', 'first_sync false']);
    ran('running');
    const running = await look();
    expect(running.status).toBe('healthy');
    sqlite.rows(`UPDATE runs SET state = 'complete', finished_at = ?1`, now);
    expect(await look()).toMatchObject({ setting_up: null, verdict: { title: 'All is well', action: null } });
  });

  test('with a refused key says so, and that nothing happens by itself', async () => {
    trouble('refused', 'GET /buckets/: 401 Invalid token.');
    const overview = await look();
    expect(overview.verdict).toMatchObject({
      title: 'Stopped',
      sentence: 'CallTools refuses our key. Nobody is put into the dialer or taken out until it is corrected.',
      since: iso(now - 5 * MINUTE),
      action: { path: '/check-up' },
    });
    expect(stepsOf(overview)?.[0]).toBe('keys false');
  });

  test('whose first run is overdue by a day is degraded', async () => {
    ran('running', 'one', now - 31 * HOUR);
    expect(await look()).toMatchObject({
      status: 'degraded',
      causes: [{ code: 'backstop', action: { path: '/syncs' } }],
    });
  });

  test('of several locations is named', async () => {
    inUse('one');
    const { setting_up } = await look(['one', 'two']);
    expect(setting_up?.steps.map(({ done }) => done)).toEqual([false, false, false, false]);
    expect(setting_up?.steps[3]?.what).toBe('The whole contact list has not been compared yet (Branch NO_0).');
  });
});

describe('a deployment in use', () => {
  test('is not being set up again where a bucket vanishes or a key is refused', async () => {
    inUse();
    expect(await look()).toMatchObject({ setting_up: null, verdict: { title: 'All is well' } });
    trouble('refused', 'GET /buckets/: 401 Invalid token.');
    expect(await look()).toMatchObject({ setting_up: null, status: 'stopped' });
  });

  test.each([
    ['refused', 'GET /buckets/: 401 no', 'CallTools refuses our key. Nobody is put into the dialer', '/check-up'],
    ['refused', 'GET /buckets/: 403 no', 'CallTools does not let our key do what it must.', '/check-up'],
    ['down', 'GET /buckets/: 503 no', 'CallTools is down. Nobody is put into the dialer', null],
  ] as const)('tells a wrong key from an outage: %s %s', async (kind, reason, sentence, path) => {
    inUse();
    trouble(kind, reason);
    const { vendors, verdict } = await look();
    expect(vendors.find(({ vendor }) => vendor === 'calltools')).toMatchObject({ state: kind });
    expect(vendors.find(({ vendor }) => vendor === 'gohighlevel')).toMatchObject({ state: 'well' });
    expect(verdict.sentence.startsWith(sentence)).toBe(true);
    expect(verdict.action?.path ?? null).toBe(path);
  });

  test.each([
    ['call-record', 'CallTools’ record of calls cannot be read', { polled_at: -HOUR, failure: 'GET /x/: 403' }],
    ['call-writes', 'GoHighLevel takes no writes that calls cause', { polled_at: 0, write_failure: 'no scope' }],
  ])('is not well where calls are in trouble: %s', async (code, sentence, poll) => {
    const { polled_at, failure = null, write_failure = null } = poll as Record<string, string | number>;
    inUse();
    sqlite.rows(
      `INSERT INTO call_polls (location_id, due_at, polled_at, failure, write_failure) VALUES ('one', 9e15, ?1, ?2, ?3)`,
      ...[now + Number(polled_at), failure, write_failure],
    );
    // Where nobody asks for calls, what is left of them is nobody's concern.
    expect(await look()).toMatchObject({ status: 'healthy', causes: [], verdict: { title: 'All is well' } });
    const CALL_RESULTS = { results: [{ dispositions: ['Not Interested'], hold: true }] };
    now += 1;
    expect(await look(['one'], { CALL_RESULTS })).toMatchObject({
      status: 'degraded',
      causes: [{ code, severity: 'degraded', location_id: 'one' }],
      verdict: { title: 'Needs you', sentence: expect.stringContaining(sentence), action: { path: '/check-up' } },
    });
  });

  test('that waits for a vendor which has throttled us needs nobody', async () => {
    inUse();
    sqlite.rows(
      `INSERT INTO circuits (location_id, vendor, throttled_until, updated_at, probe_at) VALUES ('one', 'gohighlevel', ?1, 1, 0)`,
      now + MINUTE,
    );
    expect((await look()).verdict).toMatchObject({ title: 'Waiting', action: null });
  });

  test('counts once each failed contact, and each letter that is of none', async () => {
    inUse();
    contact('a', 'failed', 'rejected');
    contact('b', 'failed', 'rejected');
    contact('c', 'pending', 'received');
    contact('d', 'kept_out', 'dnd');
    letter('1', 'a', 'one', now - HOUR);
    letter('2', 'of-one');
    letter('3', null, null);
    const { people, verdict } = await look();
    expect(people).toEqual({ in_dialer: 1, kept_out: 1, waiting: 1, needs_you: 4 });
    expect(verdict).toMatchObject({
      title: 'Needs you',
      sentence: '3 failures wait for a decision.',
      since: iso(now - HOUR),
      action: { path: '/failed' },
    });
  });

  test('that holds new contacts back needs a person, though nothing is wrong', async () => {
    inUse();
    sqlite.rows(
      `INSERT INTO new_placements (location_id, phone_hash, contact_id, run_id, state, at) VALUES ('one', 'h', 'x', NULL, 'held', ?1)`,
      now - HOUR,
    );
    expect(await look(['one'], BRAKE)).toMatchObject({
      status: 'healthy',
      verdict: {
        title: 'Needs you',
        since: iso(now - HOUR),
        sentence: expect.stringMatching(/^1 new contact is held back/),
      },
    });
  });
});

test('no cause tells a person at the dashboard to type a command or to send a request', async () => {
  contact('a', 'failed', 'rejected');
  letter('1', 'b');
  ran('incomplete');
  trouble('refused', 'GET /buckets/: 401 no');
  sqlite.rows(`INSERT INTO outbox (id, queue, message, created_at) VALUES ('o', 'events', '{}', ?1)`, now - HOUR);
  const { causes } = await look();
  expect(causes.map(({ code }) => code).sort()).toEqual([
    'backstop',
    'circuits',
    'dead-letters',
    'dead-letters',
    'outbox',
  ]);
  for (const { what_to_do, next, action } of causes)
    expect(`${what_to_do} ${next} ${action?.label}`).not.toMatch(/npm run|POST|\/sync|undefined undefined/);
});
