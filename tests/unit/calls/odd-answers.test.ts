// CallTools answers oddly: nobody is forgotten because of that, nothing is done that was not said, and nothing of people is kept.

import { expect, test } from 'vitest';
import { phoneOf } from '../../support/consumer-harness.ts';
import { intercept } from '../../support/intercept.ts';
import { jsonAnswer } from '../../support/vendor-harness.ts';
import { type CallsStage, callsStage, MINUTE, NOT_INTERESTED } from './calls-harness.ts';

const RECORD = /historicalcalldispositions/;
const LIST = /\/calldispositions/;

test('a first poll that shows nothing does not make rows new that are shown later', async () => {
  const stage = await callsStage(null);
  stage.dispose('Not Interested');
  stage.clock.advance(26 * 60 * MINUTE);
  let empty = true;
  intercept(stage.callTools, (request) =>
    empty && /historicalcalldispositions/.test(request.url)
      ? jsonAnswer(200, { count: 0, next: null, results: [] })
      : undefined,
  );
  stage.reconfigure({ CALL_RESULTS: JSON.stringify(NOT_INTERESTED) });
  await stage.nextMinute();
  empty = false;
  for (let n = 0; n < 3; n++) await stage.nextMinute();
  expect([stage.dialed(), stage.results()]).toEqual([[phoneOf(0)], []]);
  stage.dispose('Not Interested');
  await stage.nextMinute();
  expect(stage.dialed()).toEqual([]);
});

test('a list of dispositions that cannot be read does not delay what is understood without it', async () => {
  const stage = await callsStage();
  stage.dispose('No Answer');
  await stage.nextMinute();
  stage.clock.advance(60 * MINUTE);
  stage.callTools.faults.plan({ match: { path: LIST }, do: { kind: 'status', status: 403, body: { detail: 'No.' } } });
  stage.dispose('Do Not Call');
  await stage.nextMinute();
  expect([stage.dialed(), stage.results().length]).toEqual([[], 2]);
});

const NOTHING = { count: 0, next: null, results: [] };

test('a list that is empty once takes nothing back: what is remembered of it counts', async () => {
  const stage = await callsStage(NOT_INTERESTED, 2);
  for (let n = 0; n < 12; n++) stage.dispose('No Answer', {}, 1);
  await stage.nextMinute();
  stage.clock.advance(60 * MINUTE);
  let asked = 0;
  intercept(stage.callTools, (request) =>
    LIST.test(request.url) && asked++ === 0 ? jsonAnswer(200, NOTHING) : undefined,
  );
  stage.dispose('Not Interested');
  await stage.nextMinute();
  expect(asked).toBeGreaterThan(0);
  expect([stage.dialed(), stage.results().at(-1)]).toEqual([
    [phoneOf(1)],
    { disposition: 'Not Interested', hold: 1, pending: 0 },
  ]);
});

test('a list that is empty before anything is remembered has the rows wait, and says so; a rule holds all the same', async () => {
  const stage = await callsStage({ poll: '1m', results: [{ dispositions: ['7777'], hold: true }] }, 2);
  let empty = true;
  intercept(stage.callTools, (request) => (empty && LIST.test(request.url) ? jsonAnswer(200, NOTHING) : undefined));
  naming(stage, 7777, 1);
  for (let n = 0; n < 12; n++) stage.dispose('Do Not Call', {}, 1);
  stage.dispose('No Answer', {}, 0);
  for (let n = 0; n < 2; n++) await stage.nextMinute();
  expect([stage.dialed(), stage.results()]).toEqual([[phoneOf(1)], [{ disposition: '7777', hold: 1, pending: 0 }]]);
  expect(stage.sqlite.rows('SELECT failure FROM call_polls')).toEqual([
    { failure: 'GET /calldispositions/: it shows no disposition' },
  ]);
  empty = false;
  await stage.nextMinute();
  expect([stage.dialed(), stage.results().length]).toEqual([[], 13]);
});

/** The newest `count` rows of the record name this disposition. */
function naming(stage: CallsStage, disposition: unknown, count: number): void {
  intercept(stage.callTools, async (request, handle) => {
    if (!RECORD.test(request.url)) return undefined;
    const page = (await (await handle(request)).json()) as { results: object[] };
    const results = page.results.map((row, n) => (n < count ? { ...row, disposition } : row));
    return jsonAnswer(200, { ...page, results });
  });
}

