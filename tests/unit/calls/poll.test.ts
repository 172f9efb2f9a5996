// The poll in trouble: kills, outages, refusals, odd rows and rows of every form. Nothing is lost, nothing takes effect twice, and no
// contact is blamed.

import { describe, expect, test } from 'vitest';
import { phoneOf } from '../../support/consumer-harness.ts';
import { intercept } from '../../support/intercept.ts';
import { jsonAnswer } from '../../support/vendor-harness.ts';
import { callsStage, IN, MINUTE, NOT_INTERESTED, OUT } from './calls-harness.ts';

const RECORD = /historicalcalldispositions/;
const LIST = /\/calldispositions/;
type Stage = Awaited<ReturnType<typeof callsStage>>;

const counted = (stage: Stage) =>
  stage.sqlite.rows(`SELECT kind, name, n FROM counters WHERE kind LIKE 'call%' ORDER BY 1, 2`);
const pollOf = (stage: Stage) => stage.sqlite.rows('SELECT * FROM call_polls')[0];

describe('a poll that dies', () => {
  /** Statements of a poll that finds a disposition which says no. */
  const STATEMENTS = 11;

  test.each(Array.from({ length: STATEMENTS }, (_, n) => n + 1))(
    'at statement %i is made up for: the row takes effect once',
    async (nth) => {
      const stage = await callsStage();
      stage.dispose('Not Interested');
      let statements = 0;
      stage.hooks.database = async (sql) => {
        if (/call_results|call_polls/.test(sql) && ++statements === nth) throw new Error('killed');
      };
      await stage.nextMinute();
      stage.hooks.database = async () => {};
      expect(statements).toBeGreaterThanOrEqual(nth);
      for (let n = 0; n < 3; n++) await stage.nextMinute();
      expect([stage.dialed(), stage.reasons()]).toEqual([[], [OUT]]);
      expect(stage.results()).toEqual([{ disposition: 'Not Interested', hold: 1, pending: 0 }]);
      expect(counted(stage)).toEqual([{ kind: 'call', name: 'Not Interested', n: 1 }]);
      await stage.placeAgain();
      await stage.work();
      await stage.nextMinute();
      expect(stage.dialed()).toEqual([phoneOf(0)]);
    },
  );
});

