// The daily clean-up: what is kept goes when its time is over, what is needed stays, and a cron that dies or fails delays it only.

import { describe, expect, test } from 'vitest';
import { openSqlite } from '../../../sandbox/d1-sqlite.ts';
import { DAY_MS as DAY } from '../../../shared/time.ts';
import type { InvocationContext } from '../../../workers/consumer/config/context.ts';
import { cleanUp, LIFETIME_DAYS } from '../../../workers/consumer/cron/retention.ts';
import { backstopStage } from '../../support/consumer-harness.ts';
import { NOON } from '../../support/virtual-clock.ts';

const L = 'first';

type Row = Record<string, string | number | null>;

function createStage() {
  const sqlite = openSqlite();
  const clock = { at: NOON };
  let statements = 0;
  const stage = {
    sqlite,
    clock,
    log: [] as object[],
    database: async (_statement: number): Promise<void> => {},
    insert(table: string, rows: Row[]) {
      for (const row of rows) {
        const names = Object.keys(row);
        sqlite.rows(
          `INSERT INTO ${table} (${names.join(', ')}) VALUES (${names.map((_, n) => `?${n + 1}`).join(', ')})`,
          ...Object.values(row),
        );
      }
    },
    run: () => cleanUp(context),
    ids: (table: string, id: string) => sqlite.rows(`SELECT ${id} AS id FROM ${table} ORDER BY 1`).map((row) => row.id),
  };
  const context = {
    env: {
      DB: sqlite.bind(async (act) => {
        await stage.database(++statements);
        return act();
      }),
    },
    world: { now: () => clock.at },
    log: (event: string, fields: object) => void stage.log.push({ event, ...fields }),
  } as unknown as InvocationContext;
  return stage;
}

const days = (n: number) => NOON - n * DAY;
/** Gone, and settled so this many days ago. */
const contact = (id: string, agoDays: number, changes: Row = {}): Row => ({
  location_id: L,
  contact_id: id,
  state: 'kept_out',
  reason: 'deleted',
  wish: 'none',
  reason_since: days(agoDays),
  created_at: days(400),
  updated_at: NOON,
  ...changes,
});
const number = (hash: string, contactId: string | null, changes: Row = {}): Row => ({
  location_id: L,
  phone_hash: hash,
  contact_id: contactId,
  calltools_id: 7,
  held: 0,
  updated_at: NOON,
  ...changes,
});
const letter = (id: string, status: string, settled: number | null, changes: Row = {}): Row => ({
  id,
  location_id: L,
  contact_id: id,
  reason: 'rejected',
  error: 'x',
  message: '{}',
  replayable: 1,
  attempts: 1,
  status,
  received_at: days(500),
  dead_at: days(500),
  settled_at: settled,
  ...changes,
});
const run = (id: string, agoDays: number, state = 'complete'): Row => ({
  id,
  location_id: L,
  started_by: 'cron',
  state,
  started_at: days(agoDays),
  heartbeat_at: days(agoDays),
  finished_at: state === 'running' ? null : days(agoDays),
});

test('runs go after 90 days, but neither the last complete one nor one that is running', async () => {
  const stage = createStage();
  stage.insert('runs', [run('a', 92), run('b', 91), run('c', 91, 'incomplete'), run('d', 89), run('e', 95, 'running')]);
  await stage.run();
  expect(stage.ids('runs', 'id')).toEqual(['d', 'e']);
  const last = createStage();
  last.insert('runs', [run('a', 200), run('b', 190), run('c', 100, 'incomplete')]);
  await last.run();
  expect(last.ids('runs', 'id')).toEqual(['b', 'c']);
});

test('dead letters go when they have been settled for long; none that waits and can be replayed', async () => {
  const stage = createStage();
  stage.insert('dead_letters', [
    letter('resolved-31', 'resolved', days(31)),
    letter('resolved-29', 'resolved', days(29)),
    letter('discarded-91', 'discarded', days(91)),
    letter('discarded-89', 'discarded', days(89)),
    letter('replayed-91', 'replayed', days(91)),
    letter('waiting', 'waiting', null),
    letter('shape-181', 'waiting', null, { replayable: 0, dead_at: days(181) }),
    letter('shape-179', 'waiting', null, { replayable: 0, dead_at: days(179) }),
  ]);
  await stage.run();
  expect(stage.ids('dead_letters', 'id')).toEqual(['discarded-89', 'resolved-29', 'shape-179', 'waiting']);
});

