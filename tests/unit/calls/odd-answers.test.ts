// CallTools answers oddly: nobody is forgotten because of that, nothing is done that was not said, and nothing of people is kept.

import { expect, test } from 'vitest';
import { phoneOf } from '../../support/consumer-harness.ts';
import { intercept } from '../../support/intercept.ts';
import { jsonAnswer } from '../../support/vendor-harness.ts';
import { callsStage, MINUTE, NOT_INTERESTED } from './calls-harness.ts';

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

test('of a disposition that nobody knows nothing is kept, and nothing follows from it', async () => {
  const stage = await callsStage({ ...NOT_INTERESTED, otherwise: { tags: ['dialer: called'] } });
  stage.dispose('No Answer');
  intercept(stage.callTools, async (request, handle) => {
    if (!RECORD.test(request.url)) return undefined;
    const page = (await (await handle(request)).json()) as { results: object[] };
    return jsonAnswer(200, {
      ...page,
      results: page.results.map((row) => ({ ...row, disposition: 'Call Dana later' })),
    });
  });
  await stage.nextMinute();
  expect(stage.results()).toEqual([{ disposition: '', hold: 0, pending: 0 }]);
  expect([
    JSON.stringify(stage.sqlite.rows('SELECT * FROM counters')),
    stage.sqlite.rows('SELECT * FROM call_writes'),
  ]).toEqual([expect.not.stringContaining('Dana'), []]);
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