describe('an outage', () => {
  test('of days loses nothing: it goes on in the next minutes where one does not suffice', async () => {
    const stage = await callsStage(NOT_INTERESTED, 2);
    stage.callTools.settings.pageSizeMax = 1;
    stage.callTools.faults.plan({ match: { path: RECORD }, do: { kind: 'html500' } });
    stage.dispose('Not Interested', {}, 0);
    for (let n = 0; n < 130; n++) stage.dispose('No Answer', {}, 1);
    for (let n = 0; n < 3; n++) await stage.nextMinute();
    stage.clock.advance(3 * 24 * 60 * MINUTE);
    stage.dispose('Not Interested', {}, 1);
    expect(stage.dialed()).toEqual([phoneOf(0), phoneOf(1)]);
    stage.callTools.faults.clear();
    await stage.nextMinute();
    expect([stage.dialed(), pollOf(stage)?.walk]).toEqual([[phoneOf(0)], expect.stringContaining('"page":61')]);
    for (let n = 0; n < 3; n++) await stage.nextMinute();
    expect([stage.dialed(), pollOf(stage)?.walk]).toEqual([[], null]);
    expect(counted(stage)).toEqual([
      { kind: 'call', name: 'No Answer', n: 130 },
      { kind: 'call', name: 'Not Interested', n: 2 },
    ]);
  });

  test('of the record alone stops nobody’s work and opens no circuit', async () => {
    for (const fault of [{ kind: 'html500' }, { kind: 'status', status: 403 }, { kind: 'nonsense' }] as const) {
      const stage = await callsStage();
      stage.callTools.faults.plan({ match: { path: RECORD }, do: fault });
      for (let n = 0; n < 8; n++) await stage.nextMinute();
      expect(stage.sqlite.rows('SELECT open_reason FROM circuits WHERE open_reason IS NOT NULL')).toEqual([]);
      expect(
        stage.sqlite.rows(`SELECT suspects, refused FROM circuits WHERE suspects <> '[]' OR refused <> '{}'`),
      ).toEqual([]);
      await stage.ghl.editContact(stage.id, { firstName: 'Renamed' }, { silent: true });
      await stage.webhook();
      expect(stage.reasons()).toEqual([IN]);
      expect((await stage.ask('GET', '/sync/stats')).calls).toMatchObject({ failure: expect.stringContaining('GET') });
    }
  });

  test('that opened the circuit does not stop the poll: a hold reaches D1 while writes fail', async () => {
    const stage = await callsStage();
    stage.dispose('Not Interested');
    stage.sqlite.rows(
      `UPDATE circuits SET open_reason = 'down', open_kind = 'down', opened_at = 1, probe_at = 9e15, needs_work = 1 WHERE vendor = 'calltools'`,
    );
    stage.sqlite.rows(
      `INSERT OR IGNORE INTO circuits (location_id, vendor, open_reason, open_kind, opened_at, probe_at, needs_work, updated_at)
       SELECT location_id, 'calltools', 'down', 'down', 1, 9e15, 1, 1 FROM contacts`,
    );
    stage.clock.advance(MINUTE);
    await stage.minute();
    expect(stage.sqlite.rows(`SELECT hold ->> 'reason' AS reason FROM dialer`)).toEqual([{ reason: 'said_no' }]);
  });

  test('a 429 is obeyed, slows everybody, and is over in time', async () => {
    const stage = await callsStage();
    stage.dispose('Not Interested');
    stage.callTools.faults.plan({ match: { path: RECORD }, times: 1, do: { kind: 'throttle', seconds: 150 } });
    await stage.nextMinute();
    const [circuit] = stage.sqlite.rows(`SELECT throttled_until FROM circuits WHERE vendor = 'calltools'`);
    expect(Number(circuit?.throttled_until)).toBeGreaterThan(stage.clock.at + MINUTE);
    const calls = stage.callTools.calls.count({ path: RECORD });
    await stage.nextMinute();
    expect(stage.callTools.calls.count({ path: RECORD })).toBe(calls);
    for (let n = 0; n < 3; n++) await stage.nextMinute();
    expect(stage.dialed()).toEqual([]);
  });

  test('a 429 that others have met is obeyed too', async () => {
    const stage = await callsStage();
    stage.sqlite.rows(
      `INSERT INTO circuits (location_id, vendor, throttled_until, updated_at) SELECT location_id, 'calltools', ?1, 1 FROM contacts WHERE true
       ON CONFLICT DO UPDATE SET throttled_until = excluded.throttled_until`,
      stage.clock.at + 3 * MINUTE,
    );
    const calls = stage.callTools.calls.count({ path: RECORD });
    for (let n = 0; n < 2; n++) await stage.nextMinute();
    expect(stage.callTools.calls.count({ path: RECORD })).toBe(calls);
    for (let n = 0; n < 2; n++) await stage.nextMinute();
    expect(stage.callTools.calls.count({ path: RECORD })).toBeGreaterThan(calls);
  });

  test('of the list of dispositions keeps the row for later', async () => {
    const stage = await callsStage();
    stage.callTools.faults.plan({ match: { path: LIST }, times: 1, do: { kind: 'html500' } });
    stage.dispose('Do Not Call');
    await stage.nextMinute();
    expect(stage.results()).toEqual([]);
    await stage.nextMinute();
    expect([stage.dialed(), stage.results().length]).toEqual([[], 1]);
  });

  test('of which no disposition can be read keeps the row for later, too', async () => {
    const stage = await callsStage();
    let odd = true;
    intercept(stage.callTools, (request) =>
      odd && LIST.test(request.url) ? jsonAnswer(200, { count: 1, next: null, results: [{ id: null }] }) : undefined,
    );
    stage.dispose('Do Not Call');
    await stage.nextMinute();
    expect([stage.results(), pollOf(stage)?.failure]).toEqual([
      [],
      expect.stringContaining('no disposition can be read'),
    ]);
    odd = false;
    await stage.nextMinute();
    expect([stage.dialed(), stage.results().length]).toEqual([[], 1]);
  });
});