test('counters, refusals and alerts go; the outbox never', async () => {
  const stage = createStage();
  const counter = (name: string, ago: number) => ({ location_id: L, hour: days(ago), kind: 'outcome', name, n: 1 });
  stage.insert('counters', [counter('old', 16), counter('new', 14)]);
  const hour = (agoDays: number) => ({ location_id: L, hour: days(agoDays), counts: '{"outcome placed":1}' });
  stage.insert('hours', [hour(16), hour(14)]);
  stage.insert('refusals', [
    { minute: days(2), refused: 1, accepted: 0, reason: 'stale' },
    { minute: NOON, refused: 1, accepted: 0, reason: 'stale' },
  ]);
  const alert = { condition: 'drift', standing: 1, since: days(200) };
  stage.insert('alerts', [
    { location_id: 'left', ...alert, sent_at: days(91) },
    { location_id: L, ...alert, sent_at: days(1) },
  ]);
  stage.insert('outbox', [{ id: 'o', queue: 'events', message: '{}', created_at: days(999) }]);
  await stage.run();
  expect(stage.ids('counters', 'name')).toEqual(['new']);
  expect(stage.ids('hours', 'hour')).toEqual([days(14)]);
  expect(stage.ids('refusals', 'minute')).toEqual([NOON]);
  expect(stage.ids('alerts', 'location_id')).toEqual([L]);
  expect(stage.ids('outbox', 'id')).toEqual(['o']);
});

describe('contacts', () => {
  test('that GoHighLevel does not have any more go after 90 days, with the numbers that were theirs alone', async () => {
    const stage = createStage();
    stage.insert('contacts', [
      contact('old', 91),
      contact('young', 89),
      contact('sharing', 91),
      contact('other', 400, { wish: 'out', reason: 'route', phone_hash: 'shared' }),
    ]);
    stage.insert('dialer', [number('p1', 'old'), number('p2', 'young'), number('shared', 'sharing')]);
    await stage.run();
    expect(stage.ids('contacts', 'contact_id')).toEqual(['other', 'young']);
    expect(stage.sqlite.rows('SELECT phone_hash, contact_id FROM dialer ORDER BY 1')).toEqual([
      { phone_hash: 'p2', contact_id: 'young' },
      { phone_hash: 'shared', contact_id: null },
    ]);
  });

  test.each<[string, Row, Row]>([
    ['in the dialer', {}, { held: 1 }],
    ['in doubt', {}, { doubt_until: NOON + 1 }],
    ['under way', {}, { unsettled: 1 }],
    ['leased', {}, { lease_until: NOON + 1 }],
    ['worked on', { lease_until: NOON + 1 }, {}],
    ['asked for by a run', { queued_run: 'run1' }, {}],
    ['still in GoHighLevel, and in CallTools because of us', { reason: 'no_route' }, {}],
  ])('stay while they are %s', async (_what, changes, numbers) => {
    const stage = createStage();
    stage.insert('contacts', [contact('c', 200, changes)]);
    stage.insert('dialer', [number('p', 'c', numbers)]);
    await stage.run();
    expect([stage.ids('contacts', 'contact_id'), stage.ids('dialer', 'contact_id')]).toEqual([['c'], ['c']]);
  });

  test.each<[string, Row]>([
    ['is to be dialed', { wish: 'place', state: 'placed', reason: 'placed' }],
    ['is kept out by a route', { wish: 'out', reason: 'route' }],
    ['asked not to be called', { wish: 'dnc', reason: 'dnd' }],
    ['asked not to be called and has no phone', { reason: 'dnd' }],
    ['failed', { state: 'failed', reason: 'rejected' }],
    ['is pending', { state: 'pending', reason: 'received' }],
  ])('who %s stays', async (_what, changes) => {
    const stage = createStage();
    stage.insert('contacts', [contact('c', 900, changes)]);
    await stage.run();
    expect(stage.ids('contacts', 'contact_id')).toEqual(['c']);
  });

  test('a number that nobody has any more goes after 90 days', async () => {
    const stage = createStage();
    stage.insert('contacts', [contact('c', 1, { wish: 'place', reason: 'placed', state: 'placed', phone_hash: 'p4' })]);
    stage.insert('dialer', [
      number('p1', null, { updated_at: days(91) }),
      number('p2', null, { updated_at: days(89) }),
      number('p3', null, { updated_at: days(91), held: 1 }),
      number('p4', null, { updated_at: days(91) }),
    ]);
    await stage.run();
    expect(stage.ids('dialer', 'phone_hash')).toEqual(['p2', 'p3', 'p4']);
  });

  test('their time begins when they are gone, and is not begun anew by every look at them; gone for good, no run asks again', async () => {
    const stage = backstopStage();
    const [id = ''] = await stage.leads(2);
    await stage.night();
    expect(stage.dialed()).toHaveLength(2);
    await stage.ghl.deleteContact(id, { silent: true });
    stage.clock.advance(DAY);
    await stage.night();
    expect(stage.dialed()).toHaveLength(1);
    const known = () => stage.sqlite.rows('SELECT reason_since FROM contacts WHERE contact_id = ?1', id);
    const [first] = known();
    for (let week = 0; week < 12; week++) {
      stage.clock.advance(7 * DAY);
      await stage.night();
    }
    expect(known()).toEqual([first]);
    stage.clock.advance(7 * DAY);
    await stage.night();
    expect(known()).toEqual([]);
    for (let week = 0; week < 3; week++) {
      stage.clock.advance(7 * DAY);
      await stage.night();
    }
    expect(known()).toEqual([]);
    expect(stage.sqlite.rows('SELECT count(*) AS n FROM dialer')).toEqual([{ n: 1 }]);
    expect(stage.dialed()).toHaveLength(1);
  });
});