test('who was given a disposition that nobody knows is held, in doubt, and no text of it is kept', async () => {
  const stage = await callsStage({ ...NOT_INTERESTED, otherwise: { tags: ['dialer: called'] } });
  stage.dispose('No Answer');
  naming(stage, 'Call Dana later', 1);
  await stage.nextMinute();
  expect([stage.dialed(), stage.results()]).toEqual([[], [{ disposition: '', hold: 1, pending: 0 }]]);
  expect([
    JSON.stringify(stage.sqlite.rows('SELECT * FROM counters')),
    stage.sqlite.rows('SELECT * FROM call_writes'),
  ]).toEqual([expect.not.stringContaining('Dana'), []]);
});

test('nobody is held in doubt where most rows of the page have a disposition that nobody knows, or a rule names it', async () => {
  const stage = await callsStage(NOT_INTERESTED);
  for (let n = 0; n < 12; n++) stage.dispose('No Answer');
  naming(stage, 7777, 12);
  await stage.nextMinute();
  expect([stage.dialed(), stage.results()[0]]).toEqual([[phoneOf(0)], { disposition: '', hold: 0, pending: 0 }]);

  const named = await callsStage({ poll: '1m', results: [{ dispositions: ['7777'], tags: ['dialer: called'] }] });
  named.dispose('No Answer');
  naming(named, 7777, 1);
  await named.nextMinute();
  expect([named.dialed(), named.results()]).toEqual([[phoneOf(0)], [{ disposition: '7777', hold: 0, pending: 0 }]]);
});

test('while the list cannot be read, a disposition that it may have waits, and others do not', async () => {
  const stage = await callsStage(NOT_INTERESTED, 2);
  stage.dispose('No Answer', {}, 0);
  await stage.nextMinute();
  stage.callTools.faults.plan({ match: { path: LIST }, do: { kind: 'status', status: 403, body: { detail: 'No.' } } });
  stage.dispose('No Answer', {}, 0);
  stage.dispose('Do Not Call', {}, 1);
  const { dispositions } = stage.callTools.settings;
  stage.callTools.settings.dispositions = [...dispositions, { ...dispositions[0], id: 7777, name: 'New' } as never];
  stage.dispose('New', {}, 0);
  for (let n = 0; n < 3; n++) await stage.nextMinute();
  expect([stage.dialed(), stage.results().length]).toEqual([[phoneOf(0)], 3]);
  // So long that no later poll would come back to it.
  stage.clock.advance(90 * MINUTE);
  stage.dispose('No Answer', {}, 0);
  await stage.nextMinute();
  stage.callTools.faults.clear();
  await stage.nextMinute();
  expect(stage.results().at(-2)).toMatchObject({ disposition: 'New' });
});

test('a page that always fails does not keep newer rows from being seen', async () => {
  const stage = await callsStage(NOT_INTERESTED, 2);
  stage.callTools.settings.pageSizeMax = 2;
  for (let n = 0; n < 5; n++) stage.dispose('No Answer', {}, 1);
  intercept(stage.callTools, (request) =>
    RECORD.test(request.url) && request.url.endsWith('page=2') ? jsonAnswer(500, {}) : undefined,
  );
  await stage.nextMinute();
  stage.dispose('Not Interested');
  await stage.nextMinute();
  expect([stage.dialed(), stage.results().length]).toEqual([[phoneOf(1)], 3]);
});

test('who said no is held however old the row looks that says so, and those behind it are read', async () => {
  const stage = await callsStage({ ...NOT_INTERESTED, since: '2026-11-01' }, 2);
  stage.callTools.settings.pageSizeMax = 3;
  stage.dispose('No Answer', {}, 1);
  await stage.nextMinute();
  stage.dispose('Do Not Call', {}, 1);
  for (let n = 0; n < 2; n++) stage.dispose('No Answer', {}, 0);
  stage.dispose('Not Interested', {}, 0);
  intercept(stage.callTools, async (request, handle) => {
    if (!RECORD.test(request.url) || !request.url.endsWith('page=1')) return undefined;
    const page = (await (await handle(request)).json()) as { results: object[] };
    const results = page.results.map((row, n) => (n === 1 ? row : { ...row, created_on: '1970-01-01 00:00:00' }));
    return jsonAnswer(200, { ...page, results });
  });
  await stage.nextMinute();
  expect(stage.dialed()).toEqual([]);
});