describe('rows', () => {
  test.each(['id', 'name', 'object'] as const)('name their disposition by %s', async (form) => {
    for (const disposition of ['Not Interested', 'Do Not Call']) {
      const stage = await callsStage();
      stage.callTools.settings.dispositionForm = form;
      stage.dispose(disposition);
      await stage.nextMinute();
      expect([stage.dialed(), stage.results()]).toEqual([[], [{ disposition, hold: 1, pending: 0 }]]);
    }
  });

  test('that come late, up to an hour behind newer ones, count', async () => {
    const stage = await callsStage(NOT_INTERESTED, 2);
    stage.clock.advance(3 * 60 * MINUTE);
    stage.dispose('Not Interested', { rowAfterMs: 50 * MINUTE }, 0);
    stage.clock.advance(30 * MINUTE);
    stage.dispose('No Answer', {}, 1);
    await stage.nextMinute();
    expect(stage.dialed()).toHaveLength(2);
    stage.clock.advance(25 * MINUTE);
    await stage.nextMinute();
    expect(stage.dialed()).toEqual([phoneOf(1)]);
  });

  test('of odd form stop no other; a row without a disposition waits for it', async () => {
    const stage = await callsStage();
    stage.dispose('Not Interested');
    const late = { id: 9_000_003, created_on: new Date(stage.clock.at).toISOString() };
    const odd: unknown[] = [null, 'x', {}, { id: 'x' }, { ...late, contact: {}, disposition: {} }];
    intercept(stage.callTools, async (request, handle) => {
      if (!RECORD.test(request.url)) return undefined;
      const page = (await (await handle(request)).json()) as { results: unknown[] };
      return jsonAnswer(200, { ...page, results: [...odd, ...page.results] });
    });
    await stage.nextMinute();
    expect([stage.dialed(), stage.results()]).toEqual([[], [{ disposition: 'Not Interested', hold: 1, pending: 0 }]]);
    odd.splice(4, 1, { ...late, contact: `${stage.callToolsId()}`, disposition: { name: 'Callback' } });
    await stage.nextMinute();
    expect(stage.results().map(({ disposition }) => disposition)).toEqual(['Not Interested', 'Callback']);
  });

  test('with a disposition that the list lacks: the list is read again, once, and the person is held in doubt', async () => {
    const stage = await callsStage();
    stage.dispose('No Answer');
    await stage.nextMinute();
    const lists = () => stage.callTools.calls.count({ path: LIST });
    const before = lists();
    stage.callTools.settings.dispositions.push({
      ...stage.callTools.settings.dispositions[0],
      id: 3999,
      name: 'New no',
    } as never);
    stage.dispose('New no');
    await stage.nextMinute();
    expect([stage.dialed(), lists() - before]).toEqual([[], 1]);
    stage.callTools.settings.dispositions.pop();
    await stage.placeAgain();
    await stage.work();
    intercept(stage.callTools, async (request, handle) => {
      if (!RECORD.test(request.url)) return undefined;
      const page = (await (await handle(request)).json()) as { results: { id: number }[] };
      const rows = [1, 2].map((n) => ({ ...page.results[0], id: 9_000_000 - n, disposition: 4000 }));
      return jsonAnswer(200, { ...page, results: [...rows, ...page.results] });
    });
    await stage.nextMinute();
    expect([stage.dialed(), lists() - before]).toEqual([[], 2]);
    expect(counted(stage)).toContainEqual({ kind: 'call', name: 'unknown', n: 2 });
  });

  test('in another order than asked for are refused aloud, for new ones would stay unseen', async () => {
    const stage = await callsStage();
    for (let n = 0; n < 3; n++) stage.dispose('No Answer');
    stage.callTools.settings.pageSizeMax = 2;
    intercept(stage.callTools, (request, handle) =>
      RECORD.test(request.url) ? handle(new Request(request.url.replace('-pk', 'pk'), request)) : undefined,
    );
    await stage.nextMinute();
    expect(pollOf(stage)).toMatchObject({ failure: expect.stringContaining('not in the order'), walk: null });
  });

  test('that are gone for a moment do not make the old ones new', async () => {
    const stage = await callsStage();
    stage.dispose('Not Interested');
    await stage.nextMinute();
    const cursor = pollOf(stage)?.cursor_id;
    let gone = true;
    intercept(stage.callTools, (request) =>
      gone && RECORD.test(request.url) ? jsonAnswer(200, { count: 0, next: null, results: [] }) : undefined,
    );
    await stage.nextMinute();
    gone = false;
    expect(pollOf(stage)?.cursor_id).toBe(cursor);
  });

  test('about contacts that are not ours are counted once and left alone', async () => {
    const stage = await callsStage();
    const { id } = stage.callTools.addContactByHand({ mobile_phone_number: phoneOf(9), buckets: ['Cold Leads'] });
    stage.callTools.agentCalls(id, { disposition: 'Not Interested' });
    for (let n = 0; n < 3; n++) await stage.nextMinute();
    expect(stage.dialed()).toEqual([phoneOf(0), phoneOf(9)]);
    expect(counted(stage)).toEqual([{ kind: 'call_of_others', name: 'all', n: 1 }]);
    expect(await stage.ask('GET', '/sync/stats')).toMatchObject({
      calls: { of_others: { today: 1, last_14_days: 1 } },
    });
  });

  test('about a contact whose id was not noted yet hold it once that is known', async () => {
    const stage = await callsStage();
    stage.sqlite.rows('UPDATE dialer SET calltools_id = NULL');
    stage.dispose('Not Interested');
    await stage.nextMinute();
    expect(stage.dialed()).toEqual([phoneOf(0)]);
    stage.sqlite.rows('UPDATE dialer SET calltools_id = ?1', stage.callToolsId());
    await stage.nextMinute();
    expect([stage.dialed(), stage.reasons()]).toEqual([[], [OUT]]);
  });
});

test('a quiet poll costs one call and reads no list; the next one is due an interval later', async () => {
  const stage = await callsStage({ poll: '5m' });
  const calls = stage.callTools.calls.count({});
  for (let n = 0; n < 10; n++) await stage.nextMinute();
  expect(stage.callTools.calls.count({}) - calls).toBe(2);
  expect(stage.log.filter(({ event }) => event === 'calls.polled')).toEqual([]);
});

test('the log tells of counts only', async () => {
  const stage = await callsStage();
  stage.dispose('Not Interested');
  await stage.nextMinute();
  const [line] = stage.log.filter(({ event }) => event === 'calls.polled');
  expect(line).toMatchObject({ pages: 1, rows: 1, holding: 1, numbersHeld: 1, complete: true });
  expect(JSON.stringify(stage.log)).not.toContain('Not Interested');
});