describe('the turn', () => {
  test('comes once a day', async () => {
    const stage = createStage();
    await stage.run();
    stage.insert('dead_letters', [letter('a', 'resolved', days(31))]);
    stage.clock.at += DAY - 1;
    await stage.run();
    expect(stage.ids('dead_letters', 'id')).toEqual(['a']);
    stage.clock.at += 1;
    await stage.run();
    expect(stage.ids('dead_letters', 'id')).toEqual([]);
    expect(stage.log).toEqual([{ event: 'cleanup.done', resolvedLetters: 1, left: false }]);
  });

  test('is taken again ten minutes after D1 has failed', async () => {
    const stage = createStage();
    stage.insert('dead_letters', [letter('a', 'resolved', days(31))]);
    stage.database = async (statement) => {
      if (statement === 3) throw new Error('D1_ERROR');
    };
    await expect(stage.run()).rejects.toThrow('D1_ERROR');
    stage.clock.at += 9 * 60_000;
    await stage.run();
    expect(stage.ids('dead_letters', 'id')).toEqual(['a']);
    stage.clock.at += 60_000;
    await stage.run();
    expect(stage.ids('dead_letters', 'id')).toEqual([]);
  });

  test('removes a bounded number, and goes on the next minute', async () => {
    const stage = createStage();
    const many = Array.from({ length: 10_001 }, (_, n) => letter(`d-${n}`, 'resolved', days(31)));
    stage.insert('dead_letters', many);
    await stage.run();
    expect(stage.ids('dead_letters', 'id')).toHaveLength(1);
    stage.clock.at += 60_000;
    await stage.run();
    expect(stage.ids('dead_letters', 'id')).toEqual([]);
  });
});

test('docs/operations.md tells each lifetime', async () => {
  const { readFileSync } = await import('node:fs');
  const docs = readFileSync('docs/operations.md', 'utf8');
  for (const lifetime of Object.values(LIFETIME_DAYS)) expect(docs).toMatch(new RegExp(`\\| ${lifetime} days?\\b`));
});

test('what is remembered of CallTools contacts with several numbers goes once none of the numbers is anybody’s', async () => {
  const stage = createStage();
  const link = (id: number, hash: string, agoDays = 100): Row => ({
    location_id: L,
    calltools_id: id,
    phone_hash: hash,
    seen_at: days(agoDays),
  });
  stage.insert('contacts', [contact('lead', 0, { wish: 'place', state: 'placed', reason: 'placed', phone_hash: 'p' })]);
  stage.insert('dialer', [number('p', 'lead', { held: 1 })]);
  stage.insert('calltools_numbers', [link(1, 'p'), link(1, 'q'), link(2, 'r'), link(2, 's'), link(3, 't', 10)]);
  await stage.run();
  expect(stage.ids('calltools_numbers', 'phone_hash')).toEqual(['p', 'q', 't']);
});
